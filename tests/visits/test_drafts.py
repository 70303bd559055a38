"""Drafts: encrypted, for their owner only."""

from collections.abc import Callable
from pathlib import Path

import pytest

from audit_app.kit.db import Database, Session
from audit_app.visits.models import VisitDraft
from tests.visits.sending import Client, new_visit

CANARY = "the tester waited by the door"


def address(key: str) -> str:
    return f"/api/v1/drafts/{key}"


def test_a_draft_comes_back_as_it_was_sent(tester: Client) -> None:
    key = new_visit()
    content = b'{"answers":  [1, 2],\n "note": "\xe5\xa5\xbd"}'
    for sent in (b"{}", content):
        assert tester.put(address(key), content=sent, headers={"content-type": "application/json"}).status_code == 200
    read = tester.get(address(key))
    assert (read.content, read.headers["cache-control"]) == (content, "no-store")
    assert tester.delete(address(key)).status_code == 204
    assert tester.get(address(key)).status_code == 404
    assert tester.delete(address(key)).status_code == 204


def test_a_draft_is_nobody_elses(tester: Client, colleague: Client, outsider: Client) -> None:
    key = new_visit()
    assert tester.put(address(key), json={"note": CANARY}).status_code == 200
    for other in (colleague, outsider):
        assert other.get(address(key)).status_code == 404
        assert other.put(address(key), json={"note": "mine"}).status_code == 404
        assert other.delete(address(key)).status_code == 204
    assert tester.get(address(key)).json() == {"note": CANARY}


def test_a_draft_is_encrypted(tester: Client, db: Database, tmp_path: Path) -> None:
    key = new_visit()
    tester.put(address(key), json={"note": CANARY})

    def body(session: Session) -> bytes:
        return session.get_one(VisitDraft, key).body

    assert CANARY.encode() not in db.read_now(body)
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()]


def test_a_draft_moved_to_another_visit_does_not_open(tester: Client, db: Database) -> None:
    key, other = new_visit(), new_visit()
    tester.put(address(key), json={"note": CANARY})

    def move(session: Session) -> None:
        session.get_one(VisitDraft, key).visit_id = other

    db.write_now(move)
    assert tester.get(address(other)).status_code == 404


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 9000])
def test_a_draft_is_json(tester: Client, content: bytes) -> None:
    answer = tester.put(address(new_visit()), content=content, headers={"content-type": "application/json"})
    assert answer.status_code == 400


def test_a_draft_has_a_size(tester: Client) -> None:
    big = b'"' + b"x" * 513 * 1024 + b'"'
    answer = tester.put(address(new_visit()), content=big, headers={"content-type": "application/json"})
    assert answer.status_code == 413


@pytest.mark.parametrize(("who", "status"), [("outsider", 403), ("reviewer", 403), ("", 401)])
def test_who_may_keep_drafts(client_for: Callable[[str], Client], who: str, status: int) -> None:
    assert client_for(who).get(address(new_visit())).status_code == status

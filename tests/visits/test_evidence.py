"""Files in parts: resumed where they broke off, whole only by our own hash, there only for whoever named them."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from audit_app.bench.bodies import file_for
from audit_app.kit.db import Database, Session
from audit_app.trail.models import TrailLine
from audit_app.visits import operations
from audit_app.visits.models import Evidence, EvidenceUpload, Visit, VisitFlag
from tests.visits.sending import Body, Client, bodies, files_of, new_visit, part, put, sha
from tests.world import NOW

Count = Callable[[type], int]


@pytest.fixture
def body(db: Database) -> Body:
    return bodies(db, "as-hall")


@pytest.fixture
def files(body: Body) -> dict[str, bytes]:
    return files_of(body, file_for)


def status_of(db: Database, key: str) -> tuple[str, int]:
    visit = db.read_now(lambda session: session.get_one(Visit, key))
    return visit.status, visit.missing


def test_the_last_file_submits_the_visit(tester: Client, db: Database, body: Body, files: dict[str, bytes]) -> None:
    key = new_visit()
    receipt = put(tester, key, body).json()
    assert (receipt["status"], set(receipt["missing_evidence"])) == ("receiving", set(files))
    for n, (name, data) in enumerate(files.items(), 1):
        assert part(tester, name, 0, data).json() == {
            "sha256": name,
            "offset": len(data),
            "size": len(data),
            "complete": True,
        }
        assert status_of(db, key) == (("submitted", 0) if n == len(files) else ("receiving", len(files) - n))
    again = put(tester, key, body).json()
    assert (again["status"], again["missing_evidence"]) == ("submitted", [])
    acts = db.read_now(
        lambda s: list(s.scalars(select(TrailLine.act).where(TrailLine.subject_id == key).order_by(TrailLine.id)))
    )
    assert acts == ["visit.received", "visit.submitted"]


def test_an_upload_is_resumed(
    tester: Client, db: Database, settings: object, body: Body, files: dict[str, bytes]
) -> None:
    put(tester, new_visit(), body)
    name, data = next(iter(files.items()))
    address = f"/api/v1/evidence/{name}"
    assert tester.head(address).headers["upload-offset"] == "0"
    assert part(tester, name, 0, data[:5]).json()["offset"] == 5
    told = tester.head(address)
    assert (told.headers["upload-offset"], told.headers["upload-length"]) == ("5", str(len(data)))
    assert (told.headers["upload-complete"], told.headers["cache-control"], told.content) == ("?0", "no-store", b"")
    assert part(tester, name, 5, data[5:]).json()["complete"] is True
    assert tester.head(address).headers["upload-complete"] == "?1"
    assert part(tester, name, 5, data[5:]).status_code == 200  # the answer was lost: no harm


@pytest.mark.parametrize("offset", [1, 4, 6, 10**9])
def test_a_wrong_place_is_told_the_right_one(tester: Client, body: Body, files: dict[str, bytes], offset: int) -> None:
    put(tester, new_visit(), body)
    name, data = next(iter(files.items()))
    part(tester, name, 0, data[:5])
    answer = part(tester, name, offset, data[5:])
    assert (answer.status_code, answer.headers["upload-offset"], answer.json()["offset"]) == (409, "5", 5)


@pytest.mark.parametrize("text", [None, "", "-1", "x", "1.0", "٣", "9" * 30])
def test_a_place_must_be_a_number(tester: Client, body: Body, files: dict[str, bytes], text: str | None) -> None:
    put(tester, new_visit(), body)
    name = next(iter(files))
    headers = {} if text is None else {"upload-offset": text.encode()}
    assert tester.put(f"/api/v1/evidence/{name}", content=b"x", headers=headers).status_code == 400


@pytest.mark.parametrize("cut", [0, 7])
def test_wrong_content_is_refused_and_begins_anew(
    tester: Client, db: Database, tmp_path: Path, body: Body, files: dict[str, bytes], count: Count, cut: int
) -> None:
    """A flipped bit, in one part or in two: never stored, the place is 0 again, the right file is taken afterwards."""
    key = new_visit()
    put(tester, key, body)
    name, data = next(iter(files.items()))
    bad = data[:-1] + bytes([data[-1] ^ 1])
    if cut:
        part(tester, name, 0, bad[:cut])
    answer = part(tester, name, cut, bad[cut:])
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:mingcha:hash-mismatch")
    assert answer.headers["upload-offset"] == "0"
    assert tester.head(f"/api/v1/evidence/{name}").headers["upload-offset"] == "0"
    assert count(EvidenceUpload) == 0
    assert not list((tmp_path / "uploads").glob("*"))
    assert not [p for p in (tmp_path / "blobs").rglob("*") if p.is_file()]
    assert part(tester, name, 0, data).json()["complete"] is True


def test_more_than_announced_is_refused(tester: Client, body: Body, files: dict[str, bytes]) -> None:
    put(tester, new_visit(), body)
    name, data = next(iter(files.items()))
    assert part(tester, name, 0, data + b"more").status_code == 422
    assert part(tester, name, 0, b"x" * 300_000).status_code == 413


def test_nobody_else_can_see_or_send_a_file(
    tester: Client, colleague: Client, outsider: Client, db: Database, body: Body, files: dict[str, bytes]
) -> None:
    name, data = next(iter(files.items()))
    unknown = part(tester, sha(b"unknown"), 0, data)
    assert part(tester, name, 0, data).status_code == 404  # before the visit names it
    put(tester, new_visit(), body)
    part(tester, name, 0, data[:5])
    for other in (colleague, outsider):
        answer = part(other, name, 0, data)
        assert (answer.status_code, answer.content) == (404, unknown.content)
        assert other.head(f"/api/v1/evidence/{name}").status_code == 404
    assert tester.head("/api/v1/evidence/..%2f..%2fetc").status_code == 404
    assert tester.head(f"/api/v1/evidence/{name}").headers["upload-offset"] == "5"


def test_two_callers_have_places_of_their_own(tester: Client, colleague: Client, db: Database) -> None:
    """The same file in the manifests of two people: each sends all of it, neither learns of the other."""
    for client, job in ((tester, "as-hall"), (colleague, "as-tester-2")):
        put(client, new_visit(), bodies(db, job, content=lambda item: b"the same picture"))
    name = sha(b"the same picture")
    assert part(tester, name, 0, b"the same").json()["offset"] == 8
    assert colleague.head(f"/api/v1/evidence/{name}").headers["upload-offset"] == "0"
    assert part(tester, name, 8, b" picture").json()["complete"] is True
    assert colleague.head(f"/api/v1/evidence/{name}").headers["upload-complete"] == "?0"


def test_a_file_sent_once_serves_two_own_visits(tester: Client, db: Database, files: dict[str, bytes]) -> None:
    """The second visit of the same person finds the file here already, and carries a flag for it."""
    first = bodies(db, "as-hall")
    put(tester, new_visit(), first)
    for name, data in files.items():
        part(tester, name, 0, data)
    second, key = bodies(db, "as-offered"), new_visit()
    line = {**first["evidence"][0], "item_id": second["answers"][0]["item_id"]}
    assert put(tester, key, {**second, "evidence": [line]}).json()["status"] == "submitted"
    kinds = db.read_now(lambda s: list(s.scalars(select(VisitFlag.kind).where(VisitFlag.visit_id == key))))
    assert "equal_file" in kinds


def test_a_gallery_photo_is_flagged(tester: Client, db: Database, body: Body) -> None:
    key = new_visit()
    lines = [{**body["evidence"][0], "source": "gallery"}, *body["evidence"][1:]]
    assert put(tester, key, {**body, "evidence": lines}).status_code == 201
    flags = db.read_now(lambda s: list(s.scalars(select(VisitFlag).where(VisitFlag.visit_id == key))))
    assert [(flag.kind, flag.item_id) for flag in flags] == [("gallery", lines[0]["item_id"])]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"media_type": "image/svg+xml"}, "media_type"), ({"media_type": "text/html"}, "media_type"),
        ({"item_id": "no.such.item"}, "item_id"), ({"size": 0}, "size"), ({"size": 10**12}, "size"),
        ({"sha256": "x"}, "sha256"), ({"sha256": "A" * 64}, "sha256"), ({"source": "web"}, "source"),
        ({"taken_at": "2026-01-01T00:00:00"}, "taken_at"), ({"name": "../../x.jpg"}, "name"),
    ],
)  # fmt: skip
def test_the_list_of_files_is_checked(tester: Client, body: Body, change: Body, place: str, count: Count) -> None:
    lines = [{**body["evidence"][0], **change}, *body["evidence"][1:]]
    answer = put(tester, new_visit(), {**body, "evidence": lines})
    assert answer.status_code == 422
    assert any(place in fault["path"] or place in fault["message"] for fault in answer.json()["errors"])
    assert count(Evidence) == 0


@pytest.mark.data
def test_a_new_revision_keeps_the_files(db: Database, body: Body, files: dict[str, bytes]) -> None:
    """On both databases, by the operations themselves: what is here is not asked for again."""
    from tests.visits.test_submission import ME, sent

    key = new_visit()

    def play(session: Session) -> tuple[list[str], str]:
        operations.submit(session, ME, sent(key, body), NOW)
        for name in files:
            operations.file_stored(session, ME, name, NOW + timedelta(minutes=1))
        for state in ("in_review", "returned"):
            operations.set_status(session, key, state, NOW)
        new = {"sha256": sha(b"new"), "size": 3, "media_type": "image/png", "item_id": body["answers"][0]["item_id"]}
        second = {**body, "revision": 2, "evidence": [*body["evidence"], new]}
        receipt = operations.submit(session, ME, sent(key, second), NOW).receipt
        done = operations.file_stored(session, ME, sha(b"new"), NOW)
        return receipt.missing_evidence, done[0]

    assert db.write_now(play) == ([sha(b"new")], key)
    assert status_of(db, key) == ("submitted", 0)

"""The list, the reading view and the phone's copy: who may, in which language, how cached."""

from collections.abc import Callable

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from audit_app.access.cookies import LOCALE
from audit_app.kit.db import Database
from audit_app.standards import operations, queries
from tests.world import NOW, version_of

Clients = Callable[[str], TestClient[Litestar]]


def test_the_list_names_every_version(client_for: Clients) -> None:
    answer = client_for("county-supervisor").get("/checklists")
    assert answer.status_code == 200
    assert "Own hall visit (tiers 1 and 2, with experience zone)" in answer.text
    assert answer.text.count('href="/checklists/') == 6


def test_the_reading_view_shows_the_whole_text(client_for: Clients, db: Database) -> None:
    key = db.read_now(version_of, "own-hall-flagship")
    answer = client_for("reviewer").get(f"/checklists/{key}")
    assert answer.status_code == 200
    document = db.read_now(queries.document_for, key)
    assert answer.text.count("<article") == document.item_count + len(document.scenarios)
    for words in (
        "A1",
        "Critical: total",
        "Photo: when points are lost",
        "at most",
        "weight 8",
        "Answers for it: Staff",
    ):
        assert words in answer.text


def test_a_condition_names_the_item_that_decides(client_for: Clients, db: Database) -> None:
    key = db.read_now(version_of, "outlet-partner")
    answer = client_for("reviewer").get(f"/checklists/{key}")
    assert answer.text.count("Shown only if") == 27
    assert answer.text.count('href="#item-outlet-found"') == 27


def test_both_languages_one_after_the_other(client_for: Clients, db: Database) -> None:
    key = db.read_now(version_of, "payment-agent")
    client = client_for("reviewer")
    document = db.read_now(queries.document_for, key)
    for locale, title, other in (
        ("zh", document.title.zh, document.title.en),
        ("en", document.title.en, document.title.zh),
    ):
        client.cookies.set(LOCALE, locale)
        for path in ("/checklists", f"/checklists/{key}"):
            text = client.get(path).text
            assert title in text
            assert other not in text
        assert ("Ready reasons for lost points:" in text) == (locale == "en")


@pytest.mark.parametrize("path", ["/checklists", "/checklists/{key}", "/api/v1/checklists/{key}"])
def test_who_may_read(client_for: Clients, db: Database, path: str) -> None:
    address = path.format(key=db.read_now(version_of, "payment-agent"))
    for username in ("tester", "staff", "outlet-manager", "admin"):
        assert client_for(username).get(address).status_code == 200
    assert client_for("hr").get(address).status_code == 403
    assert client_for("").get(address).status_code == (401 if path.startswith("/api") else 303)


@pytest.mark.parametrize("path", ["/checklists/{key}", "/api/v1/checklists/{key}"])
def test_absent_and_draft_versions_look_the_same(client_for: Clients, db: Database, path: str) -> None:
    document = db.read_now(lambda s: queries.document_for(s, version_of(s, "payment-agent")))
    draft = db.write_now(lambda s: operations.save_draft(s, document, NOW).id)
    client = client_for("admin")
    assert [client.get(path.format(key=key)).status_code for key in (draft, "f" * 32, "nonsense")] == [404] * 3


def test_the_phones_copy_is_cached_for_ever(client_for: Clients, db: Database) -> None:
    key = db.read_now(version_of, "own-hall-flagship")
    client = client_for("tester")
    answer = client.get(f"/api/v1/checklists/{key}")
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert answer.headers["content-type"].startswith("application/json")
    body = answer.json()
    assert (body["id"], body["checklist_id"], len(body["sections"])) == (key, "own-hall-flagship", 8)
    again = client.get(f"/api/v1/checklists/{key}", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_retired_version_says_so(client_for: Clients, db: Database) -> None:
    key = db.read_now(version_of, "payment-agent")
    db.write_now(operations.retire, key, NOW, None)
    assert "This version is retired" in client_for("admin").get(f"/checklists/{key}").text

"""Nobody fills the disk: limits by visit, day and hour, and a floor below which no file is taken. All far from honest work."""  # noqa: E501

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from audit_app.access import storing
from audit_app.access.rules import Limit
from audit_app.bench.bodies import file_for
from audit_app.kit import blobs
from audit_app.kit.db import Database
from audit_app.visits import rules
from tests.access.conftest import ClientFor
from tests.visits.sending import Body, bodies, files_of, new_visit, part, put


def manifest(count: int, size: int) -> list[dict[str, Any]]:
    return [{"sha256": f"{n:064x}", "size": size, "media_type": "image/jpeg"} for n in range(count)]


@pytest.fixture
def body(db: Database) -> Body:
    return bodies(db, "as-hall")


def test_two_hundred_files_and_not_one_more(client_for: ClientFor, body: Body) -> None:
    tester, named = client_for("tester"), body["evidence"]
    body["evidence"] = named + manifest(rules.MOST_FILES - len(named) + 1, 1000)
    answer = put(tester, new_visit(), body)
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:mingcha:too-much-evidence")
    assert answer.json()["errors"][0]["code"] == "too-many-files"
    body["evidence"].pop()
    assert put(tester, new_visit(), body).status_code == 201


def test_a_gigabyte_a_visit(client_for: ClientFor, body: Body) -> None:
    tester = client_for("tester")
    tester.headers["accept-language"] = "en"
    body["evidence"] += manifest(rules.MOST_BYTES // rules.LARGEST_FILE, rules.LARGEST_FILE)
    answer = put(tester, new_visit(), body)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "too-many-bytes")
    assert "1024 MB" in answer.json()["errors"][0]["message"]
    del body["evidence"][-1]
    assert put(tester, new_visit(), body).status_code == 201


@pytest.mark.data
def test_the_day_is_full_and_the_phone_keeps_the_rest(
    client_for: ClientFor, body: Body, monkeypatch: pytest.MonkeyPatch
) -> None:
    tester, files = client_for("tester"), files_of(body, file_for)
    assert put(tester, new_visit(), body).status_code == 201
    (first, data), (second, more) = list(files.items())[:2]
    assert part(tester, first, 0, data).status_code == 200
    monkeypatch.setattr(rules, "MOST_FILES_A_DAY", 1)
    answer = part(tester, second, 0, more)
    assert (answer.status_code, answer.json()["type"]) == (429, "urn:mingcha:too-much-today")
    assert int(answer.headers["retry-after"]) >= 600
    assert part(tester, first, 0, data).status_code == 200, "what is here is here"
    monkeypatch.setattr(rules, "MOST_FILES_A_DAY", 2)
    monkeypatch.setattr(rules, "MOST_BYTES_A_DAY", len(data) + len(more) - 1)
    assert part(tester, second, 0, more).status_code == 429
    monkeypatch.setattr(rules, "MOST_BYTES_A_DAY", len(data) + len(more))
    assert part(tester, second, 0, more).status_code == 200


def test_a_full_disk_takes_answers_but_no_files(
    client_for: ClientFor, body: Body, monkeypatch: pytest.MonkeyPatch
) -> None:
    tester, files = client_for("tester"), files_of(body, file_for)
    monkeypatch.setattr(blobs.shutil, "disk_usage", lambda _: SimpleNamespace(free=blobs.LEAST_FREE - 1))
    assert put(tester, new_visit(), body).status_code == 201
    name, data = next(iter(files.items()))
    answer = part(tester, name, 0, data)
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:mingcha:no-room")
    assert answer.headers["retry-after"] == "600"
    monkeypatch.undo()
    assert tester.head(f"/api/v1/evidence/{name}").headers["upload-offset"] == "0"


def test_forms_with_files_are_counted(client_for: ClientFor, body: Body, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refused form leaves its files in the store: so many an hour, and no more."""
    assert storing.FILES_PER_ACCOUNT.tries >= 20, "honest people press the button twice"
    monkeypatch.setattr(storing, "FILES_PER_ACCOUNT", Limit("files", 2, timedelta(hours=1)))
    tester, address, statuses = client_for("tester"), "/field/assignments/as-hall/form", []
    for _ in range(3):
        files = {f"f.{body['evidence'][0]['item_id']}": ("a.jpg", b"\xff\xd8\xff\xe0 photo", "image/jpeg")}
        statuses.append(tester.post(address, data={"visit_id": "a" * 32}, files=files).status_code)
    assert statuses == [422, 422, 429]
    assert tester.post(address, data={"visit_id": "a" * 32}).status_code == 422, "without files it may go on"

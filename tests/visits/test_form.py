"""The plain form: the same visit without any script."""

import html
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from audit_app.kit.db import Database
from audit_app.visits.models import Evidence, Visit
from tests.visits.sending import Body, Client, bodies

ADDRESS = "/field/assignments/as-hall/form"
Count = Callable[[type], int]


def picture(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(out, "JPEG")
    return out.getvalue()


def fields_of(body: Body, visit_id: str) -> dict[str, Any]:
    """What somebody would tick and type to say the same as the body."""
    fields: dict[str, Any] = {
        "visit_id": visit_id, "revision": "1", "started_at": "2026-11-24T09:00", "finished_at": "2026-11-24T09:40",
        "declaration": "1",
    }  # fmt: skip
    for answer in body["answers"]:
        chosen = answer.get("option_ids") or ([answer["option_id"]] if "option_id" in answer else [])
        if chosen:
            fields[f"a.{answer['item_id']}"] = chosen
        if "value" in answer:
            fields[f"v.{answer['item_id']}"] = answer["value"]
        if answer.get("note"):
            fields[f"n.{answer['item_id']}"] = answer["note"]
    return fields


def visit_id_in(page: str) -> str:
    found = re.search(r'name="visit_id" value="([0-9a-f]{32})"', page)
    assert found
    return found[1]


def test_a_whole_visit_by_form(tester: Client, db: Database, count: Count) -> None:
    """A gap first: shown at its place, with everything kept, the photo too; then sent, twice, as one visit."""
    body = bodies(db, "as-hall")
    key = visit_id_in(tester.get(ADDRESS).text)
    items = [line["item_id"] for line in body["evidence"]]
    fields = fields_of(body, key) | {f"n.{items[0]}": "<b>kept</b>"}
    forgotten = next(name for name in fields if name.startswith("a.") and name[2:] not in items)
    partial = {name: value for name, value in fields.items() if name != forgotten}
    answer = tester.post(ADDRESS, data=partial, files=[(f"f.{items[0]}", ("../x.svg", picture("red"), "text/html"))])
    assert answer.status_code == 422
    assert f'id="f-answers-{forgotten[2:].replace(".", "-")}-error"' in answer.text
    assert "&lt;b&gt;kept&lt;/b&gt;" in answer.text
    assert visit_id_in(answer.text) == key
    kept = {name: html.unescape(value) for name, value in re.findall(r'name="(k\.[^"]+)" value="([^"]+)"', answer.text)}
    assert list(kept) == [f"k.{items[0]}"]
    for _ in range(2):
        files = [(f"f.{item}", ("y.jpg", picture("blue"), "image/jpeg")) for item in items[1:]]
        sent = tester.post(ADDRESS, data=fields | kept, files=files)
        assert (sent.status_code, sent.headers["location"]) == (303, f"/field/visits/{key}")
    visit = db.read_now(lambda session: session.get_one(Visit, key))
    assert (visit.status, visit.missing, count(Visit), count(Evidence)) == ("submitted", 0, 1, len(items))
    assert tester.get(f"/field/visits/{key}").status_code == 200
    assert tester.get(ADDRESS).status_code == 409


def test_empty_times_are_named_in_words(tester: Client) -> None:
    answer = tester.post(ADDRESS, data={"visit_id": visit_id_in(tester.get(ADDRESS).text), "finished_at": "soon"})
    assert answer.status_code == 422
    assert all(f'id="f-{name}-error"' in answer.text for name in ("started_at", "finished_at"))
    assert "RFC" not in answer.text


def test_a_file_that_is_no_photo_is_refused_at_its_item(tester: Client, db: Database, count: Count) -> None:
    body = bodies(db, "as-hall")
    key = visit_id_in(tester.get(ADDRESS).text)
    item = body["evidence"][0]["item_id"]
    answer = tester.post(
        ADDRESS, data=fields_of(body, key), files=[(f"f.{item}", ("x.jpg", b"<script>", "image/jpeg"))]
    )
    assert (answer.status_code, count(Visit)) == (422, 0)
    assert "<script>" not in answer.text.replace('<script src="', "")


def test_kept_files_are_sealed(tester: Client, colleague: Client, db: Database) -> None:
    """Nobody can name a file by its hash, or with another's token."""
    body = bodies(db, "as-hall")
    key = visit_id_in(tester.get(ADDRESS).text)
    forged = {f"k.{line['item_id']}": line["sha256"] for line in body["evidence"]}
    assert tester.post(ADDRESS, data=fields_of(body, key) | forged).status_code == 422


@pytest.mark.parametrize(
    ("who", "status"),
    [("tester", 200), ("tester-2", 404), ("tester-far", 404), ("reviewer", 403), ("hr", 403), ("outsider", 403)],
)
def test_whose_form_it_is(client_for: Callable[[str], Client], who: str, status: int) -> None:
    client = client_for(who)
    assert client.get(ADDRESS).status_code == status
    assert client.post(ADDRESS, data={"visit_id": "0" * 32}).status_code == (422 if status == 200 else status)


@pytest.mark.parametrize(
    ("address", "kind"),
    [("/field", "text/html"), ("/field/jobs", "text/html"), ("/field/messages/zh.json", "application/json"),
     ("/field/manifest.json", "application/manifest+json"), ("/sw.js", "text/javascript")],
)  # fmt: skip
def test_the_app_is_served(tester: Client, address: str, kind: str) -> None:
    answer = tester.get(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(kind)


def test_the_worker_lists_files_that_are_there(tester: Client) -> None:
    answer = tester.get("/sw.js")
    assert answer.headers["service-worker-allowed"] == "/"
    listed = re.search(r"const FILES = (\[.*\]);", answer.text)
    assert listed
    for address in re.findall(r'"([^"]+)"', listed[1]):
        assert tester.get(address).status_code == 200, address


def test_the_shell_holds_nobodys_data(tester: Client, colleague: Client) -> None:
    first, second = tester.get("/field").text, colleague.get("/field").text
    strip = re.compile(r'name="csrf-token" content="[^"]*"')
    assert strip.sub("", first) == strip.sub("", second)

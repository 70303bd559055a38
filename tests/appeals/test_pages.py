"""The pages of appeals: who sees what of whom, plain forms, files, a fixed number of statements."""

from collections.abc import Callable
from io import BytesIO

import pytest
import sqlalchemy as sa
from litestar import Litestar
from litestar.testing import TestClient
from PIL import Image
from sqlmodel import select

from audit_app.appeals import jobs
from audit_app.appeals.models import AppealFile
from audit_app.appeals.rules import HEARING
from audit_app.jobs.inline import Inline
from audit_app.jobs.registry import Registry
from audit_app.kit.blobs import Blobs
from audit_app.kit.db import Database
from audit_app.notices.models import Notice
from audit_app.settings import Settings
from audit_app.visits.models import Visit
from tests.appeals.conftest import HALL, KEEP, Court
from tests.counting import statements
from tests.reporting.made import make

Open = Callable[[str], TestClient[Litestar]]
#: Names of the people on the other side: nobody who contests ever reads one.
SECRET = ("Chief Tester", "chief-tester", "Reviewer", "Panel City", "panel-city", "CANARY-NOTE", "0101")


def photo(**how: object) -> bytes:
    out = BytesIO()
    picture = Image.new("RGB", (40, 30), "red")
    exif = picture.getexif()
    exif[0x010F] = "CANARY-CAMERA"
    picture.save(out, "JPEG", exif=exif)
    return out.getvalue()


def hand_in(
    client: TestClient[Litestar], court: Court, item: str, file: bytes = b"", words: str = "It hung there."
) -> str:
    data = {"item_id": item, "ground": "facts", "words": words}
    files = {"files": ("secret-name.jpg", file, "text/html")} if file else None
    answer = client.post(f"/results/{court.outward}/appeal", data=data, files=files)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_from_the_result_to_the_decision(court: Court, client_for: Open) -> None:
    manager = client_for("outlet-manager")
    page = manager.get(f"/results/{court.outward}").text
    item = court.lost()[0]
    assert f"/results/{court.outward}/appeal?item={item}" in page
    assert "8 days left" in page or "7 days left" in page
    assert item in manager.get(f"/results/{court.outward}/appeal?item={item}").text
    address = hand_in(manager, court, item)
    key = address.rpartition("/")[2]
    hearing = court.hearing(key).id

    first = client_for("panel-city")
    shown = first.get(f"/hearings/{hearing}").text
    assert "It hung there." in shown
    assert "CANARY-NOTE" in shown  # the panel reads both sides
    assert not any(name in shown for name in ("Chief Tester", "chief-tester", "0101", "Outlet Manager", "Reviewer 2"))
    best = f"option:{court.best(item).option_ids[0]}"
    assert first.post(f"/hearings/{hearing}/votes", data={"answer": best}).status_code == 422  # no reason
    vote = {"answer": best, "reason": "The photo shows it."}
    assert first.post(f"/hearings/{hearing}/votes", data=vote).status_code == 303
    second = client_for("panel-city-second")
    assert "The photo shows it." not in second.get(f"/hearings/{hearing}").text  # not before one's own vote
    assert second.post(f"/hearings/{hearing}/votes", data=vote).status_code == 303
    assert "another member" in second.get(f"/hearings/{hearing}").text

    for path in (address, "/appeals", f"/results/{court.outward}"):
        page = manager.get(path).text
        assert "Upheld" in page, path
        assert not [name for name in SECRET if name in page.replace("Reviewers", "")], path
    told = court.look(lambda s: {(n.account_id, n.kind) for n in s.scalars(select(Notice))})
    assert {("acc-panel-city", "appeal.waiting"), ("acc-outlet-manager", "appeal.decided"),
            ("acc-chief-tester", "appeal.decided")} <= told  # fmt: skip


def test_the_assessor_learns_what_but_not_who(court: Court, client_for: Open) -> None:
    item = court.lost()[0]
    court.decide(court.file(item=item, words="CANARY-WORDS of the manager"), KEEP)
    page = client_for("chief-tester").get("/field/appeals").text
    assert "Rejected" in page
    assert KEEP.reason in page
    assert not [name for name in ("CANARY-WORDS", "Outlet Manager", "outlet-manager", "Panel") if name in page]
    assert "Rejected" not in client_for("tester").get("/field/appeals").text


def test_files_are_cleaned_before_anybody_sees_them(
    court: Court, client_for: Open, settings: Settings, db: Database
) -> None:
    manager = client_for("outlet-manager")
    address = hand_in(manager, court, court.lost()[0], photo())
    key = address.rpartition("/")[2]
    row = court.look(lambda s: s.scalars(select(AppealFile)).one())
    assert (row.media_type, row.view_blob) == ("image/jpeg", None)
    assert manager.get(f"{address}/files/{row.id}").status_code == 404  # never as it came
    queue = Inline(settings, db, Blobs(settings.data_dir / "blobs"), Registry([jobs]))
    queue.enqueue("appeals.views", key, "k")
    queue.drain()
    mine = manager.get(f"{address}/files/{row.id}")
    assert mine.status_code == 200
    assert b"CANARY-CAMERA" not in mine.content
    assert mine.headers["x-content-type-options"] == "nosniff"
    hearing = court.hearing(key).id
    assert client_for("panel-city").get(f"/hearings/{hearing}/files/{row.id}").content == mine.content
    assert client_for("panel-province").get(f"/hearings/{hearing}/files/{row.id}").status_code == 404


@pytest.mark.parametrize("file", [b"<script>alert(1)</script>", b"%PDF-1.7 x", b"\xff" * (8 * 1024 * 1024 + 1)])
def test_other_files_are_refused(court: Court, client_for: Open, file: bytes) -> None:
    data = {"item_id": court.lost()[0], "ground": "facts", "words": "See there."}
    files = {"files": ("a.jpg", file, "image/jpeg")}
    answer = client_for("outlet-manager").post(f"/results/{court.outward}/appeal", data=data, files=files)
    assert answer.status_code == 422
    assert "See there." in answer.text  # nothing typed is lost


def test_the_window_closes_on_the_page(court: Court, client_for: Open) -> None:
    court.db.write_now(lambda s: setattr(s.get_one(Visit, court.visit), "status", "final"))
    manager = client_for("outlet-manager")
    assert "has passed" in manager.get(f"/results/{court.outward}/appeal").text
    assert "/appeal?item=" not in manager.get(f"/results/{court.outward}").text
    data = {"item_id": court.lost()[0], "ground": "facts", "words": "Late."}
    assert manager.post(f"/results/{court.outward}/appeal", data=data).status_code == 409


@pytest.mark.parametrize("answers", [["option:x"], ["na"], ["keep", "uphold"], ["else"], ["value"]])
def test_a_person_is_named_or_not(court: Court, client_for: Open, answers: list[str]) -> None:
    """Nothing but "keep" and "uphold" answers what is not about an item; whatever else comes upholds nothing."""
    key = court.file("staff", "", "not_me")
    vote = {"answer": answers, "value": "1", "reason": "The badge was another."}
    for _ in range(2):
        assert client_for("panel-city").post(f"/hearings/{court.hearing(key).id}/votes", data=vote).status_code == 422
    assert len(court.panel(key)) == 2


STATES = [*HEARING]
PEOPLE = ["outlet-manager", "outlet-manager-2", "staff", "team-lead", "panel-city", "panel-province", "reviewer",
          "province-supervisor", "county-supervisor", "chief-tester", "hr", "admin"]  # fmt: skip


@pytest.fixture(scope="module")
def verbs() -> dict[str, set[str]]:
    """Who may bring about what from an open hearing."""
    return {"withdrawal": {"outlet-manager"}, "votes": {"panel-city"}, "second-round": set()}


def test_every_step_by_every_role(court: Court, client_for: Open, verbs: dict[str, set[str]]) -> None:
    """From every state, each verb by each person: only the right one, only from open, moves a hearing; else 403, 404 or
    409, and nothing changes."""
    items = iter(court.lost())
    for state in STATES:
        item = next(items)
        key = court.file(item=item)
        hearing = court.hearing(key).id
        if state != "open":
            set_state(court, key, state)
        for who in PEOPLE:
            client = client_for(who)
            for verb in verbs:
                right = state == "open" and who in verbs[verb]
                if right or (verb == "second-round" and who == "outlet-manager" and state in ("partly", "rejected")):
                    continue
                path = f"/hearings/{hearing}/votes" if verb == "votes" else f"/appeals/{key}/{verb}"
                answer = client.post(path, data={"answer": "keep", "reason": "r", "words": "w"})
                assert answer.status_code in (403, 404, 409), (state, who, verb, answer.status_code)
                assert court.hearing(key).status == state


def set_state(court: Court, key: str, state: str) -> None:
    from audit_app.appeals.models import Hearing
    from audit_app.kit import clock

    ended = {"closed_at": clock.now()} if state in ("upheld", "withdrawn") else {}
    from audit_app.appeals.models import Appeal

    def put(session: object) -> None:
        session.execute(sa.update(Hearing).where(Hearing.appeal_id == key).values(status=state))  # type: ignore
        session.execute(sa.update(Appeal).where(Appeal.id == key).values(outcome=state, **ended))  # type: ignore

    court.db.write_now(put)


def test_rates_are_for_the_office(court: Court, client_for: Open) -> None:
    item = court.lost()[0]
    court.decide(court.file(item=item), court.best(item))
    province = client_for("province-supervisor").get("/appeal-rates").text
    assert "100%" in province
    assert "0101" in province  # the code, for who plans covert work
    assert "Chief Tester" not in province
    office = client_for("programme-office").get("/appeal-rates").text
    assert "By reviewer" in office
    assert "0101" in office
    county = client_for("county-supervisor").get("/appeal-rates").text
    assert "100%" in county
    assert "0101" not in county
    assert "By reviewer" not in county
    assert "100%" not in client_for("outsider").get("/appeal-rates").text


def test_statements_do_not_grow(db: Database, client_for: Open) -> None:
    first, second = make(db, HALL, HALL)
    court, other = Court(db, first), Court(db, second)
    court.file(item=court.lost()[0])
    manager, panel = client_for("outlet-manager"), client_for("panel-city")
    hearing = court.hearing(court.look(lambda s: s.execute(sa.text("SELECT id FROM appeal")).scalar())).id

    pages = [(manager, "/appeals"), (manager, f"/results/{court.outward}"), (panel, "/hearings"),
             (panel, f"/hearings/{hearing}"), (client_for("province-supervisor"), "/appeal-rates")]  # fmt: skip

    def count() -> list[int]:
        found = []
        for client, path in pages:
            with statements(db) as seen:
                assert client.get(path).status_code == 200
            found.append(len(seen))
        return found

    few = count()
    for one, items in ((court, court.lost()[1:7]), (other, other.lost()[:6])):
        for item in items:
            one.file(item=item)
    assert count() == few

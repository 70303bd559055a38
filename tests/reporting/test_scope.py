"""Who finds which card, in which edition: the owner, a colleague beside, somebody of another province."""

import io
from collections.abc import Callable
from datetime import timedelta

import pypdf
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlmodel import select, update

from audit_app.kit.blobs import Blobs
from audit_app.kit.db import Database, Session
from audit_app.reporting import downloads
from audit_app.reporting.facts import Facts, OfficeVisit
from audit_app.reporting.models import Scorecard
from audit_app.reporting.samples import draw_photo
from audit_app.settings import Settings
from audit_app.trail.models import TrailLine
from audit_app.visits.models import Evidence, Visit
from tests import world
from tests.reporting.made import Plan, approved, every, make

Open = Callable[[str], TestClient[Litestar]]


class Paper:
    """A press that prints nothing and remembers what it was given."""

    def __init__(self) -> None:
        self.printed: list[Facts] = []

    def render(self, facts: Facts, locale: str) -> bytes:
        self.printed.append(facts)
        return f"%PDF {len(self.printed)}".encode()


@pytest.fixture
def paper(monkeypatch: pytest.MonkeyPatch) -> Paper:
    found = Paper()
    monkeypatch.setattr(downloads, "press", lambda: found)
    return found


@pytest.fixture
def visits(db: Database) -> dict[str, str]:
    """A covert visit of the hall in Bell County and a hotline call of team 1; visit ids."""
    day = world.NOW - timedelta(days=14)
    hall, call = make(
        db,
        Plan(option_at=every(5), started_at=day),
        Plan(touchpoint="hotline", manner="hotline", who="inspector", checklist="hotline-mystery", team="team-1",
             started_at=day),
    )  # fmt: skip
    return {"hall": hall, "call": call}


def card_of(db: Database, touchpoint: str, visit_id: str | None) -> str:
    def find(session: Session) -> str:
        statement = select(Scorecard.id).where(Scorecard.touchpoint_id == touchpoint, Scorecard.visit_id == visit_id)
        return session.exec(statement).one()

    return db.read_now(find)


def outward(db: Database, visit_id: str) -> str:
    return db.read_now(lambda session: session.get_one(Visit, visit_id).outward_id or "")


ADDRESSES = [
    "/scorecards", "/scorecards/x.pdf", "/api/v1/scorecards", "/results", "/results/x", "/report-runs",
    "/report-runs/x", "/report-runs/x/progress", "/report-runs/x/file",
]  # fmt: skip
HALL = {
    "hr": "hr", "county-supervisor": "outlet", "city-supervisor": "outlet", "province-supervisor": "office",
    "outlet-manager": "outlet",
    "county-supervisor-2": None, "city-supervisor-2": None, "outlet-manager-2": None, "team-lead": None,
    "outsider": None, "outsider-hr": None,
}  # fmt: skip


@pytest.mark.parametrize(("who", "edition"), HALL.items())
@pytest.mark.parametrize("address", ["/scorecards/{}.pdf", "/api/v1/scorecards/{}.pdf"])
def test_a_card_of_a_hall(
    client_for: Open, db: Database, visits: dict[str, str], paper: Paper, who: str, edition: str | None, address: str
) -> None:
    for visit_id in (visits["hall"], None):
        answer = client_for(who).get(address.format(card_of(db, "hall-bell", visit_id)))
        assert answer.status_code == (200 if edition else 404)
    assert {facts.edition for facts in paper.printed} == ({edition} if edition else set())


def test_a_county_reads_all_of_an_overt_visit_and_little_of_a_covert_one_beside_it(
    client_for: Open, db: Database, paper: Paper
) -> None:
    day = world.NOW - timedelta(days=14)
    (overt,) = make(db, Plan(manner="overt", who="inspector", checklist="own-hall-overt", started_at=day))
    county = client_for("county-supervisor")
    for visit_id in (overt, None):
        assert county.get(f"/scorecards/{card_of(db, 'hall-bell', visit_id)}.pdf").status_code == 200
    assert [facts.edition for facts in paper.printed] == ["office", "office"]
    make(db, Plan(started_at=day))
    assert county.get(f"/scorecards/{card_of(db, 'hall-bell', None)}.pdf").status_code == 200
    assert paper.printed[-1].edition == "outlet"


def test_a_team_lead_reads_calls_of_the_own_team_only(
    client_for: Open, db: Database, visits: dict[str, str], paper: Paper
) -> None:
    own, other = client_for("team-lead"), client_for("team-lead-2")
    call, period = card_of(db, "hotline", visits["call"]), card_of(db, "hotline", None)
    assert own.get(f"/scorecards/{call}.pdf").status_code == 200
    assert other.get(f"/scorecards/{call}.pdf").status_code == 404
    assert own.get(f"/scorecards/{period}.pdf").status_code == 404  # it speaks of the other teams, too
    assert paper.printed[0].edition == "outlet"
    here = f"/results/{outward(db, visits['call'])}"
    assert own.get(here).status_code == 200
    assert other.get(here).status_code == 404
    assert other.get("/results").text.count('href="/results/') == other.get("/").text.count('href="/results/')


@pytest.mark.parametrize("who", ["tester", "reviewer", "staff", "admin"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_others_have_no_such_pages(client_for: Open, who: str, address: str) -> None:
    assert client_for(who).get(address).status_code == 403


def test_batches_are_for_hr(client_for: Open, visits: dict[str, str]) -> None:
    for who in ("county-supervisor", "outlet-manager", "team-lead", "province-supervisor"):
        assert client_for(who).post("/report-runs", data={"period": ""}).status_code == 403
        assert "/report-runs" not in client_for(who).get("/scorecards").text


def test_a_batch_exists_for_its_owner_only(client_for: Open, visits: dict[str, str]) -> None:
    made = client_for("hr").post("/report-runs", data={"period": ""})
    assert made.status_code == 303
    here = made.headers["location"]
    for who in ("hr-second", "outsider-hr"):
        client = client_for(who)
        for address in (here, f"{here}/progress", f"{here}/file"):
            assert client.get(address).status_code == 404
        for verb in ("retry", "cancellation"):
            assert client.post(f"{here}/{verb}").status_code == 404
        assert here not in client.get("/report-runs").text
    assert client_for("hr").get(here).status_code == 200


def test_another_provinces_batch_is_empty(client_for: Open, visits: dict[str, str]) -> None:
    answer = client_for("outsider-hr").post("/report-runs", data={"period": ""})
    assert answer.status_code == 422
    assert "There is no scorecard under these filters." in answer.text


def test_a_result_page_is_for_the_own_touchpoint(client_for: Open, db: Database, visits: dict[str, str]) -> None:
    here = f"/results/{outward(db, visits['hall'])}"
    assert client_for("outlet-manager").get(here).status_code == 200
    assert client_for("outlet-manager").get(f"/results/{visits['hall']}").status_code == 404  # never by the inner id
    for who in ("outlet-manager-2", "team-lead"):
        assert client_for(who).get(here).status_code == 404
        assert outward(db, visits["hall"]) not in client_for(who).get("/results").text
    assert client_for("county-supervisor").get(here).status_code == 403


def test_nothing_of_an_unreleased_visit_is_seen(client_for: Open, db: Database) -> None:
    db.write_now(lambda session: approved(session, Plan(started_at=world.NOW - timedelta(days=3))))
    for who in ("hr", "county-supervisor", "outlet-manager", "province-supervisor"):
        assert client_for(who).get("/api/v1/scorecards").json() == {"items": [], "next": None}
        assert "Bell Road Hall" not in client_for(who).get("/scorecards").text
    assert client_for("outlet-manager").get("/results").text.count("/results/") == 0


def test_a_download_has_its_name_and_its_line_on_the_trail(
    client_for: Open, db: Database, visits: dict[str, str], paper: Paper
) -> None:
    card = card_of(db, "hall-bell", None)
    client = client_for("hr")
    answer = client.get(f"/scorecards/{card}.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    named = "filename*=UTF-8''2026Q4_North-City_Bell-County_JZ0001_Bell-Road-Hall_"
    assert named in answer.headers["content-disposition"]
    assert answer.headers["cache-control"] == "private, no-store"
    again = client.get(f"/scorecards/{card}.pdf")
    assert again.content == answer.content
    assert len(paper.printed) == 1  # the second came from the store

    def lines(session: Session) -> list[TrailLine]:
        return list(session.exec(select(TrailLine).where(TrailLine.act == "scorecard.downloaded")))

    found = db.read_now(lines)
    assert [(line.subject_id, line.actor_id, line.detail) for line in found] == [
        (card, world.account_id("hr"), {"edition": "hr", "role": "hr"})
    ] * 2


def test_an_unknown_name_is_a_problem_document(client_for: Open) -> None:
    for address in ("/api/v1/scorecards/x.pdf", "/api/v1/scorecards/x"):
        answer = client_for("hr").get(address)
        assert answer.status_code == 404
        assert answer.headers["content-type"].startswith("application/problem+json")
    bad = client_for("hr").get("/api/v1/scorecards?after=nonsense")
    assert bad.status_code == 400


def test_a_real_pdf_comes_out_of_a_process_of_its_own(client_for: Open, db: Database, visits: dict[str, str]) -> None:
    answer = client_for("outlet-manager").get(f"/api/v1/scorecards/{card_of(db, 'hall-bell', visits['hall'])}.pdf")
    assert answer.status_code == 200
    printed = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.content)).pages)
    assert "Bell Road Hall" in printed
    assert "CANARY" not in printed


def test_photos_stand_in_the_office_edition_only(
    client_for: Open, db: Database, settings: Settings, visits: dict[str, str], paper: Paper
) -> None:
    blobs = Blobs(settings.data_dir / "blobs")
    blob = blobs.put(draw_photo(1, (320, 240)))
    copy = {"view_blob": blob, "view_type": "image/jpeg", "taken_at": world.NOW - timedelta(days=14)}
    mine = (Evidence.visit_id == visits["hall"], Evidence.media_type == "image/jpeg")
    db.write_now(lambda s: s.execute(update(Evidence).where(*mine).values(**copy)))  # type: ignore[arg-type]
    card = card_of(db, "hall-bell", visits["hall"])
    for who in ("hr", "outlet-manager", "province-supervisor"):
        assert client_for(who).get(f"/scorecards/{card}.pdf").status_code == 200
    hr, outlet, office = paper.printed
    assert not hasattr(hr, "photos")
    assert not hasattr(outlet, "photos")
    assert isinstance(office, OfficeVisit)
    assert 1 <= len(office.photos) <= downloads.MOST_PHOTOS
    assert office.photos[0].item_code in {line.code for line in office.items}

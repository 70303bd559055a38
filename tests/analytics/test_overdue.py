"""The whole list of what is overdue, the scope bar's second step, and the overview as a workbook."""

import io
from collections.abc import Callable
from datetime import timedelta

import openpyxl
import pytest
from litestar.testing import TestClient
from sqlmodel import select

from audit_app.analytics import operations, rules
from audit_app.analytics.queries import overdue
from audit_app.analytics.queries.overview import overview
from audit_app.analytics.queries.scope import scope
from audit_app.kit.db import Database, Session
from audit_app.organisation.models import Touchpoint
from audit_app.trail.models import TrailLine
from tests import world
from tests.reporting.made import Plan, actor, make

Open = Callable[[str], TestClient]
LATE = [
    Plan("hall-bell", started_at=world.NOW - timedelta(days=44)),  # tier 1: monthly
    Plan("hall-drum", who="tester", started_at=world.NOW - timedelta(days=20)),  # tier 2: quarterly
]


@pytest.fixture
def lived_in(db: Database) -> Database:
    make(db, *LATE)
    operations.rebuild(db)
    return db


def listed(db: Database, who: str, show: str = "late", marker: str = "", **filters: str) -> overdue.OverdueScreen:
    def read(session: Session) -> overdue.OverdueScreen:
        chosen = rules.Filters(**filters)
        return overdue.overdue_page(session, actor(session, who), chosen, show, marker, world.NOW)

    return db.read_now(read)


@pytest.mark.data
def test_what_is_late_and_what_was_never_visited(lived_in: Database) -> None:
    late, never = listed(lived_in, "province-supervisor"), listed(lived_in, "province-supervisor", "never")
    assert [(r.code, r.days) for r in late.page.rows] == [("JZ0001", 14)]
    assert [r.code for r in never.page.rows] == ["JZ0003", "JZ0004"]
    assert (late.total, late.never) == (1, 2)
    assert listed(lived_in, "county-supervisor-2").total == 0
    count = lived_in.read_now(lambda s: overdue.count_overdue(s, actor(s, "province-supervisor"), world.NOW.date()))
    assert count == (1, "hall")


def test_visits_of_before_a_move_count_for_the_place(lived_in: Database) -> None:
    def move(session: Session) -> None:
        hall = session.get_one(Touchpoint, "hall-bell")
        hall.unit_code, hall.unit_path = "360103", "36/3601/360103/"

    never = listed(lived_in, "county-supervisor-2", "never").never
    lived_in.write_now(move)
    assert [r.code for r in listed(lived_in, "county-supervisor-2").page.rows] == ["JZ0001"]
    assert listed(lived_in, "county-supervisor-2", "never").never == never


def test_pages_hold_every_touchpoint_once(lived_in: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overdue, "PER_PAGE", 2)

    def more(session: Session) -> None:
        for n in range(5):
            session.add(Touchpoint(id=f"new-{n}", code=f"N{n}", kind="hall", name=f"New {n}", tier=2,
                                   unit_code="360102", unit_path="36/3601/360102/"))  # fmt: skip

    lived_in.write_now(more)
    seen: list[str] = []
    marker = ""
    while True:
        page = listed(lived_in, "province-supervisor", "never", marker).page
        seen += [row.code for row in page.rows]
        if not page.next:
            break
        marker = page.next
    assert seen == ["JZ0003", "JZ0004", "N0", "N1", "N2", "N3", "N4"]


def test_the_list_is_cut_to_the_asker(client_for: Open, lived_in: Database) -> None:
    assert "Bell Road Hall" in client_for("county-supervisor").get("/overdue").text
    assert "Bell Road Hall" not in client_for("county-supervisor-2").get("/overdue").text
    assert client_for("county-supervisor-2").get("/overdue?unit=360102").status_code == 404
    assert client_for("province-supervisor").get("/overdue?after=WzEsMl0&show=late").status_code in (200, 400)
    assert client_for("province-supervisor").get("/overdue?after=nonsense").status_code == 400


def test_the_second_step_of_the_scope_bar(db: Database) -> None:
    def at(unit: str, county: str) -> str:
        return db.read_now(lambda s: scope(s, actor(s, "province-supervisor"), unit, county).unit.code)

    assert at("3601", "360103") == "360103"
    assert at("3602", "360103") == "3602"  # the city has just been changed: its old county falls away
    assert at("3601", "") == "3601"
    assert at("3601", "350102") == "3601"
    steps = db.read_now(lambda s: scope(s, actor(s, "province-supervisor"), "360103").steps)
    assert [one.code for one, _ in steps] == ["36", "3601", "360103"]
    assert [child.code for child in steps[1][1]] == ["360102", "360103"]
    lower = db.read_now(lambda s: scope(s, actor(s, "county-supervisor"), "").steps)
    assert [(one.code, children) for one, children in lower] == [("360102", [])]


def test_the_workbook_holds_what_is_shown_and_no_formula(client_for: Open, lived_in: Database) -> None:
    def evil(session: Session) -> None:
        session.get_one(Touchpoint, "hall-bell").name = '=HYPERLINK("http://x")'

    lived_in.write_now(evil)
    answer = client_for("province-supervisor").get("/overview/workbook")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith("attachment")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    shown = lived_in.read_now(lambda s: overview(s, actor(s, "province-supervisor"), rules.Filters(), world.NOW))
    assert book.sheetnames == [
        "Section scores", "Trend", "Items lost most often", "Inspection cadence", "Overdue touchpoints",
    ]  # fmt: skip
    whole = [cell.value for cell in list(book["Section scores"].rows)[-1]]
    assert whole[0] == "Jiangzhou"
    assert whole[-2:] == [shown.whole.total, shown.whole.visits]
    cells = [cell for sheet in book for row in sheet.rows for cell in row]
    assert all(cell.data_type != "f" for cell in cells)
    assert '=HYPERLINK("http://x")' in [cell.value for cell in cells]
    lines = lived_in.read_now(
        lambda s: s.scalars(select(TrailLine).where(TrailLine.act == "overview.downloaded")).all()
    )
    assert [line.subject_id for line in lines] == ["36"]

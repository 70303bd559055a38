"""The overview: figures recomputed by hand from the visits, and nobody sees a number of a place that is not theirs."""

from collections.abc import Callable
from datetime import timedelta
from fractions import Fraction

import pytest
from litestar.testing import TestClient
from sqlmodel import select, update

from audit_app.analytics import operations, rules
from audit_app.analytics.models import ItemFact, SectionFact, VisitFact
from audit_app.analytics.queries.overview import Overview, overview
from audit_app.kit.db import Database, Session
from audit_app.kit.errors import NotFound
from audit_app.review import operations as review
from audit_app.review.models import VisitResult
from audit_app.scoring.canonical import results_from_json
from audit_app.visits.models import Visit
from tests import world
from tests.counting import statements
from tests.reporting.made import Plan, actor, approved, every, make

Open = Callable[[str], TestClient]

PLANS = [
    Plan("hall-bell", started_at=world.NOW - timedelta(days=14), option_at=every(3)),
    Plan("hall-bell-2", who="tester", started_at=world.NOW - timedelta(days=20), option_at=every(4)),
    Plan("hall-drum", who="tester", started_at=world.NOW - timedelta(days=30), option_at=every(7)),
    Plan("hall-reed", who="tester-2", started_at=world.NOW - timedelta(days=40), option_at=every(5)),
    Plan("hall-drum", who="chief-tester", started_at=world.NOW - timedelta(days=70), option_at=every(2)),
    Plan("hall-bell", "overt", "inspector", "own-hall-overt", world.NOW - timedelta(days=9), option_at=every(6)),
]


@pytest.fixture
def lived_in(db: Database) -> Database:
    make(db, *PLANS)
    operations.rebuild(db)
    return db


def seen(db: Database, who: str, **filters: str) -> Overview:
    return db.read_now(lambda session: overview(session, actor(session, who), rules.Filters(**filters), world.NOW))


def naive(session: Session, path: str, series: str, quarter: str) -> tuple[list[int], dict[str, list[Fraction]]]:
    """Printed finals and section percentages, visit by visit."""
    finals: list[int] = []
    sections: dict[str, list[Fraction]] = {}
    for visit in session.exec(select(Visit).where(Visit.series == series)):
        result = session.exec(select(VisitResult).where(VisitResult.visit_id == visit.id)).one()
        inside = visit.unit_path.startswith(path) and rules.quarter_of(visit.local_date).code == quarter
        if not inside or visit.status != "released" or result.basis != "ok" or result.experience is None:
            continue
        finals.append(result.experience)
        for one in results_from_json(result.results).experience.sections:
            if one.possible:
                percent = one.earned / one.possible * 100
                printed = Fraction((percent * 100 + Fraction(1, 2)).__floor__(), 100)
                sections.setdefault(one.section_id, []).append(printed)
    return finals, sections


@pytest.mark.data
@pytest.mark.parametrize(
    ("who", "path"),
    [("province-supervisor", "36/"), ("city-supervisor", "36/3601/"), ("county-supervisor-2", "36/3601/360103/")],
)
def test_figures_are_those_of_a_count_by_hand(lived_in: Database, who: str, path: str) -> None:
    screen = seen(lived_in, who)
    finals, sections = lived_in.read_now(naive, path, "covert", "2026Q4")
    before, _ = lived_in.read_now(naive, path, "covert", "2026Q3")
    assert finals
    mean = Fraction(sum(finals), 100 * len(finals))
    assert screen.mean == rules.shown(mean)
    assert (screen.averaged, screen.visits) == (len(finals), len(finals))
    earlier = Fraction(sum(before), 100 * len(before)) if before else None
    expected = None if earlier is None else round((rules.shown(mean) or 0) - (rules.shown(earlier) or 0), 2)
    assert screen.change == expected
    cells = dict(zip([c.id for c in screen.headings], screen.whole.cells, strict=True))
    by_hand = {key: rules.shown(Fraction(sum(of), len(of)), 0) for key, of in sections.items()}
    assert {key: value for key, value in cells.items() if value is not None} == by_hand
    assert sum(row.visits for row in screen.rows) == screen.visits


@pytest.mark.data
def test_a_city_opens_to_its_counties_and_sums_agree(lived_in: Database) -> None:
    screen = seen(lived_in, "province-supervisor", open="3601")
    names = [(row.name, row.child, row.visits) for row in screen.rows]
    assert ("Bell County", True, 2) in names
    assert ("Drum County", True, 1) in names
    assert sum(row.visits for row in screen.rows if row.child) == 3
    assert screen.lost
    assert screen.lost[0].percent == max(item.percent for item in screen.lost)


def test_series_are_never_mixed(lived_in: Database) -> None:
    covert, overt = seen(lived_in, "province-supervisor"), seen(lived_in, "province-supervisor", series="overt")
    assert (covert.visits, overt.visits) == (4, 1)
    assert not {c.id for c in overt.headings} & {"arrive", "comfort"}
    assert seen(lived_in, "province-supervisor", kind="hotline").visits == 0


def test_a_county_sees_itself_only(lived_in: Database) -> None:
    screen = seen(lived_in, "county-supervisor")
    assert {row.name for row in screen.rows} == {"Bell Road Hall", "Bell Market Hall"}
    assert screen.scope.above == []
    assert [one.level for one in screen.cadence] == ["county", "county"]
    for code in ("360103", "3601", "36", "35", "no-such"):
        with pytest.raises(NotFound):
            seen(lived_in, "county-supervisor", unit=code)
    stranger = seen(lived_in, "outsider")
    assert (stranger.visits, stranger.planned, stranger.overdue.total, stranger.lost) == (0, 0, 0, [])


def test_pages_name_nothing_of_others(client_for: Open, lived_in: Database) -> None:
    county = client_for("county-supervisor")
    text = county.get("/overview?open=3601").text
    assert "Bell County" in text
    for other in ("Drum", "Reed", "North City", "Jiangzhou"):
        assert other not in text
    assert county.get("/overview?unit=360103").status_code == 404
    assert county.get("/overview?unit=nowhere").status_code == 404
    stranger = client_for("outsider").get("/overview").text
    assert not [name for name in ("Bell", "Drum", "Reed", "Jiangzhou") if name in stranger]


def test_a_covert_visit_changes_no_number_before_its_release(client_for: Open, lived_in: Database) -> None:
    people = ("county-supervisor", "city-supervisor", "county-supervisor-2", "outsider")
    before = {who: seen(lived_in, who) for who in people}
    late = Plan("hall-bell-2", who="chief-tester", started_at=world.NOW - timedelta(days=3), option_at=every(2))
    visit = lived_in.write_now(approved, late)
    assert lived_in.write_now(operations.keep_facts, [visit]) == 0
    operations.rebuild(lived_in)
    assert {who: seen(lived_in, who) for who in people} == before

    lived_in.write_now(review.release, [visit], world.NOW)
    assert lived_in.write_now(operations.keep_facts, [visit]) == 1
    after = {who: seen(lived_in, who) for who in people}
    assert after["county-supervisor"].visits == before["county-supervisor"].visits + 1
    assert after["county-supervisor"].mean != before["county-supervisor"].mean
    assert after["county-supervisor-2"] == before["county-supervisor-2"]


@pytest.mark.data
def test_tables_can_be_made_anew_and_forget_what_is_void(lived_in: Database) -> None:
    def rows(session: Session) -> list[object]:
        return [sorted(map(repr, session.exec(select(table)))) for table in (VisitFact, SectionFact, ItemFact)]

    first = lived_in.read_now(rows)
    assert operations.rebuild(lived_in) == len(PLANS)
    assert lived_in.read_now(rows) == first

    def void(session: Session) -> str:
        key = session.exec(select(VisitFact.visit_id)).first()
        session.execute(update(Visit).where(Visit.id == key).values(status="void"))  # type: ignore[arg-type]
        return str(key)

    gone = lived_in.write_now(void)
    assert operations.rebuild(lived_in) == len(PLANS) - 1
    assert gone not in str(lived_in.read_now(rows))


def test_an_insufficient_basis_is_counted_and_not_averaged(lived_in: Database) -> None:
    before = seen(lived_in, "county-supervisor")

    def weaken(session: Session) -> list[str]:
        """A correction: the latest result is the one that counts."""
        key = session.exec(select(Visit.id).where(Visit.touchpoint_id == "hall-bell-2")).one()
        old = session.exec(select(VisitResult).where(VisitResult.visit_id == key)).one()
        values = old.model_dump(exclude={"id"}) | {"number": 2, "basis": "insufficient", "cause": "correction"}
        session.add(VisitResult(**values))
        session.flush()
        return [key]

    lived_in.write_now(operations.keep_facts, lived_in.write_now(weaken))
    after = seen(lived_in, "county-supervisor")
    assert (after.visits, after.averaged) == (before.visits, before.averaged - 1)
    assert after.mean != before.mean


def test_overdue_follows_the_coverage_constants(lived_in: Database) -> None:
    """Tier-1 hall: 30 days. The hall was seen 9 days ago; 22 days later it is one day overdue."""
    later = world.NOW + timedelta(days=22)
    screen = lived_in.read_now(
        lambda session: overview(session, actor(session, "county-supervisor"), rules.Filters(), later)
    )
    assert [(one.id, one.days) for one in screen.overdue.rows] == [("hall-bell", 1)]
    assert seen(lived_in, "county-supervisor").overdue.total == 0


def test_the_number_of_statements_is_fixed(lived_in: Database) -> None:
    seen(lived_in, "province-supervisor", open="3601")
    with statements(lived_in) as few:
        seen(lived_in, "province-supervisor", open="3601")
    more = [
        Plan("hall-reed", who=who, started_at=world.NOW - timedelta(days=days))
        for days, who in ((12, "tester-2"), (18, "chief-tester"), (44, "tester-2"))
    ]
    make(lived_in, *more)
    operations.rebuild(lived_in)
    with statements(lived_in) as many:
        seen(lived_in, "province-supervisor", open="3601")
    assert 0 < len(few) == len(many)


@pytest.mark.parametrize("who", ["reviewer", "hr", "outlet-manager", "staff", "admin"])
def test_nobody_else_opens_it(client_for: Open, who: str) -> None:
    assert client_for(who).get("/overview").status_code == 403

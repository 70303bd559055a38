"""What cards say: figures anyone can recompute, editions without what must not be in them; lists that page."""

import dataclasses
import io
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pypdf
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlmodel import select, update

from audit_app.access.models import Account
from audit_app.kit import clock
from audit_app.kit.db import Database, Session
from audit_app.organisation.models import Touchpoint
from audit_app.reporting import operations, rules
from audit_app.reporting.facts import Facts, HrTouchpoint, OfficeTouchpoint, OfficeVisit, OutletVisit, experience_figure
from audit_app.reporting.models import Scorecard
from audit_app.reporting.queries import cards, results
from audit_app.reporting.render import render
from audit_app.review.models import VisitResult
from audit_app.visits.models import Visit
from tests import world
from tests.counting import statements
from tests.reporting.made import NOTE, RELEASE_NOTE, Plan, actor, every, make

Open = Callable[[str], TestClient[Litestar]]
DAY = world.NOW - timedelta(days=14)


def card_ids(db: Database, kind: str = "") -> list[str]:
    """The cards by touchpoint and kind, those of visits by age."""

    def find(session: Session) -> list[str]:
        rows = session.exec(select(Scorecard).order_by(Scorecard.touchpoint_id, Scorecard.kind, Scorecard.updated_at))
        return [row.id for row in rows if kind in ("", row.kind)]

    return db.read_now(find)


def facts(db: Database, edition: str, kind: str) -> list[Facts]:
    ids = card_ids(db, kind)
    found = db.read_now(cards.scorecard_facts, ids, edition, clock.now())  # type: ignore[arg-type]
    return [found[key] for key in ids]


def texts(value: object) -> Iterator[str]:
    """Every text inside facts."""
    if isinstance(value, str):
        yield value
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from texts(getattr(value, field.name))
    elif isinstance(value, tuple):
        for member in value:
            yield from texts(member)


@pytest.mark.data
def test_a_period_figure_is_the_mean_of_the_printed_finals(db: Database) -> None:
    keys = make(
        db, Plan(started_at=DAY, option_at=every(5)), Plan(started_at=DAY + timedelta(hours=3), option_at=every(7)),
        Plan(started_at=DAY + timedelta(days=1), option_at=every(3)),
        Plan(manner="overt", who="inspector", checklist="own-hall-overt", started_at=DAY, option_at=every(6)),
    )  # fmt: skip
    (card,) = facts(db, "hr", "touchpoint")
    assert isinstance(card, HrTouchpoint)
    assert [block.series for block in card.blocks] == ["covert", "overt"]

    def stored(session: Session) -> dict[str, str]:
        rows = session.exec(select(VisitResult)).all()
        return {row.visit_id: row.results["experience"]["final_total"] for row in rows}

    finals = db.read_now(stored)
    covert = sum((Fraction(Decimal(finals[key])) for key in keys[:3]), Fraction(0)) / 3
    mean = (Decimal(covert.numerator) / Decimal(covert.denominator)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert experience_figure(card.blocks[0]).mean == str(mean)
    assert experience_figure(card.blocks[1]).mean == finals[keys[3]]
    assert len(set(finals.values())) == 4
    block = card.blocks[0]
    assert (block.assessors, block.slots, len(block.rows)) == (1, 2, 3)
    listed = db.read_now(cards.card_list, db.read_now(actor, "hr"), None)
    assert [(f.series, f.n, f.mean) for f in listed.page.rows[0].figures] == [
        ("covert", 3, str(mean)), ("overt", 1, finals[keys[3]])
    ]  # fmt: skip


def test_an_insufficient_basis_is_shown_and_kept_out(db: Database) -> None:
    make(db, Plan(started_at=DAY, option_at=every(5)), Plan(started_at=DAY + timedelta(days=1)))
    (thin,) = make(db, Plan(started_at=DAY + timedelta(days=2)))
    before = db.read_now(lambda s: s.exec(select(Scorecard.updated_at).where(Scorecard.visit_id == thin)).one())
    _later_result(db, thin)
    (card,) = facts(db, "hr", "touchpoint")
    assert isinstance(card, HrTouchpoint)
    assert [row.experience.excluded for row in card.blocks[0].rows] == [None, None, "insufficient"]
    assert experience_figure(card.blocks[0]).count == 2
    assert card.issue.version == 4  # a replaced result is a new issue of the card
    after = db.read_now(lambda s: s.exec(select(Scorecard.updated_at).where(Scorecard.visit_id == thin)).one())
    assert after > before


def _later_result(db: Database, visit_id: str) -> None:
    """A second result after which more than 30 % of the points are not applicable."""

    def add(session: Session) -> None:
        row = session.exec(select(VisitResult).where(VisitResult.visit_id == visit_id)).one()
        experience = {**row.results["experience"], "basis": "insufficient", "na_share": "2/5"}
        again = row.model_dump(exclude={"id"}) | {
            "number": 2, "results": {**row.results, "experience": experience}, "basis": "insufficient",
            "cause": "appeal", "created_at": clock.now(),
        }  # fmt: skip
        session.add(VisitResult(**again))
        session.flush()
        operations.keep_cards(session, [visit_id])

    db.write_now(add)


def test_void_visits_are_counted_on_the_card_but_only_once_they_may_be_known(db: Database) -> None:
    _kept, known, secret = make(db, *(Plan(started_at=DAY + timedelta(days=n)) for n in range(3)))

    def void(session: Session) -> None:
        session.execute(update(Visit).where(Visit.id == known).values(status="void"))  # type: ignore[arg-type]
        unreleased = {"status": "void", "outward_id": None, "status_at": clock.now()}
        session.execute(update(Visit).where(Visit.id == secret).values(**unreleased))  # type: ignore[arg-type]

    db.write_now(void)
    (card,) = facts(db, "hr", "touchpoint")
    assert isinstance(card, HrTouchpoint)
    assert (len(card.blocks[0].rows), card.blocks[0].void) == (1, 1)
    later = db.read_now(cards.scorecard_facts, card_ids(db, "touchpoint"), "hr", clock.now() + timedelta(days=12))
    (card,) = later.values()
    assert isinstance(card, HrTouchpoint)
    assert card.blocks[0].void == 2


def test_editions_hold_nothing_of_what_their_readers_must_not_learn(db: Database) -> None:
    (key,) = make(db, Plan(started_at=DAY, option_at=every(5), staff="bell-1"))
    names = db.read_now(lambda s: [a.display_name for a in s.exec(select(Account)) if a.username == "chief-tester"])
    secrets = [NOTE, *names, "0101", key, key[:4].upper(), "10:00"]
    for edition in ("hr", "outlet"):
        for kind in ("visit", "touchpoint"):
            (card,) = facts(db, edition, kind)
            said = "\n".join(texts(card))
            assert [secret for secret in secrets if secret in said] == []
            assert ("Bell Staff 1" in said) is False
            assert (RELEASE_NOTE in said) == (edition == "outlet")
            assert not hasattr(card, "person")
    (office,) = facts(db, "office", "visit")
    assert isinstance(office, OfficeVisit)
    assert NOTE in {loss.note for loss in office.losses}
    assert office.assessor == key[:4].upper()  # a covert assessor is never named
    assert office.subject == "Bell Staff 1"
    assert office.person is not None


def test_only_an_inspector_of_an_overt_visit_is_named(db: Database) -> None:
    overt = Plan(manner="overt", who="inspector", checklist="own-hall-overt", started_at=DAY)
    call = Plan(touchpoint="hotline", manner="hotline", who="inspector", checklist="hotline-mystery", started_at=DAY)
    make(db, overt, call)
    named = {card.series: card.assessor for card in facts(db, "office", "visit") if isinstance(card, OfficeVisit)}
    assert named["overt"] == "Inspector"
    assert named["hotline"] != "Inspector"
    assert len(named["hotline"]) == 4


def test_the_printed_pdf_has_no_note(db: Database) -> None:
    make(db, Plan(started_at=DAY, option_at=every(5)))
    (card,) = facts(db, "outlet", "visit")
    pages = pypdf.PdfReader(io.BytesIO(render(card, "en"))).pages
    printed = "".join(page.extract_text() for page in pages).replace("\n", " ")
    assert "CANARY" not in printed
    assert RELEASE_NOTE in printed
    assert "10 Nov 2026" in printed or "10 November 2026" in printed


def test_facts_cost_a_fixed_number_of_statements(db: Database) -> None:
    make(db, Plan(started_at=DAY), *(Plan(touchpoint="hall-drum", who="tester-2", started_at=DAY + timedelta(hours=n))
                                     for n in range(8)))  # fmt: skip
    ids = card_ids(db)
    assert len(ids) == 11
    db.read_now(cards.scorecard_facts, ids, "hr", clock.now())  # the versions are kept after the first time
    with statements(db) as few:
        db.read_now(cards.scorecard_facts, ids[:1], "hr", clock.now())
    with statements(db) as many:
        db.read_now(cards.scorecard_facts, ids, "hr", clock.now())
    assert abs(len(many) - len(few)) <= 1  # voided visits are asked for only where a period is among the cards
    hr = db.read_now(actor, "hr")
    with statements(db) as one:
        db.read_now(cards.card_list, hr, rules.Filters(q="JZ0001"), "")
    with statements(db) as all_of_them:
        db.read_now(cards.card_list, hr, rules.Filters(), "")
    assert len(one) == len(all_of_them)


@pytest.mark.data
def test_cards_can_be_made_again_and_stay_the_same(db: Database) -> None:
    make(db, Plan(started_at=DAY), Plan(manner="overt", who="inspector", checklist="own-hall-overt", started_at=DAY))

    def rows(session: Session) -> list[tuple[object, ...]]:
        found = session.exec(select(Scorecard).order_by(Scorecard.id))
        return [(r.id, r.kind, r.period, r.visits, r.updated_at) for r in found]

    before = db.read_now(rows)
    assert len(before) == 3
    assert db.write_now(operations.rebuild) == 2
    assert db.read_now(rows) == before

    def lose(session: Session) -> None:
        session.execute(update(Visit).where(Visit.series == "overt").values(status="void"))  # type: ignore[arg-type]

    db.write_now(lose)
    assert db.write_now(operations.rebuild) == 1
    assert sorted(row[3] for row in db.read_now(rows)) == [0, 1, 1]
    assert db.read_now(cards.card_list, db.read_now(actor, "hr"), rules.Filters(), "").total == 2


def test_a_visit_belongs_to_the_quarter_of_its_local_day() -> None:
    quarters = [rules.period_of(date(2026, month, 1)) for month in (1, 3, 4, 12)]
    assert quarters == ["2026Q1", "2026Q1", "2026Q2", "2026Q4"]
    for code in ("2026Q1", "2026Q4"):
        start, end = rules.period_bounds(code)
        assert rules.period_of(start) == code == rules.period_of(end - timedelta(days=1))
        assert rules.period_of(end) != code


def test_the_list_filters(client_for: Open, db: Database) -> None:
    make(
        db, Plan(started_at=DAY), Plan(touchpoint="hall-reed", who="tester-2", started_at=DAY),
        Plan(touchpoint="outlet-bell", who="tester", checklist="outlet-partner", started_at=DAY),
    )  # fmt: skip
    client = client_for("hr")

    def codes(query: str) -> list[str]:
        return [row["touchpoint"]["code"] for row in client.get(f"/api/v1/scorecards?{query}").json()["items"]]

    assert codes("") == ["JZ0001", "JZ0001", "JZ0003", "JZ0003", "JZ1001", "JZ1001"]
    assert codes("kind=touchpoint") == ["JZ0001", "JZ0003", "JZ1001"]
    assert codes("kind=visit&unit=3602") == ["JZ0003"]
    assert codes("kind=visit&unit=360102") == ["JZ0001", "JZ1001"]
    assert codes("unit=3501") == []
    assert codes("touchpoint_kind=outlet&kind=visit") == ["JZ1001"]
    assert codes("q=reed+lake&kind=visit") == ["JZ0003"]
    assert codes("q=%25&kind=visit") == []
    assert codes("period=2026Q3") == []
    page = client.get("/scorecards?kind=visit&q=reed").text
    assert "Reed Lake Hall" in page
    assert "Bell Town Outlet" not in page
    assert "No scorecard under these filters" in client.get("/scorecards?q=zzz").text


def test_pages_follow_each_other_without_gap_or_repeat(
    client_for: Open, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(db, *(Plan(started_at=DAY + timedelta(hours=n)) for n in range(4)))
    monkeypatch.setattr(cards, "PAGE", 2)
    client, seen, address = client_for("hr"), [], "/api/v1/scorecards"
    while address:
        answer = client.get(address).json()
        seen += [item["id"] for item in answer["items"]]
        address = f"/api/v1/scorecards?after={answer['next']}" if answer["next"] else ""
    assert sorted(seen) == sorted(card_ids(db))
    assert len(seen) == 5
    assert "after=" in client.get("/scorecards?kind=").text


def test_the_result_page_says_what_an_outlet_may_know(client_for: Open, db: Database) -> None:
    (key,) = make(db, Plan(started_at=DAY, option_at=every(5)))
    make(db, Plan(started_at=DAY - timedelta(days=3), option_at=every(4)))
    outward = db.read_now(lambda s: s.get_one(Visit, key).outward_id)
    client = client_for("outlet-manager")
    page = client.get(f"/results/{outward}").text
    final = db.read_now(lambda s: s.exec(select(VisitResult).where(VisitResult.visit_id == key)).one()).results
    assert final["experience"]["final_total"] in page
    assert RELEASE_NOTE in page
    assert "10 Nov 2026" in page
    assert "opening to 11:00" in page
    main = page[page.index("<main") :]
    for secret in (NOTE, "Chief Tester", "0101", key, "10:00", "<img", "<audio"):
        assert secret not in main
    assert client.get("/scorecards?kind=visit").text.count(".pdf") == 2
    screen = db.read_now(results.result, db.read_now(actor, "outlet-manager"), outward, world.NOW)
    assert isinstance(screen.card, OutletVisit)
    assert len(screen.trend) == 2


def test_office_rows_carry_times_and_a_pseudonym(db: Database) -> None:
    make(db, Plan(started_at=DAY))
    (card,) = facts(db, "office", "touchpoint")
    assert isinstance(card, OfficeTouchpoint)
    row = card.blocks[0].rows[0]
    assert row.times.started_at == DAY
    assert len(row.assessor) == 4
    assert db.read_now(lambda s: s.get_one(Touchpoint, "hall-bell").name) == card.place.name.zh

"""The monthly sums are those of the rows behind them, whatever happens to visits, on both databases."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from sqlmodel import select, update

from audit_app.analytics import operations
from audit_app.analytics.models import ItemFact, ItemMonth, OwnerMonth, SectionFact, SectionMonth, VisitFact, VisitMonth
from audit_app.kit.db import Database, Session
from audit_app.migrations import configuration
from audit_app.organisation.models import Touchpoint
from audit_app.review import operations as review
from audit_app.review.models import VisitResult
from audit_app.visits.models import Visit
from tests import world
from tests.analytics.test_overview import PLANS
from tests.counting import statements
from tests.reporting.made import Plan, approved, every, make

pytestmark = pytest.mark.data
Amounts = dict[tuple[Any, ...], tuple[int, ...]]


def over(path: str) -> Iterable[str]:
    """Written apart from the program: every beginning of the path down to the county."""
    for n, letter in enumerate(path):
        if letter == "/" and path[: n + 1].count("/") <= 3:
            yield path[: n + 1]


def by_hand(session: Session) -> dict[str, Amounts]:
    """The sums, row by row."""
    found: dict[str, dict[tuple[Any, ...], Counter[int]]] = {"visit": {}, "section": {}, "item": {}, "owner": {}}

    def add(name: str, key: tuple[Any, ...], *amounts: int) -> None:
        held = found[name].setdefault(key, Counter())
        for n, amount in enumerate(amounts):
            held[n] += amount

    for v in session.exec(select(VisitFact)):
        add("owner", (v.owner_path, v.month, v.owner_level, v.owner_code), 1)
        for path in over(v.unit_path):
            key = (path, v.kind, v.series, v.month, v.checklist_version_id)
            add("visit", key, 1, 0 if v.final is None else 1, v.final or 0)
    for s in session.exec(select(SectionFact)):
        for path in over(s.unit_path):
            add("section", (path, s.kind, s.series, s.month, s.section_id), 1, s.score)
    for i in session.exec(select(ItemFact)):
        for path in over(i.unit_path):
            add("item", (path, i.kind, i.series, i.month, i.item_id, i.checklist_version_id), 1, i.lost)
    return {
        name: {key: tuple(held[n] for n in sorted(held)) for key, held in rows.items()} for name, rows in found.items()
    }


def stored(session: Session) -> dict[str, Amounts]:
    found: dict[str, Amounts] = {}
    for name, model in (("visit", VisitMonth), ("section", SectionMonth), ("item", ItemMonth), ("owner", OwnerMonth)):
        table = model.__table__  # type: ignore[attr-defined]
        keys = [c.name for c in table.columns if c.primary_key]
        rows = session.execute(sa.select(table)).mappings()
        found[name] = {
            tuple(row[k] for k in keys): tuple(int(row[c.name]) for c in table.columns if c.name not in keys)
            for row in rows
        }
    return found


def agree(db: Database) -> dict[str, Amounts]:
    held = db.read_now(stored)
    assert held == db.read_now(by_hand)
    return held


@pytest.fixture
def lived_in(db: Database) -> Database:
    made = make(db, *PLANS)
    assert db.write_now(operations.keep_facts, made) == len(PLANS)
    return db


def _void(session: Session, key: str) -> None:
    session.execute(update(Visit).where(Visit.id == key).values(status="void"))  # type: ignore[arg-type]


def _corrected(session: Session, key: str, **changes: Any) -> None:
    """A later result, as an appeal or a correction makes it."""
    old = session.exec(select(VisitResult).where(VisitResult.visit_id == key)).one()
    values = old.model_dump(exclude={"id"}) | {"number": 2, "cause": "appeal"} | changes
    session.add(VisitResult(**values))


def test_they_follow_every_kind_of_change(lived_in: Database) -> None:
    keys = lived_in.read_now(lambda session: sorted(session.exec(select(VisitFact.visit_id))))
    first = agree(lived_in)
    assert sum(key[0] == "36/" for key in first["visit"]) >= 2
    lived_in.write_now(operations.keep_facts, keys)
    assert agree(lived_in) == first

    lived_in.write_now(_corrected, keys[0], experience=5000)
    lived_in.write_now(operations.keep_facts, keys[:1])
    appealed = agree(lived_in)
    assert appealed["visit"] != first["visit"]

    lived_in.write_now(_corrected, keys[1], basis="insufficient")
    lived_in.write_now(operations.keep_facts, keys[1:2])
    assert agree(lived_in)["item"] != appealed["item"]

    lived_in.write_now(_void, keys[2])
    assert lived_in.write_now(operations.keep_facts, keys[1:3]) == 1
    assert sum(n for (path, *_), (n, *_) in agree(lived_in)["visit"].items() if path == "36/") == len(keys) - 1

    for key in keys:
        lived_in.write_now(_void, key)
    assert lived_in.write_now(operations.keep_facts, keys) == 0
    assert agree(lived_in) == {"visit": {}, "section": {}, "item": {}, "owner": {}}


def test_a_move_leaves_past_visits_where_they_were(lived_in: Database) -> None:
    def move(session: Session) -> list[str]:
        place = session.get_one(Touchpoint, "hall-bell")
        place.unit_code, place.unit_path = "360103", "36/3601/360103/"
        return list(session.exec(select(VisitFact.visit_id).where(VisitFact.touchpoint_id == "hall-bell")))

    before = agree(lived_in)
    lived_in.write_now(operations.keep_facts, lived_in.write_now(move))
    assert agree(lived_in) == before


def test_a_covert_visit_is_in_no_sum_before_its_release(lived_in: Database) -> None:
    before = agree(lived_in)
    late = Plan("hall-bell-2", who="chief-tester", started_at=world.NOW - timedelta(days=3), option_at=every(2))
    visit = lived_in.write_now(approved, late)
    assert lived_in.write_now(operations.keep_facts, [visit]) == 0
    operations.rebuild(lived_in)
    assert agree(lived_in) == before
    lived_in.write_now(review.release, [visit], world.NOW)
    lived_in.write_now(operations.keep_facts, [visit])
    assert agree(lived_in)["visit"] != before["visit"]


def test_a_rebuild_mends_what_has_drifted(lived_in: Database) -> None:
    before = agree(lived_in)

    def spoil(session: Session) -> None:
        session.execute(sa.update(ItemMonth).values(lost=ItemMonth.lost + 3))
        session.execute(sa.delete(SectionMonth).where(SectionMonth.unit_path == "36/"))  # type: ignore[arg-type]
        session.execute(sa.update(VisitMonth).values(visits=0, averaged=0, total=0))
        session.add(OwnerMonth(owner_path="36/", month=1, owner_level="province", owner_code="36", visits=7))

    lived_in.write_now(spoil)
    operations.rebuild(lived_in)
    assert agree(lived_in) == before
    with statements(lived_in) as asked:
        operations.rebuild(lived_in)
    assert not [one for one in asked if "_month" in one and not one.startswith("SELECT")]


def test_a_database_with_visits_gets_its_sums_by_the_migration(lived_in: Database) -> None:
    before = agree(lived_in)
    with lived_in.engine.execution_options(audit_write=True).begin() as connection:
        for name in ("visit_month", "section_month", "item_month", "owner_month"):
            connection.exec_driver_sql(f"DROP TABLE {name}")
    command.stamp(configuration(lived_in), "0013")
    command.upgrade(configuration(lived_in), "0014")
    assert agree(lived_in) == before

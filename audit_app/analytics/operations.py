"""Keeping the summary tables: set-wise from the latest results of released visits, safe to repeat."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col

from audit_app.access.rules import Actor
from audit_app.analytics import rules
from audit_app.analytics.models import ItemFact, SectionFact, VisitFact
from audit_app.analytics.queries import sources
from audit_app.analytics.sums import SUMS, Change
from audit_app.kit.db import Database, Session
from audit_app.kit.sql import columns
from audit_app.scoring.canonical import results_from_json
from audit_app.scoring.engine import Result
from audit_app.trail.operations import record
from audit_app.visits.models import Visit

TABLES = (ItemFact, SectionFact, VisitFact)


def keep_facts(session: Session, visit_ids: Sequence[str]) -> int:
    """Makes the rows of these visits anew; one that is not released (or is void) has none. Returns how many have."""
    change = Change()
    for table in TABLES:
        _forget(session, change, table, col(table.visit_id).in_(list(visit_ids)))
    rows = sources.released(session, visit_ids)
    facts, sections, items = [], [], []
    for row in rows:
        result = results_from_json(row.results).experience
        counts = row.basis == "ok" and row.experience is not None
        place = _place(row)
        facts.append(_visit(row, place, row.experience if counts else None))
        if counts:
            sections += _sections(row, place, result)
            items += _items(row, place, result)
    for table, made in ((VisitFact, facts), (SectionFact, sections), (ItemFact, items)):
        if made:
            session.execute(sa.insert(table), made)
            change.take(table, made, 1)
    _add(session, change)
    return len(facts)


def _forget(session: Session, change: Change, table: Any, which: Any) -> None:
    """The rows go, and exactly what they were worth goes out of the sums with them."""
    gone = session.execute(sa.delete(table.__table__).where(which).returning(*table.__table__.columns))
    change.take(table, [dict(row) for row in gone.mappings()], -1)


def _add(session: Session, change: Change) -> None:
    """Adds to the sums; rows that nothing is left of go."""
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    for one in SUMS:
        rows = change.rows(one)
        if not rows:
            continue
        table = one.table.__table__
        keys = [table.c[name] for name in one.keys]
        adding = make(table)
        more = {name: table.c[name] + adding.excluded[name] for name in one.figures}
        session.execute(adding.on_conflict_do_update(index_elements=keys, set_=more), rows)
        if fewer := [{f"b_{name}": row[name] for name in one.keys} for row in rows if row["visits"] < 0]:
            same = [column == sa.bindparam(f"b_{column.name}") for column in keys]
            session.connection().execute(sa.delete(table).where(table.c.visits == 0, *same), fewer)


def take_overview(session: Session, actor: Actor, unit: str, unit_path: str, now: datetime) -> None:
    """Writes on the trail who took the figures of which unit."""
    record(session, "overview.downloaded", actor_id=actor.account_id, subject_kind="org_unit", subject_id=unit, now=now,
           unit_path=unit_path)  # fmt: skip


def rebuild(db: Database) -> int:
    """All rows anew from the visits, a batch a transaction; rows of visits that count no more go first. Then the sums
    are compared with the rows, a month a time, and mended by what differs: whoever writes meanwhile is not in the way.
    """
    db.write_now(_drop_stale)
    done, after = 0, ""
    while ids := db.read_now(sources.released_ids, after):
        done += db.write_now(keep_facts, ids)
        after = ids[-1]
    mend(db)
    return done


def mend(db: Database) -> None:
    """The sums anew from the rows behind them."""
    for one in SUMS:
        for month in db.read_now(sources.months_of, one):
            db.write_now(_add, db.read_now(sources.drift_of, one, month))


def _drop_stale(session: Session) -> None:
    change = Change()
    for table in TABLES:
        shown = columns(Visit.id).where(col(Visit.status).in_(rules.SHOWN))
        _forget(session, change, table, col(table.visit_id).not_in(shown))
    _add(session, change)


def _place(row: Any) -> dict[str, Any]:
    codes = row.unit_path.strip("/").split("/")
    return {
        "unit_path": row.unit_path, "city": codes[1] if len(codes) > 1 else "",
        "county": codes[2] if len(codes) > 2 else "", "kind": row.kind, "series": row.series,
        "month": rules.month_index(row.local_date),
    }  # fmt: skip


def _visit(row: Any, place: dict[str, Any], final: int | None) -> dict[str, Any]:
    return place | {
        "visit_id": row.id, "touchpoint_id": row.touchpoint_id, "checklist_version_id": row.checklist_version_id,
        "owner_code": row.owner_code, "owner_path": row.owner_path, "owner_level": row.owner_level,
        "day": row.local_date.toordinal(), "final": final,
    }  # fmt: skip


def _sections(row: Any, place: dict[str, Any], result: Result) -> list[dict[str, Any]]:
    return [
        place
        | {
            "visit_id": row.id, "section_id": s.section_id, "touchpoint_id": row.touchpoint_id,
            "score": rules.percent_hundredths(s.earned, s.possible),
        }
        for s in result.sections
        if s.possible > 0
    ]  # fmt: skip


def _items(row: Any, place: dict[str, Any], result: Result) -> list[dict[str, Any]]:
    kept = {key: value for key, value in place.items() if key not in ("city", "county")}
    return [
        kept
        | {
            "visit_id": row.id, "item_id": i.item_id, "checklist_version_id": row.checklist_version_id,
            "lost": int(i.earned < i.points),
        }
        for i in result.items
        if i.state == "scored" and i.effect == "normal" and i.points > 0
    ]  # fmt: skip

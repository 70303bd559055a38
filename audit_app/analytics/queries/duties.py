"""What is owed: overdue touchpoints, inspections per level and calendar period, jobs planned, reviews waiting."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlmodel import col

from audit_app.access.rules import Actor
from audit_app.analytics import rules
from audit_app.analytics.models import VisitFact
from audit_app.analytics.queries.scope import PERMISSION, Scope
from audit_app.analytics.queries.scores import Cut
from audit_app.kit import clock
from audit_app.kit.db import Session
from audit_app.kit.sql import all_of, any_of, columns
from audit_app.organisation.models import OrgUnit, Touchpoint
from audit_app.organisation.scope import seen_touchpoint, under
from audit_app.planning import queries as planning
from audit_app.planning.models import Assignment, Programme, Round
from audit_app.planning.rules import COVERAGE_DAYS, VOID
from audit_app.review.models import Review
from audit_app.visits.models import Visit

LISTED = 9


@dataclass(frozen=True, slots=True)
class Overdue:
    id: str
    name: str
    unit: str
    kind: str
    days: int
    round_id: str | None  # an open round of the asker in which it can be given out


@dataclass(frozen=True, slots=True)
class OverdueList:
    """`total` touchpoints are overdue; `never` have no released visit at all and are counted apart."""

    rows: list[Overdue]
    total: int
    never: int


def overdue(session: Session, actor: Actor, path: str, kind: str, today: date) -> OverdueList:
    """Touchpoints whose last released visit lies longer back than the coverage constant, the latest first."""
    t = Touchpoint
    last = columns(VisitFact.touchpoint_id, sa.func.max(VisitFact.day).label("day")).group_by(VisitFact.touchpoint_id)
    seen = last.where(under(col(VisitFact.unit_path), path)).subquery()
    late = sa.literal(today.toordinal()) - seen.c.day - _every()
    mine = all_of(
        t.kind == kind, col(t.active).is_(True), under(col(t.unit_path), path), seen_touchpoint(actor, PERMISSION),
        any_of(*[of for of, _ in _classes()]),
    )  # fmt: skip
    base = columns(t.id).select_from(t).join(seen, seen.c.touchpoint_id == t.id, isouter=True).where(mine)
    counts = base.with_only_columns(
        sa.func.coalesce(sa.func.sum(sa.case((late > 0, 1), else_=0)), 0),
        sa.func.coalesce(sa.func.sum(sa.case((seen.c.day.is_(None), 1), else_=0)), 0),
    )
    total, never = session.execute(counts).one()
    listed = (
        base.with_only_columns(t.id, t.name, OrgUnit.name.label("unit"), t.kind, late.label("days"), t.unit_path)
        .join(OrgUnit, col(OrgUnit.code) == t.unit_code)
        .where(late > 0)
        .order_by(late.desc(), col(t.code))
        .limit(LISTED)
    )
    rounds = _open_rounds(session, actor, kind, today)
    rows = [
        Overdue(r.id, r.name, r.unit, r.kind, r.days, _round_for(rounds, r.unit_path)) for r in session.execute(listed)
    ]
    return OverdueList(rows, int(total), int(never))


def _classes() -> list[tuple[ColumnElement[bool], int]]:
    found = []
    for (kind, tier), days in COVERAGE_DAYS.items():
        of = all_of(Touchpoint.kind == kind)
        found.append((of if tier is None else all_of(of, Touchpoint.tier == tier), days))
    return found


def _every() -> Any:
    return sa.case(*[(of, sa.literal(days)) for of, days in _classes()])


def _open_rounds(session: Session, actor: Actor, kind: str, today: date) -> list[tuple[str, str]]:
    if not actor.may("planning.write"):
        return []
    statement = (
        columns(Round.id, Programme.unit_path, Programme.touchpoint_kinds)
        .join(Programme, col(Programme.id) == Round.programme_id)
        .where(
            planning.seen_programme(actor), col(Round.status) != "closed", col(Round.ends_on) > today,
            Programme.status == "active",
        )
        .order_by(col(Programme.unit_path).desc(), Round.starts_on)
    )  # fmt: skip
    return [(r.id, r.unit_path) for r in session.execute(statement) if kind in r.touchpoint_kinds]


def _round_for(rounds: Sequence[tuple[str, str]], path: str) -> str | None:
    return next((key for key, owner in rounds if path.startswith(owner)), None)


@dataclass(frozen=True, slots=True)
class Cadence:
    """One level in one calendar period: how many of its units have at least one released visit of an own programme."""

    level: str
    first: date
    last: date  # first day of the last month
    done: int
    units: int
    running: bool


def cadence(session: Session, scope: Scope, quarter: rules.Quarter, today: date) -> list[Cadence]:
    """The duty of the scope's level and of those below it. Work of a higher unit is not counted here."""
    owed = [duty for level in scope.levels for duty in rules.duties(level, quarter, today)]
    if not owed:
        return []
    f = VisitFact
    statement = (
        columns(f.owner_level, f.owner_code, f.month)
        .where(
            under(col(f.owner_path), scope.unit.path), col(f.month) >= min(d.first for d in owed),
            col(f.month) < max(d.end for d in owed),
        )
        .distinct()
    )  # fmt: skip
    held = [tuple(row) for row in session.execute(statement)]
    now = rules.month_index(today)
    found = []
    for duty in owed:
        units = {one.code for one in scope.of_level(duty.level)}
        did = {code for level, code, month in held if level == duty.level and duty.first <= month < duty.end}
        found.append(
            Cadence(
                duty.level, rules.month_start(duty.first), rules.month_start(duty.end - 1), len(did & units),
                len(units), duty.first <= now < duty.end,
            )
        )  # fmt: skip
    return found


def planned(session: Session, actor: Actor, cut: Cut) -> int:
    """Jobs of the quarter that the asker may know of: those of programmes seen, and what was released since."""
    start, end = clock.day_start(cut.quarter.start), clock.day_start(cut.quarter.end)
    at = sa.func.coalesce(Assignment.visited_at, Assignment.window_start)  # where it counts once it is done
    conditions = [
        planning.visible_visit(actor), planning.live(), Assignment.reason != VOID, Touchpoint.kind == cut.kind,
        under(col(Assignment.unit_path), cut.path), at >= start, at < end,
    ]  # fmt: skip
    if cut.series in rules.MANNERS:
        conditions.append(Programme.manner == cut.series)
    statement = (
        columns(sa.func.count())
        .select_from(Assignment)
        .join(Round, col(Round.id) == Assignment.round_id)
        .join(Programme, col(Programme.id) == Round.programme_id)
        .join(Touchpoint, col(Touchpoint.id) == Assignment.touchpoint_id)
        .where(*conditions)
    )
    return int(session.execute(statement).scalar_one())


@dataclass(frozen=True, slots=True)
class Waiting:
    """Reviews that wait, of programmes that the asker may know of; hours since the oldest came in."""

    count: int
    hours: int


def waiting(session: Session, actor: Actor, path: str, now: datetime) -> Waiting:
    statement = (
        columns(sa.func.count(), sa.func.min(Review.opened_at))
        .select_from(Review)
        .join(Visit, col(Visit.id) == Review.visit_id)
        .join(Programme, col(Programme.id) == Visit.programme_id)
        .where(col(Review.closed_at).is_(None), under(col(Review.unit_path), path), planning.seen_programme(actor))
    )
    count, oldest = session.execute(statement).one()
    return Waiting(count, int((now - oldest).total_seconds() // 3600) if oldest else 0)

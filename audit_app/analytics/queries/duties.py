"""What is owed: inspections per level and calendar period, jobs planned, reviews waiting."""

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import col

from audit_app.access.rules import Actor
from audit_app.analytics import rules
from audit_app.analytics.models import OwnerMonth
from audit_app.analytics.queries.scope import Scope
from audit_app.analytics.queries.scores import Cut
from audit_app.kit import clock
from audit_app.kit.db import Session
from audit_app.kit.sql import columns
from audit_app.organisation.models import Touchpoint
from audit_app.organisation.scope import under
from audit_app.planning import queries as planning
from audit_app.planning.models import Assignment, Programme, Round
from audit_app.planning.rules import VOID
from audit_app.review.models import Review
from audit_app.visits.models import Visit


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
    m = OwnerMonth
    statement = columns(m.owner_level, m.owner_code, m.month).where(
        under(col(m.owner_path), scope.unit.path), col(m.month) >= min(d.first for d in owed),
        col(m.month) < max(d.end for d in owed),
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

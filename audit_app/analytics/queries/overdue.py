"""Overdue touchpoints: whose last released visit lies longer back than the coverage constant of their kind."""

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
from audit_app.analytics.queries.scope import PERMISSION, Scope, scope
from audit_app.kit import clock
from audit_app.kit.db import Session
from audit_app.kit.errors import BadRequest
from audit_app.kit.paging import PageOf, decode, page_of
from audit_app.kit.sql import all_of, any_of, columns
from audit_app.organisation.models import OrgUnit, Touchpoint
from audit_app.organisation.scope import seen_touchpoint, under
from audit_app.planning import queries as planning
from audit_app.planning.models import Programme, Round
from audit_app.planning.rules import COVERAGE_DAYS

LISTED = 9
PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Overdue:
    """A touchpoint that is late, or (`days` None) has no released visit at all."""

    id: str
    code: str
    name: str
    unit: str
    kind: str
    days: int | None
    round_id: str | None  # an open round of the asker in which it can be given out


@dataclass(frozen=True, slots=True)
class OverdueList:
    """`total` touchpoints are overdue; `never` have no released visit at all and are counted apart."""

    rows: list[Overdue]
    total: int
    never: int


@dataclass(frozen=True)
class OverdueScreen:
    """The whole list, a page at a time; `show` is late or never."""

    scope: Scope
    kind: str
    show: str
    page: PageOf[Overdue]
    total: int
    never: int


@dataclass(frozen=True)
class _Joined:
    """Touchpoints of a kind in a subtree with the day of their last released visit."""

    base: sa.Select[Any]
    late: Any  # days over the constant
    last: Any


def overdue(session: Session, actor: Actor, path: str, kind: str, today: date) -> OverdueList:
    """The latest ones of a subtree, and how many there are."""
    found = _joined(actor, [path], (kind,), today)
    total, never = _totals(session, found)
    rows = _rows(
        session, actor, found, found.late > 0, [found.late.desc(), col(Touchpoint.code)], LISTED, (kind, today)
    )
    return OverdueList(rows, total, never)


def overdue_page(
    session: Session, actor: Actor, filters: rules.Filters, show: str, marker: str, now: datetime
) -> OverdueScreen:
    """All that are late, the latest first, or all that were never visited, by code. NotFound for a unit unseen."""
    today = clock.local_date(now)
    held = scope(session, actor, filters.unit, filters.county)
    found = _joined(actor, [held.unit.path], (filters.kind,), today)
    total, never = _totals(session, found)
    code = col(Touchpoint.code)
    if show == "never":
        wanted, order = found.last.is_(None), [code]
        if marker:
            wanted = sa.and_(wanted, code > str(decode(marker, 1)[0]))
    else:
        wanted, order = found.late > 0, [found.late.desc(), code]
        if marker:
            days, after = _place(marker)
            wanted = sa.and_(wanted, sa.or_(found.late < days, sa.and_(found.late == days, code > after)))
    rows = _rows(session, actor, found, wanted, order, PER_PAGE + 1, (filters.kind, today))
    page = page_of(rows, PER_PAGE, lambda r: (r.code,) if r.days is None else (r.days, r.code))
    return OverdueScreen(held, filters.kind, show, page, total, never)


def _place(marker: str) -> tuple[int, str]:
    days, code = decode(marker, 2)
    if not isinstance(days, int):
        raise BadRequest(code="bad-page")
    return days, str(code)


def count_overdue(session: Session, actor: Actor, today: date) -> tuple[int, str]:
    """How many touchpoints of the kind that is furthest behind are overdue wherever the actor plans, and that kind."""
    paths = actor.paths(PERMISSION)
    if not paths:
        return 0, ""
    found, kind = _joined(actor, paths, rules.KINDS, today), col(Touchpoint.kind)
    late = sa.func.count().label("late")
    counts = found.base.with_only_columns(late, kind).where(found.late > 0).group_by(kind).order_by(late.desc(), kind)
    row = session.execute(counts.limit(1)).first()
    return (int(row[0]), str(row[1])) if row else (0, "")


def _joined(actor: Actor, paths: Sequence[str], kinds: Sequence[str], today: date) -> _Joined:
    t = Touchpoint
    mine = all_of(
        col(t.kind).in_(list(kinds)), col(t.active).is_(True), seen_touchpoint(actor, PERMISSION),
        any_of(*[under(col(t.unit_path), path) for path in paths]), any_of(*[of for of, _ in _classes()]),
    )  # fmt: skip
    # By touchpoint, not by the unit of then: a visit counts for the place wherever it has moved since. One look into an
    # index for each place, however many visits it has had.
    last = columns(sa.func.max(VisitFact.day)).where(VisitFact.touchpoint_id == t.id).correlate(t).scalar_subquery()
    # OFFSET keeps the look-up in one place: merged into the outer statement, each mention of `day` would make it anew.
    seen = columns(t.id, last.label("day"), _every().label("every")).where(mine).offset(0).subquery()
    base = columns(t.id).select_from(t).join(seen, seen.c.id == t.id)
    return _Joined(base, sa.literal(today.toordinal()) - seen.c.day - seen.c.every, seen.c.day)


def _totals(session: Session, found: _Joined) -> tuple[int, int]:
    counts = found.base.with_only_columns(
        sa.func.coalesce(sa.func.sum(sa.case((found.late > 0, 1), else_=0)), 0),
        sa.func.coalesce(sa.func.sum(sa.case((found.last.is_(None), 1), else_=0)), 0),
    )
    total, never = session.execute(counts).one()
    return int(total), int(never)


def _rows(
    session: Session, actor: Actor, found: _Joined, wanted: Any, order: list[Any], most: int, of: tuple[str, date]
) -> list[Overdue]:
    t = Touchpoint
    listed = (
        found.base.with_only_columns(
            t.id, t.code, t.name, OrgUnit.name.label("unit"), t.kind, found.late.label("days"), t.unit_path
        )
        .join(OrgUnit, col(OrgUnit.code) == t.unit_code)
        .where(wanted)
        .order_by(*order)
        .limit(most)
    )
    rounds = _open_rounds(session, actor, *of)
    return [
        Overdue(r.id, r.code, r.name, r.unit, r.kind, r.days, _round_for(rounds, r.unit_path))
        for r in session.execute(listed)
    ]


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

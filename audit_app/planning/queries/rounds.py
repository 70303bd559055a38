"""A round: its jobs, and the programme's touchpoints in the order in which they are due."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlmodel import col

from audit_app.access.rules import Actor
from audit_app.kit import clock
from audit_app.kit.db import Session, UTCDateTime
from audit_app.kit.errors import NotFound
from audit_app.kit.paging import PageOf, after, decode, instant_of, page_of
from audit_app.kit.search import matches
from audit_app.kit.sql import all_of, columns
from audit_app.organisation.models import OrgUnit, Touchpoint
from audit_app.organisation.scope import seen_touchpoint, within
from audit_app.planning import rules
from audit_app.planning.models import Assignment, Programme, Round
from audit_app.planning.queries.assignments import PAGE, AssignmentRow, assignments
from audit_app.planning.queries.pool import ThinRow, thin_jobs
from audit_app.planning.queries.programmes import RoundRow, round_of, rounds_of
from audit_app.planning.queries.scope import live, may_write, visible_visit

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
SELDOM = 9999  # in the order of the list: what is visited only by sample


@dataclass(frozen=True)
class DueRow:
    """A touchpoint of a programme with the last visit that the asker may know of."""

    id: str
    code: str
    name: str
    kind: str
    tier: int | None
    unit_name: str
    last: datetime | None
    overdue: int | None
    planned: bool


@dataclass(frozen=True)
class RoundScreen:
    programme: Programme
    round: RoundRow
    jobs: PageOf[AssignmentRow]
    due: PageOf[DueRow]
    listing: "Listing"
    may_write: bool
    thin: list[ThinRow]


@dataclass(frozen=True)
class Listing:
    """How the screen of a round is to be listed: which touchpoints, and where each list goes on."""

    search: str = ""
    all: bool = False
    after: str = ""
    jobs_after: str = ""


def round_screen(session: Session, actor: Actor, round_id: str, now: datetime, listing: Listing) -> RoundScreen:
    found, _round = round_of(session, actor, round_id)
    (row,) = rounds_of(session, found.id, round_id)
    jobs = assignments(session, actor, round_id=round_id, marker=listing.jobs_after)
    due = due_list(session, actor, found, round_id, now, listing)
    thin = thin_jobs(session, actor, found, round_id, clock.local_date(now))
    return RoundScreen(found, row, jobs, due, listing, may_write(actor, found), thin)


def open_jobs(session: Session, round_id: str) -> int:
    """How many jobs of a round are neither done nor ended otherwise."""
    jobs = columns(sa.func.count()).where(
        Assignment.round_id == round_id, col(Assignment.status).in_(rules.OPEN_STATES)
    )
    return int(session.execute(jobs).scalar_one())


def due_list(
    session: Session, actor: Actor, programme: Programme, round_id: str, now: datetime, listing: Listing
) -> PageOf[DueRow]:
    """The programme's touchpoints: what should be visited most often first, and in that what waits longest. A search
    looks at all; else, unless all are wanted, only what is due stands there."""
    last, rank = _last_visit(actor), _rank()
    since = sa.func.coalesce(last, sa.literal(NEVER, UTCDateTime()))
    t = Touchpoint
    statement = (
        columns(
            t.id, t.code, t.name, t.kind, t.tier, OrgUnit.name.label("unit_name"), last.label("last"),
            _planned(round_id).label("planned"), rank.label("rank"), since.label("since"),
        )
        .join(OrgUnit, col(OrgUnit.code) == t.unit_code)
        .where(*_within(actor, programme))
    )  # fmt: skip
    if listing.search:
        statement = statement.where(matches(t.search, listing.search))
    elif not listing.all:
        statement = statement.where(since < _due_before(now))
    order: list[Any] = [rank, since, col(t.code)]
    if listing.after:
        level, at, code = decode(listing.after, 3)
        statement = statement.where(after(order, [_whole(level), instant_of(at), str(code)]))
    rows = session.execute(statement.order_by(*order).limit(PAGE + 1)).all()
    page = page_of(rows, PAGE, lambda r: [r.rank, r.since.isoformat(), r.code])
    return PageOf([_due_row(r, clock.local_date(now)) for r in page.rows], page.next)


def _last_visit(actor: Actor) -> Any:
    return (
        columns(sa.func.max(Assignment.visited_at))
        .join(Round, col(Round.id) == Assignment.round_id)
        .join(Programme, col(Programme.id) == Round.programme_id)
        .where(Assignment.touchpoint_id == Touchpoint.id, Assignment.reason != rules.VOID, visible_visit(actor))
        .correlate(Touchpoint)
        .scalar_subquery()
    )


def _planned(round_id: str) -> Any:
    here = all_of(Assignment.touchpoint_id == Touchpoint.id, Assignment.round_id == round_id, live())
    return columns(Assignment.id).where(here).correlate(Touchpoint).exists()


def _kinds() -> list[tuple[ColumnElement[bool], int]]:
    """Each class of touchpoints with the days within which it should be visited."""
    found = []
    for (kind, tier), days in rules.COVERAGE_DAYS.items():
        of_kind = col(Touchpoint.kind) == kind
        found.append((of_kind if tier is None else all_of(of_kind, col(Touchpoint.tier) == tier), days))
    return found


def _rank() -> Any:
    return sa.case(*[(of, sa.literal(days)) for of, days in _kinds()], else_=sa.literal(SELDOM))


def _due_before(now: datetime) -> Any:
    """The instant before which the last visit must lie for the touchpoint to be due; what is only sampled never is."""
    today = clock.day_start(clock.local_date(now))
    steps = [(of, sa.literal(today - timedelta(days=days - 1), UTCDateTime())) for of, days in _kinds()]
    return sa.case(*steps, else_=sa.literal(NEVER, UTCDateTime()))


def _whole(value: Any) -> int:
    return value if isinstance(value, int) else 0


def _due_row(r: Any, today: date) -> DueRow:
    last = clock.local_date(r.last) if r.last else None
    overdue = rules.days_overdue(r.kind, r.tier, last, today)
    return DueRow(r.id, r.code, r.name, r.kind, r.tier, r.unit_name, r.last, overdue, bool(r.planned))


def _within(actor: Actor, programme: Programme) -> list[ColumnElement[bool]]:
    t = Touchpoint
    return [
        col(t.active).is_(True),
        col(t.kind).in_(programme.touchpoint_kinds),
        within(col(t.unit_path), (programme.unit_path,)),
        seen_touchpoint(actor, "planning.read"),
    ]


def touchpoint_of(session: Session, actor: Actor, programme: Programme, touchpoint_id: str) -> Touchpoint:
    """A touchpoint of the programme's subtree and kinds that the actor may see; NotFound otherwise."""
    statement = columns(Touchpoint).where(Touchpoint.id == touchpoint_id, *_within(actor, programme))
    found = session.scalars(statement).first()
    if found is None:
        raise NotFound
    return found

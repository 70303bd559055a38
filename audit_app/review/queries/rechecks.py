"""Visits at which a supervisor looks again. Whoever may know of a programme's visits sees them; covert ones only with
`covert.plan` at its owner or above, before and after their release alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlmodel import col

from audit_app.access.rules import Actor
from audit_app.kit.db import Session
from audit_app.kit.errors import NotFound
from audit_app.kit.paging import PageOf, after, decode_moment, page_of
from audit_app.kit.sql import all_of, columns
from audit_app.organisation.models import OrgUnit, Touchpoint
from audit_app.planning.models import Programme, Round
from audit_app.planning.queries import seen_programme
from audit_app.review.models import Recheck, Review, VisitResult
from audit_app.testers.models import Assessor
from audit_app.visits.models import Visit

PAGE = 50


@dataclass(frozen=True)
class RecheckRow:
    """One line of the queue."""

    id: str
    touchpoint: str
    unit_name: str
    manner: str
    local_date: date
    experience: int | None
    change: int | None
    low: bool
    changed: bool
    opened_at: datetime
    status: str
    released: bool


@dataclass(frozen=True)
class RechecksScreen:
    page: PageOf[RecheckRow]
    show: str  # open | done
    count: int


def rechecks(session: Session, actor: Actor, show: str, marker: str) -> RechecksScreen:
    """What waits for a second look, the oldest first; or what was decided, the newest first."""
    done = show == "done"
    which = col(Recheck.status) != "open" if done else col(Recheck.status) == "open"
    statement: Any = _of(actor, which).with_only_columns(
        col(Recheck.id), col(Touchpoint.name).label("touchpoint"), col(OrgUnit.name).label("unit_name"),
        col(Programme.manner), col(Visit.local_date), col(Recheck.experience), col(Recheck.change), col(Recheck.low),
        col(Recheck.changed), col(Recheck.opened_at), col(Recheck.status), col(Visit.outward_id).is_not(None),
    )  # fmt: skip
    order = [col(Recheck.opened_at), col(Recheck.id)]
    if marker:
        statement = statement.where(after(order, decode_moment(marker), descending=done))
    ordered = statement.order_by(*[c.desc() if done else c.asc() for c in order]).limit(PAGE + 1)
    found = page_of(session.execute(ordered).all(), PAGE, lambda r: [r.opened_at.isoformat(), r.id])
    rows = [RecheckRow(*r) for r in found.rows]
    return RechecksScreen(PageOf(rows, found.next), show, count_rechecks(session, actor))


def count_rechecks(session: Session, actor: Actor) -> int:
    """How many visits wait for the actor's second look."""
    waiting = _of(actor, col(Recheck.status) == "open")
    return int(session.execute(waiting.with_only_columns(sa.func.count())).scalar_one())


def _of(actor: Actor, which: ColumnElement[bool]) -> sa.Select[Any]:
    return (
        columns(Recheck)
        .join(Visit, col(Visit.id) == Recheck.visit_id)
        .join(Programme, col(Programme.id) == Visit.programme_id)
        .join(Touchpoint, col(Touchpoint.id) == Visit.touchpoint_id)
        .join(OrgUnit, col(OrgUnit.code) == Touchpoint.unit_code)
        .where(which, Visit.status != "void", _seen(actor))
    )


def _seen(actor: Actor) -> ColumnElement[bool]:
    return all_of(sa.true() if actor.may("review.oversee") else sa.false(), seen_programme(actor))


def recheck_of(session: Session, actor: Actor, recheck_id: str) -> tuple[Recheck, Visit, Programme]:
    """One visit to look at again; NotFound unless the actor may know of it."""
    row = session.execute(
        columns(Recheck, Visit, Programme)
        .join(Visit, col(Visit.id) == Recheck.visit_id)
        .join(Programme, col(Programme.id) == Visit.programme_id)
        .where(Recheck.id == recheck_id, _seen(actor))
    ).first()
    if row is None:
        raise NotFound
    return row[0], row[1], row[2]


def takes_part(session: Session, actor: Actor, visit: Visit) -> bool:
    """Whether the actor made or reviewed the visit."""
    reviewed = columns(Review.id).where(Review.visit_id == visit.id, Review.reviewer_id == actor.account_id)
    made = columns(Assessor.id).where(Assessor.id == visit.assessor_id, Assessor.account_id == actor.account_id)
    return session.execute(sa.select(sa.or_(reviewed.exists(), made.exists()))).scalar_one()


def release_note(session: Session, visit_id: str) -> str:
    """What the reviewer wrote when approving."""
    notes = columns(Review.release_note).where(Review.visit_id == visit_id, Review.outcome == "approved")
    return session.execute(notes).scalar() or ""


def latest_result(session: Session, visit_id: str) -> VisitResult | None:
    """The result that counts now."""
    of_visit = columns(VisitResult).where(VisitResult.visit_id == visit_id)
    return session.scalars(of_visit.order_by(col(VisitResult.number).desc()).limit(1)).first()


@dataclass(frozen=True)
class OpenRound:
    """A round in which a re-visit can take place."""

    id: str
    name: str
    ends_on: date


def open_rounds(session: Session, programme_id: str, today: date) -> Sequence[OpenRound]:
    """The programme's published rounds that have not ended, the next to end first."""
    rows = session.execute(
        columns(Round.id, Round.name, Round.ends_on)
        .where(Round.programme_id == programme_id, Round.status == "published", col(Round.ends_on) > today)
        .order_by(Round.ends_on, Round.id)
    )
    return [OpenRound(*row) for row in rows]

"""Second opinions: who gives them, what waits, and what stands on a visit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from audit_app.access.models import Account
from audit_app.access.rules import Actor
from audit_app.kit.db import Session
from audit_app.kit.errors import NotFound
from audit_app.kit.paging import PageOf, after, decode_moment, page_of
from audit_app.kit.sql import columns
from audit_app.organisation.models import OrgUnit, Touchpoint
from audit_app.review.models import Review, SecondOpinion
from audit_app.review.queries.reviews import asked_of, reaches
from audit_app.testers.models import Assessor
from audit_app.visits.models import Visit

PAGE = 50


def second_for(session: Session, visit: Visit, reached: str, asker: str) -> str | None:
    """Who gives a second opinion: a reviewer in reach who neither asks nor made the visit, the least burdened one; None
    if there is nobody."""
    own = columns(Assessor.account_id).where(Assessor.id == visit.assessor_id).scalar_subquery()
    waiting = (
        columns(sa.func.count())
        .where(SecondOpinion.second_id == Account.id, SecondOpinion.status == "open")
        .correlate(Account)
        .scalar_subquery()
    )
    return session.scalars(
        columns(Account.id)
        .where(
            col(Account.active).is_(True), Account.id != own, Account.id != asker,
            reaches(sa.literal(reached), Account.id),
        )
        .order_by(waiting, Account.id)
        .limit(1)
    ).first()  # fmt: skip


def opinion_on(session: Session, visit_id: str) -> SecondOpinion | None:
    """The open opinion on a visit, or else the latest that was asked for."""
    of_visit = columns(SecondOpinion).where(SecondOpinion.visit_id == visit_id)
    open_first = sa.case((col(SecondOpinion.status) == "open", 0), else_=1)
    latest = of_visit.order_by(open_first, col(SecondOpinion.asked_at).desc(), col(SecondOpinion.id).desc()).limit(1)
    return session.scalars(latest).first()


def is_waiting(session: Session, visit_id: str) -> bool:
    """Whether somebody has been asked about the visit and has not answered."""
    open_one = columns(SecondOpinion.id).where(SecondOpinion.visit_id == visit_id, SecondOpinion.status == "open")
    return session.execute(open_one).first() is not None


def opinion_for(session: Session, actor: Actor, opinion_id: str) -> tuple[SecondOpinion, Review, Visit]:
    """An opinion that the actor is to give; NotFound otherwise."""
    row = session.execute(
        columns(SecondOpinion, Review, Visit)
        .join(Review, col(Review.id) == SecondOpinion.review_id)
        .join(Visit, col(Visit.id) == SecondOpinion.visit_id)
        .where(SecondOpinion.id == opinion_id, asked_of(actor))
    ).first()
    if row is None:
        raise NotFound
    return row[0], row[1], row[2]


def opinion_by(session: Session, actor: Actor, opinion_id: str) -> tuple[SecondOpinion, Visit]:
    """An opinion that the actor has asked for; NotFound otherwise."""
    row = session.execute(
        columns(SecondOpinion, Visit)
        .join(Visit, col(Visit.id) == SecondOpinion.visit_id)
        .where(SecondOpinion.id == opinion_id, SecondOpinion.asked_by == actor.account_id)
    ).first()
    if row is None:
        raise NotFound
    return row[0], row[1]


def unplaced_opinions(session: Session, limit: int) -> Sequence[tuple[SecondOpinion, Visit]]:
    """Open opinions that nobody can give: without a second reviewer, or with one who no longer is one there."""
    working = (
        columns(Account.id)
        .where(
            Account.id == SecondOpinion.second_id, col(Account.active).is_(True),
            reaches(col(SecondOpinion.unit_path), Account.id),
        )
        .correlate(SecondOpinion)
        .exists()
    )  # fmt: skip
    rows = session.execute(
        columns(SecondOpinion, Visit)
        .join(Visit, col(Visit.id) == SecondOpinion.visit_id)
        .where(SecondOpinion.status == "open", ~working)
        .order_by(SecondOpinion.asked_at, SecondOpinion.id)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in rows]


@dataclass(frozen=True)
class OpinionRow:
    """What waits for the actor's second opinion."""

    id: str
    review_id: str
    kind: str
    reason: str
    change: int | None
    touchpoint: str
    unit_name: str
    asked_at: datetime


@dataclass(frozen=True)
class OpinionsScreen:
    page: PageOf[OpinionRow]


def opinions(session: Session, actor: Actor, marker: str) -> OpinionsScreen:
    """What waits for the actor, the oldest first."""
    statement: Any = _of(actor).with_only_columns(
        col(SecondOpinion.id), col(SecondOpinion.review_id), col(SecondOpinion.kind), col(SecondOpinion.reason),
        col(SecondOpinion.change), col(Touchpoint.name).label("touchpoint"), col(OrgUnit.name).label("unit_name"),
        col(SecondOpinion.asked_at),
    )  # fmt: skip
    order = [col(SecondOpinion.asked_at), col(SecondOpinion.id)]
    if marker:
        statement = statement.where(after(order, decode_moment(marker)))
    rows = session.execute(statement.order_by(*order).limit(PAGE + 1)).all()
    found = page_of(rows, PAGE, lambda r: [r.asked_at.isoformat(), r.id])
    return OpinionsScreen(PageOf([OpinionRow(*r) for r in found.rows], found.next))


def count_opinions(session: Session, actor: Actor) -> int:
    """How many second opinions wait for the actor."""
    return int(session.execute(_of(actor).with_only_columns(sa.func.count())).scalar_one())


def _of(actor: Actor) -> sa.Select[Any]:
    return (
        columns(SecondOpinion)
        .join(Review, col(Review.id) == SecondOpinion.review_id)
        .join(Visit, col(Visit.id) == SecondOpinion.visit_id)
        .join(Touchpoint, col(Touchpoint.id) == Visit.touchpoint_id)
        .join(OrgUnit, col(OrgUnit.code) == Touchpoint.unit_code)
        .where(asked_of(actor))
    )

"""Questions about own results: of the one who asks, and of the one who answers."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlmodel import col

from audit_app.access.models import Account
from audit_app.access.rules import Actor
from audit_app.kit.db import Session
from audit_app.kit.errors import NotFound
from audit_app.kit.paging import PageOf, after, decode_moment, page_of
from audit_app.kit.sql import all_of, columns
from audit_app.organisation.models import OrgUnit, RoleGrant, StaffMember, Touchpoint
from audit_app.organisation.scope import within
from audit_app.personal import rules
from audit_app.personal.models import Explanation
from audit_app.reporting.queries.sources import VisitSource
from audit_app.review.models import Review, VisitSubject
from audit_app.visits.models import Visit

PER_PAGE = 30


@dataclass(frozen=True)
class Asked:
    """A question as its asker reads it; who answers appears as a role."""

    id: str
    item_id: str
    question: str
    asked_at: datetime
    due_at: datetime
    answer: str
    answer_role: str
    answered_at: datetime | None


@dataclass(frozen=True)
class Waiting:
    """A question in the list of the one who answers."""

    id: str
    staff: str
    touchpoint: str
    on: date
    question: str
    asked_at: datetime
    due_at: datetime
    answered_at: datetime | None


@dataclass(frozen=True)
class ListScreen:
    page: PageOf[Waiting]
    show: str
    now: datetime


@dataclass(frozen=True)
class Given:
    """A question with the visit that it is about, for the one who answers."""

    id: str
    visit_id: str
    unit_path: str
    staff: str
    item_id: str
    question: str
    asked_at: datetime
    due_at: datetime
    answer: str
    answered_at: datetime | None
    asker_id: str
    outward_id: str


def asked(session: Session, actor: Actor, visit: VisitSource) -> list[Asked]:
    """The asker's own questions about a visit, oldest first."""
    e = Explanation
    statement = (
        columns(e.id, e.item_id, e.question, e.asked_at, e.due_at, e.answer, e.answer_role, e.answered_at)
        .where(e.visit_id == visit.id, e.asker_id == actor.account_id)
        .order_by(col(e.asked_at), col(e.id))
    )
    return [Asked(*row) for row in session.execute(statement)]


def mine_to_answer(actor: Actor) -> ColumnElement[bool]:
    """The condition on `Explanation` and `Visit`: given to the actor, who may still answer there, and still a
    question."""
    reach = within(col(Visit.unit_path), actor.paths("explanations.answer"))
    return all_of(Explanation.answerer_id == actor.account_id, reach, _stands())


def _stands() -> ColumnElement[bool]:
    """The condition on `Visit` that its result still counts and names somebody: what was asked of it can be read."""
    named = columns(VisitSubject.visit_id).where(
        VisitSubject.visit_id == Visit.id, col(VisitSubject.staff_id).is_not(None)
    )
    return all_of(col(Visit.status).in_(rules.SHOWN), named.correlate(Visit).exists())


def _holds(role: Any, path: Any) -> ColumnElement[bool]:
    """The condition on `Account` that it is active and holds the role at a unit path or above it."""
    return all_of(
        col(Account.active).is_(True),
        columns(RoleGrant.id)
        .join(OrgUnit, col(OrgUnit.code) == RoleGrant.unit_code)
        .where(
            RoleGrant.account_id == Account.id, RoleGrant.role == role, col(RoleGrant.revoked_at).is_(None),
            col(RoleGrant.touchpoint_id).is_(None), path.startswith(col(OrgUnit.path)),
        )
        .correlate(Account, Explanation, Visit)
        .exists(),
    )  # fmt: skip


def to_answer(session: Session, actor: Actor, show: str, now: datetime, marker: str = "") -> ListScreen:
    """What waits for the actor's answer, or what was answered, by the day it was asked."""
    e = Explanation
    statement = (
        columns(
            e.id, StaffMember.name, Touchpoint.name.label("place"), Visit.local_date, e.question, e.asked_at, e.due_at,
            e.answered_at,
        )
        .select_from(e)
        .join(Visit, col(Visit.id) == e.visit_id)
        .join(Touchpoint, col(Touchpoint.id) == Visit.touchpoint_id)
        .join(VisitSubject, col(VisitSubject.visit_id) == Visit.id)
        .join(StaffMember, col(StaffMember.id) == VisitSubject.staff_id)
        .where(mine_to_answer(actor))
    )  # fmt: skip
    done = col(e.answered_at).is_not(None)
    statement = statement.where(done if show == "answered" else ~done)
    if marker:
        statement = statement.where(after([col(e.asked_at), col(e.id)], decode_moment(marker)))
    statement = statement.order_by(col(e.asked_at), col(e.id)).limit(PER_PAGE + 1)
    rows = [Waiting(*row) for row in session.execute(statement)]
    return ListScreen(page_of(rows, PER_PAGE, lambda r: (r.asked_at.isoformat(), r.id)), show, now)


def count_waiting(session: Session, actor: Actor, now: datetime) -> tuple[int, int]:
    """How many questions wait for the actor, and how many of them are past their day."""
    late = sa.func.coalesce(sa.func.sum(sa.case((col(Explanation.due_at) <= now, 1), else_=0)), 0)
    row = session.execute(
        columns(sa.func.count(), late)
        .select_from(Explanation)
        .join(Visit, col(Visit.id) == Explanation.visit_id)
        .where(mine_to_answer(actor), col(Explanation.answered_at).is_(None))
    ).one()
    return int(row[0]), int(row[1])


def given(session: Session, actor: Actor, explanation_id: str) -> Given:
    """A question that is the actor's to answer; NotFound for anybody else's."""
    e = Explanation
    row = session.execute(
        columns(
            e.id, e.visit_id, Visit.unit_path, StaffMember.name, e.item_id, e.question, e.asked_at, e.due_at, e.answer,
            e.answered_at, e.asker_id, Visit.outward_id,
        )
        .select_from(e)
        .join(Visit, col(Visit.id) == e.visit_id)
        .join(VisitSubject, col(VisitSubject.visit_id) == Visit.id)
        .join(StaffMember, col(StaffMember.id) == VisitSubject.staff_id)
        .where(e.id == explanation_id, mine_to_answer(actor))
    ).first()  # fmt: skip
    if row is None:
        raise NotFound
    return Given(*row)


def answerer_for(session: Session, visit_id: str, asker_id: str) -> tuple[str, str] | None:
    """(account, role) of who answers a question about a visit: the supervisor nearest above its touchpoint with the
    fewest open questions, else the reviewer who approved it. None if there is nobody."""
    path = columns(Visit.unit_path).where(Visit.id == visit_id).scalar_subquery()
    open_ = (
        columns(sa.func.count())
        .where(Explanation.answerer_id == Account.id, col(Explanation.answered_at).is_(None))
        .correlate(Account)
        .scalar_subquery()
    )
    above = (
        columns(Account.id)
        .join(RoleGrant, col(RoleGrant.account_id) == Account.id)
        .join(OrgUnit, col(OrgUnit.code) == RoleGrant.unit_code)
        .where(
            RoleGrant.role == "supervisor", col(RoleGrant.revoked_at).is_(None), col(RoleGrant.touchpoint_id).is_(None),
            col(Account.active).is_(True), Account.id != asker_id, path.startswith(col(OrgUnit.path)),
        )
        .order_by(sa.func.length(col(OrgUnit.path)).desc(), open_, Account.id)
        .limit(1)
    )  # fmt: skip
    found = session.scalars(above).first()
    if found:
        return found, "supervisor"
    reviewer = session.scalars(
        columns(Review.reviewer_id)
        .join(Account, col(Account.id) == Review.reviewer_id)
        .where(Review.visit_id == visit_id, Review.outcome == "approved", _holds("reviewer", path))
        .limit(1)
    ).first()
    return (reviewer, "reviewer") if reviewer else None


def unplaced(session: Session) -> list[tuple[str, str, str]]:
    """(question, visit, asker) of what waits for nobody: no answerer, or one who can no longer sign in or has lost the
    role there."""
    holds = _holds(col(Explanation.answer_role), col(Visit.unit_path))
    able = columns(Account.id).where(Account.id == Explanation.answerer_id, holds).correlate(Explanation, Visit)
    rows = session.execute(
        columns(Explanation.id, Explanation.visit_id, Explanation.asker_id)
        .join(Visit, col(Visit.id) == Explanation.visit_id)
        .where(col(Explanation.answered_at).is_(None), _stands(), ~able.exists())
        .order_by(Explanation.asked_at)
        .limit(200)
    )
    return [(row[0], row[1], row[2]) for row in rows]

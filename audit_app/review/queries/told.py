"""Whom to tell what of visits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import col

from audit_app.kit.db import Session
from audit_app.kit.sql import all_of, any_of, columns
from audit_app.organisation.models import RoleGrant, StaffMember
from audit_app.review.models import Review, SecondOpinion, VisitSubject
from audit_app.testers.models import Assessor
from audit_app.visits.models import Visit, VisitNote

SHOWN = ("released", "final")


@dataclass(frozen=True)
class Returned:
    """A visit that waits for its assessor's answers."""

    visit_id: str
    revision: int
    account_id: str
    answer_by: datetime
    questions: int


@dataclass(frozen=True)
class Shown:
    """A released visit as those below may know it, with the account of whom it scores."""

    visit_id: str
    outward_id: str
    on: date
    day_part: str
    touchpoint_id: str
    team_id: str | None
    staff_account: str | None


def returned(session: Session, visit_ids: Sequence[str]) -> list[Returned]:
    asked = (
        columns(sa.func.count())
        .where(VisitNote.visit_id == Visit.id, VisitNote.revision == Visit.revision)
        .correlate(Visit)
        .scalar_subquery()
    )
    statement = (
        columns(Visit.id, Visit.revision, Assessor.account_id, Visit.answer_by, asked)
        .join(Assessor, col(Assessor.id) == Visit.assessor_id)
        .where(col(Visit.id).in_(list(visit_ids)), Visit.status == "returned", col(Visit.answer_by).is_not(None))
    )
    return [Returned(*row) for row in session.execute(statement)]


def shown(session: Session, visit_ids: Sequence[str]) -> list[Shown]:
    v = Visit
    statement = (
        columns(
            v.id, v.outward_id, v.local_date, v.day_part, v.touchpoint_id, VisitSubject.team_id, StaffMember.account_id
        )
        .select_from(v)
        .join(VisitSubject, col(VisitSubject.visit_id) == v.id, isouter=True)
        .join(StaffMember, col(StaffMember.id) == VisitSubject.staff_id, isouter=True)
        .where(col(v.id).in_(list(visit_ids)), col(v.status).in_(SHOWN), col(v.outward_id).is_not(None))
    )
    return [Shown(*row) for row in session.execute(statement)]


def readers_below(session: Session, visits: Sequence[Shown]) -> list[tuple[str, str, str]]:
    """(account, touchpoint or "", team or "") of the outlet managers and team leads of these visits."""
    places, teams = {v.touchpoint_id for v in visits}, {v.team_id for v in visits if v.team_id}
    g = RoleGrant
    of_place = all_of(g.role == "outlet_manager", col(g.touchpoint_id).in_(places))
    of_team = all_of(g.role == "team_lead", col(g.team_id).in_(teams))
    statement = columns(g.account_id, g.role, g.touchpoint_id, g.team_id).where(
        col(g.revoked_at).is_(None), any_of(of_place, of_team)
    )
    rows = session.execute(statement)
    return [(r.account_id, r.touchpoint_id, "") if r.role == "outlet_manager" else (r.account_id, "", r.team_id)
            for r in rows]  # fmt: skip


def waiting_reviewers(session: Session, visit_ids: Sequence[str]) -> list[str]:
    """The reviewers before whom these visits lie open."""
    statement = (
        columns(Review.reviewer_id)
        .where(
            col(Review.visit_id).in_(list(visit_ids)),
            col(Review.closed_at).is_(None),
            col(Review.reviewer_id).is_not(None),
        )
        .distinct()
    )
    return list(session.scalars(statement))


@dataclass(frozen=True)
class Own:
    """A visit with its assessor's account and the files that have not come."""

    visit_id: str
    revision: int
    account_id: str
    missing: int


def assessors_of(session: Session, visit_ids: Sequence[str], status: str) -> list[Own]:
    """The assessors of those visits that have the status."""
    statement = (
        columns(Visit.id, Visit.revision, Assessor.account_id, Visit.missing)
        .join(Assessor, col(Assessor.id) == Visit.assessor_id)
        .where(col(Visit.id).in_(list(visit_ids)), Visit.status == status)
    )
    return [Own(*row) for row in session.execute(statement)]


def returners(session: Session, visit_ids: Sequence[str], now: datetime) -> list[tuple[str, str, datetime]]:
    """(review, reviewer, deadline) of visits that still wait for an answer whose deadline has passed."""
    statement = (
        columns(Review.id, Review.reviewer_id, Visit.answer_by)
        .join(Visit, col(Visit.id) == Review.visit_id)
        .where(
            col(Visit.id).in_(list(visit_ids)), Visit.status == "returned", col(Review.revision) == Visit.revision,
            col(Review.reviewer_id).is_not(None), col(Visit.answer_by) <= now,
        )
    )  # fmt: skip
    return [(row[0], row[1], row[2]) for row in session.execute(statement)]


def opinions_on(session: Session, visit_ids: Sequence[str], status: str) -> list[SecondOpinion]:
    """The second opinions on these visits that have the status."""
    wanted = all_of(col(SecondOpinion.visit_id).in_(list(visit_ids)), SecondOpinion.status == status)
    return list(session.scalars(columns(SecondOpinion).where(wanted)))

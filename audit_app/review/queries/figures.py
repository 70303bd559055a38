"""How reviewers review, for their supervisors. No assessor is named, and nothing is ranked."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlmodel import col

from audit_app.access.models import Account
from audit_app.access.rules import Actor
from audit_app.kit.db import Session
from audit_app.kit.sql import any_of, columns
from audit_app.organisation.models import OrgUnit, RoleGrant
from audit_app.organisation.scope import within
from audit_app.planning.models import Programme
from audit_app.planning.queries import seen_programme
from audit_app.review import rules
from audit_app.review.models import Review, SecondOpinion
from audit_app.visits.models import Visit

PERIODS = (30, 90, 365)


@dataclass(frozen=True)
class ReviewerRow:
    """One reviewer and their figures."""

    name: str
    unit_name: str
    open: int
    figures: rules.Figures


@dataclass(frozen=True)
class ReviewersScreen:
    """The reviewers of the asker's area by name; of the last `days` days."""

    rows: list[ReviewerRow]
    days: int


def reviewers(session: Session, actor: Actor, days: int, now: datetime) -> ReviewersScreen:
    """The figures count only visits that the asker may know of: covert ones before their release only for those who
    plan them."""
    since = now - timedelta(days=days)
    people = _people(session, actor)
    decided: dict[str, list[rules.Decided]] = {}
    for one in _decided(session, actor, list(people), since):
        decided.setdefault(one.reviewer_id, []).append(one)
    answered, waiting = _answered(session, actor, list(people), since), _waiting(session, actor, list(people))
    rows = [
        ReviewerRow(
            name, unit, waiting.get(key, 0), rules.figures(decided.get(key, []), *answered.get(key, (0, 0)))
        )
        for key, (name, unit) in people.items()
    ]  # fmt: skip
    return ReviewersScreen(rows, days)


def _people(session: Session, actor: Actor) -> dict[str, tuple[str, str]]:
    """Account → (name, unit) of the reviewers whose role lies in the actor's area, in the order of their names."""
    rows = session.execute(
        columns(Account.id, Account.display_name, OrgUnit.name)
        .join(RoleGrant, col(RoleGrant.account_id) == Account.id)
        .join(OrgUnit, col(OrgUnit.code) == RoleGrant.unit_code)
        .where(
            RoleGrant.role == "reviewer", col(RoleGrant.revoked_at).is_(None),
            within(col(OrgUnit.path), actor.paths("review.oversee")),
        )
        .order_by(Account.display_name, Account.id)
    )  # fmt: skip
    return {row[0]: (row[1], row[2]) for row in rows}


def _known(actor: Actor) -> ColumnElement[bool]:
    return any_of(seen_programme(actor), col(Visit.status).in_(("released", "final")))


def _decided(session: Session, actor: Actor, keys: list[str], since: datetime) -> list[rules.Decided]:
    voided = (
        columns(SecondOpinion.id)
        .where(SecondOpinion.review_id == Review.id, SecondOpinion.kind == "void", SecondOpinion.status == "confirmed")
        .correlate(Review)
        .exists()
    )
    rows = session.execute(
        columns(
            Review.reviewer_id, Review.opened_at, Review.closed_at, col(Review.deadline).is_not(None), Review.outcome,
            voided, Review.change,
        )
        .join(Visit, col(Visit.id) == Review.visit_id)
        .join(Programme, col(Programme.id) == Visit.programme_id)
        .where(col(Review.reviewer_id).in_(keys), col(Review.closed_at) > since, _known(actor))
    )  # fmt: skip
    return [
        rules.Decided(r[0], (r[2] - r[1]).total_seconds() / 3600, bool(r[3]), r[4] == "approved", bool(r[5]), r[6])
        for r in rows
    ]


def _answered(session: Session, actor: Actor, keys: list[str], since: datetime) -> dict[str, tuple[int, int]]:
    """(confirmed, answered) second opinions by who asked for them."""
    yes = sa.case((col(SecondOpinion.status) == "confirmed", sa.literal(1)))
    rows = session.execute(
        columns(SecondOpinion.asked_by, sa.func.count(yes), sa.func.count())
        .join(Visit, col(Visit.id) == SecondOpinion.visit_id)
        .join(Programme, col(Programme.id) == Visit.programme_id)
        .where(
            col(SecondOpinion.asked_by).in_(keys), col(SecondOpinion.status).in_(("confirmed", "refused")),
            col(SecondOpinion.answered_at) > since, _known(actor),
        )
        .group_by(SecondOpinion.asked_by)
    )  # fmt: skip
    return {row[0]: (row[1], row[2]) for row in rows}


def _waiting(session: Session, actor: Actor, keys: list[str]) -> dict[str, int]:
    rows = session.execute(
        columns(Review.reviewer_id, sa.func.count())
        .join(Visit, col(Visit.id) == Review.visit_id)
        .join(Programme, col(Programme.id) == Visit.programme_id)
        .where(col(Review.reviewer_id).in_(keys), col(Review.closed_at).is_(None), _known(actor))
        .group_by(Review.reviewer_id)
    )
    return {row[0]: row[1] for row in rows}

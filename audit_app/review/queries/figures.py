"""How reviewers review, for their supervisors. No assessor is named, and nothing is ranked."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlmodel import col

from audit_app.access.models import Account
from audit_app.access.rules import Actor
from audit_app.kit.db import Session
from audit_app.kit.sql import all_of, any_of, columns
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

    median_of = rules.MEDIAN_OF


def reviewers(session: Session, actor: Actor, days: int, now: datetime) -> ReviewersScreen:
    """The figures count only visits that the asker may know of: covert ones before their release only for those who
    plan them, voided ones once they might have been released."""
    since = now - timedelta(days=days)
    people = _people(session, actor)
    known = all_of(col(Review.reviewer_id).in_(list(people)), _known(actor, now))
    decided, waiting = _decided(session, known, since), _waiting(session, known)
    answered = _answered(session, all_of(col(SecondOpinion.asked_by).in_(list(people)), _known(actor, now)), since)
    rows = [
        ReviewerRow(
            name, unit, waiting.get(key, 0),
            rules.figures(decided.get(key, rules.Decided()), *answered.get(key, (0, 0))),
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


def _known(actor: Actor, now: datetime) -> ColumnElement[bool]:
    """The visits that the asker may know of. Needs `Programme` and `Visit`."""
    over = all_of(Visit.status == "void", col(Visit.status_at) < now - rules.SECRET_DAYS)
    return any_of(seen_programme(actor), col(Visit.outward_id).is_not(None), over)


def _reviews(wanted: ColumnElement[bool], *what: Any) -> sa.Select[Any]:
    return (
        columns(*what)
        .select_from(Review)
        .join(Visit, col(Visit.id) == Review.visit_id)
        .join(Programme, col(Programme.id) == Visit.programme_id)
        .where(wanted)
    )


def _decided(session: Session, known: ColumnElement[bool], since: datetime) -> dict[str, rules.Decided]:
    """What each reviewer decided, counted by the database; only the hours of the last come one by one."""
    wanted = all_of(known, col(Review.closed_at) > since)
    hours: dict[str, list[float]] = {}
    for row in session.execute(_lately(wanted)):
        hours.setdefault(row.reviewer_id, []).append((row.closed_at - row.opened_at).total_seconds() / 3600)
    voided = (
        columns(SecondOpinion.id)
        .where(SecondOpinion.review_id == Review.id, SecondOpinion.kind == "void", SecondOpinion.status == "confirmed")
        .correlate(Review)
        .exists()
    )
    one = sa.literal(1)
    change = sa.case((col(Review.outcome) == "approved", col(Review.change)))
    rows = session.execute(
        _reviews(
            wanted, col(Review.reviewer_id), sa.func.count(),
            sa.func.count(sa.case((col(Review.deadline).is_not(None), one))), sa.func.count(sa.case((voided, one))),
            sa.func.count(change), sa.func.coalesce(sa.func.sum(sa.func.abs(change)), 0),
        ).group_by(col(Review.reviewer_id))
    )  # fmt: skip
    return {
        key: rules.Decided(count, returned, void, changes, moved, hours.get(key, ()))
        for key, count, returned, void, changes, moved in rows
    }


def _lately(wanted: ColumnElement[bool]) -> sa.Select[Any]:
    """When the last decided reviews of each reviewer were opened and closed."""
    closed = col(Review.closed_at)
    place = sa.func.row_number().over(partition_by=col(Review.reviewer_id), order_by=(closed.desc(), col(Review.id)))
    found = _reviews(wanted, col(Review.reviewer_id), col(Review.opened_at), closed, place.label("place")).subquery()
    return columns(found.c.reviewer_id, found.c.opened_at, found.c.closed_at).where(found.c.place <= rules.MEDIAN_OF)


def _answered(session: Session, known: ColumnElement[bool], since: datetime) -> dict[str, tuple[int, int]]:
    """(confirmed, answered) second opinions by who asked for them."""
    yes = sa.case((col(SecondOpinion.status) == "confirmed", sa.literal(1)))
    rows = session.execute(
        columns(SecondOpinion.asked_by, sa.func.count(yes), sa.func.count())
        .join(Visit, col(Visit.id) == SecondOpinion.visit_id)
        .join(Programme, col(Programme.id) == Visit.programme_id)
        .where(
            known, col(SecondOpinion.status).in_(("confirmed", "refused")), col(SecondOpinion.answered_at) > since
        )
        .group_by(SecondOpinion.asked_by)
    )  # fmt: skip
    return {row[0]: (row[1], row[2]) for row in rows}


def _waiting(session: Session, known: ColumnElement[bool]) -> dict[str, int]:
    open_ones = all_of(known, col(Review.closed_at).is_(None))
    rows = session.execute(
        _reviews(open_ones, col(Review.reviewer_id), sa.func.count()).group_by(col(Review.reviewer_id))
    )
    return {row[0]: row[1] for row in rows}

"""How often appeals change a score: by item, by reviewer, and by assessor's code for planners of covert work."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlmodel import col

from audit_app.access.models import Account
from audit_app.access.rules import Actor
from audit_app.appeals.models import Appeal, Hearing
from audit_app.appeals.queries.contested import numbered
from audit_app.kit.db import Session
from audit_app.kit.sql import all_of, any_of, columns
from audit_app.organisation.scope import within
from audit_app.planning.models import Programme
from audit_app.review.models import Review
from audit_app.standards.document import Text
from audit_app.testers.models import Assessor
from audit_app.visits.models import Visit

PERIOD = timedelta(days=365)
MOST = 30


@dataclass(frozen=True, slots=True)
class Rate:
    """So many appeals decided, of which so many changed the score wholly or in part."""

    name: str
    text: Text | None
    decided: int
    upheld: int
    partly: int

    @property
    def percent(self) -> int:
        return round(100 * (self.upheld + self.partly) / self.decided)


@dataclass(frozen=True, slots=True)
class RatesScreen:
    """`assessors` and `reviewers` are None for whoever may not see them."""

    items: list[Rate]
    assessors: list[Rate] | None
    reviewers: list[Rate] | None
    open: int
    late: int


def rates(session: Session, actor: Actor, now: datetime) -> RatesScreen:
    """The last twelve months in the actor's subtrees. Covert visits count for holders of their planning and, once
    decided, by item for everybody above the place: they are released. The voiding of one that never was is told to
    holders of its planning alone."""
    seen = all_of(within(col(Appeal.unit_path), actor.paths("appeals.statistics")), _known(actor))
    ended = col(Appeal.outcome).in_(("upheld", "partly", "rejected"))
    recent = all_of(seen, col(Appeal.filed_at) > now - PERIOD, ended)
    province = any(path.count("/") == 1 for path in actor.paths("appeals.statistics"))
    planner = actor.paths("covert.plan")
    waiting = all_of(seen, col(Appeal.closed_at).is_(None))
    return RatesScreen(
        _items(session, recent), _assessors(session, recent, planner) if planner else None,
        _reviewers(session, recent) if province else None, _count(session, waiting),
        _count(session, all_of(waiting, _late(now))),
    )  # fmt: skip


def _known(actor: Actor) -> ColumnElement[bool]:
    """The condition on `Appeal` that the actor may know that there was such a visit."""
    shown = any_of(
        col(Visit.outward_id).is_not(None), Programme.manner != "covert",
        within(col(Programme.unit_path), actor.paths("covert.plan")),
    )  # fmt: skip
    visit = (
        columns(Visit.id)
        .join(Programme, col(Programme.id) == Visit.programme_id)
        .where(Visit.id == Appeal.visit_id, shown)
        .correlate(Appeal)
    )
    return any_of(Appeal.kind != "void", visit.exists())


def _late(now: datetime) -> ColumnElement[bool]:
    late = columns(Hearing.id).where(
        Hearing.appeal_id == Appeal.id, Hearing.status == "open", col(Hearing.decide_by) <= now
    )
    return late.correlate(Appeal).exists()


def _count(session: Session, condition: ColumnElement[bool]) -> int:
    return session.execute(columns(sa.func.count()).select_from(Appeal).where(condition)).scalar_one()


def _figures() -> tuple[Any, Any, Any]:
    def ended(outcome: str) -> Any:
        return sa.func.sum(sa.case((Appeal.outcome == outcome, 1), else_=0))

    return sa.func.count().label("decided"), ended("upheld").label("upheld"), ended("partly").label("partly")


def _items(session: Session, recent: ColumnElement[bool]) -> list[Rate]:
    decided, upheld, partly = _figures()
    rows = session.execute(
        columns(Appeal.item_id, Visit.checklist_version_id, decided, upheld, partly)
        .join(Visit, col(Visit.id) == Appeal.visit_id)
        .where(recent, Appeal.kind == "item")
        .group_by(Appeal.item_id, Visit.checklist_version_id)
        .order_by((upheld + partly).desc(), decided.desc(), Appeal.item_id)
        .limit(MOST)
    )
    found = []
    for row in rows.all():
        item = numbered(session, row.checklist_version_id).get(row.item_id)
        found.append(
            Rate(item.number if item else row.item_id, item.item.text if item else None, row[2], row[3], row[4])
        )
    return found


def _assessors(session: Session, recent: ColumnElement[bool], paths: tuple[str, ...]) -> list[Rate]:
    """Assessors by code, of programmes that the actor may plan."""
    decided, upheld, partly = _figures()
    rows = session.execute(
        columns(Assessor.code, decided, upheld, partly)
        .select_from(Appeal)
        .join(Visit, col(Visit.id) == Appeal.visit_id)
        .join(Programme, col(Programme.id) == Visit.programme_id)
        .join(Assessor, col(Assessor.id) == Visit.assessor_id)
        .where(recent, within(col(Programme.unit_path), paths))
        .group_by(Assessor.code)
        .order_by((upheld + partly).desc(), decided.desc(), Assessor.code)
        .limit(MOST)
    )
    return [Rate(row[0], None, *row[1:]) for row in rows]


def _reviewers(session: Session, recent: ColumnElement[bool]) -> list[Rate]:
    """Reviewers by name, each for the visits that they approved."""
    decided, upheld, partly = _figures()
    rows = session.execute(
        columns(Account.display_name, decided, upheld, partly)
        .select_from(Appeal)
        .join(Review, all_of(col(Review.visit_id) == Appeal.visit_id, Review.outcome == "approved"))
        .join(Account, col(Account.id) == Review.reviewer_id)
        .where(recent)
        .group_by(Account.id, Account.display_name)
        .order_by((upheld + partly).desc(), decided.desc(), Account.id)
        .limit(MOST)
    )
    return [Rate(row[0], None, *row[1:]) for row in rows]

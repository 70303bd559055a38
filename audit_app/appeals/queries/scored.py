"""What an assessor learns of appeals against own visits: the item and the outcome, never who."""

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import col

from audit_app.access.rules import Actor
from audit_app.appeals import rules
from audit_app.appeals.models import Appeal, Hearing
from audit_app.appeals.queries.contested import numbered
from audit_app.kit.db import Session
from audit_app.kit.sql import all_of, columns
from audit_app.standards.document import Text
from audit_app.testers.models import Assessor
from audit_app.visits.models import Visit

MOST = 50


@dataclass(frozen=True, slots=True)
class ScoredRow:
    """An appeal against an own visit: `status` of the last round, the panel's reason once it is decided."""

    on: date
    kind: str
    item_id: str
    number: str
    text: Text | None
    status: str
    before: str
    after: str
    reason: str
    own: bool  # the assessor's own appeal, against a voiding


@dataclass(frozen=True, slots=True)
class VoidRow:
    """An own visit that was voided and may still be contested."""

    visit_id: str
    on: date
    until: date


@dataclass(frozen=True, slots=True)
class ScoredScreen:
    rows: list[ScoredRow]
    voids: list[VoidRow]


def scored(session: Session, actor: Actor, now: datetime) -> ScoredScreen:
    """The last appeals against visits that the actor made, and voided ones that can be contested."""
    a, h, v = Appeal, Hearing, Visit
    found = session.execute(
        columns(
            v.local_date, a.kind, a.item_id, v.checklist_version_id, h.status, h.before, h.after, h.reason, a.filed_by
        )
        .select_from(a)
        .join(v, col(v.id) == a.visit_id)
        .join(Assessor, col(Assessor.id) == v.assessor_id)
        .join(h, all_of(col(h.appeal_id) == a.id, col(h.number) == a.round))
        .where(Assessor.account_id == actor.account_id)
        .order_by(a.filed_at.desc(), a.id)
        .limit(MOST)
    ).all()
    return ScoredScreen([_row(session, actor, row) for row in found], _voids(session, actor, now))


def _row(session: Session, actor: Actor, row: sa.Row[tuple[object, ...]]) -> ScoredRow:
    item = numbered(session, row.checklist_version_id).get(row.item_id) if row.item_id else None
    return ScoredRow(
        row.local_date, row.kind, row.item_id, item.number if item else "", item.item.text if item else None,
        row.status, row.before, row.after, row.reason, row.filed_by == actor.account_id,
    )  # fmt: skip


def _voids(session: Session, actor: Actor, now: datetime) -> list[VoidRow]:
    appealed = columns(Appeal.id).where(
        Appeal.visit_id == Visit.id, Appeal.kind == "void", Appeal.outcome != "withdrawn"
    )
    rows = session.execute(
        columns(Visit.id, Visit.local_date, Visit.status_at)
        .join(Assessor, col(Assessor.id) == Visit.assessor_id)
        .where(
            Assessor.account_id == actor.account_id, Visit.status == "void", ~appealed.correlate(Visit).exists(),
        )
        .order_by(Visit.status_at.desc())
        .limit(MOST)
    ).all()  # fmt: skip
    return [
        VoidRow(row.id, row.local_date, rules.last_day(rules.window_end(row.status_at)))
        for row in rows
        if now < rules.window_end(row.status_at)
    ]

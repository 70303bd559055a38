"""What the judgement over many visits at once reads: a fixed number of statements however many they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from audit_app.access.rules import Actor
from audit_app.kit.db import Session
from audit_app.kit.sql import columns
from audit_app.organisation.models import OrgUnit, Touchpoint
from audit_app.review.models import Review, SecondOpinion
from audit_app.review.queries.reviews import mine
from audit_app.visits.models import Evidence, ReviewOverlay, Visit, VisitFlag, VisitRevision


@dataclass(frozen=True)
class Material:
    """One waiting visit with everything that its judgement needs."""

    review_id: str
    visit_id: str
    version_id: str
    touchpoint: str
    unit_name: str
    started_at: datetime
    opened_at: datetime
    body: bytes
    layers: list[tuple[str, dict[str, Any]]]
    flags: int
    here: frozenset[str]  # hashes of files that came


def waiting_material(session: Session, actor: Actor, limit: int, review_id: str = "") -> list[Material]:
    """The actor's open reviews that no flag speaks against, the oldest first; only one of them, flags or not, if it is
    named."""
    rows = session.execute(_rows(actor, limit, review_id)).all()
    keys = [row.visit_id for row in rows]
    layers = _grouped(session, keys, ReviewOverlay.visit_id, ReviewOverlay.revision, ReviewOverlay.item_id,
                      ReviewOverlay.new, order=(ReviewOverlay.created_at, ReviewOverlay.id))  # fmt: skip
    files = _grouped(session, keys, Evidence.visit_id, Evidence.sha256, Evidence.stored_at)
    return [
        Material(
            row.id, row.visit_id, row.checklist_version_id, row.touchpoint, row.unit_name, row.started_at,
            row.opened_at, row.body, [(r[2], r[3]) for r in layers.get(row.visit_id, []) if r[1] == row.revision],
            row.flags, frozenset(r[1] for r in files.get(row.visit_id, []) if r[2] is not None),
        )
        for row in rows
    ]  # fmt: skip


def _rows(actor: Actor, limit: int, review_id: str) -> sa.Select[Any]:
    flags = columns(sa.func.count()).where(VisitFlag.visit_id == Visit.id).correlate(Visit).scalar_subquery()
    asked = columns(SecondOpinion.id).where(SecondOpinion.visit_id == Visit.id, SecondOpinion.status == "open").exists()
    statement = (
        columns(
            Review.id, Review.visit_id, Review.revision, Review.opened_at, Visit.checklist_version_id,
            Visit.started_at, Touchpoint.name.label("touchpoint"), OrgUnit.name.label("unit_name"),
            VisitRevision.body, flags.label("flags"),
        )
        .join(Visit, col(Visit.id) == Review.visit_id)
        .join(Touchpoint, col(Touchpoint.id) == Visit.touchpoint_id)
        .join(OrgUnit, col(OrgUnit.code) == Touchpoint.unit_code)
        .join(VisitRevision, sa.and_(col(VisitRevision.visit_id) == Visit.id,
                                     col(VisitRevision.revision) == Review.revision))
        .where(mine(actor), col(Review.closed_at).is_(None), Visit.status == "in_review", ~asked)
        .order_by(Review.opened_at, Review.id)
        .limit(limit)
    )  # fmt: skip
    return statement.where(Review.id == review_id) if review_id else statement.where(flags == 0)


def _grouped(session: Session, keys: Sequence[str], visit: Any, *wanted: Any, order: Any = ()) -> dict[str, list[Any]]:
    """Rows of many visits by visit."""
    found: dict[str, list[Any]] = {}
    if keys:
        for row in session.execute(columns(visit, *wanted).where(col(visit).in_(keys)).order_by(*order)):
            found.setdefault(row[0], []).append(row)
    return found

"""What a revision says, and what the reviewer laid on top of it."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import col

from audit_app.kit.db import Session
from audit_app.kit.sql import columns
from audit_app.review.models import VisitResult
from audit_app.scoring.answers import Answer
from audit_app.visits.models import ReviewOverlay, Visit, VisitNote, VisitRevision
from audit_app.visits.rules import VisitBody, answers_of, read_revision, with_overlays


@dataclass(frozen=True)
class Spoken:
    """What the assessor wrote of the person who served them."""

    badge: str = ""
    desk: str = ""
    description: str = ""
    agent_no: str = ""
    transfers: int = 0


def latest(result: Any = VisitResult) -> ColumnElement[bool]:
    """The condition that a result is the last one of its visit."""
    other = aliased(VisitResult)
    newest = columns(sa.func.max(other.number)).where(col(other.visit_id) == result.visit_id).scalar_subquery()
    return col(result.number) == newest


def body_of(session: Session, visit: Visit, revision: int | None = None) -> VisitBody:
    """A revision as it was sent; the present one if none is named."""
    wanted = visit.revision if revision is None else revision
    return read_revision(session.get_one(VisitRevision, (visit.id, wanted)).body)


def overlays_of(session: Session, visit_id: str, revision: int) -> list[ReviewOverlay]:
    """The changes laid on a revision, oldest first."""
    return list(
        session.scalars(
            columns(ReviewOverlay)
            .where(ReviewOverlay.visit_id == visit_id, ReviewOverlay.revision == revision)
            .order_by(col(ReviewOverlay.created_at), col(ReviewOverlay.id))
        )
    )


def effective_answers(session: Session, visit: Visit) -> dict[str, Answer]:
    """The answers of the present revision with the overlays on top."""
    layers = [(o.item_id, o.new) for o in overlays_of(session, visit.id, visit.revision)]
    return with_overlays(answers_of(body_of(session, visit)), layers)


def notes_of(session: Session, visit_id: str, revision: int) -> dict[str, str]:
    """The questions noted on a revision, by item."""
    rows = session.scalars(columns(VisitNote).where(VisitNote.visit_id == visit_id, VisitNote.revision == revision))
    return {row.item_id: row.note for row in rows}


def spoken(session: Session, visit: Visit) -> Spoken:
    """What the present revision says of the person."""
    body = body_of(session, visit)
    subject, call = body.subject, body.call
    return Spoken(
        badge=(subject and subject.badge) or "",
        desk=(subject and subject.desk) or "",
        description=(subject and subject.description) or "",
        agent_no=(subject and subject.agent_no) or "",
        transfers=(call and call.transfers) or 0,
    )

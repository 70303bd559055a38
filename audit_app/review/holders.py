"""Who has a review: taking one that nobody has, and giving one to another."""

from datetime import datetime

from sqlmodel import col, update

from audit_app.access.rules import Actor
from audit_app.kit.db import Session
from audit_app.kit.errors import Conflict
from audit_app.review import operations, queries
from audit_app.review.models import Review
from audit_app.review.recording import recorded


def take(session: Session, actor: Actor, review_id: str, now: datetime) -> None:
    """The actor takes a review that nobody has; Conflict if somebody was faster."""
    visit = queries.takeable(session, actor, review_id)
    taken = session.scalars(
        update(Review)
        .where(col(Review.id) == review_id, col(Review.reviewer_id).is_(None), col(Review.closed_at).is_(None))
        .values(reviewer_id=actor.account_id, claimed_at=now)
        .returning(col(Review.id))
    ).all()
    if len(taken) != 1:
        raise Conflict(code="state-changed")
    recorded(session, "review.taken", actor, visit, now, review=review_id)


def put_back(session: Session, actor: Actor, review_id: str, now: datetime) -> None:
    """The actor gives an open review to another reviewer. Conflict if there is none: left open it would come back."""
    review, visit = operations.at_work(session, actor, review_id)
    other = queries.reviewer_for(session, visit, now, but=actor.account_id)
    if other is None:
        raise Conflict("Nobody else can review this visit.", code="nobody-else")
    review.reviewer_id, review.claimed_at = other, now
    session.add(review)
    session.flush()
    recorded(session, "review.put_back", actor, visit, now, review=review_id)

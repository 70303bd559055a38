"""A void that a panel found wrong: the visit goes on where it stood, or, where the place was visited again for the same
job, is accepted for pay only."""

from datetime import datetime, timedelta

from sqlmodel import col, update

from audit_app.kit.db import Session
from audit_app.kit.errors import Conflict
from audit_app.review import operations, queries
from audit_app.review.models import Review
from audit_app.visits import voids
from audit_app.visits.models import Visit


def lift_void(session: Session, visit_id: str, by: str | None, now: datetime) -> str:
    """What became of it: `lifted`, or `pay` where another visit of the same job counts already. The caller holds the
    visit's row."""
    visit = session.get_one(Visit, visit_id, populate_existing=True)
    back = voids.lift(session, visit, by, now)
    if back is None:
        return "pay"
    session.refresh(visit)
    if back in ("receiving", "submitted"):
        _hear_anew(session, visit, now)
    before = queries.last_scored_at(session, visit_id)
    if before is not None:
        # A result is replayed with the layers up to its own instant, so that no two may share one.
        at = max(now, before + timedelta(microseconds=1))
        operations.store_result(session, visit, "appeal", by, at)
    return "lifted"


def _hear_anew(session: Session, visit: Visit, now: datetime) -> None:
    """The review that the void ended is open again, with somebody else if there is anybody."""
    review = queries.ended_by_void(session, visit)
    if review is not None:
        other = queries.reviewer_for(session, visit, now, but=review.reviewer_id or "")
        given = {"reviewer_id": other, "claimed_at": now if other else None}
        opened = session.scalars(
            update(Review)
            .where(col(Review.id) == review.id, col(Review.outcome) == "void")
            .values(closed_at=None, outcome="", opened_at=now, **given)
            .returning(col(Review.id))
        ).all()
        if len(opened) != 1:
            raise Conflict(code="state-changed")
    operations.open_review(session, visit.id, now)

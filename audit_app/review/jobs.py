"""Work of the review: opening what came in, releasing what is due."""

from collections.abc import Sequence
from datetime import datetime

from audit_app.jobs.registry import Event, JobContext, reaction, schedule
from audit_app.review import operations


@reaction("review.open")
def open_reviews(ctx: JobContext, events: Sequence[Event]) -> None:
    """A submitted visit goes into a reviewer's queue."""
    for event in events:
        ctx.db.write_now(operations.open_review, event.subject_id, ctx.now())


@schedule("review.release_due", "0 9 * * *")
def release_due(ctx: JobContext, due: datetime) -> None:
    """09:00: results of covert visits become visible below."""
    ctx.db.write_now(operations.release_due, ctx.now())


@schedule("review.assign_waiting", "*/10 * * * *")
def assign_waiting(ctx: JobContext, due: datetime) -> None:
    """A review that found no reviewer is offered again."""
    ctx.db.write_now(operations.assign_waiting, ctx.now())

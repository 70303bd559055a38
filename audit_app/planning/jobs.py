"""Work of planning by the clock, and what assessors are told."""

from collections.abc import Sequence
from datetime import datetime

from audit_app.jobs.registry import Event, JobContext, reaction, schedule
from audit_app.notices.rules import worth_telling
from audit_app.planning import operations, telling


@reaction("planning.tell")
def tell(ctx: JobContext, events: Sequence[Event]) -> None:
    """An assessor hears of a job that is offered, or that was offered and is taken back."""
    now = ctx.now()
    fresh = [event.subject_id for event in events if worth_telling(event.at, now)]
    if fresh:
        ctx.db.write_now(telling.tell_assessors, fresh, now)


@reaction("planning.follow_merger")
def follow_merger(ctx: JobContext, events: Sequence[Event]) -> None:
    """Two entries of a touchpoint were merged: open jobs pass to the one that was kept."""
    for event in events:
        ctx.db.write_now(operations.follow_merger, event.subject_id, ctx.now())


@schedule("planning.expire_offers", "*/15 * * * *")
def expire_offers(ctx: JobContext, due: datetime) -> None:
    """Offers that nobody answered and windows that have passed come to an end."""
    while ctx.db.write_now(operations.expire_offers, ctx.now()) >= 500:
        continue

"""Work of appeals: terms that end, seats to fill, visits that become final, files to clean."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from audit_app.appeals import operations, terms
from audit_app.appeals.queries import cases, deadlines
from audit_app.jobs.registry import Event, JobContext, job, reaction, schedule
from audit_app.kit.db import Session
from audit_app.visits.decoding import child
from audit_app.visits.media import NotShown

FORGOTTEN = timedelta(minutes=10)
BATCH = 200


@schedule("appeals.terms", "*/10 * * * *")
def end_terms(ctx: JobContext, due: datetime) -> None:
    """First decisions that stand, late panels."""
    while ctx.db.write_now(terms.close_unasked, ctx.now()) == deadlines.BATCH:
        pass
    while ctx.db.write_now(terms.press_late, ctx.now()) == deadlines.BATCH:
        pass


@schedule("appeals.final", "*/10 * * * *")
def finalise_all(ctx: JobContext, due: datetime) -> None:
    """Every visit whose window has passed, a batch a transaction. No trouble with other appeals holds this up."""
    after = None
    while batch := ctx.db.read_now(deadlines.perhaps_final, ctx.now(), after):
        ctx.db.write_now(terms.finalise, [(row[0], row[1]) for row in batch], ctx.now())
        after = (batch[-1][1], batch[-1][0])


@schedule("appeals.seats", "*/10 * * * *")
def fill_seats(ctx: JobContext, due: datetime) -> None:
    """A panel that lacks a member is completed as soon as somebody fits."""
    ctx.db.write_now(terms.fill_seats, ctx.now())


@reaction("appeals.moot")
def drop_moot(ctx: JobContext, events: Sequence[Event]) -> None:
    """A voided visit has nothing left to contest but the voiding."""
    for event in events:
        ctx.db.write_now(_drop, event.subject_id, ctx.now())


def _drop(session: Session, visit_id: str, now: datetime) -> int:
    return operations.drop_moot(session, deadlines.moot(session, visit_id), now)


@job("appeals.views")
def views(ctx: JobContext, appeal_id: str) -> None:
    """The appellant's photos and recordings, made fit to be shown the way evidence is."""
    files = ctx.db.read_now(cases.to_view, appeal_id)
    if not files:
        return
    with child() as show:
        for one in files:
            try:
                data, media_type = show(ctx.blobs.get(one.blob), one.media_type)
            except NotShown as fault:
                ctx.db.write_now(operations.set_view, one.id, None, None, fault.code)
                continue
            blob = ctx.blobs.put(data)
            ctx.db.write_now(operations.set_view, one.id, blob, media_type, "")


@schedule("appeals.missing_views", "*/10 * * * *")
def missing_views(ctx: JobContext, due: datetime) -> None:
    """What a worker left undone when it went down is begun again."""
    for appeal_id in ctx.db.read_now(cases.without_views, ctx.now() - FORGOTTEN, BATCH):
        ctx.queue.enqueue("appeals.views", appeal_id, f"appeal-views:{appeal_id}:{due.isoformat()}")

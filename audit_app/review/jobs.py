"""Work of the review: opening what came in, releasing what is due."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from audit_app.jobs.registry import Event, JobContext, reaction, schedule
from audit_app.kit.db import Session
from audit_app.notices.rules import worth_telling
from audit_app.review import affairs, operations, opinions, telling
from audit_app.visits import queries as visits

PASSED_OVER = timedelta(minutes=10)
BATCH = 200

Telling = Callable[[Session, Sequence[str], datetime], None]


@reaction("review.open")
def open_reviews(ctx: JobContext, events: Sequence[Event]) -> None:
    """A submitted visit goes into a reviewer's queue."""
    for event in events:
        ctx.db.write_now(operations.open_review, event.subject_id, ctx.now())


@reaction("review.tell_returned")
def tell_returned(ctx: JobContext, events: Sequence[Event]) -> None:
    """An assessor hears of questions."""
    _tell(ctx, events, telling.tell_returned)


@reaction("review.tell_waiting")
def tell_waiting(ctx: JobContext, events: Sequence[Event]) -> None:
    """A reviewer hears of work."""
    _tell(ctx, events, telling.tell_waiting)


@reaction("review.tell_shown")
def tell_shown(ctx: JobContext, events: Sequence[Event]) -> None:
    """An outlet, a team and the person scored hear of a result."""
    _tell(ctx, events, telling.tell_shown)


@reaction("review.tell_files")
def tell_files(ctx: JobContext, events: Sequence[Event]) -> None:
    """An assessor is asked for files."""
    _tell(ctx, events, telling.tell_files)


@reaction("review.tell_voided")
def tell_voided(ctx: JobContext, events: Sequence[Event]) -> None:
    """An assessor hears of a void."""
    _tell(ctx, events, telling.tell_voided)


@reaction("review.tell_expired")
def tell_expired(ctx: JobContext, events: Sequence[Event]) -> None:
    """A reviewer hears of a return without an answer."""
    _tell(ctx, events, telling.tell_expired)


@reaction("review.tell_opinions")
def tell_opinions(ctx: JobContext, events: Sequence[Event]) -> None:
    """A second reviewer is asked, or a first one refused."""
    _tell(ctx, events, telling.tell_opinions)


def _tell(ctx: JobContext, events: Sequence[Event], telling_: Telling) -> None:
    now = ctx.now()
    fresh = [event.subject_id for event in events if worth_telling(event.at, now)]
    if fresh:
        ctx.db.write_now(telling_, fresh, now)


@schedule("review.release_due", "0 9 * * *")
def release_due(ctx: JobContext, due: datetime) -> None:
    """09:00: results of covert visits become visible below."""
    ctx.db.write_now(operations.release_due, ctx.now())


@schedule("review.assign_waiting", "*/10 * * * *")
def assign_waiting(ctx: JobContext, due: datetime) -> None:
    """A review that found no reviewer is offered again, and a visit that was passed over gets its review."""
    for visit_id in ctx.db.read_now(visits.unopened, ctx.now() - PASSED_OVER, BATCH):
        ctx.db.write_now(operations.open_review, visit_id, ctx.now())
    ctx.db.write_now(operations.assign_waiting, ctx.now())
    ctx.db.write_now(opinions.place_waiting, ctx.now())


@schedule("review.clocks", "*/15 * * * *")
def strike_clocks(ctx: JobContext, due: datetime) -> None:
    """Evidence that does not come and returns that nobody answers: each limit strikes once, whoever runs this."""
    for strike in (affairs.ask_for_evidence, affairs.open_overdue, affairs.expire_returns):
        while ctx.db.write_now(strike, ctx.now()) >= affairs.BATCH:
            continue

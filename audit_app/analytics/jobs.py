"""Work of analytics: the summary tables follow released visits."""

from collections.abc import Sequence
from datetime import datetime

from audit_app.analytics import operations
from audit_app.jobs.registry import Event, JobContext, reaction, schedule


@reaction("analytics.facts")
def keep_facts(ctx: JobContext, events: Sequence[Event]) -> None:
    """A released visit enters the figures."""
    ctx.db.write_now(operations.keep_facts, [event.subject_id for event in events])


@schedule("analytics.rebuild", "45 3 * * *")
def rebuild(ctx: JobContext, due: datetime) -> None:
    """Once a night all figures follow again from their visits, whatever was missed by day."""
    operations.rebuild(ctx.db)

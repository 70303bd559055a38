"""Work of the inbox by the clock. What is told, and when, the packages above decide in jobs of their own."""

from datetime import datetime

from audit_app.jobs.registry import JobContext, schedule
from audit_app.notices import operations


@schedule("notices.forget", "50 3 * * *")
def forget(ctx: JobContext, due: datetime) -> None:
    """Lines that were read half a year ago go."""
    ctx.db.write_now(operations.forget, ctx.now())

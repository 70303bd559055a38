"""Work of access by the clock."""

from datetime import datetime

from audit_app.access import operations
from audit_app.jobs.registry import JobContext, schedule


@schedule("access.forget_old", "30 3 * * *")
def forget_old(ctx: JobContext, due: datetime) -> None:
    """Ended sessions, tokens and rate buckets are not kept for ever."""
    ctx.db.write_now(operations.forget_old, ctx.now())

"""Work around testers: permits end."""

from datetime import datetime

from audit_app.jobs.registry import JobContext, schedule
from audit_app.testers import operations


@schedule("testers.end_permits", "*/5 * * * *")
def end_permits(ctx: JobContext, due: datetime) -> None:
    """A permit that nobody answered, or whose hour is over, is noted as ended."""
    ctx.db.write_now(operations.end_overdue, ctx.now())

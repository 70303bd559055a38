"""Work of the organisation by the clock."""

from datetime import datetime

from audit_app.jobs.registry import JobContext, schedule
from audit_app.organisation import changes


@schedule("organisation.moves", "5 0 * * *")
def carry_out_moves(ctx: JobContext, due: datetime) -> None:
    """Just after midnight: who or what moves today is moved."""
    while ctx.db.write_now(changes.carry_out_due, ctx.now()) >= changes.MOST:
        continue

"""Work by the clock: no question waits for nobody."""

from datetime import datetime

from audit_app.jobs.registry import JobContext, schedule
from audit_app.personal import operations


@schedule("personal.place_questions", "20 * * * *")
def place_questions(ctx: JobContext, due: datetime) -> None:
    """A question whose answerer left, or that found none, is given to somebody."""
    ctx.db.write_now(operations.place_questions, ctx.now())

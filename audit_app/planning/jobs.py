"""Work of planning by the clock."""

from datetime import datetime

from audit_app.jobs.registry import JobContext, schedule
from audit_app.planning import operations


@schedule("planning.expire_offers", "*/15 * * * *")
def expire_offers(ctx: JobContext, due: datetime) -> None:
    """Offers that nobody answered and windows that have passed come to an end."""
    while ctx.db.write_now(operations.expire_offers, ctx.now()) >= 500:
        continue

"""What assessors are told of their jobs: no place and no programme, because a phone may lie open on a counter."""

from collections.abc import Sequence
from datetime import datetime

from audit_app.kit.db import Session
from audit_app.notices.operations import tell
from audit_app.planning.queries.told import told_jobs

FIELD = "/field"


def tell_assessors(session: Session, assignment_ids: Sequence[str], now: datetime) -> None:
    """A line for each job that waits for its assessor's answer, or was taken back after it had been offered."""
    for job in told_jobs(session, assignment_ids):
        if job.status == "offered" and job.respond_by > now:
            until = {"until": job.respond_by.isoformat()}
            tell(session, job.account_id, "job.offered", until, FIELD, now, subject=job.id)
        elif job.status == "cancelled":
            tell(session, job.account_id, "job.cancelled", {}, FIELD, now, subject=job.id)

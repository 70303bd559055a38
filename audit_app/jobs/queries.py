"""Who is working."""

from collections.abc import Sequence

from sqlmodel import select

from audit_app.jobs.models import WorkerHeartbeat
from audit_app.kit.db import Session


def workers(session: Session) -> Sequence[WorkerHeartbeat]:
    """All workers that count as alive."""
    return session.exec(select(WorkerHeartbeat).order_by(WorkerHeartbeat.id)).all()

"""Signs of life of workers."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col

from audit_app.jobs.models import WorkerHeartbeat
from audit_app.kit.db import Session


def enrol(session: Session, worker_id: str, host: str, pid: int, now: datetime) -> None:
    """A worker begins, perhaps under the name of one that has ended."""
    leave(session, worker_id)
    session.add(WorkerHeartbeat(id=worker_id, host=host, pid=pid, started_at=now, seen_at=now))


def beat(session: Session, worker_id: str, now: datetime) -> bool:
    """A sign of life. False if others hold this worker for dead: it must end."""
    mine = col(WorkerHeartbeat.id) == worker_id
    values = {"beats": col(WorkerHeartbeat.beats) + 1, "seen_at": now}
    found = session.scalars(sa.update(WorkerHeartbeat).where(mine).values(values).returning(col(WorkerHeartbeat.id)))
    return found.first() is not None


def bury(session: Session, worker_id: str, pid: int, beats: int) -> bool:
    """Declares a worker dead unless its count has moved or it was started again since. Whether it was this call."""
    seen = {"id": worker_id, "pid": pid, "beats": beats}
    same = [col(getattr(WorkerHeartbeat, name)) == value for name, value in seen.items()]
    buried = session.scalars(sa.delete(WorkerHeartbeat).where(*same).returning(col(WorkerHeartbeat.id)))
    return buried.first() is not None


def leave(session: Session, worker_id: str) -> None:
    """A worker ends by itself; what it leaves behind may be taken up at once."""
    session.execute(sa.delete(WorkerHeartbeat).where(col(WorkerHeartbeat.id) == worker_id))

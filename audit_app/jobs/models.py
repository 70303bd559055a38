"""The table by which workers know of each other."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from audit_app.kit.columns import instant


class WorkerHeartbeat(SQLModel, table=True):
    """A living worker. It counts `beats` up; others watch on their own clock whether the count still moves."""

    __tablename__ = "worker_heartbeat"

    id: str = Field(primary_key=True, max_length=64)
    beats: int = 0
    host: str = Field(max_length=255)
    pid: int
    started_at: datetime = instant()
    seen_at: datetime = instant()

"""The table of verifications that were asked for on the page."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from audit_app.kit.columns import document, instant, maybe_instant, outward_key, ref


class VerificationRun(SQLModel, table=True):
    """One reading of the whole chain: how far it is, and what it found."""

    __tablename__ = "verification_run"

    id: str = outward_key()
    account_id: str = ref("account.id")
    status: str = Field(max_length=8)  # waiting | running | whole | broken
    total: int = 0
    done: int = 0
    checkpoints: int = 0
    faults: list[dict[str, Any]] = document()
    created_at: datetime = instant()
    finished_at: datetime | None = maybe_instant()

"""The one table of the inbox."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from audit_app.kit.columns import document, instant, maybe_instant, outward_key, ref


class Notice(SQLModel, table=True):
    """One line in somebody's inbox. `subject` is what it is about, so that the same thing is told once."""

    __tablename__ = "notice"
    __table_args__ = (
        sa.UniqueConstraint("account_id", "kind", "subject"),
        sa.Index("ix_notice_account_at", "account_id", "at"),
        sa.Index(
            "ix_notice_unread", "account_id", sqlite_where=sa.text("read_at IS NULL"),
            postgresql_where=sa.text("read_at IS NULL"),
        ),
    )  # fmt: skip

    id: str = outward_key()
    account_id: str = ref("account.id", index=False)
    kind: str = Field(max_length=32)
    subject: str = Field(max_length=120)
    params: dict[str, Any] = document()  # codes, counts, days and instants as text
    link: str = Field(max_length=200)
    at: datetime = instant()
    read_at: datetime | None = maybe_instant()

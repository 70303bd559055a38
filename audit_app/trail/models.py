"""Tables of the trail. The chained columns are set once by the relay; nothing else ever changes (see `freeze.py`)."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from audit_app.kit.columns import instant, internal_key
from audit_app.kit.db import CText
from audit_app.trail import rules


class CanonicalJSON(sa.TypeDecorator[dict[str, Any]]):
    """A JSON object stored as its one canonical text, so that what is hashed is what is stored, on both databases."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: dict[str, Any] | None, dialect: sa.Dialect) -> str:
        return rules.canonical(value or {})

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> dict[str, Any]:
        return rules.parse(value or "{}")


class TrailLine(SQLModel, table=True):
    """One act. `detail` holds ids, codes and counts, never personal text: it cannot be erased later."""

    __tablename__ = "trail_line"
    __table_args__ = (
        sa.Index(
            "ix_trail_line_loose", "id", sqlite_where=sa.text("seq IS NULL"), postgresql_where=sa.text("seq IS NULL")
        ),
        sa.Index("ix_trail_line_subject", "subject_id", "at"),
        sa.Index("ix_trail_line_at", "at", "id"),  # the five ways in which an auditor searches
        sa.Index("ix_trail_line_kind", "subject_kind", "at", "id"),
        sa.Index("ix_trail_line_act", "act", "at"),
        sa.Index("ix_trail_line_actor", "actor_id", "at"),
        sa.Index("ix_trail_line_unit", "unit_path", "at"),
    )

    id: str = internal_key()
    at: datetime = instant()
    actor_id: str | None = Field(default=None, max_length=36)  # no foreign key: outlives the account
    act: str = Field(max_length=64)
    subject_kind: str = Field(max_length=40)
    subject_id: str = Field(max_length=80)
    unit_path: str | None = Field(default=None, sa_type=CText)
    detail: dict[str, Any] = Field(default_factory=dict, sa_type=CanonicalJSON)
    batch_id: str | None = Field(default=None, max_length=36)
    seq: int | None = Field(default=None, sa_type=sa.BigInteger, unique=True)
    prev_hash: str | None = Field(default=None, max_length=64)
    line_hash: str | None = Field(default=None, max_length=64)


class TrailHead(SQLModel, table=True):
    """The end of the chain, one row. Who holds its lock is the relay."""

    __tablename__ = "trail_head"

    id: int = Field(default=1, primary_key=True, sa_column_kwargs={"autoincrement": False})
    seq: int = Field(default=0, sa_type=sa.BigInteger)
    hash: str = Field(default=rules.GENESIS, max_length=64)


class TrailCheckpoint(SQLModel, table=True):
    """A signed statement that the chain had this hash at this place."""

    __tablename__ = "trail_checkpoint"

    seq: int = Field(sa_type=sa.BigInteger, primary_key=True, sa_column_kwargs={"autoincrement": False})
    hash: str = Field(max_length=64)
    signature: str = Field(max_length=128)
    at: datetime = instant()

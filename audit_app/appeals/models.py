"""Tables of appeals: the appeal, its rounds, who sits and how they voted, and the appellant's files."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from audit_app.kit.columns import document, instant, maybe_instant, outward_key, path, ref


class Appeal(SQLModel, table=True):
    """One matter of one visit that somebody contests: an item, that it was them, or that it was voided."""

    __tablename__ = "appeal"
    __table_args__ = (
        sa.Index(
            "uq_appeal_matter",
            "visit_id",
            "kind",
            "item_id",
            unique=True,
            sqlite_where=sa.text("outcome <> 'withdrawn'"),
            postgresql_where=sa.text("outcome <> 'withdrawn'"),
        ),
        sa.Index("ix_appeal_filed", "filed_at", "id"),
    )

    id: str = outward_key()
    visit_id: str = ref("visit.id")
    kind: str = Field(max_length=8)  # item | identity | void
    item_id: str = Field(default="", max_length=80)
    side: str = Field(max_length=8)  # outlet | team | staff | tester: who may follow it
    team_id: str | None = ref("team.id", nullable=True)  # side `team`: whose lead
    ground: str = Field(max_length=12)
    words: str = Field(max_length=2000)
    unit_path: str = path()
    filed_by: str = ref("account.id")
    filed_at: datetime = instant()
    round: int = 1
    ask_by: datetime | None = maybe_instant(index=True)  # round 1 decided: until when the second may be asked for
    closed_at: datetime | None = maybe_instant(index=True)  # nothing can follow any more
    outcome: str = Field(default="", max_length=12)  # of the last decided round, or withdrawn; "" while undecided


class Hearing(SQLModel, table=True):
    """One round of an appeal before a panel."""

    __tablename__ = "hearing"
    __table_args__ = (
        sa.UniqueConstraint("appeal_id", "number"),
        sa.Index("ix_hearing_status_decide_by", "status", "decide_by"),
    )

    id: str = outward_key()
    appeal_id: str = ref("appeal.id", index=False)
    number: int  # 1: city, 2: province, the last
    status: str = Field(max_length=12)  # open | upheld | partly | rejected | withdrawn
    words: str = Field(default="", max_length=2000)  # why the first decision is not accepted
    opened_at: datetime = instant()
    decide_by: datetime = instant()
    overdue_at: datetime | None = maybe_instant()  # when it was told that the panel is late
    decided_at: datetime | None = maybe_instant()
    how: str = Field(default="", max_length=8)  # equal | median | kinder
    reason: str = Field(default="", max_length=2000)
    before: str = Field(default="", max_length=24)  # points of the item before and after, as printed
    after: str = Field(default="", max_length=24)


class PanelSeat(SQLModel, table=True):
    """A member of the panel of a hearing, with the vote once it is cast. A vote is cast once."""

    __tablename__ = "panel_seat"

    hearing_id: str = ref("hearing.id", primary_key=True)
    account_id: str = Field(foreign_key="account.id", primary_key=True, index=True, max_length=36)
    seated_at: datetime = instant()
    left_at: datetime | None = maybe_instant()  # may no longer sit: somebody else was found
    voted_at: datetime | None = maybe_instant()
    verdict: str = Field(default="", max_length=12)
    better: int = 0
    answer: dict[str, Any] | None = document(nullable=True)
    reason: str = Field(default="", max_length=2000)


class AppealFile(SQLModel, table=True):
    """A photo or recording that the appellant adds. `blob` is never served, only its cleaned copy."""

    __tablename__ = "appeal_file"

    id: str = outward_key()
    appeal_id: str = ref("appeal.id")
    number: int  # of the round it was handed in with
    media_type: str = Field(max_length=60)
    size: int
    blob: str = Field(max_length=64)
    view_blob: str | None = Field(default=None, max_length=64)
    view_type: str | None = Field(default=None, max_length=60)
    fault: str = Field(default="", max_length=40)
    added_at: datetime = instant()

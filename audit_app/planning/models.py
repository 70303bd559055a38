"""Tables of planning."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from audit_app.kit.columns import document, instant, internal_key, maybe_instant, outward_key, path, ref
from audit_app.planning.rules import FEWEST_ELIGIBLE


class Programme(SQLModel, table=True):
    """Why and how inspections are made. Kind (routine, focused) and manner (overt, covert) are independent."""

    __tablename__ = "programme"

    id: str = internal_key()
    name: str = Field(max_length=120)
    unit_code: str = ref("org_unit.code")  # the owner
    unit_path: str = path()
    level: str = Field(max_length=12)  # province | city | county: the owner's level
    kind: str = Field(max_length=12)  # routine | focused
    manner: str = Field(max_length=8)  # overt | covert
    touchpoint_kinds: list[str] = document()
    checklist_ids: list[str] = document()
    purpose: str = Field(default="", max_length=500)
    for_incentives: bool = False
    notice: str = Field(default="", max_length=2000)  # the general notice to staff
    notice_at: datetime | None = maybe_instant()
    # Who may go to a covert job, at least.
    fewest_eligible: int = Field(
        default=FEWEST_ELIGIBLE, sa_column_kwargs={"server_default": sa.text(str(FEWEST_ELIGIBLE))}
    )
    fewer_reason: str = Field(default="", max_length=20, sa_column_kwargs={"server_default": sa.text("''")})  # a code
    status: str = Field(default="active", max_length=12)  # active | closed
    created_by: str = ref("account.id", index=False)
    created_at: datetime = instant()


class NoticeAcknowledgement(SQLModel, table=True):
    """Somebody has read a programme's notice. Recorded, not required."""

    __tablename__ = "notice_acknowledgement"

    programme_id: str = ref("programme.id", primary_key=True)
    account_id: str = ref("account.id", primary_key=True)
    at: datetime = instant()


class Round(SQLModel, table=True):
    """One period of a programme, [starts_on, ends_on) in Shanghai days."""

    __tablename__ = "round"

    id: str = internal_key()
    programme_id: str = ref("programme.id")
    name: str = Field(max_length=80)
    starts_on: date
    ends_on: date
    status: str = Field(default="draft", max_length=12)  # draft | proposed | published | closed
    published_at: datetime | None = maybe_instant()
    created_by: str = ref("account.id", index=False)
    created_at: datetime = instant()


class Assignment(SQLModel, table=True):
    """One assessor, one touchpoint, one checklist version, one window [window_start, window_end)."""

    __tablename__ = "assignment"
    __table_args__ = (
        sa.Index("ix_assignment_assessor_status", "assessor_id", "status"),
        sa.Index("ix_assignment_touchpoint_status", "touchpoint_id", "status"),
        sa.Index("ix_assignment_created", "created_at", "id"),
    )

    id: str = outward_key()
    round_id: str = ref("round.id")
    touchpoint_id: str = ref("touchpoint.id", index=False)
    unit_path: str = path()
    assessor_id: str = ref("assessor.id", index=False)
    checklist_version_id: str = ref("checklist_version.id")
    scenario_id: str | None = Field(default=None, max_length=80)
    window_start: datetime = instant()
    window_end: datetime = instant()
    respond_by: datetime | None = maybe_instant()
    status: str = Field(default="draft", max_length=12)
    status_at: datetime = instant()
    reason: str = Field(default="", max_length=40)  # code of a decline or cancellation
    note: str = Field(default="", max_length=2000)
    created_by: str = ref("account.id", index=False)
    created_at: datetime = instant()
    visited_at: datetime | None = maybe_instant()  # start of the visit's day, never its minute; filled by `visits`
    visible_at: datetime | None = maybe_instant()  # since when lower units may know of it; filled by `review`

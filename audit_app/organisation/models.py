"""Tables of the organisation. An org unit's key is its official division code; its path makes a subtree a range."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from audit_app.kit.columns import document, instant, internal_key, maybe_instant, outward_key, path, ref
from audit_app.kit.search import kept_searchable, searchable


class OrgUnit(SQLModel, table=True):
    """Province, city, county or town. A town only places touchpoints."""

    __tablename__ = "org_unit"

    code: str = Field(primary_key=True, max_length=36)
    name: str = Field(max_length=80)
    level: str = Field(max_length=12, index=True)  # province | city | county | town
    parent_code: str | None = ref("org_unit.code", nullable=True)
    path: str = path()
    active: bool = True


@kept_searchable
class Touchpoint(SQLModel, table=True):
    """What is inspected. `unit_code` is the lowest unit that holds it, `unit_path` that unit's path."""

    __tablename__ = "touchpoint"
    __table_args__ = (sa.Index("ix_touchpoint_kind_path", "kind", "unit_path"),)

    id: str = outward_key()
    code: str = Field(unique=True, max_length=36)
    kind: str = Field(max_length=16)  # hall | outlet | agent | hotline
    name: str = Field(max_length=120)
    tier: int | None = None  # 1 to 3, halls only
    unit_code: str = ref("org_unit.code")
    unit_path: str = path()
    address: str = Field(default="", max_length=200)
    hotline_number: str | None = Field(default=None, max_length=24)
    lat: str | None = Field(default=None, max_length=24)  # decimal degrees as text, in `datum`
    lon: str | None = Field(default=None, max_length=24)
    datum: str | None = Field(default=None, max_length=8)  # WGS-84 | GCJ-02
    opens: str = Field(default="09:00", max_length=5)
    closes: str = Field(default="18:00", max_length=5)
    active: bool = True
    search: str = searchable("name", "code", "hotline_number")
    merged_into: str | None = Field(default=None, max_length=36, index=True)  # the entry that this one was a double of


class Team(SQLModel, table=True):
    """A team of a hotline."""

    __tablename__ = "team"

    id: str = outward_key()
    code: str = Field(unique=True, max_length=36)
    name: str = Field(max_length=80)
    touchpoint_id: str = ref("touchpoint.id")


@kept_searchable
class StaffMember(SQLModel, table=True):
    """Who is scored. `agent_no` is the number a hotline agent says; `badge` the one on the chest."""

    __tablename__ = "staff_member"

    id: str = outward_key()
    code: str = Field(unique=True, max_length=36)
    name: str = Field(max_length=80)
    touchpoint_id: str = ref("touchpoint.id")
    team_id: str | None = ref("team.id", nullable=True)
    badge: str | None = Field(default=None, max_length=24, index=True)
    agent_no: str | None = Field(default=None, max_length=24, unique=True)
    job: str = Field(default="", max_length=60)
    joined_on: date
    left_on: date | None = None
    account_id: str | None = ref("account.id", nullable=True)
    merged_into: str | None = Field(default=None, max_length=36, index=True)  # the entry that this one was a double of
    search: str = searchable("name", "code", "badge", "agent_no")


class Shift(SQLModel, table=True):
    """Roster line: who stood where, half-open in time."""

    __tablename__ = "shift"
    __table_args__ = (
        sa.UniqueConstraint("staff_id", "starts_at"),
        sa.Index("ix_shift_touchpoint_time", "touchpoint_id", "starts_at"),
    )

    id: str = internal_key()
    staff_id: str = ref("staff_member.id", index=False)
    touchpoint_id: str = ref("touchpoint.id", index=False)
    desk: str = Field(default="", max_length=24)
    starts_at: datetime = instant()
    ends_at: datetime = instant()


# What a role that is held now is narrowed to: the name of its rule, the column of its place, and the condition.
HELD_ONCE = (
    ("unit", "unit_code", sa.text("revoked_at IS NULL AND touchpoint_id IS NULL AND team_id IS NULL")),
    ("touchpoint", "touchpoint_id", sa.text("revoked_at IS NULL AND touchpoint_id IS NOT NULL AND team_id IS NULL")),
    ("team", "team_id", sa.text("revoked_at IS NULL AND team_id IS NOT NULL")),
)


class RoleGrant(SQLModel, table=True):
    """A role of an account in a subtree; for outlet managers and team leads narrowed to a touchpoint or team."""

    __tablename__ = "role_grant"
    __table_args__ = tuple(  # nobody holds the same role at the same place twice
        sa.Index(
            f"uq_role_grant_{name}", "account_id", "role", place, unique=True, sqlite_where=held, postgresql_where=held
        )
        for name, place, held in HELD_ONCE
    )

    id: str = internal_key()
    account_id: str = ref("account.id")
    role: str = Field(max_length=24)
    unit_code: str = ref("org_unit.code")
    touchpoint_id: str | None = ref("touchpoint.id", nullable=True)
    team_id: str | None = ref("team.id", nullable=True)
    granted_at: datetime = instant()
    granted_by: str | None = Field(default=None, max_length=36)
    revoked_at: datetime | None = maybe_instant()


class PlacementMove(SQLModel, table=True):
    """A staff member moves to another touchpoint, or a touchpoint to another unit, on a day. Past results stay where
    they were: visits and cards hold their place themselves."""

    __tablename__ = "placement_move"
    __table_args__ = (sa.Index("ix_placement_move_status_day", "status", "on_day"),)

    id: str = outward_key()
    kind: str = Field(max_length=12)  # staff | touchpoint
    subject_id: str = Field(max_length=36, index=True)
    from_id: str = Field(max_length=36)  # touchpoint, or code of the unit
    to_id: str = Field(max_length=36)
    on_day: date
    status: str = Field(max_length=12)  # planned | done | cancelled
    created_by: str = ref("account.id", index=False)
    created_at: datetime = instant()


class ImportRun(SQLModel, table=True):
    """One uploaded file: its dry run and, if somebody said so, its application. `report` holds every row's verdict."""

    __tablename__ = "import_run"

    id: str = outward_key()
    kind: str = Field(max_length=16)  # units | touchpoints | staff | rosters
    file_name: str = Field(max_length=120)
    file_sha256: str = Field(max_length=64)
    status: str = Field(max_length=12)  # checked | applied
    counts: dict[str, int] = document()
    report: dict[str, Any] = document()
    created_by: str = ref("account.id")
    created_at: datetime = instant(index=True)
    applied_at: datetime | None = maybe_instant()

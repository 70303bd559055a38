"""Tables of assessors. Planners see the code only; names belong to the programme office."""

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from audit_app.kit.columns import instant, internal_key, maybe_instant, outward_key, ref


class Assessor(SQLModel, table=True):
    """Somebody who scores. The code (four digits) stands for the person in planning."""

    __tablename__ = "assessor"

    id: str = internal_key()
    account_id: str = Field(foreign_key="account.id", unique=True, max_length=36)
    code: str = Field(unique=True, max_length=12)
    tier: str = Field(max_length=16)  # tester | chief_tester | inspector
    home_county: str | None = ref("org_unit.code", nullable=True)
    unit_code: str = ref("org_unit.code")  # whom the assessor works for; reach is this subtree
    active: bool = True


class Qualification(SQLModel, table=True):
    """An assessor may use a checklist until a day (inclusive)."""

    __tablename__ = "qualification"

    assessor_id: str = ref("assessor.id", primary_key=True)
    checklist_id: str = Field(primary_key=True, max_length=60)
    valid_until: date


class IdentityPermit(SQLModel, table=True):
    """An administrator's request to learn who one tester is, and the programme office's answer. It opens the name for
    an hour and ends by itself."""

    __tablename__ = "identity_permit"

    id: str = outward_key()
    assessor_id: str = ref("assessor.id")
    asked_by: str = ref("account.id")
    asked_at: datetime = instant(index=True)
    reason: str = Field(max_length=500)
    status: str = Field(max_length=8)  # asked | granted | refused | ended
    decided_by: str | None = ref("account.id", index=False, nullable=True)
    decided_at: datetime | None = maybe_instant()
    ends_at: datetime = instant()  # of the request, then of the hour


class IdentityLook(SQLModel, table=True):
    """Somebody was told who a tester is: the reason in their words, which the trail does not take."""

    __tablename__ = "identity_look"

    id: str = outward_key()
    assessor_id: str = ref("assessor.id")
    account_id: str = ref("account.id", index=False)
    permit_id: str | None = ref("identity_permit.id", index=False, nullable=True)
    reason: str = Field(max_length=500)
    at: datetime = instant()

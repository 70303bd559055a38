"""Tables of assessors. Planners see the code only; names belong to the programme office."""

from datetime import date

from sqlmodel import Field, SQLModel

from audit_app.kit.columns import internal_key, ref


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

"""Summary tables: one row per released visit, per section and per item. They follow from the visits' latest results
alone and can be made anew at any time; months and days are numbers, so that both databases count with them alike.

The tables called `…Month` are sums over those rows, once for each province, city and county that holds them (`sums.py`
says how), so that a page of the whole province reads no more rows with 100,000 visits than with 1,000."""

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from audit_app.kit.columns import path, ref
from audit_app.kit.db import CText


class VisitFact(SQLModel, table=True):
    """A released visit: where, when, of which programme's owner, and its printed experience final."""

    __tablename__ = "visit_fact"
    __table_args__ = (
        sa.Index("ix_visit_fact_series_path", "kind", "series", "unit_path", "month"),
        sa.Index("ix_visit_fact_touchpoint_day", "touchpoint_id", "day"),
        sa.Index("ix_visit_fact_owner_month", "owner_path", "month"),
    )

    visit_id: str = ref("visit.id", primary_key=True)
    touchpoint_id: str = ref("touchpoint.id", index=False)
    checklist_version_id: str = ref("checklist_version.id", index=False)
    unit_path: str = path(index=False)
    city: str = Field(max_length=36)  # code of the city that holds the touchpoint; "" above cities
    county: str = Field(max_length=36)
    kind: str = Field(max_length=16)
    series: str = Field(max_length=12)
    owner_code: str = Field(max_length=36)  # the unit that owns the programme
    owner_path: str = path(index=False)
    owner_level: str = Field(max_length=12)
    day: int  # ordinal of the local date
    month: int  # year · 12 + month − 1
    final: int | None = None  # hundredths; None: no score, or an insufficient basis, so not averaged


class SectionFact(SQLModel, table=True):
    """The score of one section of a visit that counts, in hundredths of a percent."""

    __tablename__ = "section_fact"
    __table_args__ = (sa.Index("ix_section_fact_series_path", "kind", "series", "unit_path", "month"),)

    visit_id: str = ref("visit.id", primary_key=True)
    section_id: str = Field(primary_key=True, max_length=80)
    touchpoint_id: str = Field(max_length=36)
    unit_path: str = path(index=False)
    city: str = Field(max_length=36)
    county: str = Field(max_length=36)
    kind: str = Field(max_length=16)
    series: str = Field(max_length=12)
    month: int
    score: int


class ItemFact(SQLModel, table=True):
    """Whether one scored item of a visit that counts lost points."""

    __tablename__ = "item_fact"
    __table_args__ = (sa.Index("ix_item_fact_series_path", "kind", "series", "unit_path", "month"),)

    visit_id: str = ref("visit.id", primary_key=True)
    item_id: str = Field(primary_key=True, max_length=80)
    checklist_version_id: str = Field(max_length=36)
    unit_path: str = path(index=False)
    kind: str = Field(max_length=16)
    series: str = Field(max_length=12)
    month: int
    lost: int  # 1: less than all points


class VisitMonth(SQLModel, table=True):
    """Visits of a month in a unit and all below it."""

    __tablename__ = "visit_month"

    unit_path: str = Field(sa_type=CText, primary_key=True)
    kind: str = Field(primary_key=True, max_length=16)
    series: str = Field(primary_key=True, max_length=12)
    month: int = Field(primary_key=True)
    checklist_version_id: str = Field(primary_key=True, max_length=36)
    visits: int
    averaged: int
    total: int = Field(sa_type=sa.BigInteger)  # of the finals averaged


class SectionMonth(SQLModel, table=True):
    """Section scores of a month in a unit and all below it."""

    __tablename__ = "section_month"

    unit_path: str = Field(sa_type=CText, primary_key=True)
    kind: str = Field(primary_key=True, max_length=16)
    series: str = Field(primary_key=True, max_length=12)
    month: int = Field(primary_key=True)
    section_id: str = Field(primary_key=True, max_length=80)
    visits: int
    total: int = Field(sa_type=sa.BigInteger)


class ItemMonth(SQLModel, table=True):
    """How many visits of a month, in a unit and all below it, were asked an item, and how many lost points on it."""

    __tablename__ = "item_month"

    unit_path: str = Field(sa_type=CText, primary_key=True)
    kind: str = Field(primary_key=True, max_length=16)
    series: str = Field(primary_key=True, max_length=12)
    month: int = Field(primary_key=True)
    item_id: str = Field(primary_key=True, max_length=80)
    checklist_version_id: str = Field(primary_key=True, max_length=36)
    visits: int
    lost: int


class OwnerMonth(SQLModel, table=True):
    """Visits of a month under the programmes of one unit, itself alone."""

    __tablename__ = "owner_month"

    owner_path: str = Field(sa_type=CText, primary_key=True)
    month: int = Field(primary_key=True)
    owner_level: str = Field(primary_key=True, max_length=12)
    owner_code: str = Field(primary_key=True, max_length=36)
    visits: int

"""Summary tables: one row per released visit, per section and per item. They follow from the visits' latest results
alone and can be made anew at any time; months and days are numbers, so that both databases count with them alike."""

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from audit_app.kit.columns import path, ref


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

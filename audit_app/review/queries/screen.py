"""What the review page reads beside the visit itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from audit_app.kit.db import Session
from audit_app.kit.sql import columns
from audit_app.organisation.models import OrgUnit
from audit_app.review.models import VisitResult
from audit_app.standards.models import ChecklistVersion
from audit_app.visits.models import Evidence, Visit, VisitFlag

EARLIER = 4


@dataclass(frozen=True)
class StoredFile:
    """One file of a visit. `ready`: a copy to look at exists; `fault`: why there is none."""

    id: str
    sha256: str
    item_id: str
    media_type: str
    source: str
    taken_at: datetime | None
    ready: bool
    fault: str
    here: bool

    @property
    def is_image(self) -> bool:
        return self.media_type.startswith("image/")


@dataclass(frozen=True)
class Before:
    """An earlier visit of the series to the same touchpoint, with the same checklist."""

    started_at: datetime
    experience: int | None
    results: dict[str, Any]


@dataclass(frozen=True)
class ItemBefore:
    """An item's points in an earlier visit to the same touchpoint."""

    on: datetime
    earned: Decimal
    points: Decimal


def item_before(visits: Sequence[Before], item_id: str) -> list[ItemBefore]:
    """The item's points in the visits before, oldest first."""
    found = [
        ItemBefore(visit.started_at, Decimal(one["earned"]), Decimal(one["points"]))
        for visit in visits
        for one in visit.results["experience"]["items"]
        if one["id"] == item_id and one["state"] == "scored"
    ]
    return found[::-1]


def unit_name(session: Session, code: str) -> str:
    """City, county and town of a unit, the wider first."""
    unit = session.get_one(OrgUnit, code)
    wanted = [part for part in unit.path.split("/") if part][1:]
    rows = session.execute(columns(OrgUnit.code, OrgUnit.name).where(col(OrgUnit.code).in_(wanted)))
    names = {row[0]: row[1] for row in rows}
    return " · ".join(names[c] for c in wanted) or unit.name


def files_of(session: Session, visit_id: str) -> list[StoredFile]:
    """Every file that any revision of the visit names, in the order of taking."""
    e = Evidence
    rows = session.execute(
        columns(
            e.id, e.sha256, e.item_id, e.media_type, e.source, e.taken_at, col(e.view_blob).is_not(None), e.fault,
            col(e.stored_at).is_not(None),
        )
        .where(e.visit_id == visit_id)
        .order_by(e.taken_at, e.id)
    )  # fmt: skip
    return [StoredFile(r[0], r[1], r[2] or "", r[3], r[4], r[5], bool(r[6]), r[7], bool(r[8])) for r in rows]


def results_before(session: Session, visit: Visit) -> list[Before]:
    """The last released visits, the newest first."""
    latest = columns(sa.func.max(VisitResult.number)).where(VisitResult.visit_id == Visit.id)
    checklist = columns(ChecklistVersion.checklist_id).where(ChecklistVersion.id == visit.checklist_version_id)
    rows = session.execute(
        columns(Visit.started_at, VisitResult.experience, VisitResult.results)
        .join(VisitResult, col(VisitResult.visit_id) == Visit.id)
        .join(ChecklistVersion, col(ChecklistVersion.id) == Visit.checklist_version_id)
        .where(
            Visit.touchpoint_id == visit.touchpoint_id,
            Visit.series == visit.series,
            ChecklistVersion.checklist_id == checklist.scalar_subquery(),
            col(Visit.started_at) < visit.started_at,
            col(Visit.status).in_(("released", "final")),
            VisitResult.number == latest.correlate(Visit).scalar_subquery(),
        )
        .order_by(col(Visit.started_at).desc())
        .limit(EARLIER)
    )
    return [Before(*row) for row in rows]


def flags_of(session: Session, visit_id: str) -> list[VisitFlag]:
    """What was odd about the visit when it came in."""
    of_visit = columns(VisitFlag).where(VisitFlag.visit_id == visit_id)
    return list(session.scalars(of_visit.order_by(VisitFlag.kind, VisitFlag.item_id)))

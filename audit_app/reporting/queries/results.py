"""What an outlet manager or team lead reads of released visits: the outlet edition, as a page."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from audit_app.access.rules import Actor
from audit_app.appeals.queries.standing import Standing, standing
from audit_app.kit.db import Session
from audit_app.kit.errors import NotFound
from audit_app.kit.paging import PageOf, after, day_of, decode, page_of
from audit_app.kit.sql import all_of, columns
from audit_app.organisation.models import Touchpoint
from audit_app.reporting import assembly, rules
from audit_app.reporting.checklist_words import coded
from audit_app.reporting.facts import OutletLoss, OutletVisit, worst_first
from audit_app.reporting.models import Scorecard
from audit_app.reporting.parts import SectionLine, Text
from audit_app.reporting.queries import sources
from audit_app.reporting.queries.cards import own
from audit_app.review.models import VisitResult
from audit_app.review.queries import latest
from audit_app.standards.models import ChecklistVersion
from audit_app.visits.models import Visit

PER_PAGE = 20
TREND = 6


@dataclass(frozen=True, slots=True)
class ResultRow:
    """A released visit in the list. `experience` in hundredths; None without a score."""

    outward_id: str
    touchpoint: str
    series: str
    on: date
    day_type: str
    day_part: str
    experience: int | None
    basis: str
    outcome: str
    checklist: dict[str, str]


@dataclass(frozen=True, slots=True)
class ResultsScreen:
    page: PageOf[ResultRow]


@dataclass(frozen=True, slots=True)
class ResultScreen:
    """One visit: nothing here names or times the assessor. `trend`: finals of earlier visits by the same version,
    oldest first, this one last; `card_id` is "" until the card is made."""

    card: OutletVisit
    card_id: str
    trend: list[float]
    visit_id: str
    appeals: Standing
    photos: list["ShownPhoto"]

    def photos_of(self, code: str) -> list["ShownPhoto"]:
        """The painted photos of an item."""
        return [photo for photo in self.photos if photo.code == code]

    @property
    def further_photos(self) -> list["ShownPhoto"]:
        """Those of items that lost nothing."""
        lost = {loss.code for loss in self.card.losses}
        return [photo for photo in self.photos if photo.code not in lost]

    @property
    def losses(self) -> tuple[OutletLoss, ...]:
        return worst_first(self.card.losses)

    @property
    def sections(self) -> list[SectionLine]:
        return [section for section in self.card.sections if section.percent is not None]

    def section_of(self, loss: OutletLoss) -> Text:
        """The title of the section that a lost item belongs to."""
        letter = loss.code.rstrip("0123456789")
        return next((section.title for section in self.card.sections if section.code == letter), Text(""))

    @property
    def change(self) -> float | None:
        return round(self.trend[-1] - self.trend[-2], 2) if len(self.trend) > 1 else None


@dataclass(frozen=True, slots=True)
class ShownPhoto:
    """A painted photo on the page, with the item it stands for."""

    href: str
    code: str
    text: Text


def _shown_photos(visit: sources.VisitSource) -> list[ShownPhoto]:
    marks = coded(visit.version.document)
    order = {item_id: number for number, item_id in enumerate(marks)}
    listed = sorted((p for p in visit.released if p.item_id in marks), key=lambda p: (order[p.item_id], p.outward_id))
    return [
        ShownPhoto(f"/results/{visit.outward_id}/photos/{p.outward_id}", marks[p.item_id].code, marks[p.item_id].text)
        for p in listed
    ]


def photo(session: Session, actor: Actor, outward_id: str, photo_id: str) -> str:
    """The blob of a painted photo of a released visit; NotFound if there is none or it is not for the actor."""
    visits = sources.visits(session, all_of(Visit.outward_id == outward_id, _mine(actor)), photos=True)
    blob = next((p.blob for visit in visits for p in visit.released if p.outward_id == photo_id), None)
    if blob is None:
        raise NotFound
    return blob


def _mine(actor: Actor) -> Any:
    return all_of(own(actor, Visit.touchpoint_id, Visit.id), col(Visit.status).in_(rules.SHOWN), _in_series())


def _in_series() -> Any:
    return col(Visit.series).in_(rules.SERIES)


def results(session: Session, actor: Actor, marker: str = "") -> ResultsScreen:
    """Released visits of the own touchpoint or team, latest day first; within a day in no order that tells anything."""
    v = Visit
    statement = (
        columns(
            v.outward_id, Touchpoint.name, v.series, v.local_date, v.day_type, v.day_part, VisitResult.experience,
            VisitResult.basis, VisitResult.outcome, ChecklistVersion.title_zh, ChecklistVersion.title_en,
        )
        .select_from(v)
        .join(Touchpoint, col(Touchpoint.id) == v.touchpoint_id)
        .join(ChecklistVersion, col(ChecklistVersion.id) == v.checklist_version_id)
        .join(VisitResult, all_of(col(VisitResult.visit_id) == v.id, latest()))
        .where(_mine(actor), col(v.outward_id).is_not(None))
    )  # fmt: skip
    if marker:
        day, key = decode(marker, 2)
        place = [day_of(day), key]
        statement = statement.where(after([col(v.local_date), col(v.outward_id)], place, descending=True))
    statement = statement.order_by(col(v.local_date).desc(), col(v.outward_id).desc()).limit(PER_PAGE + 1)
    found = [_row(row) for row in session.execute(statement)]
    return ResultsScreen(page_of(found, PER_PAGE, lambda row: (row.on.isoformat(), row.outward_id)))


def _row(row: Any) -> ResultRow:
    return ResultRow(
        outward_id=row.outward_id, touchpoint=row.name, series=row.series, on=row.local_date, day_type=row.day_type,
        day_part=row.day_part, experience=row.experience, basis=row.basis, outcome=row.outcome,
        checklist={"zh": row.title_zh, "en": row.title_en},
    )  # fmt: skip


def result(session: Session, actor: Actor, outward_id: str, now: datetime) -> ResultScreen:
    """One released visit by its outward id; NotFound if there is none or it is not for the actor."""
    visits = sources.visits(session, all_of(Visit.outward_id == outward_id, _mine(actor)), photos=True)
    if not visits:
        raise NotFound
    visit = visits[0]
    row = session.execute(columns(Scorecard.id, Scorecard.updated_at).where(Scorecard.visit_id == visit.id)).first()
    source = sources.CardSource(
        id=row.id if row else outward_id, kind="visit", period=rules.period_of(visit.local_date),
        updated_at=row.updated_at if row else visit.finished_at, place=sources.place(session, visit.touchpoint_id),
        visits=(visit,),
    )  # fmt: skip
    facts = assembly.facts_of(source, "outlet")
    assert isinstance(facts, OutletVisit)
    appeals = standing(session, actor, outward_id, now)
    return ResultScreen(
        facts, row.id if row else "", _trend(session, actor, visit), visit.id, appeals, _shown_photos(visit)
    )


def _trend(session: Session, actor: Actor, visit: sources.VisitSource) -> list[float]:
    """Finals of the own touchpoint's earlier visits in the series, by the same checklist version."""
    v = Visit
    version = columns(v.checklist_version_id).where(v.id == visit.id).scalar_subquery()
    statement = (
        columns(VisitResult.experience)
        .select_from(v)
        .join(VisitResult, all_of(col(VisitResult.visit_id) == v.id, latest()))
        .where(
            _mine(actor), v.touchpoint_id == visit.touchpoint_id, v.series == visit.series, VisitResult.basis == "ok",
            v.checklist_version_id == version,
            sa.or_(col(v.local_date) < visit.local_date, col(v.id) == visit.id),
        )
        .order_by(col(v.local_date).desc(), sa.case((col(v.id) == visit.id, 0), else_=1), col(v.outward_id))
        .limit(TREND)
    )  # fmt: skip
    found = [final / 100 for final in session.scalars(statement) if final is not None]
    return found[::-1] if visit.results.experience.averaged else []

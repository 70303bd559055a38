"""What the review page shows of a visit: items with their losses, evidence, criterion, checks. Pure but for `build`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from audit_app.access.rules import Actor
from audit_app.kit.db import Session
from audit_app.organisation.models import OrgUnit, Touchpoint
from audit_app.planning.models import Programme
from audit_app.review import queries, worklist
from audit_app.review.models import Review, VisitResult
from audit_app.scoring.answers import Answer
from audit_app.scoring.engine import ItemResult, Result, score
from audit_app.scoring.numbers import plain
from audit_app.standards.document import ItemText, Text
from audit_app.standards.queries import document_for, sheet_for
from audit_app.standards.screens import numbered_sections
from audit_app.visits.models import Evidence, ReviewOverlay, Visit, VisitFlag
from audit_app.visits.rules import VisitBody, answers_of, with_overlays

EARLIER = 4


@dataclass(frozen=True)
class FileRow:
    """One file. `ready`: a copy to look at exists; `fault`: why there is none."""

    id: str
    item_id: str | None
    number: str
    is_image: bool
    source: str
    taken_at: datetime | None
    ready: bool
    fault: str
    here: bool


@dataclass(frozen=True)
class ItemRow:
    number: str
    item: ItemText
    answer: Answer | None
    result: ItemResult
    files: list[FileRow]
    overlays: list[ReviewOverlay]
    question: str

    @property
    def lost(self) -> bool:
        if self.result.state == "unanswered":
            return True
        return self.result.state == "scored" and self.earned < self.points

    @property
    def earned(self) -> Decimal:
        return Decimal(plain(self.result.earned))

    @property
    def points(self) -> Decimal:
        return Decimal(plain(self.result.points))

    @property
    def words(self) -> str:
        """What the assessor wrote of it: reasons, then the note."""
        if self.answer is None:
            return ""
        return " · ".join(part for part in (self.answer.reason, self.answer.note) if part)

    def belongs_to(self, show: str) -> bool:
        """Whether the item stands in a list: lost, evidence, notes or all."""
        if show == "lost":
            return self.lost
        if show == "evidence":
            return bool(self.files)
        return bool(self.words) if show == "notes" else self.result.state != "hidden"

    @property
    def chosen(self) -> list[Text]:
        ids = self.answer.option_ids if self.answer else ()
        return [option.text for option in self.item.options if option.id in ids]


@dataclass(frozen=True)
class SectionRow:
    letter: str
    title: Text
    earned: Decimal
    possible: Decimal
    items: list[ItemRow]


@dataclass(frozen=True)
class Earlier:
    """An item's points in an earlier visit to the same touchpoint, oldest first."""

    on: datetime
    earned: Decimal
    points: Decimal


@dataclass(frozen=True)
class ReviewScreen:
    review: Review
    visit: Visit
    touchpoint: Touchpoint
    unit_name: str
    programme: str
    manner: str
    pseudonym: str
    checklist: Text
    version: int
    result: Result
    last: tuple[int, datetime] | None
    sections: list[SectionRow]
    show: str  # lost | evidence | notes | all
    chosen: ItemRow | None
    file: FileRow | None
    files: list[FileRow]
    earlier: list[Earlier]
    flags: list[VisitFlag]
    body: VisitBody
    next_id: str
    place: int
    length: int
    subject: Any
    hours: int
    errors: list[Any]
    values: Mapping[str, str]

    @property
    def items(self) -> list[ItemRow]:
        return [row for section in self.sections for row in section.items]

    def filtered(self, show: str) -> list[ItemRow]:
        return [row for row in self.items if row.belongs_to(show)]

    def shown(self, section: SectionRow) -> list[ItemRow]:
        kept = {row.item.id for row in self.filtered(self.show)}
        return [row for row in section.items if row.item.id in kept]

    @property
    def neighbours(self) -> tuple[str, str]:
        """Items before and after the chosen one in the list shown; "" at the ends."""
        keys = [row.item.id for row in self.filtered(self.show)]
        if self.chosen is None or self.chosen.item.id not in keys:
            return "", keys[0] if keys else ""
        at = keys.index(self.chosen.item.id)
        return (keys[at - 1] if at else ""), (keys[at + 1] if at + 1 < len(keys) else "")

    @property
    def open(self) -> bool:
        return self.review.closed_at is None


def build(
    session: Session,
    actor: Actor,
    review_id: str,
    now: datetime,
    show: str = "lost",
    item_id: str = "",
    file_id: str = "",
    errors: list[Any] | None = None,
    values: Mapping[str, str] | None = None,
) -> ReviewScreen:
    """Everything of one review; NotFound for anybody but its reviewer."""
    review, visit = queries.review_of(session, actor, review_id)
    place = session.get_one(Touchpoint, visit.touchpoint_id)
    programme = session.get_one(Programme, visit.programme_id)
    document, sheet = document_for(session, visit.checklist_version_id), sheet_for(session, visit.checklist_version_id)
    body = queries.body_of(session, visit, review.revision)
    overlays = [o for o in queries.overlays_of(session, visit) if o.revision == review.revision]
    answers = with_overlays(answers_of(body), [(o.item_id, o.new) for o in overlays])
    result = score(sheet, answers)
    numbers = {one.item.id: one.number for part in numbered_sections(document) for one in part.items}
    files = _files(session, visit, numbers)
    sections = _sections(document, result, answers, files, overlays, queries.notes_of(session, visit))
    rows = {row.item.id: row for section in sections for row in section.items}
    lost = [row for row in rows.values() if row.lost]
    chosen = rows.get(item_id) or (lost[0] if lost else next(iter(rows.values()), None))
    photos = [f for f in files if f.is_image]
    own = [f for f in photos if chosen and f.item_id == chosen.item.id]
    next_id, at, length = worklist.neighbour(session, actor, review_id)
    return ReviewScreen(
        review=review, visit=visit, touchpoint=place, unit_name=_unit_name(session, place.unit_code),
        programme=programme.name, manner=programme.manner, pseudonym=visit.id[:4].upper(), checklist=document.title,
        version=document.version, result=result, last=_last(session, visit), sections=sections,
        show=show if show in ("lost", "evidence", "notes", "all") else "lost", chosen=chosen,
        file=next((f for f in photos if f.id == file_id), None) or next(iter(own or photos), None), files=files,
        earlier=_earlier(session, visit, chosen.item.id) if chosen else [], flags=_flags(session, visit), body=body,
        next_id=next_id, place=at, length=length, subject=queries.subject_of(session, visit.id),
        hours=int((now - review.opened_at).total_seconds() // 3600), errors=errors or [], values=values or {},
    )  # fmt: skip


def _unit_name(session: Session, code: str) -> str:
    """The county and city of a unit, the wider first."""
    unit = session.get_one(OrgUnit, code)
    wanted = [part for part in unit.path.split("/") if part][1:]
    names = dict(
        session.execute(sa.select(col(OrgUnit.code), col(OrgUnit.name)).where(col(OrgUnit.code).in_(wanted))).tuples()
    )
    return " · ".join(names[c] for c in wanted) or unit.name


def _files(session: Session, visit: Visit, numbers: Mapping[str, str]) -> list[FileRow]:
    rows = session.scalars(
        sa.select(Evidence).where(col(Evidence.visit_id) == visit.id).order_by(col(Evidence.taken_at), col(Evidence.id))
    )
    return [
        FileRow(
            f.id, f.item_id, numbers.get(f.item_id or "", ""), f.media_type.startswith("image/"), f.source, f.taken_at,
            f.view_blob is not None, f.fault, f.stored_at is not None,
        )
        for f in rows
    ]  # fmt: skip


def _sections(
    document: Any,
    result: Result,
    answers: Mapping[str, Answer],
    files: list[FileRow],
    overlays: list[ReviewOverlay],
    questions: Mapping[str, str],
) -> list[SectionRow]:
    by_item = {one.item_id: one for one in result.items}
    by_section = {one.section_id: one for one in result.sections}
    sections = []
    for part in numbered_sections(document):
        rows = [
            ItemRow(
                one.number, one.item, answers.get(one.item.id), by_item[one.item.id],
                [f for f in files if f.item_id == one.item.id], [o for o in overlays if o.item_id == one.item.id],
                questions.get(one.item.id, ""),
            )
            for one in part.items
        ]  # fmt: skip
        total = by_section[part.section.id]
        earned, possible = Decimal(plain(total.earned)), Decimal(plain(total.possible))
        sections.append(SectionRow(part.letter, part.section.title, earned, possible, rows))
    return sections


def _results_before(visit: Visit) -> sa.Select[Any]:
    latest = (
        sa.select(sa.func.max(col(VisitResult.number)))
        .where(col(VisitResult.visit_id) == col(Visit.id))
        .correlate(Visit)
        .scalar_subquery()
    )
    return (
        sa.select(col(Visit.started_at), col(VisitResult.experience), col(VisitResult.results))
        .join(VisitResult, col(VisitResult.visit_id) == Visit.id)
        .where(
            col(Visit.touchpoint_id) == visit.touchpoint_id,
            col(Visit.series) == visit.series,
            col(Visit.started_at) < visit.started_at,
            col(Visit.status).in_(("released", "final")),
            col(VisitResult.number) == latest,
        )
        .order_by(col(Visit.started_at).desc())
        .limit(EARLIER)
    )


def _last(session: Session, visit: Visit) -> tuple[int, datetime] | None:
    row = session.execute(_results_before(visit).limit(1)).first()
    return None if row is None or row[1] is None else (row[1], row[0])


def _earlier(session: Session, visit: Visit, item_id: str) -> list[Earlier]:
    """The item's points in the last released visits of the series to this touchpoint."""
    found = []
    for started_at, _, results in session.execute(_results_before(visit)):
        for one in results["experience"]["items"]:
            if one["id"] == item_id and one["state"] == "scored":
                found.append(Earlier(started_at, Decimal(one["earned"]), Decimal(one["points"])))
    return found[::-1]


def _flags(session: Session, visit: Visit) -> list[VisitFlag]:
    of_visit = sa.select(VisitFlag).where(col(VisitFlag.visit_id) == visit.id)
    return list(session.scalars(of_visit.order_by(col(VisitFlag.kind), col(VisitFlag.item_id))))

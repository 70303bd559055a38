"""What the review page shows of a visit: items with their losses, evidence, criterion, checks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from audit_app.access.rules import Actor
from audit_app.kit.db import Session
from audit_app.kit.errors import FieldError
from audit_app.organisation.models import Touchpoint
from audit_app.planning.models import Programme
from audit_app.review import checks as judged
from audit_app.review import queries, rules, standing
from audit_app.review.items import NOTHING_BEFORE, FileRow, ItemRow, SectionRow, Since, file_rows, item_rows, since
from audit_app.review.models import Redaction, Review
from audit_app.review.standing import Standing
from audit_app.scoring.engine import Result, score
from audit_app.standards.document import Text
from audit_app.standards.queries import document_for, sheet_for
from audit_app.standards.screens import numbered_sections
from audit_app.visits.models import ReviewOverlay, Visit
from audit_app.visits.rules import VisitBody, answers_of, with_overlays

LISTS = ("changed", "lost", "evidence", "notes", "all")


@dataclass(frozen=True)
class Look:
    """What of the visit is looked at: a list of :data:`LISTS`, an item, a file; each may be empty."""

    show: str = ""
    item: str = ""
    file: str = ""


@dataclass(frozen=True)
class Typed:
    """A form that was refused: its faults, what was typed, and the dialog it stands in."""

    errors: Sequence[FieldError] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    answers: Sequence[str] = ()
    dialog: str = ""


@dataclass(frozen=True)
class ReviewScreen:
    """One visit in review. `last`: total (hundredths) and time of the visit before."""

    review: Review
    visit: Visit
    touchpoint: Touchpoint
    unit_name: str
    manner: str
    pseudonym: str
    checklist: Text
    version: int
    result: Result
    last: tuple[int, datetime] | None
    sections: list[SectionRow]
    show: str
    chosen: ItemRow | None
    file: FileRow | None
    files: list[FileRow]
    earlier: list[queries.ItemBefore]
    checks: list[judged.Check]
    course: list[judged.Mark]
    body: VisitBody
    next_id: str
    place: int
    length: int
    subject: queries.Subject | None
    hours: int
    standing: Standing
    typed: Typed
    redactions: Mapping[str, Redaction]

    @property
    def let_out(self) -> int:
        """How many photos the outlet will see."""
        kept = {f.id for f in self.files}
        return sum(one.releasable for key, one in self.redactions.items() if key in kept)

    @property
    def items(self) -> list[ItemRow]:
        return [row for section in self.sections for row in section.items]

    @property
    def photos(self) -> list[FileRow]:
        return [f for f in self.files if f.is_image]

    @property
    def sounds(self) -> list[FileRow]:
        return [f for f in self.files if not f.is_image]

    @property
    def asked(self) -> list[ItemRow]:
        """The items with a question, and the chosen one, which may get one."""
        return [row for row in self.items if row.question or row is self.chosen]

    @property
    def difference(self) -> Decimal | None:
        """How many points more (or fewer) than last time."""
        if self.last is None or self.result.final_total is None:
            return None
        return self.result.final_total - Decimal(self.last[0]) / 100

    def filtered(self, show: str) -> list[ItemRow]:
        return [row for row in self.items if row.belongs_to(show)]

    def shown(self, section: SectionRow) -> list[ItemRow]:
        return [row for row in section.items if row.belongs_to(self.show)]

    @property
    def neighbours(self) -> tuple[str, str]:
        """Items before and after the chosen one in the list shown; "" at the ends."""
        return _around([row.item.id for row in self.filtered(self.show)], self.chosen.item.id if self.chosen else "")

    @property
    def photos_around(self) -> tuple[str, str]:
        """Photos before and after the one shown."""
        return _around([f.id for f in self.photos], self.file.id if self.file else "")

    @property
    def open(self) -> bool:
        """Whether the asker may decide it now."""
        return self.standing.own and self.review.closed_at is None and not self.standing.waiting


def _around(keys: list[str], at: str) -> tuple[str, str]:
    if at not in keys:
        return "", keys[0] if keys else ""
    place = keys.index(at)
    return (keys[place - 1] if place else ""), (keys[place + 1] if place + 1 < len(keys) else "")


def build(
    session: Session, actor: Actor, review_id: str, now: datetime, look: Look, typed: Typed | None = None
) -> ReviewScreen:
    """Everything of one review; NotFound for anybody but its reviewer and whoever is asked for a second opinion."""
    review, visit, own = queries.readable(session, actor, review_id)
    place = session.get_one(Touchpoint, visit.touchpoint_id)
    programme = session.get_one(Programme, visit.programme_id)
    document, sheet = document_for(session, visit.checklist_version_id), sheet_for(session, visit.checklist_version_id)
    body = queries.body_of(session, visit, review.revision)
    overlays = queries.overlays_of(session, visit.id, review.revision)
    answers = with_overlays(answers_of(body), [(o.item_id, o.new) for o in overlays])
    result = score(sheet, answers)
    parts = numbered_sections(document)
    numbers = {one.item.id: one.number for part in parts for one in part.items}
    files = file_rows(body, queries.files_of(session, visit.id), numbers)
    before = _since(session, visit, review.revision, body)
    questions = queries.notes_of(session, visit.id, review.revision)
    sections = item_rows(parts, result, answers, files, overlays, questions, before)
    show, chosen, file = _looked_at(look, sections, files)
    earlier = queries.results_before(session, visit)
    next_id, at, length = queries.neighbour(session, actor, review_id)
    change = _change(session, body, overlays, result, visit)
    return ReviewScreen(
        review=review, visit=visit, touchpoint=place, unit_name=queries.unit_name(session, place.unit_code),
        manner=programme.manner, pseudonym=visit.id[:4].upper(), checklist=document.title, version=document.version,
        result=result, last=_last(earlier), sections=sections, show=show, chosen=chosen, file=file, files=files,
        earlier=queries.item_before(earlier, chosen.item.id if chosen else ""),
        checks=judged.checks(body, files, queries.flags_of(session, visit.id), place),
        course=judged.course(body, numbers), body=body, next_id=next_id, place=at, length=length,
        subject=queries.subject_of(session, visit.id), typed=typed or Typed(),
        redactions=queries.redactions_of(session, visit.id),
        hours=int((now - review.opened_at).total_seconds() // 3600),
        standing=standing.of(session, review, visit, own, change, numbers, now),
    )  # fmt: skip


def _change(session: Session, body: VisitBody, overlays: Sequence[ReviewOverlay], result: Result, visit: Visit) -> int:
    """By how much the reviewer's changes move the total shown."""
    if not overlays:
        return 0
    sheet = sheet_for(session, visit.checklist_version_id)
    return rules.change(score(sheet, answers_of(body)).final_total, result.final_total)


def _since(session: Session, visit: Visit, revision: int, body: VisitBody) -> Since:
    """What was returned before this revision, and what is otherwise now."""
    if revision == 1:
        return NOTHING_BEFORE
    before = answers_of(queries.body_of(session, visit, revision - 1))
    return since(before, queries.notes_of(session, visit.id, revision - 1), answers_of(body))


def _looked_at(
    look: Look, sections: list[SectionRow], files: list[FileRow]
) -> tuple[str, ItemRow | None, FileRow | None]:
    """The list, the item and the photo to show: as asked, else what most likely needs a look."""
    rows = {row.item.id: row for section in sections for row in section.items}
    changed = any(row.changed for row in rows.values())
    show = look.show if look.show in LISTS else ("changed" if changed else "lost")
    listed: Iterable[ItemRow] = (row for row in rows.values() if row.belongs_to(show))
    chosen = rows.get(look.item) or next(iter(listed), None) or next(iter(rows.values()), None)
    photos = [f for f in files if f.is_image]
    own = [f for f in photos if chosen and chosen.item.id in f.items]
    return show, chosen, next((f for f in photos if f.id == look.file), None) or next(iter(own or photos), None)


def _last(earlier: list[queries.Before]) -> tuple[int, datetime] | None:
    if not earlier or earlier[0].experience is None:
        return None
    return earlier[0].experience, earlier[0].started_at

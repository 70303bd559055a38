"""The items of a visit as its reviewer sees them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from audit_app.review.queries import StoredFile
from audit_app.scoring.answers import Answer
from audit_app.scoring.engine import ItemResult, Result
from audit_app.scoring.numbers import plain
from audit_app.standards.document import ItemText, Text
from audit_app.standards.screens import NumberedSection
from audit_app.visits.models import ReviewOverlay
from audit_app.visits.rules import VisitBody


@dataclass(frozen=True)
class FileRow:
    """One file that the revision names, with the items it stands for."""

    id: str
    items: tuple[str, ...]
    number: str  # of its items
    is_image: bool
    source: str
    taken_at: datetime | None
    ready: bool
    fault: str
    here: bool


@dataclass(frozen=True)
class ItemRow:
    """An item: the answer that counts, its points, files, changes, the question noted; `before` and `asked` are of the
    revision that was returned."""

    number: str
    item: ItemText
    answer: Answer | None
    result: ItemResult
    files: list[FileRow]
    overlays: list[ReviewOverlay]
    question: str
    before: Answer | None
    asked: str
    changed: bool

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
        """Whether the item stands in a list."""
        if show == "changed":
            return self.changed or bool(self.asked)
        if show == "lost":
            return self.lost
        if show == "evidence":
            return bool(self.files)
        return bool(self.words) if show == "notes" else self.result.state != "hidden"

    def chosen(self, answer: Answer | None) -> list[Text]:
        """The texts of an answer's options."""
        ids = answer.option_ids if answer else ()
        return [option.text for option in self.item.options if option.id in ids]

    @property
    def ticked(self) -> list[str]:
        """The present answer as the form of a change ticks it."""
        if self.answer is None:
            return []
        return ["na"] if self.answer.not_applicable else [f"option:{key}" for key in self.answer.option_ids]


@dataclass(frozen=True)
class SectionRow:
    """A section with what it earned of what was possible."""

    letter: str
    title: Text
    earned: Decimal
    possible: Decimal
    items: list[ItemRow]


def file_rows(body: VisitBody, stored: Sequence[StoredFile], numbers: Mapping[str, str]) -> list[FileRow]:
    """The files of a revision: those of its manifest, and no longer those that an earlier one named."""
    named: dict[str, list[str]] = {}
    for line in body.manifest:
        named[line.sha256] = [line.item_id] if line.item_id else []
    for answer in body.answers:
        for sha256 in answer.evidence or []:
            if sha256 in named and answer.item_id not in named[sha256]:
                named[sha256].append(answer.item_id)
    return [
        FileRow(
            f.id, tuple(named[f.sha256]), " ".join(numbers[key] for key in named[f.sha256] if key in numbers),
            f.is_image, f.source, f.taken_at, f.ready, f.fault, f.here,
        )
        for f in stored
        if f.sha256 in named
    ]  # fmt: skip


@dataclass(frozen=True)
class Since:
    """The revision that was returned: its answers, what was asked, and the items that are answered otherwise now."""

    answers: Mapping[str, Answer]
    asked: Mapping[str, str]
    changed: frozenset[str]


NOTHING_BEFORE = Since({}, {}, frozenset())


def since(before: Mapping[str, Answer], asked: Mapping[str, str], now: Mapping[str, Answer]) -> Since:
    """What became of a returned revision."""
    keys = before.keys() | now.keys()
    return Since(before, asked, frozenset(k for k in keys if _essence(before.get(k)) != _essence(now.get(k))))


def item_rows(
    parts: Sequence[NumberedSection],
    result: Result,
    answers: Mapping[str, Answer],
    files: Sequence[FileRow],
    overlays: Sequence[ReviewOverlay],
    questions: Mapping[str, str],
    before: Since,
) -> list[SectionRow]:
    """The sections in order."""
    by_item = {one.item_id: one for one in result.items}
    by_section = {one.section_id: one for one in result.sections}
    sections = []
    for part in parts:
        rows = []
        for one in part.items:
            key = one.item.id
            rows.append(
                ItemRow(
                    one.number, one.item, answers.get(key), by_item[key], [f for f in files if key in f.items],
                    [o for o in overlays if o.item_id == key], questions.get(key, ""), before.answers.get(key),
                    before.asked.get(key, ""), key in before.changed,
                )
            )  # fmt: skip
        total = by_section[part.section.id]
        earned, possible = Decimal(plain(total.earned)), Decimal(plain(total.possible))
        sections.append(SectionRow(part.letter, part.section.title, earned, possible, rows))
    return sections


def _essence(answer: Answer | None) -> tuple[object, ...]:
    """What makes two answers differ for a reader: not the minute of answering."""
    if answer is None:
        return ()
    kept = (answer.reason, answer.note, sorted(answer.evidence))
    return (sorted(answer.option_ids), answer.value, answer.not_applicable, *kept)

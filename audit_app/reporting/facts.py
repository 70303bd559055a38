"""What a document says, frozen before it is rendered: one class per document and edition.

The classes hold the rule of who may read what: an edition has no field for what its readers must not learn, so no query
and no template can print it. Build the office edition and narrow it by `editions.py`, or build an
edition directly.

- `HrVisit`, `OutletVisit`, `OfficeVisit`: one visit. The big figure is `experience` (all items); `site` is what a
  touchpoint or team is paid by; `person` exists only in the office edition, because one visit never reaches HR for a
  person.
- `HrTouchpoint`, `OutletTouchpoint`, `OfficeTouchpoint`: a touchpoint and a period, one block per series, never mixed.

Numbers are decimal strings; see `parts.py`. Facts can be pickled; `facts_sha256` is stable across processes.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, Literal, TypeVar

import rfc8785

from audit_app.reporting.parts import (
    AnswersFor,
    Checklist,
    DayAndPart,
    Edition,
    Figure,
    Issue,
    ItemLine,
    Mark,
    Period,
    Place,
    Result,
    SectionLine,
    Series,
    Text,
    TimeSlot,
    period_figure,
)

Document = Literal["visit", "scorecard"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """An item that lost points, as HR sees it: the reasons are texts of the checklist, never anybody's own words.

    On a period card `earned` and `points` are sums over the counted visits, `times` says in how many it was lost.
    """

    code: str
    text: Text
    earned: str
    points: str
    answers_for: AnswersFor
    reasons: tuple[Text, ...] = ()
    times: int = 1

    @property
    def lost(self) -> Decimal:
        return Decimal(self.points) - Decimal(self.earned)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletLoss(Loss):
    """`measured_band`: a measured time as a band ("10–15 min"), never the value."""

    measured_band: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeLoss(OutletLoss):
    """`measured`: the value with its unit; `note`: the assessor's own words."""

    measured: Text | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An item that an appeal changed after the release. `after` is "" where it does not apply any more."""

    code: str
    text: Text
    points: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonedChange(Change):
    """`reason`: the panel's words, which both sides read."""

    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """A stamped copy for viewing (JPEG or PNG bytes), not the file as sent. `taken_at` is aware."""

    content: bytes
    item_code: str
    caption: Text
    taken_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PaintedPhoto:
    """A photo that the reviewer painted over and let out. When it was taken is nobody's business below."""

    content: bytes
    item_code: str
    caption: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class ExactTimes:
    """When a visit was, for the office. Both instants are aware; they are printed in Shanghai time."""

    started_at: datetime
    finished_at: datetime
    slot: TimeSlot


@dataclass(frozen=True, slots=True, kw_only=True)
class _Visit:
    document: ClassVar[Document] = "visit"
    edition: ClassVar[Edition]
    issue: Issue
    period: Period
    place: Place
    series: Series
    visit_number: str
    """Random, minted at release."""
    checklist: Checklist
    experience: Result
    site: Result
    sections: tuple[SectionLine, ...]
    """Of the `experience` result."""
    answers_sha256: str
    revision: int
    before: str | None = None
    """The total before appeals changed it; None while none did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HrVisit(_Visit):
    edition: ClassVar[Edition] = "hr"
    when: DayAndPart
    losses: tuple[Loss, ...]
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletVisit(_Visit):
    edition: ClassVar[Edition] = "outlet"
    when: DayAndPart
    losses: tuple[OutletLoss, ...]
    items: tuple[ItemLine, ...]
    release_note: str
    """The reviewer's words, in place of the assessor's."""
    changes: tuple[ReasonedChange, ...] = ()
    painted: tuple[PaintedPhoto, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeVisit(_Visit):
    """`assessor` is the pseudonym of this visit, or an inspector's name in an overt programme; never a tester's code.
    `subject` names who was scored as the reviewer resolved it, "" when nobody was; `person` goes with it.
    """

    edition: ClassVar[Edition] = "office"
    when: ExactTimes
    losses: tuple[OfficeLoss, ...]
    items: tuple[ItemLine, ...]
    assessor: str
    release_note: str = ""
    subject: str = ""
    person: Result | None = None
    photos: tuple[Photo, ...] = ()
    changes: tuple[ReasonedChange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One visit in the table of a period card. `answers_sha256` and `revision` say which result is printed."""

    visit_number: str
    when: DayAndPart
    experience: Mark
    site: Mark
    answers_sha256: str
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletRow(Row):
    release_note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeRow(OutletRow):
    """`assessor` as in `OfficeVisit`; `times` prints in place of the day part."""

    times: ExactTimes
    assessor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    """A series of a period. `sections` are Σe / Σp over the counted visits, all items; `checklists` newest first: the
    bands of the first one name the period figures. `void` counts visits that two people voided.
    """

    series: Series
    checklists: tuple[Checklist, ...]
    sections: tuple[SectionLine, ...]
    assessors: int
    slots: int
    void: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HrBlock(_Block):
    rows: tuple[Row, ...]
    losses: tuple[Loss, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletBlock(_Block):
    rows: tuple[OutletRow, ...]
    losses: tuple[OutletLoss, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeBlock(_Block):
    rows: tuple[OfficeRow, ...]
    losses: tuple[OfficeLoss, ...]


Block = HrBlock | OutletBlock | OfficeBlock


@dataclass(frozen=True, slots=True, kw_only=True)
class _Touchpoint:
    document: ClassVar[Document] = "scorecard"
    edition: ClassVar[Edition]
    issue: Issue
    period: Period
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class HrTouchpoint(_Touchpoint):
    edition: ClassVar[Edition] = "hr"
    blocks: tuple[HrBlock, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletTouchpoint(_Touchpoint):
    edition: ClassVar[Edition] = "outlet"
    blocks: tuple[OutletBlock, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeTouchpoint(_Touchpoint):
    edition: ClassVar[Edition] = "office"
    blocks: tuple[OfficeBlock, ...]


VisitCard = HrVisit | OutletVisit | OfficeVisit
TouchpointCard = HrTouchpoint | OutletTouchpoint | OfficeTouchpoint
Facts = VisitCard | TouchpointCard
OfficeFacts = OfficeVisit | OfficeTouchpoint

AnyLoss = TypeVar("AnyLoss", bound=Loss)


def worst_first(losses: Sequence[AnyLoss]) -> tuple[AnyLoss, ...]:
    """Losses by points lost, most first; ties by code, so that the same facts always print alike."""
    return tuple(sorted(losses, key=lambda loss: (-loss.lost, len(loss.code), loss.code)))


def site_figure(block: Block) -> Figure:
    """What pay rows take: the mean of the printed `site` finals that count."""
    return period_figure(tuple(row.site for row in block.rows), block.checklists[0].bands)


def experience_figure(block: Block) -> Figure:
    """What boards and the public figure show: the mean of the printed `experience` finals that count."""
    return period_figure(tuple(row.experience for row in block.rows), block.checklists[0].bands)


def facts_sha256(facts: Facts) -> str:
    """Hash of everything that the document is made of, by RFC 8785; photos go in as their own SHA-256."""
    return hashlib.sha256(rfc8785.dumps(plain(facts))).hexdigest()


def plain(value: object) -> Any:
    """Facts as JSON values: dataclasses with their class name, instants in ISO 8601, bytes as their SHA-256."""
    if is_dataclass(value) and not isinstance(value, type):
        members = {field.name: plain(getattr(value, field.name)) for field in fields(value)}
        return {"type": type(value).__name__, **members}
    if isinstance(value, tuple | list):
        return [plain(member) for member in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return {"sha256": hashlib.sha256(value).hexdigest()}
    if value is None or isinstance(value, str | int):
        return value
    raise TypeError(f"facts must not hold {type(value).__name__}")

"""A checklist version as a value: texts in both languages, points and weights as decimal text. This is frozen."""

import hashlib
from collections.abc import Iterator
from typing import Literal

import msgspec
import rfc8785

from audit_app.scoring.sheet import Effect, ItemType, Party, Rule, When

Channel = Literal[
    "hall", "outlet", "agent", "hotline", "online_hall", "app", "sms", "social", "self_check", "competitor"
]
Kind = Literal["visit", "call", "digital", "self_check"]
Series = Literal["by_manner", "hotline", "self_check", "none"]
TouchpointKind = Literal["hall", "outlet", "agent", "hotline", "online_hall", "app", "sms", "social", "competitor"]
Manner = Literal["covert", "overt"]
AssessorKind = Literal["tester", "chief_tester", "inspector", "reviewer", "staff"]
Segment = Literal["consumer", "business", "senior", "accessibility"]
Nature = Literal["factual", "subjective"]
Better = Literal["lower", "higher"]


class Text(msgspec.Struct, frozen=True):
    """One text in both languages."""

    zh: str
    en: str


class OptionText(msgspec.Struct, frozen=True):
    id: str
    text: Text
    points: str


class StepText(msgspec.Struct, frozen=True):
    limit: str
    points: str


class ThresholdsText(msgspec.Struct, frozen=True):
    unit: str
    better: Better
    steps: tuple[StepText, ...]
    otherwise: str


class NotApplicable(msgspec.Struct, frozen=True):
    allowed: bool
    reason_required: bool


class CriticalRule(msgspec.Struct, frozen=True):
    rule: Rule
    cap: str | None = None


class EvidenceRule(msgspec.Struct, frozen=True):
    photo: When
    audio: When
    note: When
    time: When
    live_camera: bool

    @property
    def any(self) -> bool:
        return {self.photo, self.audio, self.note, self.time} != {"never"}


class ShowIfRule(msgspec.Struct, frozen=True):
    item: str
    options: tuple[str, ...]


class ItemText(msgspec.Struct, frozen=True):
    """One item with all that the assessor reads. `critical` and `show_if` are None where there is no such rule."""

    id: str
    concept: str
    text: Text
    guidance: Text
    type: ItemType
    points: str
    options: tuple[OptionText, ...]
    many: bool
    effect: Effect
    thresholds: ThresholdsText | None
    not_applicable: NotApplicable
    critical: CriticalRule | None
    loss_reasons: tuple[Text, ...]
    evidence: EvidenceRule
    show_if: ShowIfRule | None
    nature: Nature
    answers_for: Party
    clause: tuple[str, ...]


class SectionText(msgspec.Struct, frozen=True):
    id: str
    title: Text
    weight: str
    items: tuple[ItemText, ...]


class BandText(msgspec.Struct, frozen=True, rename={"low": "from", "high": "to"}):
    id: str
    low: str
    high: str
    to_inclusive: bool
    text: Text


class AppliesTo(msgspec.Struct, frozen=True):
    touchpoint_kinds: tuple[TouchpointKind, ...]
    tiers: tuple[int, ...]
    manner: tuple[Manner, ...]
    assessors: tuple[AssessorKind, ...]


class Scenario(msgspec.Struct, frozen=True):
    """What a tester plays. `script`: what to do, to say, never to do."""

    id: str
    segment: Segment
    persona: Text
    goal: Text
    script: Text
    expected: Text
    minutes: int


class ChecklistDocument(msgspec.Struct, frozen=True):
    """The whole text of a checklist version."""

    id: str
    schema: int
    version: int
    family: str
    channel: Channel
    kind: Kind
    series: Series
    title: Text
    purpose: Text
    applies_to: AppliesTo
    expected_minutes: int
    personal_scores: bool
    bands: tuple[BandText, ...]
    sections: tuple[SectionText, ...]
    scenarios: tuple[Scenario, ...]

    def items(self) -> Iterator[ItemText]:
        for section in self.sections:
            yield from section.items

    @property
    def item_count(self) -> int:
        return sum(1 for _ in self.items())

    @property
    def critical_count(self) -> int:
        return sum(item.critical is not None for item in self.items())


def body_of(document: ChecklistDocument) -> bytes:
    """The canonical bytes (RFC 8785) that are stored and hashed."""
    return rfc8785.dumps(msgspec.to_builtins(document))


# Made while the module is imported, by one thread: when several threads meet a type first, msgspec 0.22 can crash the
# whole process while it takes the type apart.
_READER = msgspec.json.Decoder(ChecklistDocument)


def document_of(body: bytes) -> ChecklistDocument:
    """Back from :func:`body_of`; equal to the document it was made of."""
    return _READER.decode(body)


def sha256_of(body: bytes) -> str:
    """The version hash that every card carries."""
    return hashlib.sha256(body).hexdigest()

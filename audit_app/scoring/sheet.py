"""The compiled scoring sheet of one checklist version: everything that a score depends on, and no texts."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Literal

ItemType = Literal["yes_no", "graded", "choice", "duration", "number", "text", "photo", "audio"]
When = Literal["never", "on_loss", "always"]
Party = Literal["staff", "site", "company"]
Rule = Literal["zero", "cap", "fail_flag"]
Effect = Literal["normal", "bonus", "deduction"]
Audience = Literal["experience", "site", "person"]

BY_OPTION = frozenset({"yes_no", "graded", "choice"})
BY_VALUE = frozenset({"duration", "number"})
WITHOUT_SCORE = frozenset({"text", "photo", "audio"})

PARTIES: dict[Audience, frozenset[Party]] = {
    "experience": frozenset({"staff", "site", "company"}),
    "site": frozenset({"staff", "site"}),
    "person": frozenset({"staff"}),
}
"""Whose items each of the three results of a visit is made of."""


@dataclass(frozen=True, slots=True)
class Option:
    id: str
    points: Fraction


@dataclass(frozen=True, slots=True)
class Step:
    limit: Fraction
    points: Fraction


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The first step that the value satisfies wins: value ≤ limit where lower is better, value ≥ limit else."""

    better: Literal["lower", "higher"]
    steps: tuple[Step, ...]
    otherwise: Fraction
    unit: str = ""

    def points_for(self, value: Fraction) -> Fraction:
        for step in self.steps:
            if value <= step.limit if self.better == "lower" else value >= step.limit:
                return step.points
        return self.otherwise


@dataclass(frozen=True, slots=True)
class Critical:
    """What happens to the total when the item's answer earns 0. `cap` is set only for the rule cap."""

    rule: Rule
    cap: Fraction | None = None


@dataclass(frozen=True, slots=True)
class ShowIf:
    """Shown only if the earlier item is itself shown and has one of these options."""

    item: str
    options: frozenset[str]


@dataclass(frozen=True, slots=True)
class Evidence:
    """When a photo, a recording, a note or the time belongs to the answer; `live_camera` forbids the gallery."""

    photo: When = "never"
    audio: When = "never"
    note: When = "never"
    time: When = "never"
    live_camera: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """One question. `effect` other than normal changes what a section earns but not what it could earn: a bonus earns
    between 0 and `points`, a deduction between −`points` and 0."""

    id: str
    type: ItemType
    points: Fraction
    answers_for: Party
    options: tuple[Option, ...] = ()
    many: bool = False
    effect: Effect = "normal"
    thresholds: Thresholds | None = None
    na_allowed: bool = False
    na_reason_required: bool = False
    critical: Critical | None = None
    show_if: ShowIf | None = None
    evidence: Evidence = Evidence()
    subjective: bool = False

    @property
    def scores(self) -> bool:
        """Whether an answer to it moves a score: texts, evidence and items of 0 points do not."""
        return self.type not in WITHOUT_SCORE and self.points > 0


@dataclass(frozen=True, slots=True)
class Section:
    id: str
    weight: Fraction
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Band:
    """low ≤ score < high; the top band (`closed`) includes its upper end."""

    id: str
    low: Fraction
    high: Fraction
    closed: bool = False

    def holds(self, value: Fraction) -> bool:
        return self.low <= value and (value < self.high or (self.closed and value == self.high))


@dataclass(frozen=True)
class Sheet:
    """The sheet of a version. Immutable; keep it as long as you like, a published version never changes."""

    checklist_id: str
    version_sha256: str
    series: str
    personal_scores: bool
    sections: tuple[Section, ...]
    bands: tuple[Band, ...] = ()

    def items(self) -> Iterator[Item]:
        for section in self.sections:
            yield from section.items

    @cached_property
    def by_id(self) -> dict[str, Item]:
        return {item.id: item for item in self.items()}

    @cached_property
    def conditions(self) -> frozenset[str]:
        """Ids of the items that some `show_if` looks at: these need an answer even where they earn nothing."""
        return frozenset(item.show_if.item for item in self.items() if item.show_if)

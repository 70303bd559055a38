"""The parts that both documents print, whatever the edition. Nothing here names an assessor, a photo or free text.

Numbers are decimal strings as printed ("87.25"), never floats. Every text that exists in both languages is a `Text`.
"""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Literal

Edition = Literal["hr", "outlet", "office"]
Series = Literal["covert", "overt", "hotline"]
AnswersFor = Literal["staff", "site", "company"]
Outcome = Literal["pass", "fail"]
Basis = Literal["sufficient", "insufficient", "none"]
Use = Literal["incentives", "improvement"]
DayType = Literal["workday", "off"]
DayPart = Literal["opening", "midday", "afternoon", "evening", "night"]
TouchpointKind = Literal["hall", "outlet", "agent", "hotline", "team", "digital"]
CriticalRule = Literal["zero", "cap", "fail"]
ItemState = Literal["scored", "not_applicable", "hidden", "unscored"]
Excluded = Literal[
    "insufficient",
    "no_score",
    "void",
    "not_final",
    "open_appeal",
    "late",
    "not_comparable",
    "notice",
]


@dataclass(frozen=True, slots=True)
class Text:
    """One text in both languages; without English the Chinese is printed (proper names often have only one)."""

    zh: str
    en: str = ""

    def pick(self, locale: str) -> str:
        return self.en or self.zh if locale == "en" else self.zh or self.en


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """`code` as in file names: 2026Q3, 2026-09 or 2026; `start` ≤ day < `end`."""

    code: str
    start: date
    end: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The touchpoint that is scored. `city` and `county` may be empty texts for a province-wide hotline."""

    kind: TouchpointKind
    code: str
    name: Text
    city: Text
    county: Text
    tier: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Half-open [low, high); the last one, with `closed`, holds its upper end too."""

    id: str
    name: Text
    low: str
    high: str
    closed: bool = False

    def holds(self, score: str) -> bool:
        number, low, high = Decimal(score), Decimal(self.low), Decimal(self.high)
        return low <= number < high or (self.closed and number == high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    """`comparable`: with the version before it, as its publisher stated; None for a first version."""

    title: Text
    version: int
    sha256: str
    bands: tuple[Band, ...]
    comparable: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """Who gives this document out, for whom and for what. `number` is random, minted for this document and edition;
    `made_for` names an office or a role, `issued_on` the day of issue in Shanghai, `version` counts re-issues.
    """

    number: str
    issuer: Text
    department: Text
    made_for: Text
    use: Use
    issued_on: date
    version: int = 1
    verify: str = ""
    """Address at which anybody can check the file; "" on a document that is only looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CriticalHit:
    """A critical item that fired. `cap` only with rule "cap"."""

    code: str
    text: Text
    rule: CriticalRule
    cap: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One of the three results of a visit, by rules 1–5. `na_share` is a percentage; totals are None without basis."""

    raw: str | None
    final: str | None
    outcome: Outcome
    na_share: str
    basis: Basis
    band: Band | None = None
    critical: tuple[CriticalHit, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionLine:
    """A section's Σe / Σp. `percent` None: everything not applicable, so the section dropped out."""

    code: str
    title: Text
    weight: str
    earned: str
    points: str
    percent: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemLine:
    """One item in the full list of a visit. `earned` is None unless `state` is "scored"."""

    section: str
    code: str
    text: Text
    points: str
    earned: str | None
    state: ItemState
    answers_for: AnswersFor
    critical: bool = False

    @property
    def lost(self) -> bool:
        return self.earned is not None and Decimal(self.earned) < Decimal(self.points)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeSlot:
    day_type: DayType
    day_part: DayPart


@dataclass(frozen=True, slots=True, kw_only=True)
class DayAndPart:
    """When a visit was, as HR and outlets may know it."""

    on: date
    slot: TimeSlot


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What a visit brought into a period, for one of its results. `excluded` None: counted."""

    raw: str | None
    final: str | None
    outcome: Outcome
    na_share: str
    excluded: Excluded | None = None

    @property
    def counted(self) -> bool:
        return self.excluded is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A period figure: the mean of the printed finals `finals`, with the `total` so that anyone can recompute it."""

    finals: tuple[str, ...]
    total: str
    mean: str | None
    band: Band | None = None

    @property
    def count(self) -> int:
        return len(self.finals)


def period_figure(marks: tuple[Mark, ...], bands: tuple[Band, ...]) -> Figure:
    """The mean of the finals that count, half up to two places; None when none counts."""
    finals = tuple(mark.final for mark in marks if mark.counted and mark.final is not None)
    total = sum((Decimal(final) for final in finals), Decimal("0.00"))
    if not finals:
        return Figure(finals=(), total=str(total), mean=None)
    mean = half_up(Fraction(total) / len(finals))
    band = next((band for band in bands if band.holds(mean)), None)
    return Figure(finals=finals, total=str(total), mean=mean, band=band)


def half_up(number: Fraction, places: int = 2) -> str:
    """A rational as a decimal string, rounded half up (away from zero)."""
    scale = 10**places
    doubled = abs(number) * scale * 2
    whole = (doubled.numerator // doubled.denominator + 1) // 2
    signed = -whole if number < 0 else whole
    return str((Decimal(signed) / scale).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP))


def section_letter(index: int) -> str:
    """A, B, … Z, AA, AB …: the printed code of the section at `index` (from 0)."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters

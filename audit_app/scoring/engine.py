"""Rules 1 to 5 of scoring: one pure function for page, document, interface and replay."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from audit_app.scoring.answers import Answers, read, shown_ids
from audit_app.scoring.numbers import printed
from audit_app.scoring.sheet import PARTIES, WITHOUT_SCORE, Audience, Effect, Item, Rule, Section, Sheet

NA_LIMIT = Fraction(30, 100)
ZERO, HUNDRED = Fraction(0), Fraction(100)

State = Literal["scored", "na", "hidden", "unscored", "unanswered"]
Basis = Literal["ok", "insufficient", "none"]
Outcome = Literal["ok", "fail"]


@dataclass(frozen=True, slots=True)
class ItemResult:
    """`earned` of `points`; both are 0 unless the state says scored (`points` also stands for na and unanswered).

    States: scored; na (out of the divisor); hidden (by a condition); unscored (text, evidence: scores nothing);
    unanswered (shown, but no usable answer: out of the divisor like N/A and against the basis, never against a person).
    """

    item_id: str
    section_id: str
    state: State
    earned: Fraction
    points: Fraction
    effect: Effect = "normal"


@dataclass(frozen=True, slots=True)
class SectionResult:
    """Σe and Σp of a section. Without Σp it drops out of the total and its bonus and deduction items with it."""

    section_id: str
    weight: Fraction
    earned: Fraction
    possible: Fraction

    @property
    def counts(self) -> bool:
        return self.possible > 0

    @property
    def share(self) -> Fraction | None:
        """S = Σe/Σp, exact; below 0 or above 1 only through bonus and deduction items."""
        return self.earned / self.possible if self.counts else None

    @property
    def percent(self) -> Decimal | None:
        """100·S as printed."""
        return None if self.share is None else printed(100 * self.share)


@dataclass(frozen=True, slots=True)
class Fired:
    """A critical item whose answer earned 0."""

    item_id: str
    rule: Rule
    cap: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """One of the three results of a visit. All parts of it are printed; none is computed from a printed one.

    raw_total, final_total: before and after critical rules; both None where nothing is left to score
    number_rule: the critical rule that set the final total (zero beats cap), or None
    outcome: "fail" if a fail flag fired, whatever the number
    fired: every critical item that fired, in the order of the sheet
    na_share: Σp(N/A) / Σp(shown)
    basis: "insufficient" above 30 % (shown, kept out of averages), "none" without a score
    band: of the printed final total
    """

    audience: Audience
    version_sha256: str
    items: tuple[ItemResult, ...]
    sections: tuple[SectionResult, ...]
    raw_total: Decimal | None
    final_total: Decimal | None
    outcome: Outcome
    number_rule: Literal["zero", "cap"] | None
    fired: tuple[Fired, ...]
    na_share: Fraction
    basis: Basis
    band: str | None

    @property
    def averaged(self) -> bool:
        """Whether the final total may enter an average."""
        return self.basis == "ok"

    @property
    def unanswered(self) -> tuple[str, ...]:
        """Items that still need an answer; approve no visit that has some."""
        return tuple(item.item_id for item in self.items if item.state == "unanswered")


@dataclass(frozen=True, slots=True)
class Results:
    """The three results of a visit; `person` is None where the checklist keeps out of personal scores."""

    experience: Result
    site: Result
    person: Result | None

    def each(self) -> tuple[Result, ...]:
        present = (self.experience, self.site, self.person)
        return tuple(result for result in present if result is not None)


def score_all(sheet: Sheet, answers: Answers) -> Results:
    """All three results of a visit."""
    person = score(sheet, answers, "person") if sheet.personal_scores else None
    return Results(score(sheet, answers), score(sheet, answers, "site"), person)


def score(sheet: Sheet, answers: Answers, audience: Audience = "experience") -> Result:
    """The result of these effective answers for one audience: its own items, divisor, N/A share and critical items."""
    shown = shown_ids(sheet, answers)
    items: list[ItemResult] = []
    sections: list[SectionResult] = []
    for section in sheet.sections:
        rows = [
            _item_result(section, item, item.id in shown, answers)
            for item in section.items
            if item.answers_for in PARTIES[audience]
        ]
        items += rows
        if rows:
            sections.append(_section_result(section, rows))
    fired = _fired(sheet, items)
    raw = _raw_total(sections)
    final, rule = _after_critical(raw, fired)
    na_share, basis = _basis(items, raw)
    final_printed = None if final is None else printed(final)
    return Result(
        audience=audience,
        version_sha256=sheet.version_sha256,
        items=tuple(items),
        sections=tuple(sections),
        raw_total=None if raw is None else printed(raw),
        final_total=final_printed,
        outcome="fail" if any(fire.rule == "fail_flag" for fire in fired) else "ok",
        number_rule=rule,
        fired=fired,
        na_share=na_share,
        basis=basis,
        band=band_of(sheet, final_printed),
    )


def band_of(sheet: Sheet, final: Decimal | None) -> str | None:
    """The id of the band that holds a printed total."""
    if final is None:
        return None
    return next((band.id for band in sheet.bands if band.holds(Fraction(final))), None)


def _item_result(section: Section, item: Item, shown: bool, answers: Answers) -> ItemResult:
    if not shown:
        return ItemResult(item.id, section.id, "hidden", ZERO, ZERO, item.effect)
    if item.type in WITHOUT_SCORE:
        return ItemResult(item.id, section.id, "unscored", ZERO, ZERO, item.effect)
    reading = read(item, answers.get(item.id))
    if reading == "na":
        return ItemResult(item.id, section.id, "na", ZERO, item.points, item.effect)
    if reading is None:
        state: State = "unanswered" if item.scores else "unscored"
        return ItemResult(item.id, section.id, state, ZERO, item.points, item.effect)
    return ItemResult(item.id, section.id, "scored", reading, item.points, item.effect)


def _section_result(section: Section, rows: list[ItemResult]) -> SectionResult:
    scored = [row for row in rows if row.state == "scored"]
    possible = sum((row.points for row in scored if row.effect == "normal"), ZERO)
    earned = sum((row.earned for row in scored), ZERO) if possible else ZERO
    return SectionResult(section.id, section.weight, earned, possible)


def _raw_total(sections: list[SectionResult]) -> Fraction | None:
    counting = [section for section in sections if section.counts and section.weight > 0]
    if not counting:
        return None
    weighted = sum((s.weight * s.earned / s.possible for s in counting), ZERO)
    total = 100 * weighted / sum((s.weight for s in counting), ZERO)
    return min(max(total, ZERO), HUNDRED)


def _fired(sheet: Sheet, items: list[ItemResult]) -> tuple[Fired, ...]:
    fired = []
    for row in items:
        critical = sheet.by_id[row.item_id].critical
        if critical is not None and row.state == "scored" and row.earned == 0:
            fired.append(Fired(row.item_id, critical.rule, critical.cap))
    return tuple(fired)


def _after_critical(
    raw: Fraction | None, fired: tuple[Fired, ...]
) -> tuple[Fraction | None, Literal["zero", "cap"] | None]:
    """The final total and the rule that set it; a cap that the raw total does not reach sets nothing."""
    if raw is None:
        return None, None
    if any(fire.rule == "zero" for fire in fired):
        return ZERO, "zero"
    caps = [fire.cap for fire in fired if fire.rule == "cap" and fire.cap is not None]
    if caps and min(caps) < raw:
        return min(caps), "cap"
    return raw, None


def _basis(items: list[ItemResult], raw: Fraction | None) -> tuple[Fraction, Basis]:
    counted = [row for row in items if row.effect == "normal"]
    shown = sum((row.points for row in counted), ZERO)
    not_applicable = sum((row.points for row in counted if row.state == "na"), ZERO)
    unanswered = sum((row.points for row in counted if row.state == "unanswered"), ZERO)
    share = not_applicable / shown if shown else ZERO
    if raw is None:
        return share, "none"
    return share, "insufficient" if (not_applicable + unanswered) / shown > NA_LIMIT else "ok"

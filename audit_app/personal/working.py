"""How a figure came about, item by item, so that anybody can do the sum again by hand. Pure.

Every number is printed exactly (points and weights are finite decimals); only totals and shares are rounded, as on the
scorecard.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from audit_app.reporting.checklist_words import Coded, coded, measured_band, reasons
from audit_app.reporting.parts import Text, half_up, section_letter
from audit_app.reporting.queries.sources import VisitSource
from audit_app.scoring.engine import ItemResult, Result, SectionResult
from audit_app.scoring.numbers import plain

HUNDRED = Fraction(100)


@dataclass(frozen=True, slots=True)
class ItemWorking:
    """`earned` of `points`; `cost` is what the loss takes off the total, in points of 100, before critical items."""

    id: str
    code: str
    text: Text
    state: str  # scored | na | hidden | unscored | unanswered
    effect: str
    earned: str
    points: str
    lost: bool
    cost: str
    critical: str  # the rule if it is a critical item
    reasons: tuple[Text, ...]
    band: Text | None


@dataclass(frozen=True, slots=True)
class SectionWorking:
    """`brings` is the section's part of the total: w · Σe/Σp ÷ Σw. Without anything to score it does not count."""

    letter: str
    title: Text
    weight: str
    earned: str
    points: str
    percent: str
    brings: str
    counts: bool
    items: tuple[ItemWorking, ...]


@dataclass(frozen=True, slots=True)
class FiredItem:
    code: str
    text: Text
    rule: str  # zero | cap | fail_flag
    cap: str


@dataclass(frozen=True, slots=True)
class Working:
    """A result with its sum. `bounded`: bonus or deduction items led outside 0 to 100."""

    raw: str | None
    final: str | None
    outcome: str
    basis: str
    number_rule: str | None
    band: Text | None
    na_points: str
    shown_points: str
    na_share: str
    bounded: bool
    sum: str
    sections: tuple[SectionWorking, ...]
    fired: tuple[FiredItem, ...]


def working(visit: VisitSource, result: Result) -> Working:
    """The sum behind one of a visit's results."""
    marks = coded(visit.version.document)
    counting = [s for s in result.sections if s.counts and s.weight > 0]
    weights = sum((s.weight for s in counting), Fraction(0))
    normal = [i for i in result.items if i.effect == "normal" and i.state in ("scored", "na", "unanswered")]
    bands = {band.id: Text(band.text.zh, band.text.en) for band in visit.version.document.bands}
    exact = _exact_total(counting, weights)
    return Working(
        raw=_two(result.raw_total), final=_two(result.final_total), outcome=result.outcome, basis=result.basis,
        number_rule=result.number_rule, band=bands.get(result.band) if result.band else None,
        na_points=plain(sum((i.points for i in normal if i.state == "na"), Fraction(0))),
        shown_points=plain(sum((i.points for i in normal), Fraction(0))), na_share=half_up(result.na_share * 100),
        bounded=exact is not None and not 0 <= exact <= HUNDRED, sum=_sum(counting, weights),
        sections=tuple(_section(visit, result, s, marks, weights) for s in result.sections),
        fired=tuple(
            FiredItem(marks[f.item_id].code, marks[f.item_id].text, f.rule, plain(f.cap) if f.cap is not None else "")
            for f in result.fired
        ),
    )  # fmt: skip


def _two(total: object) -> str | None:
    return None if total is None else f"{total:.2f}"


def _exact_total(counting: list[SectionResult], weights: Fraction) -> Fraction | None:
    if not counting:
        return None
    return HUNDRED * sum((s.weight * s.earned / s.possible for s in counting), Fraction(0)) / weights


def _sum(counting: list[SectionResult], weights: Fraction) -> str:
    """`(50 × 8/10 + 20 × 6/8) ÷ 70 × 100`"""
    parts = [f"{plain(s.weight)} × {plain(s.earned)}/{plain(s.possible)}" for s in counting]
    return f"({' + '.join(parts)}) ÷ {plain(weights)} × 100" if parts else ""


def _section(
    visit: VisitSource, result: Result, part: SectionResult, marks: Mapping[str, Coded], weights: Fraction
) -> SectionWorking:
    document = visit.version.document
    place = next(n for n, section in enumerate(document.sections) if section.id == part.section_id)
    title = document.sections[place].title
    counts = part.counts and part.weight > 0
    share = part.weight / weights if counts and weights else Fraction(0)
    items = tuple(
        _item(visit, i, marks[i.item_id], part, share) for i in result.items if i.section_id == part.section_id
    )
    return SectionWorking(
        letter=section_letter(place), title=Text(title.zh, title.en), weight=plain(part.weight),
        earned=plain(part.earned), points=plain(part.possible),
        percent=half_up(HUNDRED * part.earned / part.possible) if part.counts else "",
        brings=half_up(HUNDRED * share * part.earned / part.possible) if counts else "", counts=counts, items=items,
    )  # fmt: skip


def _item(visit: VisitSource, item: ItemResult, mark: Coded, part: SectionResult, share: Fraction) -> ItemWorking:
    said, answer = visit.said.get(item.item_id), visit.answers.get(item.item_id)
    scored = item.state == "scored"
    missing = (item.points if item.effect == "normal" else Fraction(0)) - item.earned if scored else Fraction(0)
    lost = scored and missing > 0
    cost = HUNDRED * share * missing / part.possible if lost and part.possible else Fraction(0)
    return ItemWorking(
        id=item.item_id, code=mark.code, text=mark.text, state=item.state, effect=item.effect,
        earned=plain(item.earned), points=plain(item.points), lost=lost, cost=half_up(cost) if lost else "",
        critical=mark.item.critical.rule if mark.item.critical else "",
        reasons=reasons(mark.item, said, answer) if lost else (),
        band=measured_band(mark.item, answer) if scored else None,
    )  # fmt: skip

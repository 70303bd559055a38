"""A second, independent reading of PRODUCT.md section 6 rules 1 to 5, with plain dicts and decimals of high precision.

It shares no code with the engine: visibility by recursion, points by look-up, sums by loops, rounding by `decimal`.
"""

from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from typing import Any

EXACT = Context(prec=120)
OURS = {"experience": {"staff", "site", "company"}, "site": {"staff", "site"}, "person": {"staff"}}


def visible(item: Any, items: dict[str, Any], given: dict[str, Any]) -> bool:
    if item.show_if is None:
        return True
    other = items[item.show_if.item]
    if not visible(other, items, given) or other.id not in given:
        return False
    return any(option in item.show_if.options for option in given[other.id].option_ids)


def earned(item: Any, one: Any) -> Fraction:
    if item.thresholds is None:
        worth = Fraction(0)
        for option in item.options:
            if option.id in one.option_ids:
                worth += option.points
    else:
        value, worth = Fraction(one.value), item.thresholds.otherwise
        for step in reversed(item.thresholds.steps):
            if (value <= step.limit) if item.thresholds.better == "lower" else (value >= step.limit):
                worth = step.points
    if item.effect == "deduction":
        return max(-item.points, min(Fraction(0), worth))
    return max(Fraction(0), min(item.points, worth))


def rounded(value: Fraction) -> Decimal:
    exact = EXACT.divide(Decimal(value.numerator), Decimal(value.denominator))
    return exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def total(sheet: Any, given: dict[str, Any], audience: str) -> dict[str, Any]:
    """raw, final, fail, share of N/A and basis; every shown item must be answered."""
    items = {item.id: item for section in sheet.sections for item in section.items}
    top = bottom = shown_points = na_points = Fraction(0)
    fired = []
    for section in sheet.sections:
        e = p = extra = Fraction(0)
        for item in section.items:
            if item.answers_for not in OURS[audience] or not visible(item, items, given) or item.type == "text":
                continue
            one = given[item.id]
            if item.effect == "normal":
                shown_points += item.points
                if one.not_applicable:
                    na_points += item.points
            if one.not_applicable:
                continue
            worth = earned(item, one)
            if item.critical is not None and worth == 0:
                fired.append(item.critical)
            if item.effect == "normal":
                e, p = e + worth, p + item.points
            else:
                extra += worth
        if p > 0:
            top, bottom = top + section.weight * (e + extra) / p, bottom + section.weight
    share = na_points / shown_points if shown_points else Fraction(0)
    fail = any(rule.rule == "fail_flag" for rule in fired)
    if bottom == 0:
        return {"raw": None, "final": None, "fail": fail, "share": share, "basis": "none"}
    raw = 100 * top / bottom
    raw = Fraction(0) if raw < 0 else Fraction(100) if raw > 100 else raw
    final = min([raw] + [rule.cap for rule in fired if rule.rule == "cap"])
    if any(rule.rule == "zero" for rule in fired):
        final = Fraction(0)
    basis = "insufficient" if share * 10 > 3 else "ok"
    return {"raw": rounded(raw), "final": rounded(final), "fail": fail, "share": share, "basis": basis}

"""Typed answers, and what an answer means on a sheet: points, not applicable, or nothing usable."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from audit_app.scoring.numbers import exact
from audit_app.scoring.sheet import BY_OPTION, BY_VALUE, WITHOUT_SCORE, Item, Sheet


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as the assessor gave it or a reviewer changed it.

    Exactly one of `option_ids` (one id; several where the item takes many), `value` (decimal text in the item's unit;
    free text on a text item) and `not_applicable` is meant to be there. `evidence` holds SHA-256 addresses.
    """

    item_id: str
    option_ids: tuple[str, ...] = ()
    value: str | None = None
    not_applicable: bool = False
    reason: str = ""
    note: str = ""
    answered_at: str = ""
    evidence: tuple[str, ...] = ()


Answers = Mapping[str, Answer]
"""Effective answers: item id → answer."""


def by_item(answers: Iterable[Answer]) -> dict[str, Answer]:
    """The answers by item id; a later one for the same item wins (callers refuse repeats with `gaps`)."""
    return {answer.item_id: answer for answer in answers}


NotApplicable = Literal["na"]
Reading = Fraction | NotApplicable | None
"""Points earned, "na", or None: no answer that the item accepts."""


def read(item: Item, answer: Answer | None) -> Reading:
    """What the answer is worth on the item. Only for items that are shown and whose type can score."""
    if answer is None or fault(item, answer) is not None:
        return None
    if answer.not_applicable:
        return "na"
    if item.type in BY_VALUE:
        return _measured(item, answer.value)
    if not answer.option_ids:
        return None
    points = {option.id: option.points for option in item.options}
    return held(item, sum((points[chosen] for chosen in answer.option_ids), Fraction(0)))


def _measured(item: Item, value: str | None) -> Fraction | None:
    if value is None or item.thresholds is None:
        return None
    return held(item, item.thresholds.points_for(exact(value)))


def held(item: Item, points: Fraction) -> Fraction:
    """Held within 0 and p; within −p and 0 for a deduction."""
    low, high = (-item.points, Fraction(0)) if item.effect == "deduction" else (Fraction(0), item.points)
    return min(max(points, low), high)


Fault = Literal["na_not_allowed", "ambiguous", "option", "value"]


def fault(item: Item, answer: Answer) -> Fault | None:
    """Why the item cannot take this answer at all, or None. An empty answer is no fault: it is no answer."""
    given = bool(answer.option_ids) + (answer.value is not None) + answer.not_applicable
    if given > 1:
        return "ambiguous"
    if answer.not_applicable:
        return None if item.na_allowed else "na_not_allowed"
    if answer.option_ids:
        return None if _options_fit(item, answer.option_ids) else "option"
    if answer.value is not None and item.type in BY_VALUE:
        return None if _is_measure(answer.value) else "value"
    if answer.value is not None and item.type in BY_OPTION:
        return "value"
    return None


def _options_fit(item: Item, chosen: tuple[str, ...]) -> bool:
    known = {option.id for option in item.options}
    return (
        item.type in BY_OPTION
        and set(chosen) <= known
        and len(set(chosen)) == len(chosen) <= (len(known) if item.many else 1)
    )


def _is_measure(text: str) -> bool:
    try:
        return exact(text) >= 0
    except ValueError:
        return False


def shown_ids(sheet: Sheet, answers: Answers) -> frozenset[str]:
    """Ids of the items that these answers show. A hidden item hides what hangs on it, whatever was stored for it."""
    shown: set[str] = set()
    for item in sheet.items():
        if item.show_if is None or _condition_met(sheet, answers, shown, item):
            shown.add(item.id)
    return frozenset(shown)


def _condition_met(sheet: Sheet, answers: Answers, shown: set[str], item: Item) -> bool:
    rule = item.show_if
    if rule is None or rule.item not in shown:
        return False
    earlier, answer = sheet.by_id[rule.item], answers.get(rule.item)
    if answer is None or answer.not_applicable or fault(earlier, answer) is not None:
        return False
    return not rule.options.isdisjoint(answer.option_ids)


def effective(sheet: Sheet, answers: Answers) -> dict[str, Answer]:
    """The answers that count: to items of the sheet that are shown and can score. Texts and evidence never get in."""
    shown = shown_ids(sheet, answers)
    counting = {item.id for item in sheet.items() if item.id in shown and item.type not in WITHOUT_SCORE}
    return {key: answer for key, answer in answers.items() if key in counting}

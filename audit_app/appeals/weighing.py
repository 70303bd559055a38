"""What a changed answer would do to a visit's score. Pure: the same function as everywhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from audit_app.appeals.rules import best
from audit_app.scoring.answers import Answer, fault
from audit_app.scoring.engine import score
from audit_app.scoring.numbers import plain
from audit_app.scoring.sheet import Sheet


@dataclass(frozen=True, slots=True)
class Weighed:
    """An item with one answer: what it earns (None: not applicable) of its points and of the `most` that it can earn,
    and the visit's total with it.

    `gap`: items would be shown that nobody looked at; they stay out of the score. `averaged`: whether the total would
    still enter averages.
    """

    earned: Fraction | None
    points: Fraction
    most: Fraction
    total: Decimal | None
    gap: bool
    averaged: bool

    @property
    def hundredths(self) -> int:
        return 0 if self.total is None else int(self.total * 100)

    @property
    def printed(self) -> str:
        """Points as printed; "" where the item does not apply."""
        return "" if self.earned is None else plain(self.earned)


def weigh(sheet: Sheet, answers: Mapping[str, Answer], answer: Answer) -> Weighed | None:
    """The visit with this answer to its item; None if the item cannot take it."""
    item = sheet.by_id.get(answer.item_id)
    empty = not (answer.option_ids or answer.value is not None or answer.not_applicable)
    if item is None or empty or fault(item, answer):
        return None
    result = score(sheet, {**answers, answer.item_id: answer})
    one = next(found for found in result.items if found.item_id == answer.item_id)
    if one.state not in ("scored", "na"):
        return None
    return Weighed(
        None if one.state == "na" else one.earned, one.points, best(one.effect, one.points), result.final_total,
        bool(result.unanswered),
        result.averaged,
    )  # fmt: skip

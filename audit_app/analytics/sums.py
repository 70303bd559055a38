"""How the monthly sums follow from the rows of single visits: pure arithmetic over rows of both.

Rows that come and go change the sums by what they are worth, in the same transaction. Changes add up in any order, so
that two transactions never wait for each other's figures to be read, and a sum that has drifted is mended by a change.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from audit_app.analytics import rules
from audit_app.analytics.models import (
    ItemFact,
    ItemMonth,
    OwnerMonth,
    SectionFact,
    SectionMonth,
    VisitFact,
    VisitMonth,
)

Values = Mapping[str, Any]
Key = tuple[Any, ...]
Amounts = list[int]


@dataclass(frozen=True)
class Sum:
    """A table of sums: over which rows, by which columns (the first is a path), and what a row is worth in each of its
    figures. `rolled`: a row counts for its county, its city and its province, too."""

    table: Any
    over: Any
    keys: tuple[str, ...]
    figures: tuple[str, ...]
    worth: Callable[[Values], tuple[int, ...]]
    rolled: bool = True

    def keys_of(self, values: Values) -> Iterable[Key]:
        """The rows of sums that a row of the facts belongs to."""
        first, *others = (values[name] for name in self.keys)
        paths = rules.units_over(first) if self.rolled else [first]
        return [(path, *others) for path in paths]


def _visit(values: Values) -> tuple[int, ...]:
    final = values["final"]
    return 1, int(final is not None), final or 0


PLACE = ("unit_path", "kind", "series", "month")
SUMS = (
    Sum(VisitMonth, VisitFact, (*PLACE, "checklist_version_id"), ("visits", "averaged", "total"), _visit),
    Sum(SectionMonth, SectionFact, (*PLACE, "section_id"), ("visits", "total"), lambda v: (1, v["score"])),
    Sum(
        ItemMonth, ItemFact, (*PLACE, "item_id", "checklist_version_id"), ("visits", "lost"), lambda v: (1, v["lost"]),
    ),
    Sum(
        OwnerMonth, VisitFact, ("owner_path", "month", "owner_level", "owner_code"), ("visits",), lambda _: (1,),
        rolled=False,
    ),
)  # fmt: skip


class Change:
    """What is to be added to the sums, by table and key."""

    def __init__(self) -> None:
        self.of: dict[type, dict[Key, Amounts]] = {one.table: {} for one in SUMS}

    def take(self, over: type, rows: Iterable[Values], sign: int) -> None:
        """Rows of single visits that came (1) or went (-1)."""
        held = list(rows)
        for one in SUMS:
            if one.over is over:
                for values in held:
                    amounts = one.worth(values)
                    for key in one.keys_of(values):
                        self.add(one, key, amounts, sign)

    def add(self, one: Sum, key: Key, amounts: Iterable[int], sign: int) -> None:
        held = self.of[one.table].setdefault(key, [0] * len(one.figures))
        for n, amount in enumerate(amounts):
            held[n] += sign * amount

    def rows(self, one: Sum) -> list[dict[str, Any]]:
        """What really changes, in the order of the keys: whoever changes several rows takes them in one order."""
        changed = [(key, amounts) for key, amounts in self.of[one.table].items() if any(amounts)]
        names = (*one.keys, *one.figures)
        return [dict(zip(names, (*key, *amounts), strict=True)) for key, amounts in sorted(changed)]


def drift(one: Sum, facts: Iterable[tuple[Values, Amounts]], held: Iterable[tuple[Key, Amounts]]) -> Change:
    """What has to be added so that the sums are those of the facts; the facts come summed by their own paths."""
    found = Change()
    for values, amounts in facts:
        for key in one.keys_of(values):
            found.add(one, key, amounts, 1)
    for key, amounts in held:
        found.add(one, key, amounts, -1)
    return found

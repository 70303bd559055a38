"""The filters of the trail as an address says them; what is unknown counts as not chosen."""

from collections.abc import Mapping
from datetime import date

from audit_app.auditing.rules import Filters
from audit_app.auditing.words import ACTS, KINDS


def filters_of(values: Mapping[str, str]) -> Filters:
    def text(name: str, longest: int) -> str:
        return values.get(name, "").strip()[:longest]

    act, kind = text("act", 64), text("kind", 40)
    return Filters(
        text("who", 80),
        act if act in ACTS else "",
        kind if kind in KINDS else "",
        text("what", 80),
        text("unit", 36),
        _day(text("since", 10)),
        _day(text("until", 10)),
    )


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2100 else None

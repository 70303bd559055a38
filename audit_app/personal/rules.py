"""Decisions about a person's own results. Pure.

What a person may read of a covert visit is what the outlet may read of it: date and day part, times as bands, the
reviewer's note. Whether a visit counts for the person is decided by `review.rules.counts_for_person` and what is here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import msgspec

ANSWER_TIME = timedelta(days=15)
LONGEST = 2000
SHOWN = ("released", "final")
SERIES = ("covert", "overt", "hotline")

# An act of the trail → the role in which somebody saw the result, where the line itself does not say it.
SEEN_BY_ACT: Mapping[str, str] = {
    "visit.approved": "reviewer",
    "review.overlaid": "reviewer",
    "visit.subject_resolved": "reviewer",
    "report_run.downloaded": "hr",
}
# Lines written before they named a role.
SEEN_BY_EDITION: Mapping[str, str] = {"hr": "hr", "outlet": "outlet_manager", "office": "supervisor"}


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a visit counts for the person: `counts`, `pending` (its time for appeals runs) or `out` with a reason."""

    state: str
    why: str = ""


def standing(status: str, person_basis: str | None, why_not: str) -> Standing:
    """`person_basis` of the person's result, None where the checklist gives none; `why_not` of the general rules."""
    if person_basis is None:
        return Standing("out", "no_personal")
    if why_not:
        return Standing("out", why_not)
    if person_basis != "ok":
        return Standing("out", "insufficient" if person_basis == "insufficient" else "no_score")
    return Standing("counts" if status == "final" else "pending")


class Question(msgspec.Struct, frozen=True):
    """What somebody asks about an own result; `item_id` "" for the whole of it."""

    text: str
    item_id: str = ""

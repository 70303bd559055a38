"""Who may learn who a tester is. Pure.

The programme office alone looks up names. An administrator gets one through a permit: asked for with a reason, granted
by somebody else of the programme office, good for an hour.
"""

from datetime import datetime, timedelta

import msgspec

from audit_app.kit.states import Transitions

PERMIT: Transitions = {
    "asked": frozenset({"granted", "refused", "ended"}),
    "granted": frozenset({"ended"}),
}
OPEN = ("asked", "granted")
ANSWER_WITHIN = timedelta(days=1)
HOUR = timedelta(hours=1)
LONGEST_REASON, SHORTEST_REASON = 500, 5
SAY_WHY = "Say why, in 5 to 500 characters."


class Look(msgspec.Struct, forbid_unknown_fields=True):
    """Why somebody wants to know who a tester is."""

    reason: str


class Request(msgspec.Struct, forbid_unknown_fields=True):
    """An administrator's request: the tester's code and the reason."""

    code: str
    reason: str


def says_why(text: str) -> bool:
    """Whether a reason says anything."""
    return SHORTEST_REASON <= len(text.strip()) <= LONGEST_REASON


def standing(status: str, ends_at: datetime, now: datetime) -> str:
    """What a permit is worth now: an open one whose time is over has ended, whether or not anybody noted it."""
    return "ended" if status in OPEN and ends_at <= now else status

"""Decisions about cards and runs: which period a day belongs to, who reads which edition, the life of a run. Pure."""

import re
from collections.abc import Mapping
from datetime import date

import msgspec

from audit_app.access.rules import Actor, Limit, outermost
from audit_app.appeals.rules import own_places
from audit_app.appeals.rules import own_teams as led_teams
from audit_app.kit.states import Transitions
from audit_app.reporting.parts import Edition

PERIOD = re.compile(r"(\d{4})Q([1-4])")
SHA256 = re.compile(r"[0-9a-f]{64}")
SHOWN = ("released", "final")  # states of a visit whose result its touchpoint may read
SERIES = ("covert", "overt", "hotline")
KINDS = ("visit", "touchpoint")
TOUCHPOINT_KINDS = ("hall", "outlet", "agent", "hotline")
BATCH = 10
CHECKS_PER_NETWORK = Limit("verify", 120)  # documents checked by one network in five minutes
MOST_IN_A_RUN = 20_000

RUN: Transitions = {
    "queued": frozenset({"running", "failed", "cancelled"}),
    "running": frozenset({"running", "ready", "failed", "cancelled"}),
    "ready": frozenset({"queued"}),
    "failed": frozenset({"queued"}),
    "cancelled": frozenset(),
}
UNFINISHED = ("queued", "running")

ROLES: Mapping[Edition, tuple[str, ...]] = {
    "hr": ("hr",),
    "outlet": ("outlet_manager", "team_lead"),
    "office": ("supervisor",),
}
"""Which roles read which edition, the narrowest first: whoever reads a card in two roles gets the narrower edition."""


def period_of(day: date) -> str:
    """The calendar quarter that holds a day: `2026Q4`."""
    return f"{day.year}Q{(day.month + 2) // 3}"


def periods_between(first: str, last: str, most: int) -> list[str]:
    """The newest periods from one to another, at most so many, the newest first."""
    year, quarter = int(last[:4]), int(last[5:])
    found: list[str] = []
    while len(found) < most and (code := f"{year}Q{quarter}") >= first:
        found.append(code)
        year, quarter = (year, quarter - 1) if quarter > 1 else (year - 1, 4)
    return found


def period_bounds(code: str) -> tuple[date, date]:
    """[first day, day after the last) of a quarter; ValueError for another text."""
    found = PERIOD.fullmatch(code)
    if not found:
        raise ValueError(f"not a quarter: {code!r}")
    year, first = int(found[1]), int(found[2]) * 3 - 2
    return date(year, first, 1), date(year + first // 10, (first + 2) % 12 + 1, 1)


def paths_of(actor: Actor, edition: Edition) -> tuple[str, ...]:
    """The subtrees whose cards the actor reads in an edition; grants narrowed to one touchpoint are left out."""
    if not actor.may("scorecards.read") or edition == "outlet":
        return ()
    return tuple(outermost(g.unit_path for g in actor.grants if g.role in ROLES[edition] and not g.touchpoint_id))


def own_touchpoints(actor: Actor) -> tuple[str, ...]:
    """The touchpoints that the actor manages and may read cards of."""
    return own_places(actor) if actor.may("scorecards.read") else ()


def own_teams(actor: Actor) -> tuple[str, ...]:
    """The hotline teams that the actor leads and may read cards of."""
    return led_teams(actor) if actor.may("scorecards.read") else ()


def edition_for(actor: Actor, unit_path: str, touchpoint_id: str, team_id: str | None) -> Edition | None:
    """The edition in which the actor reads a card of that place; None if not at all."""
    if unit_path.startswith(paths_of(actor, "hr")):
        return "hr"
    if touchpoint_id in own_touchpoints(actor) or (team_id is not None and team_id in own_teams(actor)):
        return "outlet"
    return "office" if unit_path.startswith(paths_of(actor, "office")) else None


class Filters(msgspec.Struct, frozen=True):
    """What a list of cards is cut to; "" is no cut. `unit` is the code of an org unit, `q` part of a name or code."""

    period: str = ""
    kind: str = ""
    unit: str = ""
    touchpoint_kind: str = ""
    q: str = ""

    def as_dict(self) -> dict[str, str]:
        """Only what is set: for addresses and the record of a run."""
        return {key: value for key, value in msgspec.structs.asdict(self).items() if value}

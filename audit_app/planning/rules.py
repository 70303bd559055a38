"""Decisions of planning: states, how often a touchpoint is due, and who may go. Pure; dates and facts are passed in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import msgspec

from audit_app.kit import clock
from audit_app.kit.states import Transitions

ASSIGNMENT: Transitions = {
    "draft": frozenset({"offered", "cancelled"}),
    "offered": frozenset({"accepted", "declined", "expired", "cancelled"}),
    "accepted": frozenset({"started", "done", "declined", "expired", "cancelled"}),
    "started": frozenset({"done", "cancelled"}),
}
ROUND: Transitions = {
    "draft": frozenset({"proposed", "published"}),
    "proposed": frozenset({"draft", "published"}),
    "published": frozenset({"closed"}),
}
OPEN_STATES = ("draft", "offered", "accepted", "started")
VOID = "void"  # reason of a job whose visit counts for nothing
RESPONSE_TIME = timedelta(days=3)

DECLINE_REASONS = ("conflict", "time", "distance", "recognised", "health", "other")

# Coverage (PRODUCT.md section 5): a touchpoint is due when its last visit lies longer back than this.
COVERAGE_DAYS: Mapping[tuple[str, int | None], int] = {
    ("hall", 1): 30,
    ("hall", 2): 91,
    ("hall", 3): 91,
    ("outlet", None): 365,
    ("hotline", None): 7,
}
REVISIT_GAP_DAYS: Mapping[str, int] = {"hall": 180, "outlet": 180, "agent": 180, "hotline": 14}
COUNTY_RULE_KINDS = frozenset({"hall", "outlet", "agent"})
FEWEST_ELIGIBLE = 5  # who may go to a covert job, at least, where a programme says nothing else
MOST_FEWEST = 50
# Why a programme asks for fewer: codes, since the trail takes no words.
FEWER_REASONS = ("small_area", "few_certified", "trial", "other")


def coverage_days(kind: str, tier: int | None) -> int | None:
    """How often, in days, a touchpoint should be visited; None: only by sample."""
    return COVERAGE_DAYS.get((kind, tier if kind == "hall" else None))


def days_overdue(kind: str, tier: int | None, last: date | None, today: date) -> int | None:
    """Days past the day the next visit was due; 0 or less: not yet due; None: never visited or only by sample."""
    every = coverage_days(kind, tier)
    if every is None or last is None:
        return None
    return (today - last).days - every


@dataclass(frozen=True)
class Place:
    """What the rules need of a touchpoint."""

    kind: str
    tier: int | None
    unit_path: str


@dataclass(frozen=True)
class Candidate:
    """What the rules need of an assessor. Paths end with a slash; `last_here` is the last visit to the place."""

    tier: str
    reach_path: str
    home_path: str | None
    qualified_until: date | None
    last_here: datetime | None
    open_here: bool = False


def refusals(place: Place, who: Candidate, allowed_tiers: frozenset[str], start: date) -> list[str]:
    """Every rule that keeps an assessor from a job beginning on `start`; empty: may go.

    `unavailable` covers the revisit gap and a hidden clash alike: why is not told, since the reason could be a covert
    visit that the planner must not know of.
    """
    found = []
    if not place.unit_path.startswith(who.reach_path):
        found.append("reach")
    if who.tier not in allowed_tiers:
        found.append("kind_of_assessor")
    if place.kind == "hall" and place.tier == 1 and who.tier == "tester":
        found.append("tier_1")
    if place.kind in COUNTY_RULE_KINDS and who.home_path and place.unit_path.startswith(who.home_path):
        found.append("home_county")
    if who.qualified_until is None or who.qualified_until < start:
        found.append("not_certified")
    if who.open_here or _too_soon(place.kind, who.last_here, start):
        found.append("unavailable")
    return found


def _too_soon(kind: str, last: datetime | None, start: date) -> bool:
    gap = REVISIT_GAP_DAYS.get(kind)
    return gap is not None and last is not None and clock.local_date(last) + timedelta(days=gap) > start


class NewProgramme(msgspec.Struct, forbid_unknown_fields=True):
    """What a supervisor says of a programme. Lengths and choices are checked by the form."""

    name: str
    unit_code: str
    kind: str
    manner: str
    touchpoint_kinds: list[str]
    checklist_ids: list[str]
    purpose: str = ""
    for_incentives: bool = False
    notice: str = ""


class Pool(msgspec.Struct, forbid_unknown_fields=True):
    """How many must be eligible for each covert job of a programme, and why if fewer than the usual number."""

    fewest: int
    reason: str = ""


class NewRound(msgspec.Struct, forbid_unknown_fields=True):
    """A period of a programme: first day, and the last day inclusive as people say it."""

    name: str
    starts_on: date
    last_day: date


class NewAssignment(msgspec.Struct, forbid_unknown_fields=True):
    """One job: who, where, with which checklist, from the first to the last day (both inclusive)."""

    touchpoint_id: str
    assessor_id: str
    checklist_version_id: str
    first_day: date
    last_day: date
    scenario_id: str = ""

"""Decisions of appeals: terms, who may sit on a panel, what votes decide. Pure.

Terms are counted in Shanghai days, the day of the event itself not counted, and end with their last day: [begin, end).
The appellant's terms run on over public holidays; the panels' are calendar days.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import Any

import chinese_calendar
import msgspec

from audit_app.access.rules import Actor
from audit_app.kit import clock
from audit_app.kit.states import Transitions

HEARING: Transitions = {
    "open": frozenset({"upheld", "partly", "rejected", "withdrawn"}),
    "upheld": frozenset(),
    "partly": frozenset(),
    "rejected": frozenset(),
    "withdrawn": frozenset(),
}
"""One round of an appeal. A second round is a hearing of its own, so that nothing decided is ever open again."""

MAY_GO_ON = frozenset({"partly", "rejected"})
LAST_ROUND = 2
SEATS = 2

WINDOW, DECISION = 7, {1: 10, 2: 7}  # days
ASK_AGAIN = 3

KINDS = ("item", "identity", "void")
ITEM_GROUNDS = ("facts", "standard", "outside")
GROUND_OF = {"identity": "not_me", "void": "void"}
SIDES = ("outlet", "team", "staff", "tester")

LONGEST_WORDS, LONGEST_REASON = 2000, 950  # two members' reasons together fit one overlay
MOST_FILES = 4
LARGEST_FILE = 8 * 1024 * 1024
LARGEST_FORM = MOST_FILES * LARGEST_FILE + 64 * 1024

PARTS = 10_000
NOTHING = Fraction(0)

ROLE = "appeal_panel"


@lru_cache(1024)
def public_holiday(day: date) -> bool:
    """Whether the day is a public holiday. A weekend is none; outside the library's years no day is known to be one."""
    try:
        free, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return False
    return bool(free) and name is not None


def term(at: datetime, days: int, over_holidays: bool = False) -> datetime:
    """The end (exclusive) of a term of so many days after the day that holds `at`."""
    day, left = clock.local_date(at), days
    while left:
        day += timedelta(days=1)
        left -= not (over_holidays and public_holiday(day))
    return clock.day_start(day + timedelta(days=1))


def window_end(released_at: datetime) -> datetime:
    """Until when (exclusive) a released or voided visit may be appealed."""
    return term(released_at, WINDOW, over_holidays=True)


def ask_end(decided_at: datetime) -> datetime:
    """Until when (exclusive) the second round may be asked for."""
    return term(decided_at, ASK_AGAIN, over_holidays=True)


def decision_end(opened_at: datetime, number: int) -> datetime:
    """Until when (exclusive) a round is to be decided."""
    return term(opened_at, DECISION[number])


def last_day(end: datetime) -> date:
    """The last day of a term that ends at `end`."""
    return clock.local_date(end) - timedelta(days=1)


def days_left(end: datetime, now: datetime) -> int:
    """How many days are left, today included; 0 when the term is over."""
    return max(0, (clock.local_date(end) - clock.local_date(now)).days)


def level_of(path: str) -> int:
    """1 province, 2 city, 3 county, 4 town."""
    return path.count("/")


def county_of(path: str) -> str:
    """The county's part of a path; "" where the touchpoint lies above counties."""
    return "/".join(path.split("/")[:3]) + "/" if level_of(path) >= 3 else ""


@dataclass(frozen=True)
class Member:
    """Somebody with the panel role: where they sit (`seats`: paths), what ties them to places and people, their load.

    `tied` are paths of units that they work in or live in, `touchpoints` and `teams` where they work.
    """

    account_id: str
    seats: tuple[str, ...]
    tied: tuple[str, ...] = ()
    touchpoints: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()
    open: int = 0  # hearings that wait for their vote
    lately: int = 0
    beside: bool = False  # sits on another hearing of this visit already


@dataclass(frozen=True)
class Matter:
    """What is heard: where the visit was, whom it scored, and who had to do with it (accounts). `secret_of`: path of
    the unit whose covert work it is, where nobody below that unit may know of it; else ""."""

    unit_path: str
    touchpoint_id: str
    team_id: str | None
    involved: frozenset[str]
    number: int
    secret_of: str = ""


def objection(member: Member, matter: Matter) -> str:
    """Why somebody cannot sit: level, involved, county, touchpoint, team; "" if they can."""
    if not any(_fits(path, matter) for path in member.seats):
        return "level"
    if member.account_id in matter.involved:
        return "involved"
    county = county_of(matter.unit_path)
    if county and any(path.startswith(county) for path in member.tied):
        return "county"
    if matter.team_id is not None:
        return "team" if matter.team_id in member.teams else ""
    return "touchpoint" if matter.touchpoint_id in member.touchpoints else ""


def _fits(seat: str, matter: Matter) -> bool:
    """Round 1: the city of the touchpoint; any city below it where it lies above cities. Round 2, and what nobody below
    the province may know: the province."""
    if matter.number == LAST_ROUND or level_of(matter.secret_of) == 1:
        return level_of(seat) == 1 and matter.unit_path.startswith(seat)
    if level_of(seat) != 2:
        return False
    return seat.startswith(matter.unit_path) if level_of(matter.unit_path) < 2 else matter.unit_path.startswith(seat)


def chosen(members: Iterable[Member], matter: Matter, wanted: int, taken: Collection[str] = ()) -> list[str]:
    """The accounts to seat: who hears something of this visit already, then the least loaded, then by id."""
    free = [m for m in members if m.account_id not in taken and not objection(m, matter)]
    free.sort(key=lambda m: (not m.beside, m.open, m.lately, m.account_id))
    return [m.account_id for m in free[: max(0, wanted)]]


@dataclass(frozen=True)
class Vote:
    """One member's vote. `better` orders votes by how much they give the appellant: :func:`weight` for items, else 0 or
    1. `answer` is the answer that shall count, None to keep the present one."""

    account_id: str
    verdict: str
    better: int
    reason: str
    answer: Mapping[str, Any] | None = None

    @property
    def essence(self) -> tuple[str, int]:
        """What makes two votes equal. To keep is to keep, whatever the item earned when it was said."""
        return self.verdict, 0 if self.verdict == "rejected" else self.better


@dataclass(frozen=True)
class Decision:
    """What a round decided, and how: equal (two votes alike), median (of three), kinder (no third member to be had)."""

    vote: Vote
    how: str
    reason: str


def decided(votes: Sequence[Vote]) -> Decision | None:
    """The decision that the votes make; None while they make none (too few, or two that differ)."""
    if len(votes) < SEATS:
        return None
    if len(votes) == SEATS:
        return _decision(votes[0], votes, "equal") if votes[0].essence == votes[1].essence else None
    middle = sorted(votes, key=lambda vote: (vote.better, vote.verdict))[len(votes) // 2]
    return _decision(middle, votes, "median")


def kinder(votes: Sequence[Vote]) -> Decision:
    """Of votes that differ, the one that gives the appellant more: a doubt is the scorer's to carry."""
    best = max(votes, key=lambda vote: (vote.better, vote.account_id))
    return _decision(best, votes, "kinder")


def _decision(vote: Vote, votes: Sequence[Vote], how: str) -> Decision:
    alike = dict.fromkeys(v.reason for v in votes if v.essence == vote.essence)
    return Decision(vote, how, "\n\n".join(alike))


def weight(earned: Fraction | None, most: Fraction) -> int:
    """How much an answer gives the appellant, in parts of a point. An item that does not apply any more gives a little
    less than the :func:`best`."""
    return int(most * PARTS) - 1 if earned is None else int(earned * PARTS)


def best(effect: str, points: Fraction) -> Fraction:
    """The most that an item can earn: a deduction takes nothing at best."""
    return NOTHING if effect == "deduction" else points


def lost(effect: str, earned: Fraction, points: Fraction) -> bool:
    """Whether an item took something from the score; a bonus that was not earned takes nothing."""
    return effect != "bonus" and earned < best(effect, points)


def verdict_of(before: Fraction, after: Fraction | None, most: Fraction) -> str:
    """upheld, partly or rejected, by what an item earns before and after of the :func:`best`; `after` None: not
    applicable any more."""
    if after is None:
        return "upheld"
    if after <= before:
        return "rejected"
    return "upheld" if after >= most else "partly"


def own_places(actor: Actor) -> tuple[str, ...]:
    """The touchpoints that the actor manages."""
    return tuple(sorted({g.touchpoint_id for g in actor.grants if g.role == "outlet_manager" and g.touchpoint_id}))


def own_teams(actor: Actor) -> tuple[str, ...]:
    """The hotline teams that the actor leads."""
    return tuple(sorted({g.team_id for g in actor.grants if g.role == "team_lead" and g.team_id}))


class Filing(msgspec.Struct, forbid_unknown_fields=True):
    """An appeal as it is handed in. `item_id` is "" when it is not about one item."""

    ground: str
    words: str
    item_id: str = ""

    @property
    def kind(self) -> str:
        return next((kind for kind, ground in GROUND_OF.items() if ground == self.ground), "item")


class Ballot(msgspec.Struct, forbid_unknown_fields=True):
    """A panel member's vote: keep the score, or the answer that shall count instead. `keep` also rejects the grounds
    that are not about an item, and its opposite upholds them."""

    reason: str
    keep: bool = True
    option_ids: list[str] = []
    value: str = ""
    not_applicable: bool = False

    def essence(self) -> dict[str, object]:
        """What a score depends on, as an overlay stores it."""
        if self.not_applicable:
            return {"not_applicable": True}
        return {"option_ids": self.option_ids} if self.option_ids else {"value": self.value}

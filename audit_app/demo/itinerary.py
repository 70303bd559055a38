"""Who goes where and when: three months of visits inside the rules of planning. Pure."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from audit_app.demo.cast import Walker
from audit_app.demo.material import chance
from audit_app.kit import clock
from audit_app.organisation.models import Touchpoint
from audit_app.planning.rules import COUNTY_RULE_KINDS, REVISIT_GAP_DAYS

DAYS = 91
HOTLINE_CALLS, OUTLETS, AGENTS = 95, 78, 14
HALL_VISITS = {1: 4, 2: 10, 3: 9}  # covert visits of one hall in the three months


@dataclass(frozen=True)
class Trip:
    """One visit, or one job that is still to be done."""

    plan: str
    checklist: str
    place: Touchpoint
    walker: Walker
    starts_at: datetime


class Itinerary:
    """Gives out trips so that nobody comes back too soon, goes home, or is in two places on one day."""

    def __init__(self, walkers: Sequence[Walker], places: Sequence[Touchpoint], today: date) -> None:
        self.walkers, self.places, self.today = walkers, places, today
        self.seen: dict[tuple[str, str], list[date]] = {}
        self.load: dict[str, int] = {}
        self.rng = chance("itinerary")

    def of_kind(self, kind: str) -> list[Touchpoint]:
        return [place for place in self.places if place.kind == kind]

    def past(self, more: Sequence[Trip] = ()) -> list[Trip]:
        """All visits of the three months that end today, and some given ones, in the order of time."""
        rng = self.rng
        wanted: list[tuple[str, str, Touchpoint]] = []
        for hall in self.of_kind("hall"):
            wanted += [("covert", hall_checklist(hall), hall)] * HALL_VISITS[hall.tier or 3]
            wanted.append(
                ("county" if hall.unit_path.startswith("36/3601/360102/") else "overt", "own-hall-overt", hall)
            )
            if hall.tier != 3:
                wanted.append(("overt", "own-hall-overt", hall))
        wanted += [("covert", "outlet-partner", place) for place in rng.sample(self.of_kind("outlet"), OUTLETS)]
        wanted += [("covert", "payment-agent", place) for place in rng.sample(self.of_kind("agent"), AGENTS)]
        wanted += [("hotline", "hotline-mystery", self.of_kind("hotline")[0])] * HOTLINE_CALLS
        rng.shuffle(wanted)
        trips = [
            self.trip(*one, self.today - timedelta(days=1 + n * DAYS // len(wanted))) for n, one in enumerate(wanted)
        ]
        return sorted((trip for trip in (*trips, *more) if trip), key=lambda trip: (trip.starts_at, trip.place.code))

    def trip(self, plan: str, checklist: str, place: Touchpoint, day: date, only: Iterable[str] = ()) -> Trip | None:
        """A trip on the day by whoever may go and has the least to do; None if nobody may."""
        may = [w for w in self.walkers if self.may_go(w, checklist, place, day) and (not only or w.username in only)]
        if not may:
            return None
        walker = min(may, key=lambda w: (self.load.get(w.id, 0) + self.rng.random(), w.username))
        self.load[walker.id] = self.load.get(walker.id, 0) + 1
        self.seen.setdefault((walker.id, place.id), []).append(day)
        return Trip(plan, checklist, place, walker, opening(self.rng, place, day))

    def may_go(self, walker: Walker, checklist: str, place: Touchpoint, day: date) -> bool:
        if walker.tier not in TIERS_OF[checklist] or (place.tier == 1 and walker.tier == "tester"):
            return False
        if place.kind in COUNTY_RULE_KINDS and walker.home_path and place.unit_path.startswith(walker.home_path):
            return False
        gap = REVISIT_GAP_DAYS[place.kind]
        return all(abs((day - before).days) >= gap for before in self.seen.get((walker.id, place.id), []))


TIERS_OF = {
    "own-hall-flagship": {"tester", "chief_tester", "inspector"},
    "own-hall-basic": {"tester", "inspector"},
    "own-hall-overt": {"inspector"},
    "outlet-partner": {"tester", "inspector"},
    "payment-agent": {"tester", "inspector"},
    "hotline-mystery": {"tester", "chief_tester", "inspector"},
}


def hall_checklist(hall: Touchpoint) -> str:
    return "own-hall-basic" if hall.tier == 3 else "own-hall-flagship"


def opening(rng: random.Random, place: Touchpoint, day: date) -> datetime:
    """A time at which the place is open; a few calls at night."""
    if place.kind == "hotline":
        hour = rng.choice((22, 23)) if rng.random() < 0.08 else rng.randint(8, 20)
    else:
        hour = rng.randint(int(place.opens[:2]) + 1, int(place.closes[:2]) - 2)
    return clock.at_local(day, hour, rng.randint(0, 59))

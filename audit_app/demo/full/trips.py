"""A year of visits: who went where, when it was approved, when it was released. Pure, and the same on every run."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from audit_app.demo.cast import Walker
from audit_app.demo.full.places import spread
from audit_app.demo.itinerary import TIERS_OF, Trip, hall_checklist, opening
from audit_app.demo.material import chance, outward
from audit_app.kit import clock
from audit_app.organisation.models import Touchpoint
from audit_app.planning.rules import COUNTY_RULE_KINDS, REVISIT_GAP_DAYS
from audit_app.review.rules import Waiting, county_of, release_days, to_release

DAYS = 364
COVERT_OF_HALL = {1: 24, 2: 12, 3: 8}  # covert visits of one hall in the year
OVERT_OF_HALL = 6  # by its city, and as many by its county
OUTLET_SHARE, AGENT_SHARE = 0.62, 0.2  # of what halls leave; hotline calls are the rest
NEAR = 0.75  # share of the testers who live in the city that they visit
TRIES = 60
UNREVIEWED = 7  # days: what came in since then mostly waits for its reviewer
KEEN = 0.3  # share of these that is approved already
RETURNED, INCOMPLETE = 0.02, 0.01  # shares of these
WINDOW = timedelta(days=7)  # in which an outlet may appeal
REST = timedelta(days=3)


@dataclass(frozen=True)
class Booked:
    """A visit of the past: the trip, the programme's key, and what has become of it."""

    trip: Trip
    plan: str
    visit_id: str
    fate: str  # receiving | returned | in_review | approved | released | final
    approved_at: datetime | None = None
    due: tuple[datetime, datetime] | None = None  # of a covert release
    released_at: datetime | None = None


def booked(
    walkers: Sequence[Walker], places: Sequence[Touchpoint], manners: dict[str, str], count: int, at: datetime
) -> list[Booked]:
    """So many visits of the year before `at`, in the order of time; fewer where nobody may go."""
    today = clock.local_date(at)
    guide = _Guide(walkers, today)
    trips = [trip for one in _wanted(places, count) if (trip := guide.trip(*one))]
    trips.sort(key=lambda trip: (trip.starts_at, trip.place.code, trip.walker.username))
    rng = chance("full-fates")
    found = [_judged(rng, trip, today) for trip in trips]
    return list(_released(found, manners, at))


def _wanted(places: Sequence[Touchpoint], count: int) -> Iterator[tuple[str, str, Touchpoint, int]]:
    """(programme, checklist, place, day of the year), halls first: they are visited most often."""
    rng = chance("full-wanted")
    of_kind: dict[str, list[Touchpoint]] = {}
    for place in places:
        of_kind.setdefault(place.kind, []).append(place)
    made: list[tuple[str, str, Touchpoint, int]] = []
    for hall in of_kind.get("hall", []):
        codes = hall.unit_path.split("/")
        for plan, checklist, times in (
            ("covert", hall_checklist(hall), COVERT_OF_HALL[hall.tier or 3]),
            (codes[1], "own-hall-overt", OVERT_OF_HALL),
            (codes[2], "own-hall-overt", OVERT_OF_HALL),
        ):
            made += [(plan, checklist, hall, spread(rng, n, times, DAYS)) for n in range(times)]
    if len(made) > count // 3:
        made = rng.sample(made, count // 3)
    rest = count - len(made)
    for kind, checklist, share in (("outlet", "outlet-partner", OUTLET_SHARE), ("agent", "payment-agent", AGENT_SHARE)):
        made += _of_kind(rng, "covert", checklist, of_kind.get(kind, []), round(rest * share))
    yield from made
    yield from _of_kind(rng, "hotline", "hotline-mystery", of_kind.get("hotline", []), count - len(made))


def _of_kind(
    rng: random.Random, plan: str, checklist: str, places: list[Touchpoint], times: int
) -> list[tuple[str, str, Touchpoint, int]]:
    """Each place in turn, the turns spread over the year."""
    order = rng.sample(places, len(places))
    return (
        [(plan, checklist, order[n % len(order)], spread(rng, n, times, DAYS)) for n in range(times)] if order else []
    )


class _Guide:
    """Finds who goes: nobody comes back too soon, goes home, or makes two visits on one day."""

    def __init__(self, walkers: Sequence[Walker], today: date) -> None:
        self.today, self.rng = today, chance("full-guide")
        self.busy: set[tuple[str, int]] = set()
        self.seen: dict[tuple[str, str], list[int]] = {}
        self.pools: dict[tuple[str, bool], list[Walker]] = {}
        for checklist, tiers in TIERS_OF.items():
            for large in (False, True):
                may = [w for w in walkers if w.tier in tiers and not (large and w.tier == "tester")]
                self.pools[checklist, large] = may
        self.near: dict[tuple[str, bool, str], list[Walker]] = {}

    def trip(self, plan: str, checklist: str, place: Touchpoint, day: int) -> Trip | None:
        large = place.tier == 1
        pool, near = self.pools[checklist, large], self._near(checklist, large, place.unit_path[:8])
        for n in range(TRIES):
            walker = self.rng.choice(near if near and self.rng.random() < NEAR else pool)
            on = max(0, min(DAYS - 1, day + (0 if n < TRIES // 2 else self.rng.randint(-20, 20))))
            if self._may_go(walker, place, on):
                self.busy.add((walker.id, on))
                self.seen.setdefault((walker.id, place.id), []).append(on)
                starts = opening(self.rng, place, self.today - timedelta(days=DAYS - on))
                return Trip(plan, checklist, place, walker, starts)
        return None

    def _near(self, checklist: str, large: bool, city: str) -> list[Walker]:
        key = (checklist, large, city)
        if key not in self.near:
            self.near[key] = [w for w in self.pools[checklist, large] if w.home_path.startswith(city)]
        return self.near[key]

    def _may_go(self, walker: Walker, place: Touchpoint, day: int) -> bool:
        if (walker.id, day) in self.busy:
            return False
        if place.kind in COUNTY_RULE_KINDS and walker.home_path and place.unit_path.startswith(walker.home_path):
            return False
        gap = REVISIT_GAP_DAYS[place.kind]
        return all(abs(day - before) >= gap for before in self.seen.get((walker.id, place.id), ()))


def _judged(rng: random.Random, trip: Trip, today: date) -> Booked:
    """What the reviewer has done by now."""
    day, visit_id = clock.local_date(trip.starts_at), outward(rng)
    due = day + timedelta(days=rng.randint(1, 4))
    recent, luck = (today - day).days <= UNREVIEWED, rng.random()
    approved_at = clock.at_local(due, rng.randint(9, 17), rng.randint(0, 59))
    if not recent or (luck < KEEN and due < today):
        return Booked(trip, trip.plan, visit_id, "approved", approved_at)
    if luck > 1 - INCOMPLETE:
        return Booked(trip, trip.plan, visit_id, "receiving")
    return Booked(trip, trip.plan, visit_id, "returned" if luck > 1 - INCOMPLETE - RETURNED else "in_review")


def _released(found: list[Booked], manners: dict[str, str], at: datetime) -> Iterator[Booked]:
    """Overt results at approval, covert ones as the rule says, day by day."""
    placed: dict[str, Booked] = {one.visit_id: one for one in found}
    by_day: dict[date, list[Waiting]] = {}
    for one in found:
        if one.approved_at is None:
            continue
        if manners[one.plan] == "overt":
            placed[one.visit_id] = _settled(one, one.approved_at, at)
            continue
        due = release_days(one.visit_id, one.approved_at, lambda key: f"full:{key}")
        placed[one.visit_id] = replace(one, due=due)
        waiting = Waiting(one.visit_id, county_of(one.trip.place.unit_path), *due)
        by_day.setdefault(clock.local_date(one.approved_at), []).append(waiting)
    pending: dict[str, Waiting] = {}
    day = min(by_day, default=clock.local_date(at))
    while (nine := clock.at_local(day, 9)) <= at:
        for key in to_release(pending.values(), nine):
            placed[key] = _settled(placed[key], nine, at)
            del pending[key]
        pending.update({one.visit_id: one for one in by_day.get(day, [])})
        day += timedelta(days=1)
    return (placed[one.visit_id] for one in found)


def _settled(one: Booked, released_at: datetime, at: datetime) -> Booked:
    fate = "final" if released_at + WINDOW + REST <= at else "released"
    return replace(one, released_at=released_at, fate=fate)

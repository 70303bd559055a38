"""The jobs of the coming days, so that whoever signs in as an assessor has something to do.

They are booked before the past is filled in: who has a hall before them has not been there lately.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from audit_app.demo.itinerary import Itinerary, Trip, hall_checklist
from audit_app.demo.road import Road
from audit_app.kit import clock
from audit_app.organisation.models import Touchpoint

DEMONSTRATED = ("tester", "chief-tester", "inspector")
OTHERS = 18


@dataclass(frozen=True)
class Booked:
    trip: Trip
    status: str  # offered | accepted


def book(itinerary: Itinerary) -> list[Booked]:
    """Two hall jobs for each demonstration assessor, one accepted and one offered, and some jobs of the others."""
    booked: list[Booked] = []
    for username in DEMONSTRATED:
        for plan, checklist, place in _fitting(itinerary, username):
            n = sum(b.trip.walker.username == username for b in booked)
            if n == 2:
                break
            trip = itinerary.trip(plan, checklist, place, itinerary.today + timedelta(days=n), only=(username,))
            if trip:
                booked.append(Booked(trip, "offered" if n else "accepted"))
    rest = tuple(w.username for w in itinerary.walkers if w.username not in DEMONSTRATED)
    places = itinerary.of_kind("hall") + itinerary.of_kind("outlet")[:20]
    for n in range(OTHERS):
        place = places[n % len(places)]
        checklist = "outlet-partner" if place.kind == "outlet" else hall_checklist(place)
        trip = itinerary.trip("covert", checklist, place, itinerary.today + timedelta(days=1 + n % 9), only=rest)
        if trip:
            booked.append(Booked(trip, "accepted" if n % 3 else "offered"))
    return booked


def asked_again(itinerary: Itinerary) -> list[Trip]:
    """A visit of the tester's, yesterday, that the reviewer will have returned."""
    day = itinerary.today - timedelta(days=1)
    tries = (
        itinerary.trip(plan, checklist, place, day, only=DEMONSTRATED[:1])
        for plan, checklist, place in reversed(_fitting(itinerary, DEMONSTRATED[0]))
    )
    found = next((trip for trip in tries if trip), None)
    return [found] if found else []


def calls(itinerary: Itinerary) -> list[Booked]:
    """A hotline call for each demonstration assessor, on the first day on which they may call again."""
    line, found = itinerary.of_kind("hotline")[0], []
    for username in DEMONSTRATED:
        for n in range(1, 15):
            day = itinerary.today + timedelta(days=n)
            trip = itinerary.trip("hotline", "hotline-mystery", line, day, only=(username,))
            if trip:
                found.append(Booked(trip, "accepted"))
                break
    return found


def _fitting(itinerary: Itinerary, username: str) -> list[tuple[str, str, Touchpoint]]:
    """Halls that suit the person: the large ones for a chief tester, overt visits for an inspector."""
    halls = itinerary.of_kind("hall")
    if username == "inspector":
        return [("overt", "own-hall-overt", hall) for hall in halls]
    if username == "chief-tester":
        halls = [hall for hall in halls if hall.tier != 3]
    return [("covert", hall_checklist(hall), hall) for hall in halls]


def give_out(road: Road, booked: list[Booked]) -> int:
    """Writes the jobs. Returns how many."""
    for one in booked:
        day: datetime = clock.day_start(clock.local_date(one.trip.starts_at))
        road.assignment(
            one.trip, one.status, at=road.now - timedelta(hours=30), respond_by=road.now + timedelta(days=2),
            window_start=min(day, road.now - timedelta(hours=20)), window_end=day + timedelta(days=7),
        )  # fmt: skip
    return len(booked)

"""What about a visit does not fit together: places, speeds, photos, the pace of the answers. Pure.

Everything here is a reason to look, with an innocent explanation somewhere; none of it rejects a visit. Positions are
used only where the assessor agreed to them, and only those of check-in and check-out exist.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt
from statistics import median
from typing import Protocol

from audit_app.visits.rules import Flag, PositionIn, VisitBody

NEAR = 300  # metres: a position this far off is still there, its own accuracy not counted
SLACK = timedelta(minutes=5)  # a photo this long before or after the visit belongs to it
EARTH = 6_371_000
FASTEST = 150  # km/h from door to door; an express train is faster, the way to its station is not
LONG_WAY = 3_000  # metres: below, the error of two positions is a speed by itself
EXACT_DIGITS = 5  # decimals of a degree: a metre. The same metre twice in one hall is chance, in two places it is not
BRIEF_SHARE = 4  # less than a quarter of the expected minutes between arriving and leaving is brief
STRAIGHT = 12  # so many answers at the same place of their lists, one after the other …
STRAIGHT_PACE = timedelta(seconds=2)  # … at this pace in the middle, were not thought about
RECALLED = timedelta(hours=6)  # answers given so long after leaving are told from memory
ALIKE = 6  # of 64 bits of a perceptual hash: recompressed and resized copies differ by about 4


class Spot(Protocol):
    """Where a touchpoint lies."""

    @property
    def lat(self) -> str | None: ...
    @property
    def lon(self) -> str | None: ...
    @property
    def datum(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Passage:
    """Another visit of the same assessor: where the phone was, and when."""

    touchpoint_id: str
    body: VisitBody


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo's likeness (64 bits as 16 hexadecimal digits) and the item it was taken for."""

    item_id: str
    likeness: str


@dataclass(frozen=True, slots=True)
class Scene:
    """What a body is compared with. `others`: further visits of the same assessor, in any order; `photos`: of this
    visit; `elsewhere`: likenesses of photos of other visits; `places`: of each answered item with options, at which
    place of its list the answer stands; `minutes`: how long such a visit usually takes."""

    touchpoint_id: str
    spot: Spot | None
    minutes: int
    others: Sequence[Passage] = ()
    photos: Sequence[Photo] = ()
    elsewhere: Sequence[str] = ()
    places: Sequence[tuple[str, int]] = ()


def flags(body: VisitBody, scene: Scene) -> Iterator[Flag]:
    """Everything that somebody should look at."""
    if agreed(body):
        if scene.spot is not None:
            yield from _far(body, scene.spot)
        yield from _speed(body, scene)
        yield from _same_point(body, scene)
    yield from _stay(body, scene.minutes)
    yield from _pace(body, dict(scene.places))
    yield from _recall(body)
    yield from _photo_times(body)
    yield from _alike(scene)


def agreed(body: VisitBody) -> bool:
    """Whether the assessor let the position be taken."""
    return bool(body.consents and body.consents.position)


def metres(position: PositionIn, spot: Spot | PositionIn) -> float | None:
    """Metres between a position and a place; None unless both are known on the same datum."""
    if not position.datum or position.datum != spot.datum:
        return None
    lat, lon, lat_0, lon_0 = (number(one) for one in (position.lat, position.lon, spot.lat, spot.lon))
    if lat is None or lon is None or lat_0 is None or lon_0 is None:
        return None
    half = sin(radians(lat - lat_0) / 2) ** 2
    half += cos(radians(lat)) * cos(radians(lat_0)) * sin(radians(lon - lon_0) / 2) ** 2
    return 2 * EARTH * asin(min(1.0, sqrt(half)))


def number(text: object) -> float | None:
    """A coordinate or an accuracy as a number; None for what is none, for NaN and for infinity."""
    try:
        found = float(str(text))
    except ValueError:
        return None
    return found if abs(found) < 1e6 else None


def exactness(position: PositionIn) -> float:
    """The position's own error in metres, as the phone told it."""
    return max(number(position.accuracy_m) or 0.0, 0.0)


def _points(body: VisitBody) -> Iterator[PositionIn]:
    yield from (one for one in (body.check_in, body.check_out) if one is not None)


def _far(body: VisitBody, spot: Spot) -> Iterator[Flag]:
    away = [(metres(one, spot), exactness(one)) for one in _points(body)]
    far = [found for found, error in away if found is not None and found > NEAR + error]
    if far:
        yield Flag("far_away", detail={"metres": round(max(far))})


def _speed(body: VisitBody, scene: Scene) -> Iterator[Flag]:
    """The way from the visit before and to the visit after, by whatever positions there are."""
    fastest = 0.0
    for other in scene.others:
        if not agreed(other.body):
            continue
        before = other.body.started_at <= body.started_at
        first, second = (other.body, body) if before else (body, other.body)
        fastest = max(fastest, _between(first.check_out or first.check_in, second.check_in or second.check_out))
    if fastest > FASTEST:
        yield Flag("too_fast", detail={"kmh": min(round(fastest), 99_999)})


def _between(start: PositionIn | None, end: PositionIn | None) -> float:
    """km/h from one point to the next, both errors in the assessor's favour; 0 where nothing can be said."""
    if start is None or end is None:
        return 0.0
    found = metres(start, end)
    if found is None:
        return 0.0
    way = found - exactness(start) - exactness(end)
    hours = max((end.at - start.at).total_seconds(), 1.0) / 3600
    return way / 1000 / hours if way > LONG_WAY else 0.0


def _same_point(body: VisitBody, scene: Scene) -> Iterator[Flag]:
    """The very same coordinates in another place, or positions without any error: no phone does that."""
    here = {point for one in _points(body) if (point := _exact(one))}
    there = {
        point
        for other in scene.others
        if other.touchpoint_id != scene.touchpoint_id and agreed(other.body)
        for one in _points(other.body)
        if (point := _exact(one))
    }
    if here & there:
        yield Flag("same_point")
    if any(_exact(one) and number(one.accuracy_m) == 0 for one in _points(body)):
        yield Flag("no_error")


def _exact(position: PositionIn) -> tuple[str, str] | None:
    lat, lon = str(position.lat), str(position.lon)
    digits = min(len(text.rpartition(".")[2]) if "." in text else 0 for text in (lat, lon))
    return (lat, lon) if digits >= EXACT_DIGITS else None


def _stay(body: VisitBody, minutes: int) -> Iterator[Flag]:
    """The time in the hall, by arriving and leaving (the whole visit's length has a flag of its own)."""
    marks = {one.mark: one.at for one in body.timeline or [] if not one.added_later}
    arrived = marks.get("check_in") or (body.check_in.at if body.check_in else None)
    left = marks.get("check_out") or (body.check_out.at if body.check_out else None)
    if arrived is None or left is None:
        return
    stayed = left - arrived
    if stayed * BRIEF_SHARE < timedelta(minutes=minutes):
        yield Flag("brief_stay", detail={"seconds": int(stayed.total_seconds()), "expected_minutes": minutes})


def _pace(body: VisitBody, places: dict[str, int]) -> Iterator[Flag]:
    """A run of answers at the same place of their lists, tapped faster than they can be read."""
    told = sorted(
        (one.answered_at, places[one.item_id]) for one in body.answers if one.answered_at and one.item_id in places
    )
    run: list[datetime] = []
    longest: list[datetime] = []
    last = None
    for at, place in told:
        run = [*run, at] if place == last else [at]
        last = place
        longest = max(longest, run, key=len)
    gaps = [(after - before).total_seconds() for before, after in pairwise(longest)]
    if len(longest) >= STRAIGHT and median(gaps) < STRAIGHT_PACE.total_seconds():
        yield Flag("straight", detail={"answers": len(longest)})


def _recall(body: VisitBody) -> Iterator[Flag]:
    """Most answers were given long after leaving."""
    left = next((one.at for one in body.timeline or [] if one.mark in ("check_out", "hang_up")), None)
    left = left or (body.check_out.at if body.check_out else None)
    if left is None:
        return
    times = [one.answered_at for one in body.answers if one.answered_at]
    late = [at for at in times if at - left > RECALLED]
    if times and len(late) * 2 > len(times):
        waited = median((at - left).total_seconds() for at in late)
        yield Flag("late_recall", detail={"hours": int(waited // 3600)})


def _photo_times(body: VisitBody) -> Iterator[Flag]:
    """One flag an item with photos that were not taken during the visit."""
    odd: dict[str, int] = {}
    for line in body.manifest:
        if not line.kind.startswith("image/") or line.taken_at is None:
            continue
        if not body.started_at - SLACK <= line.taken_at <= body.finished_at + SLACK:
            odd[line.item_id or ""] = odd.get(line.item_id or "", 0) + 1
    for item, count in sorted(odd.items()):
        yield Flag("photo_time", item, {"files": count})


def _alike(scene: Scene) -> Iterator[Flag]:
    """One flag an item with a photo that looks like one of another visit."""
    known = [int(one, 16) for one in scene.elsewhere]
    found = {
        one.item_id
        for one in scene.photos
        if any((int(one.likeness, 16) ^ other).bit_count() <= ALIKE for other in known)
    }
    for item in sorted(found):
        yield Flag("alike", item)


def places_of(body: VisitBody, lists: Iterable[tuple[str, Sequence[str]]]) -> list[tuple[str, int]]:
    """At which place of its list each single answer stands; `lists`: the options of each item, best first."""
    order = {item: {option: place for place, option in enumerate(options)} for item, options in lists}
    found = []
    for answer in body.answers:
        chosen = answer.chosen()
        place = order.get(answer.item_id, {}).get(chosen[0]) if len(chosen) == 1 else None
        if place is not None:
            found.append((answer.item_id, place))
    return found

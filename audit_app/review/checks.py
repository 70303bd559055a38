"""What speaks for and against a visit being as it was told, and its course. Pure.

Shown to the reviewer; decides nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import asin, cos, radians, sin, sqrt
from typing import Any, Protocol

from audit_app.visits.rules import PositionIn, VisitBody

NEAR = 300  # metres: a position this far off is still there, its own accuracy not counted
SLACK = timedelta(minutes=5)  # a photo this long before or after the visit belongs to it
EARTH = 6_371_000
SPANS = {"agent": "queue", "hang_up": "dial"}  # marks that end a span, and what began it


class File(Protocol):
    """What the checks need of a file."""

    @property
    def is_image(self) -> bool: ...
    @property
    def here(self) -> bool: ...
    @property
    def taken_at(self) -> datetime | None: ...


class Raised(Protocol):
    """What the checks need of a flag."""

    kind: str
    item_id: str
    detail: dict[str, Any]


class Spot(Protocol):
    """Where a touchpoint lies."""

    lat: str | None
    lon: str | None
    datum: str | None


@dataclass(frozen=True)
class Check:
    """One line: tone (g good, w to look at, "" neither), a code that names the text, a count, the item's number."""

    tone: str
    code: str
    n: int = 0
    number: str = ""


@dataclass(frozen=True)
class Mark:
    """One moment of a visit; `seconds`: how long the span took that it ends."""

    at: datetime
    code: str
    number: str = ""
    later: bool = False
    seconds: int | None = None


def checks(body: VisitBody, files: Sequence[File], flags: Sequence[Raised], spot: Spot) -> list[Check]:
    """Every check of a revision, the good ones first; the flags stand in a list of their own."""
    found = [*_photos(body, files, {flag.kind for flag in flags}), _position(body, spot)]
    return sorted(found, key=lambda one: ("g", "", "w").index(one.tone))


def _photos(body: VisitBody, files: Sequence[File], kinds: set[str]) -> Iterator[Check]:
    photos = [f for f in files if f.is_image]
    taken = [f.taken_at for f in photos if f.taken_at is not None]
    outside = [at for at in taken if not body.started_at - SLACK <= at <= body.finished_at + SLACK]
    if outside:
        yield Check("w", "photo_times_outside", len(outside))
    elif taken:
        yield Check("g", "photo_times", len(taken))
    if photos and "gallery" not in kinds:
        yield Check("g", "camera", len(photos))
    if files and "equal_file" not in kinds:
        yield Check("g", "no_repeat")
    missing = sum(not f.here for f in files)
    if files:
        yield Check("w", "missing", missing) if missing else Check("g", "all_here", len(files))


def _position(body: VisitBody, spot: Spot) -> Check:
    """Only with the assessor's consent is anything said of where the phone was."""
    if not (body.consents and body.consents.position):
        return Check("", "no_consent")
    if body.check_in is None:
        return Check("", "no_position")
    away = distance(body.check_in, spot)
    if away is None:
        return Check("", "position")
    exactness = _number(body.check_in.accuracy_m) or 0.0
    return Check("g" if away <= NEAR + exactness else "w", "distance", round(away))


def flag_line(flag: Raised, numbers: Mapping[str, str]) -> Check:
    """A flag as one line."""
    return Check("w", flag.kind, _size(flag), numbers.get(flag.item_id, ""))


def _size(flag: Raised) -> int:
    """The figure of a flag: hours late, files that did not come, minutes of skew or of a short visit."""
    hours, seconds, files = (flag.detail.get(name) for name in ("hours", "seconds", "files"))
    for whole in (hours, files):
        if isinstance(whole, int):
            return whole
    return round(abs(seconds) / 60) if isinstance(seconds, int) else 0


def distance(position: PositionIn, spot: Spot) -> float | None:
    """Metres between a position and a touchpoint; None unless both are known on the same datum."""
    if not position.datum or position.datum != spot.datum:
        return None
    lat, lon = _number(position.lat), _number(position.lon)
    lat_0, lon_0 = _number(spot.lat), _number(spot.lon)
    if lat is None or lon is None or lat_0 is None or lon_0 is None:
        return None
    half = sin(radians(lat - lat_0) / 2) ** 2
    half += cos(radians(lat)) * cos(radians(lat_0)) * sin(radians(lon - lon_0) / 2) ** 2
    return 2 * EARTH * asin(min(1.0, sqrt(half)))


def _number(text: object) -> float | None:
    try:
        found = float(str(text))
    except ValueError:
        return None
    return found if abs(found) < 1e6 else None  # not for NaN and infinity either


def course(body: VisitBody, numbers: Mapping[str, str]) -> list[Mark]:
    """The moments of a visit in their order, with begin and end."""
    known = {one.mark: one.at for one in body.timeline or []}
    marks = [Mark(body.started_at, "begun"), Mark(body.finished_at, "finished")]
    for one in body.timeline or []:
        item, _, step = one.mark.rpartition(":")
        watch = bool(item) and step in ("start", "stop")
        opened = known.get(f"{item}:start" if watch and step == "stop" else SPANS.get(one.mark, ""))
        seconds = None if opened is None else max(0, round((one.at - opened).total_seconds()))
        code, number = (step, numbers.get(item, "")) if watch else (one.mark, "")
        marks.append(Mark(one.at, code, number, bool(one.added_later), seconds))
    order = {"begun": -1, "finished": 1}
    return sorted(marks, key=lambda mark: (mark.at, order.get(mark.code, 0)))

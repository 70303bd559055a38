"""What speaks for and against a visit being as it was told, and its course. Pure.

Shown to the reviewer; decides nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from audit_app.visits.plausibility import NEAR, Spot, agreed, exactness, metres
from audit_app.visits.rules import VisitBody

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
    found = [*_photos(files, {flag.kind for flag in flags}), _position(body, spot)]
    return sorted(found, key=lambda one: ("g", "", "w").index(one.tone))


def _photos(files: Sequence[File], kinds: set[str]) -> Iterator[Check]:
    photos = [f for f in files if f.is_image]
    taken = [f for f in photos if f.taken_at is not None]
    if taken and "photo_time" not in kinds:
        yield Check("g", "photo_times", len(taken))
    if photos and "gallery" not in kinds:
        yield Check("g", "camera", len(photos))
    if files and not kinds & {"equal_file", "alike"}:
        yield Check("g", "no_repeat")
    missing = sum(not f.here for f in files)
    if files:
        yield Check("w", "missing", missing) if missing else Check("g", "all_here", len(files))


def _position(body: VisitBody, spot: Spot) -> Check:
    """Only with the assessor's consent is anything said of where the phone was."""
    if not agreed(body):
        return Check("", "no_consent")
    if body.check_in is None:
        return Check("", "no_position")
    away = metres(body.check_in, spot)
    if away is None:
        return Check("", "position")
    return Check("g" if away <= NEAR + exactness(body.check_in) else "w", "distance", round(away))


def flag_line(flag: Raised, numbers: Mapping[str, str]) -> Check:
    """A flag as one line."""
    return Check("w", flag.kind, _size(flag), numbers.get(flag.item_id, ""))


def _size(flag: Raised) -> int:
    """The figure of a flag: what was counted, or the minutes of skew or of a short visit."""
    for name in ("hours", "files", "metres", "kmh", "answers"):
        whole = flag.detail.get(name)
        if isinstance(whole, int):
            return whole
    seconds = flag.detail.get("seconds")
    return round(abs(seconds) / 60) if isinstance(seconds, int) else 0


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

"""Time: the slot of a visit, its series, and what of its clock is doubtful. Pure.

Times on the phone are claims. They decide the period and the slot, and a doubt about them is a flag, never a refusal.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache

import chinese_calendar

from audit_app.kit import clock
from audit_app.visits.rules import Flag, VisitBody

SKEW = timedelta(minutes=5)
LATE = timedelta(hours=72)
SHORT_SHARE = 4  # less than a quarter of the expected minutes is short
EARLIEST, LATEST = 2000, 2100
NIGHT_BEGINS, NIGHT_ENDS = 22, 7


@lru_cache(512)
def day_type(day: date) -> str:
    """`workday` or `holiday` by the Chinese calendar; outside the library's years by the day of the week."""
    try:
        working = chinese_calendar.is_workday(day)
    except NotImplementedError:
        working = day.weekday() < 5
    return "workday" if working else "holiday"


def day_part(at: datetime, touchpoint_kind: str) -> str:
    """opening–11 morning, 11–14 midday, 14–17 afternoon, 17–close evening; a hotline also has a night."""
    hour = clock.local(at).hour
    if touchpoint_kind == "hotline" and (hour >= NIGHT_BEGINS or hour < NIGHT_ENDS):
        return "night"
    if hour < 11:
        return "morning"
    if hour < 14:
        return "midday"
    return "afternoon" if hour < 17 else "evening"


def series(sheet_series: str, manner: str) -> str:
    """The series that a visit's result belongs to: covert, overt, hotline or none."""
    if sheet_series == "by_manner":
        return manner
    return sheet_series if sheet_series == "hotline" else "none"


def possible(at: datetime) -> bool:
    """Whether an instant can be stored and counted at all."""
    return EARLIEST <= at.year < LATEST


def instants(body: VisitBody) -> Iterator[tuple[str, datetime]]:
    """Every time in a body that reaches a column, with its place."""
    yield "started_at", body.started_at
    yield "finished_at", body.finished_at
    for n, line in enumerate(body.evidence or []):
        if line.taken_at is not None:
            yield f"evidence[{n}].taken_at", line.taken_at


def clock_flags(body: VisitBody, window: tuple[datetime, datetime], minutes: int, now: datetime) -> Iterator[Flag]:
    """What is odd about the times of a body that was received at `now`."""
    ahead = max(body.started_at, body.finished_at) - now
    told = timedelta(milliseconds=_held(body.client.clock_offset_ms)) if body.client else timedelta(0)
    skew = ahead if ahead > SKEW else told
    if abs(skew) > SKEW:
        yield Flag("clock_skew", detail={"seconds": int(skew.total_seconds())})
    if now - body.finished_at > LATE:
        yield Flag("late", detail={"hours": int((now - body.finished_at).total_seconds() // 3600)})
    length = body.finished_at - body.started_at
    if length * SHORT_SHARE < timedelta(minutes=minutes):
        yield Flag("short", detail={"seconds": int(length.total_seconds()), "expected_minutes": minutes})
    if not window[0] <= body.started_at < window[1]:
        yield Flag("outside_window")


def _held(offset_ms: float | None) -> float:
    """A claimed offset, held to what a duration can carry."""
    return min(max(offset_ms or 0.0, -4e12), 4e12)


def photo_flags(body: VisitBody, live_items: Iterable[str]) -> Iterator[Flag]:
    """One flag per item with a photo that did not come from the camera."""
    live, seen = set(live_items), set()
    for line in body.manifest:
        item = line.item_id or ""
        if line.kind.startswith("image/") and line.source != "camera" and item not in seen:
            seen.add(item)
            yield Flag("gallery", item, {"live_camera": item in live})

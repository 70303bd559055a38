"""Lines of a file of rosters. A shift that overlaps a line's and is in no other line is the one that it changes."""

from bisect import bisect_left
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from audit_app.kit.clock import at_local, local
from audit_app.organisation.rules import Draft, Line
from audit_app.organisation.verdicts.known import Known, KnownShift

LONGEST = timedelta(hours=16)
Span = tuple[datetime, datetime]


def span_of(cells: Mapping[str, str]) -> Span:
    """[start, end) of a line; an end before the start is on the next day."""
    day = date.fromisoformat(cells["date"])
    starts = at_local(day, *_clock(cells["starts"]))
    ends = at_local(day, *_clock(cells["ends"]))
    return starts, ends if ends > starts else at_local(day + timedelta(days=1), *_clock(cells["ends"]))


def _clock(text: str) -> tuple[int, int]:
    return int(text[:2]), int(text[3:5])


def cells_of(staff_code: str, shift: KnownShift) -> dict[str, str]:
    """A stored shift as a line."""
    starts, ends = local(shift.starts_at), local(shift.ends_at)
    return {
        "staff_code": staff_code,
        "date": starts.date().isoformat(),
        "starts": f"{starts:%H:%M}",
        "ends": f"{ends:%H:%M}",
        "desk": shift.desk,
        "touchpoint_code": shift.touchpoint_code,
    }


def judge(found: list[Draft], known: Known) -> list[Line]:
    spans: dict[int, Span] = {}
    by_person: dict[str, list[Draft]] = {}
    for draft in found:
        span = _checked_span(draft, known)
        if span is not None:
            spans[draft.number] = span
            by_person.setdefault(draft.get("staff_code"), []).append(draft)
    meant: dict[int, KnownShift] = {}
    for code, theirs in by_person.items():
        _refuse_overlaps(theirs, spans)
        _match(theirs, known.shifts.get(code, []), spans, meant)
    lines = []
    for draft in found:
        shift = meant.get(draft.number)
        old = cells_of(draft.get("staff_code"), shift) if shift else None
        lines.append(draft.settled(old, shift.id if shift else ""))
    return lines


def _checked_span(draft: Draft, known: Known) -> Span | None:
    code = draft.get("staff_code")
    person = known.staff.get(code)
    if code and (person is None or not known.may_write(person.path)):
        draft.wrong("staff_code", "no-such-staff", value=code[:36])
    place = draft.get("touchpoint_code")
    touchpoint = known.touchpoints.get(place)
    if place and (touchpoint is None or not known.may_write(touchpoint.path)):
        draft.wrong("touchpoint_code", "no-such-touchpoint", value=place[:36])
    if draft.faults or person is None:
        return None
    if draft.get("starts") == draft.get("ends"):
        draft.wrong("ends", "no-time-at-all")
        return None
    starts, ends = span_of(draft.cells)
    if ends - starts > LONGEST:
        draft.wrong("ends", "shift-too-long", hours=str(int(LONGEST.total_seconds() // 3600)))
    day = draft.get("date")
    if day < person.cells["joined_on"] or (person.cells["left_on"] and day > person.cells["left_on"]):
        draft.wrong("date", "not-employed-then", joined=person.cells["joined_on"], left=person.cells["left_on"])
    return None if draft.faults else (starts, ends)


def _refuse_overlaps(theirs: list[Draft], spans: dict[int, Span]) -> None:
    latest: Draft | None = None
    for draft in sorted(theirs, key=lambda d: (spans[d.number], d.number)):
        if latest is not None and spans[draft.number][0] < spans[latest.number][1]:
            draft.wrong("starts", "overlaps-line", line=str(latest.number))
        else:
            latest = draft


def _match(theirs: list[Draft], stored: list[KnownShift], spans: dict[int, Span], meant: dict[int, KnownShift]) -> None:
    """Which stored shift each line means. `stored` is in the order of time; none is longer than LONGEST."""
    by_start = {shift.starts_at: shift for shift in stored}
    sound = [draft for draft in theirs if not draft.faults]
    taken, begin = set(), [shift.starts_at for shift in stored]
    for draft in sound:
        shift = by_start.get(spans[draft.number][0])
        if shift is not None:
            meant[draft.number] = shift
            taken.add(shift.id)
    for draft in sound:
        starts, ends = spans[draft.number]
        near = stored[bisect_left(begin, starts - LONGEST) : bisect_left(begin, ends)]
        others = [s for s in near if s.id not in taken and starts < s.ends_at]
        if not others:
            continue
        if draft.number in meant or len(others) > 1:
            draft.wrong("starts", "overlaps-shifts", count=str(len(others)))
        else:
            meant[draft.number] = others[0]
            taken.add(others[0].id)

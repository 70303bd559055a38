"""Decisions of the review: when a result is released, whom a visit scores. Pure."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from statistics import median

import msgspec

from audit_app.kit import clock
from audit_app.kit.states import Transitions

RELEASE_HOUR = 9
EARLIEST, LATEST = 3, 10  # days after approval, both possible
COMPANY = 3  # a release with at least two others of the county
RETURN_TIME = timedelta(days=3)
NOTICE_TIME = timedelta(days=7)
REVIEW_TIME = timedelta(days=3)  # within which a review should be decided
LOW_SCORE = 7000  # hundredths: at or below, a supervisor looks again
BIG_CHANGE = 500  # hundredths: a change of the experience total by more needs a second reviewer
SCORE_GAINED_OR_LOST = 10_000  # the change where there is a score only before or only after
MOST_AT_ONCE = 50  # visits approved in one go
SECRET_DAYS = timedelta(days=11)  # a covert visit voided before its release stays unknown while it might have come
MEDIAN_OF = 200  # so many of a reviewer's last decisions give their median time

OPINION: Transitions = {"open": frozenset({"confirmed", "refused", "withdrawn"})}
RECHECK: Transitions = {"open": frozenset({"confirmed", "revisit"})}

Draw = Callable[[str], str]
"""A secret, steady mark of a visit (an HMAC under the server's key)."""


def release_days(visit_id: str, approved_at: datetime, draw: Draw) -> tuple[datetime, datetime]:
    """09:00 of the drawn day, uniformly 3 to 10 days after approval, and of the last possible day."""
    mark = hashlib.sha256(draw(visit_id).encode()).digest()
    days = EARLIEST + int.from_bytes(mark[:16], "big") % (LATEST - EARLIEST + 1)
    approved_on = clock.local_date(approved_at)
    return (
        clock.at_local(approved_on + timedelta(days=days), RELEASE_HOUR),
        clock.at_local(approved_on + timedelta(days=LATEST), RELEASE_HOUR),
    )


@dataclass(frozen=True)
class Waiting:
    """A covert visit that is approved and not released."""

    visit_id: str
    county_path: str
    due_at: datetime
    last_at: datetime


def to_release(waiting: Iterable[Waiting], now: datetime) -> list[str]:
    """The visits to release now: where at least three of one county are due, all of these; else only what has reached
    its last day."""
    due: dict[str, list[Waiting]] = {}
    for one in waiting:
        if one.due_at <= now:
            due.setdefault(one.county_path, []).append(one)
    chosen: list[str] = []
    for group in due.values():
        together = len(group) >= COMPANY
        chosen += [one.visit_id for one in group if together or one.last_at <= now]
    return sorted(chosen)


def county_of(unit_path: str) -> str:
    """The county's part of a path (province/city/county/…), or the whole where the touchpoint lies higher."""
    return "/".join(unit_path.split("/")[:3]).rstrip("/") + "/"


@dataclass(frozen=True)
class Person:
    """A staff member as a possible subject: of the touchpoint or hotline, with what identifies them that day."""

    staff_id: str
    name: str
    badge: str | None
    agent_no: str | None
    desk: str  # of the shift that was running, or ""
    on_shift: bool
    team_id: str | None
    joined_on: date


@dataclass(frozen=True)
class Suggestion:
    staff_id: str | None
    team_id: str | None
    how: str  # badge | desk | agent_no | unresolved
    confidence: str  # exact | likely | none


NOBODY = Suggestion(None, None, "unresolved", "none")


def suggest(people: Sequence[Person], badge: str, desk: str, agent_no: str, transfers: int) -> Suggestion:
    """Whom the assessor's words point to. A transferred call counts for the team only; two that fit mean nobody."""
    if agent_no:
        found = [p for p in people if _same(p.agent_no, agent_no)]
        if len(found) != 1:
            return NOBODY
        who = None if transfers else found[0].staff_id
        return Suggestion(who, found[0].team_id, "agent_no", "exact")
    if badge:
        found = [p for p in people if _same(p.badge, badge)]
        if len(found) == 1:
            one = found[0]
            sure = one.on_shift and (not desk or not one.desk or _same(one.desk, desk))
            return Suggestion(one.staff_id, None, "badge", "exact" if sure else "likely")
    if desk:
        found = [p for p in people if p.on_shift and _same(p.desk, desk)]
        if len(found) == 1:
            return Suggestion(found[0].staff_id, None, "desk", "likely")
    return NOBODY


def _same(known: str | None, heard: str) -> bool:
    """Whether a number of ours is the one that was written down."""
    return known is not None and known.strip().casefold() == heard.strip().casefold() != ""


@dataclass(frozen=True)
class Chosen:
    """Whom a reviewer names: a person, only a team, or (both None) the touchpoint alone."""

    staff_id: str | None = None
    team_id: str | None = None


def how_known(chosen: Chosen, suggestion: Suggestion) -> tuple[str, str]:
    """How and how surely the subject is known: as suggested, else by the reviewer's word."""
    if not chosen.staff_id and not chosen.team_id:
        return "unresolved", "none"
    as_suggested = chosen.staff_id == suggestion.staff_id and (chosen.staff_id or chosen.team_id == suggestion.team_id)
    return (suggestion.how, suggestion.confidence) if as_suggested else ("named", "likely")


def counts_for_person(visit_on: date, notice_at: datetime | None, joined_on: date, for_incentives: bool) -> str:
    """Why a visit cannot count for the person (no_incentives, no_notice, notice_too_late, just_joined), or ""."""
    if not for_incentives:
        return "no_incentives"
    if notice_at is None:
        return "no_notice"
    if visit_on < clock.local_date(notice_at + NOTICE_TIME):
        return "notice_too_late"
    if visit_on < joined_on + NOTICE_TIME:
        return "just_joined"
    return ""


class ItemNote(msgspec.Struct, forbid_unknown_fields=True):
    """A question to the assessor about one item."""

    item_id: str
    note: str


class NewOverlay(msgspec.Struct, forbid_unknown_fields=True):
    """A change of one answer. Exactly one of options, value and N/A says what it shall be."""

    item_id: str
    reason: str
    option_ids: list[str] = []
    value: str = ""
    not_applicable: bool = False

    def essence(self) -> dict[str, object]:
        """What a score depends on, as stored."""
        if self.not_applicable:
            return {"not_applicable": True}
        if self.option_ids:
            return {"option_ids": self.option_ids}
        return {"value": self.value}


class Approval(msgspec.Struct, forbid_unknown_fields=True):
    """Taking a visit with its overlays. The outlet reads `release_note` instead of the assessor's words."""

    release_note: str = ""


def change(before: Decimal | None, after: Decimal | None) -> int:
    """By how many hundredths the reviewer's changes moved the experience total."""
    if before is None or after is None:
        return 0 if before is after else SCORE_GAINED_OR_LOST
    return int((after - before) * 100)


def is_big(change: int) -> bool:
    """Whether a change needs a second reviewer."""
    return abs(change) > BIG_CHANGE


@dataclass(frozen=True)
class Weighed:
    """What speaks for approving a visit without opening it."""

    experience: int | None
    change: int
    flags: int
    unproven: int  # items that lost points without a file that is here
    critical: int  # critical items that fired
    whole: bool  # every item answered, a sufficient basis, all evidence here


def not_clean(visit: Weighed) -> list[str]:
    """Every reason why a visit must be looked at before it is approved; empty: it is clean."""
    found = []
    if not visit.whole or visit.experience is None:
        found.append("not_whole")
    elif visit.experience <= LOW_SCORE:
        found.append("low")
    if visit.flags:
        found.append("flags")
    if visit.unproven:
        found.append("unproven")
    if visit.critical:
        found.append("critical")
    if is_big(visit.change):
        found.append("changed")
    return found


class NewVoid(msgspec.Struct, forbid_unknown_fields=True):
    """What a reviewer says when a visit should count for nothing."""

    reason: str
    note: str
    items: list[str] = []


class Settlement(msgspec.Struct, forbid_unknown_fields=True):
    """What came of a flag."""

    how: str
    reason: str


class NewFlag(msgspec.Struct, forbid_unknown_fields=True):
    """What a reviewer finds odd."""

    kind: str
    note: str
    item_id: str = ""


class Revisit(msgspec.Struct, forbid_unknown_fields=True):
    """A second visit by a chief tester; the last day inclusive."""

    round_id: str
    assessor_id: str
    first_day: date
    last_day: date
    note: str = ""


@dataclass(frozen=True)
class Decided:
    """What one reviewer decided. `changes`: how many approved scores could change; `moved`: hundredths of a point by
    which they did, up or down; `hours`: how long each of the last took, at most :data:`MEDIAN_OF`."""

    count: int = 0
    returned: int = 0
    void: int = 0
    changes: int = 0
    moved: int = 0
    hours: Sequence[float] = ()


@dataclass(frozen=True)
class Figures:
    """How somebody reviews: shares in percent, None where there is nothing to take them of."""

    decided: int
    median_hours: float | None
    returned: float | None
    void: float | None
    mean_change: Decimal | None  # points, of the approved visits
    agreed: float | None


def figures(decided: Decided, confirmed: int, answered: int) -> Figures:
    """The figures of one reviewer; `confirmed` of `answered` second opinions that they asked for."""
    return Figures(
        decided=decided.count,
        median_hours=median(decided.hours) if decided.hours else None,
        returned=_share(decided.returned, decided.count),
        void=_share(decided.void, decided.count),
        mean_change=Decimal(decided.moved) / (100 * decided.changes) if decided.changes else None,
        agreed=_share(confirmed, answered),
    )


def _share(part: int, whole: int) -> float | None:
    return 100 * part / whole if whole else None


MOST_BOXES = 30
WHOLE = 10_000
SHOWS = ("premises", "notice", "person", "ticket", "receipt", "screen")
NEVER_SHOWN = frozenset({"ticket", "receipt", "screen"})  # a number or a minute on them leads to the customer


class Redaction(msgspec.Struct, forbid_unknown_fields=True):
    """What a photo shows, and the boxes to paint over: left, top, width, height in ten-thousandths of the picture."""

    shows: str
    boxes: list[tuple[int, int, int, int]]


def box_faults(boxes: Sequence[Sequence[int]]) -> str:
    """What is wrong with the boxes (none, many, outside), or ""."""
    if not boxes:
        return "none"
    if len(boxes) > MOST_BOXES:
        return "many"
    inside = all(
        min(box) >= 0 and min(box[2:]) >= 1 and box[0] + box[2] <= WHOLE and box[1] + box[3] <= WHOLE for box in boxes
    )
    return "" if inside else "outside"

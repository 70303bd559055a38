"""Decisions of the review: when a result is released, whom a visit scores. Pure."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import msgspec

from audit_app.kit import clock

RELEASE_HOUR = 9
EARLIEST, LATEST = 3, 10  # days after approval, both possible
COMPANY = 3  # a release with at least two others of the county
RETURN_TIME = timedelta(days=3)
NOTICE_TIME = timedelta(days=7)
LOW_SCORE = 7000  # hundredths: at or below, the visit asks for a second look

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

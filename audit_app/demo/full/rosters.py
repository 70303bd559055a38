"""Rosters: of everybody for the days around today, of halls also on the days on which they were visited."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from audit_app.demo.full.ledger import insert, stamped
from audit_app.demo.full.sizes import ROSTER_AHEAD, ROSTER_BACK
from audit_app.demo.material import chance
from audit_app.demo.places import hours
from audit_app.kit import clock
from audit_app.kit.db import Session
from audit_app.organisation.models import Shift, StaffMember, Touchpoint

PART = 2500  # people to a transaction


def people(session: Session) -> list[Sequence[Any]]:
    """Everybody who has no roster yet, by code, with the place's hours."""
    s, t = StaffMember, Touchpoint
    rostered = sa.select(col(Shift.staff_id)).distinct()
    return list(
        session.execute(
            sa.select(
                col(s.id), col(s.code), col(t.id), col(t.kind), col(t.opens), col(t.closes), col(s.joined_on)
            )
            .join(t, col(t.id) == s.touchpoint_id)
            .where(col(s.id).not_in(rostered))
            .order_by(col(s.code))
        )
    )  # fmt: skip


def build(session: Session, who: Sequence[Any], visited: dict[str, set[date]], at: datetime) -> None:
    """Shifts of these people. `visited`: further days, by touchpoint."""
    today = clock.local_date(at)
    near = [today + timedelta(days=n) for n in range(-ROSTER_BACK, ROSTER_AHEAD + 1)]
    rows: list[dict[str, Any]] = []
    for person in who:
        rows += _of_one(person, {*near, *visited.get(person[2], ())})
    insert(session, Shift, rows)


def _of_one(person: Any, days: Iterable[date]) -> Iterable[dict[str, Any]]:
    staff_id, code, place, kind, opens, closes, joined = person
    rng, turn = chance(f"full-roster:{code}"), int(code[2:])
    off, desk = {turn % 7, (turn + 3) % 7}, str(turn % 12 + 1) if kind == "hall" else ""
    for day in sorted(days):
        if day.weekday() in off or day < joined:
            continue
        start, end = hours(kind, opens, closes, turn + day.toordinal() // 7)
        starts = clock.at_local(day, *start)
        ends = clock.at_local(day if end > start else day + timedelta(days=1), *end)
        yield {"id": stamped(rng, starts), "staff_id": staff_id, "touchpoint_id": place, "desk": desk,
               "starts_at": starts, "ends_at": ends}  # fmt: skip

"""Looks at results: a line on the trail for each reader, result and day; the person scored can see who looked."""

from datetime import datetime

from audit_app.access.rules import Actor
from audit_app.kit import clock
from audit_app.kit.db import Session
from audit_app.trail import queries as trail
from audit_app.trail.operations import record


def look(session: Session, actor: Actor, visit_id: str, act: str, role: str, now: datetime) -> None:
    """Writes down that somebody in this role reads a visit's result now; once a day and reader."""
    since = clock.day_start(clock.local_date(now))
    if not trail.done_since(session, act, actor.account_id, "visit", visit_id, since):
        record(session, act, actor_id=actor.account_id, subject_kind="visit", subject_id=visit_id, now=now,
               detail={"role": role})  # fmt: skip

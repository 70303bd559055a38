"""Looks at results: a line on the trail for each reader, result and day; the person scored can see who looked."""

from datetime import datetime

from audit_app.access.rules import Actor
from audit_app.kit import clock
from audit_app.kit.db import Session
from audit_app.trail import queries as trail
from audit_app.trail.operations import record


def look(session: Session, actor: Actor, visit_id: str, role: str, now: datetime) -> None:
    """Writes down that somebody in this role reads a visit's result now; once a day and reader."""
    if not _seen_today(session, "result.read", actor, visit_id, now):
        record(session, "result.read", actor_id=actor.account_id, subject_kind="visit", subject_id=visit_id, now=now,
               detail={"role": role})  # fmt: skip


def look_to_answer(session: Session, actor: Actor, visit_id: str, role: str, now: datetime) -> None:
    """The same for whoever reads it because a question about it is theirs to answer."""
    if not _seen_today(session, "explanation.read", actor, visit_id, now):
        record(session, "explanation.read", actor_id=actor.account_id, subject_kind="visit", subject_id=visit_id,
               now=now, detail={"role": role})  # fmt: skip


def _seen_today(session: Session, act: str, actor: Actor, visit_id: str, now: datetime) -> bool:
    since = clock.day_start(clock.local_date(now))
    return trail.done_since(session, act, actor.account_id, "visit", visit_id, since)

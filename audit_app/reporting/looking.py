"""Looks at results: a line on the trail for each reader, result and day; the person scored can see who looked."""

from datetime import datetime

from audit_app.access.rules import Actor
from audit_app.kit.db import Session
from audit_app.trail.operations import record_daily


def look(session: Session, actor: Actor, visit_id: str, role: str, now: datetime) -> None:
    """Writes down that somebody in this role reads a visit's result now; once a day and reader."""
    record_daily(session, "result.read", actor.account_id, "visit", visit_id, now, {"role": role})


def look_to_answer(session: Session, actor: Actor, visit_id: str, role: str, now: datetime) -> None:
    """The same for whoever reads it because a question about it is theirs to answer."""
    record_daily(session, "explanation.read", actor.account_id, "visit", visit_id, now, {"role": role})

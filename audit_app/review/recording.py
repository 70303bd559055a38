"""Lines of the trail about visits in review."""

from datetime import datetime

from audit_app.access.rules import Actor
from audit_app.kit.db import Session
from audit_app.trail.operations import record
from audit_app.visits.models import Visit


def recorded(session: Session, act: str, actor: Actor, visit: Visit, now: datetime, **detail: str | int) -> None:
    """Somebody did something with a visit."""
    record(
        session, act, actor_id=actor.account_id, subject_kind="visit", subject_id=visit.id, now=now,
        unit_path=visit.unit_path, detail=detail,
    )  # fmt: skip

"""What is loaded already: a line on the trail for every part, written in the transaction of the part itself."""

import json
import random
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from audit_app.kit.db import Database, Session, SQLModel
from audit_app.trail.models import TrailLine
from audit_app.trail.operations import record

ACT, KIND = "demonstration.loaded", "demonstration"
BEGUN = "full"


class Ledger:
    """Does each named part once, however often the loading is begun."""

    def __init__(self, db: Database, now: datetime) -> None:
        self.db, self.now = db, now
        self.done = db.read_now(parts)

    def once(self, part: str, work: Callable[..., object], *given: object) -> bool:
        """Runs `work(session, …)` in one transaction with the line that says so; False if it was done before."""
        if part in self.done:
            return False

        def both(session: Session) -> None:
            work(session, *given)
            _note(session, part, self.now, {})

        self.db.write_now(both)
        self.done.add(part)
        return True


def parts(session: Session) -> set[str]:
    return set(session.scalars(_lines(col(TrailLine.subject_id))))


def begun(session: Session) -> dict[str, Any] | None:
    """What the loading was begun with, if it was."""
    found = session.scalars(_lines(col(TrailLine.detail)).where(col(TrailLine.subject_id) == BEGUN)).first()
    return json.loads(found) if isinstance(found, str) else found


def begin(session: Session, now: datetime, given: dict[str, Any]) -> None:
    _note(session, BEGUN, now, given)


def _lines(column: Any) -> Any:
    return sa.select(column).where(col(TrailLine.subject_kind) == KIND, col(TrailLine.act) == ACT)


def _note(session: Session, part: str, now: datetime, detail: dict[str, Any]) -> None:
    record(session, ACT, actor_id=None, subject_kind=KIND, subject_id=part, now=now, detail=detail)


def stamped(rng: random.Random, at: datetime) -> str:
    """An internal key as it would have been made at that moment."""
    milliseconds = int(at.timestamp() * 1000)
    bits = (milliseconds << 80) | (7 << 76) | (rng.getrandbits(12) << 64) | (2 << 62) | rng.getrandbits(62)
    return str(uuid.UUID(int=bits))


def insert(session: Session, model: type[SQLModel], rows: Sequence[dict[str, Any]]) -> None:
    """Many rows by one statement."""
    if rows:
        session.connection().execute(sa.insert(model.__table__), list(rows))  # type: ignore[attr-defined]

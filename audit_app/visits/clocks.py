"""Time limits of visits. A clock strikes once per revision: the row that says so is inserted by whoever is first, in
the transaction of everything that follows from it. A return has a clock of its own each time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from audit_app.kit.db import Session
from audit_app.trail.operations import record
from audit_app.visits import queries
from audit_app.visits.models import VisitClock
from audit_app.visits.rules import EVIDENCE_ASKED_AFTER, EVIDENCE_OVERDUE_AFTER

_CLOCK: sa.Table = VisitClock.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Struck:
    """A visit whose limit has passed just now."""

    visit_id: str
    revision: int
    unit_path: str
    account_id: str  # of the assessor
    missing: int


def evidence_asked(session: Session, now: datetime, limit: int) -> list[Struck]:
    """Visits whose files have not come for 72 hours: their assessors are asked."""
    due = queries.still_receiving(session, "evidence_asked", now - EVIDENCE_ASKED_AFTER, limit)
    return _strike(session, "evidence_asked", due, now)


def evidence_overdue(session: Session, now: datetime, limit: int) -> list[Struck]:
    """Visits whose files have not come for 7 days: a reviewer may take them as they are."""
    due = queries.still_receiving(session, "evidence_overdue", now - EVIDENCE_OVERDUE_AFTER, limit)
    return _strike(session, "evidence_overdue", due, now)


def return_expired(session: Session, now: datetime, limit: int) -> list[Struck]:
    """Returned visits that nobody answered in time: their reviewers may go on with what is there."""
    return _strike(session, "return_expired", queries.unanswered_returns(session, now, limit), now)


def forget_return(session: Session, visit_id: str) -> None:
    """The return is over: the next one, of the same revision perhaps, expires as the first did."""
    session.execute(sa.delete(_CLOCK).where(_CLOCK.c.visit_id == visit_id, _CLOCK.c.kind == "return_expired"))


def _strike(session: Session, kind: str, due: Sequence[Any], now: datetime) -> list[Struck]:
    make: Any = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    struck = []
    for row in due:
        mark = make(_CLOCK).values(visit_id=row.id, revision=row.revision, kind=kind, at=now)
        if session.execute(mark.on_conflict_do_nothing().returning(_CLOCK.c.visit_id)).first() is None:
            continue
        record(session, f"visit.{kind}", actor_id=None, subject_kind="visit", subject_id=row.id, now=now,
               unit_path=row.unit_path, detail={"revision": row.revision})  # fmt: skip
        struck.append(Struck(row.id, row.revision, row.unit_path, row.account_id, row.missing))
    return struck

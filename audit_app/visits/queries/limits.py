"""Visits whose time has run out, each revision and clock once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from audit_app.kit.db import Session
from audit_app.visits.models import VisitClock
from audit_app.visits.queries.tables import ASSESSOR, S, V

_CLOCK: sa.Table = VisitClock.__table__
C = _CLOCK.c


def _due(kind: str) -> sa.Select[Any]:
    struck = sa.select(C.visit_id).where(C.visit_id == V.id, C.revision == V.revision, C.kind == kind).exists()
    return (
        sa.select(V.id, V.revision, V.unit_path, S.account_id, V.missing)
        .join(ASSESSOR, S.id == V.assessor_id)
        .where(~struck)
        .order_by(V.received_at, V.id)
    )


def still_receiving(session: Session, kind: str, before: datetime, limit: int) -> Sequence[Any]:
    """Visits that came in before an instant and whose evidence is not whole."""
    return session.execute(_due(kind).where(V.status == "receiving", V.received_at <= before).limit(limit)).all()


def unanswered_returns(session: Session, now: datetime, limit: int) -> Sequence[Any]:
    """Returned visits whose deadline has passed."""
    return session.execute(_due("return_expired").where(V.status == "returned", V.answer_by <= now).limit(limit)).all()

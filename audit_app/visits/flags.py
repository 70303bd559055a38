"""Flags: what somebody should look at. Raised by the server, the assessor or a reviewer, settled with a reason; a flag
never rejects a visit."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from audit_app.kit.db import Session
from audit_app.kit.errors import Conflict
from audit_app.kit.ids import new_id
from audit_app.kit.prepared import Prepared
from audit_app.visits import plausibility, queries
from audit_app.visits.models import VisitFlag
from audit_app.visits.rules import Flag

_FLAG: sa.Table = VisitFlag.__table__  # type: ignore[attr-defined]
_INSERT_FLAG = Prepared(sa.insert(_FLAG))


def raise_flags(
    session: Session, visit_id: str, flags: Iterable[Flag], now: datetime, again: bool, by: str = "server"
) -> int:
    """Adds the flags that the visit has not yet (`again`: it may have some). Returns how many were new."""
    known = queries.flag_keys(session, visit_id) if again else set()
    rows = [
        {"id": new_id(), "visit_id": visit_id, "kind": flag.kind, "item_id": flag.item_id,
         "detail": dict(flag.detail or {}), "raised_at": now, "raised_by": by, "settled_at": None, "settled_by": None,
         "settled_how": "", "settled_reason": ""}
        for flag in flags
        if (flag.kind, flag.item_id) not in known
    ]  # fmt: skip
    if rows:
        _INSERT_FLAG.run_many(session.connection(), rows)
    return len(rows)


def settle_flag(
    session: Session, visit_id: str, flag_id: str, how: str, reason: str, by: str, now: datetime
) -> str | None:
    """Says what came of a flag, once: Conflict if somebody has said so. Returns its kind; None: no such flag."""
    here = sa.and_(_FLAG.c.id == flag_id, _FLAG.c.visit_id == visit_id)
    kind = queries.flag_kind(session, visit_id, flag_id)
    if kind is None:
        return None
    done = session.execute(
        sa.update(_FLAG)
        .where(here, _FLAG.c.settled_at.is_(None))
        .values(settled_at=now, settled_by=by, settled_how=how, settled_reason=reason)
        .returning(_FLAG.c.id)
    ).all()
    if len(done) != 1:
        raise Conflict(code="state-changed")
    return kind


def look_over(session: Session, visit_id: str, now: datetime) -> int:
    """Flags what does not fit together in the present revision. Returns how many flags are new."""
    body, scene = queries.scene(session, visit_id)
    return raise_flags(session, visit_id, plausibility.flags(body, scene), now, True)

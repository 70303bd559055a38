"""Writing a line of the trail. What happens to it later is `relay.py`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from audit_app.kit.db import Session
from audit_app.kit.ids import new_id
from audit_app.trail.models import TrailLine

_INSERT = sa.insert(TrailLine.__table__)  # type: ignore[attr-defined]


def record(
    session: Session,
    act: str,
    *,
    actor_id: str | None,
    subject_kind: str,
    subject_id: str,
    now: datetime,
    unit_path: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> str:
    """Adds one line to the trail, in the transaction of the act itself, and returns the line's id.

    `act` reads `thing.happened` ("visit.submitted"); `actor_id` is None for the system. `detail` takes ids, codes and
    counts only, never a name or a text that somebody wrote: the trail cannot forget.
    """
    key = new_id()
    line = {
        "id": key,
        "at": now,
        "actor_id": actor_id,
        "act": act,
        "subject_kind": subject_kind,
        "subject_id": subject_id,
        "unit_path": unit_path,
        "detail": dict(detail) if detail else {},
    }
    session.connection().execute(_INSERT, line)
    return key

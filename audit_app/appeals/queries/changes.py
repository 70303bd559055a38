"""What appeals have changed, for the documents that print it."""

from collections.abc import Collection

from sqlmodel import col

from audit_app.appeals.models import Appeal, Hearing
from audit_app.kit.db import Session
from audit_app.kit.sql import columns


def reasons(session: Session, visit_ids: Collection[str]) -> dict[str, dict[str, str]]:
    """Visit → item → the reason of the last round that changed it."""
    rows = session.execute(
        columns(Appeal.visit_id, Appeal.item_id, Hearing.reason)
        .join(Hearing, col(Hearing.appeal_id) == Appeal.id)
        .where(
            col(Appeal.visit_id).in_(list(visit_ids)), Appeal.kind == "item",
            col(Hearing.status).in_(("upheld", "partly")),
        )
        .order_by(Hearing.decided_at, Hearing.number)
    )  # fmt: skip
    found: dict[str, dict[str, str]] = {}
    for visit_id, item_id, reason in rows:
        found.setdefault(visit_id, {})[item_id] = reason
    return found

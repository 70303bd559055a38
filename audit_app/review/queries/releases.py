"""What waits for its day of release."""

from datetime import datetime

from sqlmodel import col

from audit_app.kit.db import Session
from audit_app.kit.sql import columns
from audit_app.review import rules
from audit_app.review.models import Release
from audit_app.visits.models import Visit


def waiting_releases(session: Session, now: datetime) -> list[rules.Waiting]:
    """Approved covert visits whose drawn day has come."""
    rows = session.execute(
        columns(Release.visit_id, Release.county_path, Release.due_at, Release.last_at)
        .join(Visit, col(Visit.id) == Release.visit_id)
        .where(Visit.status == "approved", col(Release.released_at).is_(None), col(Release.due_at) <= now)
        .order_by(Release.due_at)
    )
    return [rules.Waiting(*row) for row in rows]

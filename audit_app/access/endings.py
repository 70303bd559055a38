"""Ending sessions and tokens by compare-and-swap: what has ended once stays so."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from audit_app.access.models import ApiToken, LoginSession
from audit_app.kit.db import Session


def end_sessions(session: Session, now: datetime, *which: Any) -> int:
    """Ends the sessions that fit all conditions and have not ended; how many that were."""
    statement = sa.update(LoginSession).where(*which, col(LoginSession.revoked_at).is_(None)).values(revoked_at=now)
    return len(session.execute(statement.returning(col(LoginSession.id))).all())


def end_tokens(session: Session, now: datetime, *which: Any) -> int:
    statement = sa.update(ApiToken).where(*which, col(ApiToken.revoked_at).is_(None)).values(revoked_at=now)
    return len(session.execute(statement.returning(col(ApiToken.id))).all())


def end_all(session: Session, account_id: str, now: datetime, *, but: str = "") -> int:
    """Every session of the account but one; on the next request of each nobody is signed in."""
    return end_sessions(session, now, col(LoginSession.account_id) == account_id, col(LoginSession.id) != but)

"""Ending sessions and tokens by compare-and-swap: what has ended once stays so."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from audit_app.access.models import ApiToken, LoginSession
from audit_app.kit.db import Session
from audit_app.trail.operations import record


def end_sessions(session: Session, now: datetime, *which: Any) -> int:
    """Ends the sessions that fit all conditions and have not ended; how many that were."""
    statement = sa.update(LoginSession).where(*which, col(LoginSession.revoked_at).is_(None)).values(revoked_at=now)
    return len(session.execute(statement.returning(col(LoginSession.id))).all())


def end_tokens(session: Session, now: datetime, *which: Any) -> int:
    return len(_tokens_ended(session, now, *which))


def end_tokens_of(session: Session, by: str | None, account_id: str, now: datetime) -> None:
    """Every API token of the account, with a line on the trail for each."""
    for token_id in _tokens_ended(session, now, col(ApiToken.account_id) == account_id):
        record(session, "token.revoked", actor_id=by, subject_kind="token", subject_id=token_id, now=now)


def _tokens_ended(session: Session, now: datetime, *which: Any) -> list[str]:
    statement = sa.update(ApiToken).where(*which, col(ApiToken.revoked_at).is_(None)).values(revoked_at=now)
    return sorted(session.execute(statement.returning(col(ApiToken.id))).scalars())


def end_all(session: Session, account_id: str, now: datetime, *, but: str = "") -> int:
    """Every session of the account but one; on the next request of each nobody is signed in."""
    return end_sessions(session, now, col(LoginSession.account_id) == account_id, col(LoginSession.id) != but)

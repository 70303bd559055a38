"""What an administrator does to somebody else's account. Whether the account is his to manage decides the caller."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col

from audit_app.access.endings import end_all, end_sessions, end_tokens, end_tokens_of
from audit_app.access.models import Account, ApiToken, LoginSession, RecoveryCode
from audit_app.access.rules import Actor
from audit_app.kit.db import Session
from audit_app.kit.errors import Conflict, NotFound
from audit_app.trail.operations import record


def disable(session: Session, actor: Actor, account_id: str, now: datetime) -> None:
    """Nobody gets in by this account any more; its sessions and tokens end."""
    _set_active(session, account_id, False)
    end_all(session, account_id, now)
    end_tokens_of(session, actor.account_id, account_id, now)
    _record(session, "account.disabled", actor, account_id, now)


def enable(session: Session, actor: Actor, account_id: str, now: datetime) -> None:
    """The person may sign in again; what had ended stays ended."""
    _set_active(session, account_id, True)
    _record(session, "account.enabled", actor, account_id, now)


def end_sessions_of(session: Session, actor: Actor, account_id: str, now: datetime, session_id: str = "") -> None:
    """Ends one session of the account, or all. NotFound if the named one is none of its open ones."""
    mine = col(LoginSession.account_id) == account_id
    if session_id:
        if not end_sessions(session, now, mine, col(LoginSession.id) == session_id):
            raise NotFound()
        ended = 1
    else:
        ended = end_sessions(session, now, mine)
    _record(session, "account.sessions_ended", actor, account_id, now, sessions=ended)


def revoke_token_of(session: Session, actor: Actor, account_id: str, token_id: str, now: datetime) -> None:
    if not end_tokens(session, now, col(ApiToken.id) == token_id, col(ApiToken.account_id) == account_id):
        raise NotFound()
    record(session, "token.revoked", actor_id=actor.account_id, subject_kind="token", subject_id=token_id, now=now)


def reset_totp(session: Session, actor: Actor, account_id: str, now: datetime) -> None:
    """Forgets the code generator and the recovery codes: at the next sign-in the person registers a new one."""
    session.execute(
        sa.update(Account)
        .where(col(Account.id) == account_id)
        .values(totp_seed=None, totp_enrolled_at=None, totp_last_step=None)
    )
    session.execute(sa.delete(RecoveryCode).where(col(RecoveryCode.account_id) == account_id))
    end_all(session, account_id, now)
    end_tokens_of(session, actor.account_id, account_id, now)
    _record(session, "account.totp_reset", actor, account_id, now)


def set_password(session: Session, account_id: str, new_hash: str, now: datetime) -> None:
    """A new password that the owner chose by a link of an administrator; every sign-in and token ends."""
    session.execute(sa.update(Account).where(col(Account.id) == account_id).values(password_hash=new_hash))
    end_all(session, account_id, now)
    end_tokens_of(session, account_id, account_id, now)
    record(session, "account.password_set", actor_id=account_id, subject_kind="account", subject_id=account_id, now=now)


def _set_active(session: Session, account_id: str, active: bool) -> None:
    changed = session.execute(
        sa.update(Account)
        .where(col(Account.id) == account_id, col(Account.active).is_(not active))
        .values(active=active)
        .returning(col(Account.id))
    ).all()
    if not changed:
        raise Conflict()


def _record(session: Session, act: str, actor: Actor, account_id: str, now: datetime, **detail: int) -> None:
    record(
        session,
        act,
        actor_id=actor.account_id or None,
        subject_kind="account",
        subject_id=account_id,
        now=now,
        detail=detail,
    )

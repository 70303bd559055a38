"""Links by which somebody chooses a password: 128 random bits, kept as a hash, good once and for seven days."""

import secrets
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from audit_app.access import administration, operations
from audit_app.access.cookies import hashed
from audit_app.access.identity import GrantsOf
from audit_app.access.queries import password_of, password_of_account
from audit_app.access.results import NewSession
from audit_app.access.rules import SYSTEM, Actor
from audit_app.accounts.models import Invitation
from audit_app.accounts.queries import account as accounts
from audit_app.accounts.rules import LINK_LONGEST
from audit_app.kit.db import Session
from audit_app.kit.errors import NotFound
from audit_app.kit.ids import new_id
from audit_app.trail.operations import record


def make(session: Session, actor: Actor, account_id: str, unit_code: str, now: datetime) -> str:
    """A fresh link; earlier ones of the account stop working. The secret is told here once."""
    _close(session, now, col(Invitation.account_id) == account_id)
    secret = secrets.token_urlsafe(16)
    session.add(
        Invitation(
            id=new_id(), account_id=account_id, unit_code=unit_code, token_hash=hashed(secret),
            created_by=actor.account_id, created_at=now, expires_at=now + LINK_LONGEST,
        )
    )  # fmt: skip
    session.flush()
    _record(session, "invitation.made", actor.account_id, account_id, now)
    return secret


def rescue(session: Session, username: str, now: datetime, *, second_factor: bool = False) -> str:
    """A link from the machine itself, for what nobody else could confirm; with `second_factor` the generator and the
    recovery codes are forgotten, too. NotFound without an active account of this name."""
    known = password_of(session, username)
    if known is None or not known.active:
        raise NotFound()
    record(
        session, "account.rescued", actor_id=None, subject_kind="account", subject_id=known.account_id, now=now,
        detail={"second_factor": second_factor},
    )  # fmt: skip
    if second_factor:
        administration.reset_totp(session, SYSTEM, known.account_id, now)
    return make(session, SYSTEM, known.account_id, accounts.home(session, known.account_id), now)


def close_all(session: Session, actor: Actor, account_id: str, now: datetime) -> None:
    """No link of the account works any more: one that was handed out before must not open what it may do now."""
    if _close(session, now, col(Invitation.account_id) == account_id):
        _record(session, "invitation.withdrawn", actor.account_id, account_id, now)


def withdraw(session: Session, actor: Actor, account_id: str, invitation_id: str, now: datetime) -> None:
    """The link stops working. NotFound if it has been used, withdrawn or never was."""
    if not _close(session, now, col(Invitation.id) == invitation_id, col(Invitation.account_id) == account_id):
        raise NotFound()
    _record(session, "invitation.withdrawn", actor.account_id, account_id, now)


def accept(
    session: Session, secret: str, new_hash: str, grants_of: GrantsOf, device: str, now: datetime, *, demo: bool
) -> NewSession:
    """Sets the password that the invited person chose and signs in, or halfway where a role demands the code."""
    found = accounts.invited_by(session, hashed(secret), now)
    unused = sa.update(Invitation).where(col(Invitation.used_at).is_(None), col(Invitation.withdrawn_at).is_(None))
    if found is None:
        raise NotFound()
    used = unused.where(col(Invitation.id) == found.id).values(used_at=now).returning(col(Invitation.id))
    if not session.execute(used).all():
        raise NotFound()
    administration.set_password(session, found.account_id, new_hash, now)
    _record(session, "invitation.accepted", found.account_id, found.account_id, now)
    known = password_of_account(session, found.account_id)
    assert known is not None
    return operations.enter(session, known, grants_of, device, now, demo=demo)


def _close(session: Session, now: datetime, *which: Any) -> bool:
    open_ones = sa.update(Invitation).where(
        *which, col(Invitation.used_at).is_(None), col(Invitation.withdrawn_at).is_(None)
    )
    return bool(session.execute(open_ones.values(withdrawn_at=now).returning(col(Invitation.id))).all())


def _record(session: Session, act: str, actor_id: str, account_id: str, now: datetime) -> None:
    record(session, act, actor_id=actor_id or None, subject_kind="account", subject_id=account_id, now=now)

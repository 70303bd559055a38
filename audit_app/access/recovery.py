"""Recovery codes: ten secrets, each of which stands in once for the code generator."""

import re
import secrets
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col

from audit_app.access import limits, operations, queries, rules
from audit_app.access.cookies import hashed
from audit_app.access.models import RecoveryCode
from audit_app.access.results import NewSession
from audit_app.access.rules import Actor
from audit_app.kit.db import Session
from audit_app.kit.errors import Conflict, Forbidden
from audit_app.kit.ids import new_id
from audit_app.trail.operations import record

LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no 0 and O, no 1 and I: 32 of them, five bits each
GROUPS, IN_GROUP = 4, 4


def fresh_code() -> str:
    """80 random bits in four groups of four."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(IN_GROUP)) for _ in range(GROUPS))


def code_hash(account_id: str, typed: str) -> str:
    """What is stored of a code; case, spaces and hyphens do not matter."""
    return hashed(f"{account_id}:{re.sub(r'[^0-9A-Z]', '', typed.upper())}")


def make_codes(session: Session, actor: Actor, now: datetime) -> list[str]:
    """Ten new codes, told here once; the old ones are worth nothing any more."""
    known = queries.totp_of(session, actor.account_id)
    if actor.via != "desk" or known is None or known.seed is None:
        raise Forbidden()
    session.execute(sa.delete(RecoveryCode).where(col(RecoveryCode.account_id) == actor.account_id))
    codes = [fresh_code() for _ in range(rules.RECOVERY_CODES)]
    for code in codes:
        session.add(
            RecoveryCode(
                id=new_id(), account_id=actor.account_id, code_hash=code_hash(actor.account_id, code), made_at=now
            )
        )
    record(
        session, "account.recovery_codes_made", actor_id=actor.account_id, subject_kind="account",
        subject_id=actor.account_id, now=now, detail={"codes": len(codes)},
    )  # fmt: skip
    return codes


def use_up(session: Session, account_id: str, typed: str, now: datetime) -> bool:
    """Uses a code up by compare-and-swap. Whether it was one of the account's that had not been used."""
    used = session.execute(
        sa.update(RecoveryCode)
        .where(
            col(RecoveryCode.account_id) == account_id,
            col(RecoveryCode.code_hash) == code_hash(account_id, typed),
            col(RecoveryCode.used_at).is_(None),
        )
        .values(used_at=now)
        .returning(col(RecoveryCode.id))
    ).all()
    if used:
        limits.give_back(session, [(rules.TOTP_PER_ACCOUNT, account_id)])
        record(
            session, "account.recovery_code_used", actor_id=account_id, subject_kind="account", subject_id=account_id,
            now=now,
        )  # fmt: skip
    return bool(used)


def sign_in(
    session: Session, account_id: str, pending_id: str, typed: str, device: str, now: datetime
) -> NewSession | None:
    """A recovery code in the place of the one-time code: the full session, or None if the code is not right.

    Conflict for an account without a code generator: it registers one instead.
    """
    known = queries.totp_of(session, account_id)
    if known is None or known.enrolled_at is None:
        raise Conflict()
    if not use_up(session, account_id, typed, now):
        return None
    return operations.finish_totp(session, account_id, pending_id, device, now)

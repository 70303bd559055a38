"""Signing in and out, accounts, passwords, one-time codes and API tokens. Each leaves its line on the trail."""

import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from audit_app.access import limits, queries, rules
from audit_app.access.cookies import hashed
from audit_app.access.endings import end_all, end_sessions, end_tokens, end_tokens_of
from audit_app.access.identity import GrantsOf
from audit_app.access.models import Account, ApiToken, LoginSession, RateBucket, RecoveryCode
from audit_app.access.results import Attempt, NewSession, NewToken, Turn
from audit_app.access.rules import Actor
from audit_app.kit.db import Session
from audit_app.kit.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from audit_app.kit.ids import new_id
from audit_app.trail.operations import record

TAKEN = FieldError("username", "taken", "This sign-in name is taken.")

TOKEN_PREFIX = "mct_"


def start_attempt(session: Session, username: str, address: str, device: str, now: datetime) -> Attempt:
    """Counts the try and reads the stored hash. A device that the account used before has a bucket of its own, so that
    somebody guessing elsewhere does not keep the owner out. The narrowest bucket comes first, and a try that it refuses
    fills no other: else one address alone could keep everybody out."""
    found = queries.password_of(session, username) if username else None
    name = hashed(username.casefold())[:32]
    turns: tuple[Turn, ...] = (
        (rules.SIGN_IN_PER_ADDRESS, hashed(rules.network_of(address))[:32]),
        (rules.SIGN_IN_PER_NAME, name),
        (rules.SIGN_IN_IN_ALL, ""),
    )
    if found and device and queries.knows_device(session, found.account_id, hashed(device)):
        turns = ((rules.SIGN_IN_PER_DEVICE, hashed(f"{found.account_id} {device}")[:32]),)
    wait = next((wait for turn in turns if (wait := limits.take(session, [turn], now))), 0)
    if wait:
        record(session, "sign_in.delayed", actor_id=None, subject_kind="account", subject_id=_known(found), now=now)
    return Attempt(turns, found, wait)


def refuse_attempt(session: Session, attempt: Attempt, now: datetime) -> None:
    record(session, "sign_in.refused", actor_id=None, subject_kind="account", subject_id=_known(attempt.found), now=now)


def sign_in(
    session: Session, attempt: Attempt, grants_of: GrantsOf, device: str, now: datetime, *, demo: bool, old: str = ""
) -> NewSession:
    """Opens a session after the password was right.

    `old` is the id of the session that the browser came with: it ends here, whoever's it was.
    """
    if attempt.found is None:
        raise Forbidden()
    limits.give_back(session, attempt.turns)
    if old:
        end_sessions(session, now, col(LoginSession.id) == old)
    return enter(session, attempt.found, grants_of, device, now, demo=demo)


def enter(
    session: Session, known: queries.PasswordRow, grants_of: GrantsOf, device: str, now: datetime, *, demo: bool
) -> NewSession:
    """The session of somebody whose password is right; one that still owes the code (`pending`) where a role demands
    it or a code generator is registered."""
    roles = {grant.role for grant in grants_of(session, known.account_id)}
    demanded = bool(roles & rules.TOTP_ROLES) and not (demo and known.demo)
    kind = rules.session_kind(roles)
    kind = "pending" if demanded or (known.generator and kind == "desk") else kind
    return open_session(session, known.account_id, kind, device, now)


def open_session(
    session: Session, account_id: str, kind: str, device: str, now: datetime, *, totp_at: datetime | None = None
) -> NewSession:
    """A new row with a new secret. `device` is the browser's own name, minted here if it has none yet."""
    token, device = secrets.token_urlsafe(32), device or secrets.token_urlsafe(24)
    row = LoginSession(
        id=new_id(),
        token_hash=hashed(token),
        account_id=account_id,
        kind=kind,
        device_id=hashed(device),
        created_at=now,
        seen_at=now,
        expires_at=now + _longest(kind),
        totp_at=totp_at,
    )
    session.add(row)
    act = "sign_in.half" if kind == "pending" else "sign_in.done"
    record(session, act, actor_id=account_id, subject_kind="session", subject_id=row.id, now=now, detail={"kind": kind})
    return NewSession(row.id, token, kind, device)


def pass_totp(
    session: Session, account_id: str, pending_id: str, step: int, device: str, now: datetime
) -> NewSession | None:
    """A right code of this time step: the full session, or None if the step was used before."""
    return finish_totp(session, account_id, pending_id, device, now) if check_totp(session, account_id, step) else None


def finish_totp(session: Session, account_id: str, pending_id: str, device: str, now: datetime) -> NewSession:
    """Turns the half-open session into a desk session with a new secret; one that ended meanwhile stays ended."""
    ended = end_sessions(session, now, col(LoginSession.id) == pending_id, col(LoginSession.account_id) == account_id)
    if not ended:
        raise Conflict("This sign-in is over. Please start again.", code="sign-in-over")
    return open_session(session, account_id, "desk", device, now, totp_at=now)


def touch(session: Session, kind: str, key: str, now: datetime) -> None:
    """Notes that a session or token was used. Never brings a revoked one back."""
    if kind == "token":
        statement = sa.update(ApiToken).where(col(ApiToken.id) == key, col(ApiToken.revoked_at).is_(None))
        session.execute(statement.values(used_at=now).execution_options(synchronize_session=False))
        return
    statement = sa.update(LoginSession).where(col(LoginSession.id) == key, col(LoginSession.revoked_at).is_(None))
    session.execute(statement.values(seen_at=now).execution_options(synchronize_session=False))


def sign_out(session: Session, account_id: str, session_id: str, now: datetime) -> None:
    if end_sessions(session, now, col(LoginSession.id) == session_id, col(LoginSession.account_id) == account_id):
        record(session, "sign_out.done", actor_id=account_id, subject_kind="session", subject_id=session_id, now=now)


def revoke(session: Session, actor: Actor, session_id: str, now: datetime) -> None:
    """Ends one of the actor's own sessions, on whatever device it is. Counts on that device's next request."""
    mine = col(LoginSession.account_id) == actor.account_id
    if not end_sessions(session, now, col(LoginSession.id) == session_id, mine):
        raise NotFound()
    record(
        session, "session.revoked", actor_id=actor.account_id, subject_kind="session", subject_id=session_id, now=now
    )


def create_account(
    session: Session,
    username: str,
    display_name: str,
    password_hash: str,
    now: datetime,
    *,
    actor_id: str | None = None,
    locale: str = "zh",
    demo: bool = False,
) -> Account:
    """Adds an account without any role. The hash comes from `passwords.hash_now` (of a password without `faults`)."""
    if not 0 < len(username) <= rules.MAX_USERNAME or username != username.strip():
        raise Invalid(fields=[FieldError("username", "wrong", "This is not a usable sign-in name.")])
    if queries.password_of(session, username) is not None:
        raise Invalid(fields=[TAKEN])
    account = Account(
        id=new_id(), username=username, display_name=display_name, password_hash=password_hash, locale=locale,
        demo=demo, created_at=now,
    )  # fmt: skip
    session.add(account)
    try:
        session.flush()
    except IntegrityError as fault:  # somebody else took it in the same moment
        raise Invalid(fields=[TAKEN]) from fault
    record(session, "account.created", actor_id=actor_id, subject_kind="account", subject_id=account.id, now=now)
    return account


def start_password_change(session: Session, actor: Actor, now: datetime) -> tuple[int, queries.PasswordRow | None]:
    """Counts one try of the present password; the seconds to wait, and the stored hash."""
    wait = take_turn(session, rules.PASSWORD_PER_ACCOUNT, actor.account_id, now)
    return wait, queries.password_of_account(session, actor.account_id)


def change_password(session: Session, actor: Actor, old_hash: str, new_hash: str, now: datetime) -> None:
    """Stores the new hash if the old one is still the stored one, and ends all sessions but the one that asks and every
    API token: whoever knew the old password may have made one."""
    changed = session.execute(
        sa.update(Account)
        .where(col(Account.id) == actor.account_id, col(Account.password_hash) == old_hash)
        .values(password_hash=new_hash)
        .returning(col(Account.id))
    ).all()
    if not changed:
        raise Conflict()
    limits.give_back(session, [(rules.PASSWORD_PER_ACCOUNT, actor.account_id)])
    end_all(session, actor.account_id, now, but=actor.session_id)
    end_tokens_of(session, actor.account_id, actor.account_id, now)
    record(
        session, "account.password_changed", actor_id=actor.account_id, subject_kind="account",
        subject_id=actor.account_id, now=now,
    )  # fmt: skip


def set_preferences(session: Session, account_id: str, *, locale: str = "", theme: str = "") -> None:
    values = {key: value for key, value in (("locale", locale), ("theme", theme)) if value}
    if values:
        session.execute(sa.update(Account).where(col(Account.id) == account_id).values(**values))


def give_turn_back(session: Session, limit: rules.Limit, account_id: str) -> None:
    """The try was right and does not count."""
    limits.give_back(session, [(limit, account_id)])


def take_turn(session: Session, limit: rules.Limit, account_id: str, now: datetime) -> int:
    """Counts one try of an account; the seconds to wait if there were too many."""
    return limits.take(session, [(limit, account_id)], now)


def start_totp(session: Session, account_id: str, now: datetime) -> tuple[int, queries.TotpRow | None]:
    """Counts one try of a code; the seconds to wait, and what the code is checked against."""
    return take_turn(session, rules.TOTP_PER_ACCOUNT, account_id, now), queries.totp_of(session, account_id)


def check_totp(session: Session, account_id: str, step: int) -> bool:
    """Uses up the time step of a right code: each is accepted once, and none older than the last one."""
    used = session.execute(
        sa.update(Account)
        .where(
            col(Account.id) == account_id,
            sa.or_(col(Account.totp_last_step).is_(None), col(Account.totp_last_step) < step),
        )
        .values(totp_last_step=step)
        .returning(col(Account.id))
    ).all()
    if used:
        limits.give_back(session, [(rules.TOTP_PER_ACCOUNT, account_id)])
    return bool(used)


def enrol_totp(
    session: Session, account_id: str, pending_id: str, sealed_seed: str, step: int, device: str, now: datetime
) -> NewSession:
    """Stores the seed that the first right code proved and opens the session. An enrolled account keeps its seed."""
    stored = session.execute(
        sa.update(Account)
        .where(col(Account.id) == account_id, col(Account.totp_enrolled_at).is_(None))
        .values(totp_seed=sealed_seed, totp_enrolled_at=now, totp_last_step=step)
        .returning(col(Account.id))
    ).all()
    if not stored:
        raise Conflict("A code generator is registered for this account already.", code="totp-enrolled")
    limits.give_back(session, [(rules.TOTP_PER_ACCOUNT, account_id)])
    record(
        session, "account.totp_enrolled", actor_id=account_id, subject_kind="account", subject_id=account_id, now=now
    )
    return finish_totp(session, account_id, pending_id, device, now)


def replace_totp(session: Session, actor: Actor, sealed_seed: str, step: int, now: datetime) -> None:
    """A code generator that the owner registers or changes by himself; every other sign-in ends, old codes die."""
    if actor.via != "desk":
        raise Forbidden()
    values = {"totp_seed": sealed_seed, "totp_enrolled_at": now, "totp_last_step": step}
    session.execute(sa.update(Account).where(col(Account.id) == actor.account_id).values(**values))
    session.execute(sa.delete(RecoveryCode).where(col(RecoveryCode.account_id) == actor.account_id))
    session.execute(sa.update(LoginSession).where(col(LoginSession.id) == actor.session_id).values(totp_at=now))
    limits.give_back(session, [(rules.TOTP_PER_ACCOUNT, actor.account_id)])
    end_all(session, actor.account_id, now, but=actor.session_id)
    end_tokens_of(session, actor.account_id, actor.account_id, now)
    record(
        session, "account.totp_enrolled", actor_id=actor.account_id, subject_kind="account",
        subject_id=actor.account_id, now=now,
    )  # fmt: skip


def make_token(session: Session, actor: Actor, name: str, now: datetime) -> NewToken:
    """A key to the JSON interface for 90 days, made at a desk only: neither a phone nor a token makes tokens."""
    if actor.via != "desk":
        raise Forbidden()
    if not 0 < len(name.strip()) <= 80:
        raise Invalid(fields=[FieldError("name", "wrong", "Give the token a name of at most 80 characters.")])
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    row = ApiToken(
        id=new_id(), account_id=actor.account_id, name=name.strip(), token_hash=hashed(secret), created_at=now,
        expires_at=now + timedelta(days=rules.TOKEN_DAYS),
    )  # fmt: skip
    session.add(row)
    record(session, "token.made", actor_id=actor.account_id, subject_kind="token", subject_id=row.id, now=now)
    return NewToken(row.id, secret)


def revoke_token(session: Session, actor: Actor, token_id: str, now: datetime) -> None:
    if not end_tokens(session, now, col(ApiToken.id) == token_id, col(ApiToken.account_id) == actor.account_id):
        raise NotFound()
    record(session, "token.revoked", actor_id=actor.account_id, subject_kind="token", subject_id=token_id, now=now)


def forget_old(session: Session, now: datetime) -> None:
    """Drops what can let nobody in and limit nobody any more. For a nightly schedule."""
    day, month = now - timedelta(days=1), now - timedelta(days=30)
    session.execute(sa.delete(RateBucket).where(col(RateBucket.window_start) < day))
    session.execute(sa.delete(LoginSession).where(col(LoginSession.expires_at) < month))
    session.execute(sa.delete(ApiToken).where(col(ApiToken.expires_at) < month))


def _longest(kind: str) -> timedelta:
    return {"field": rules.FIELD_LONGEST, "pending": rules.PENDING_LONGEST}.get(kind, rules.DESK_LONGEST)


def _known(found: queries.PasswordRow | None) -> str:
    return found.account_id if found else "unknown"  # never the name that was typed: it may be a password

"""Reading accounts, sessions and tokens. The first two run on every request: columns only, one statement each."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select

from audit_app.access.models import Account, ApiToken, LoginSession, RecoveryCode
from audit_app.access.rules import Actor, Grant
from audit_app.kit.db import Session
from audit_app.kit.prepared import Prepared


@dataclass(frozen=True, slots=True)
class Credential:
    """What a session cookie or an API token stands for, if it is not revoked and its account is active."""

    id: str
    kind: str  # desk | field | pending | token
    device_id: str | None
    seen_at: datetime | None
    expires_at: datetime
    totp_at: datetime | None
    account_id: str
    username: str
    display_name: str
    locale: str
    theme: str
    demo: bool


_ACCOUNT: tuple[Any, ...] = (
    col(Account.id).label("account_id"), col(Account.username), col(Account.display_name), col(Account.locale),
    col(Account.theme), col(Account.demo),
)  # fmt: skip

_BY_COOKIE = Prepared(
    sa.select(
        col(LoginSession.id), col(LoginSession.kind), col(LoginSession.device_id), col(LoginSession.seen_at),
        col(LoginSession.expires_at), col(LoginSession.totp_at), *_ACCOUNT,
    )
    .join(Account, col(Account.id) == col(LoginSession.account_id))
    .where(
        col(LoginSession.token_hash) == sa.bindparam("token_hash"),
        col(LoginSession.revoked_at).is_(None),
        col(Account.active).is_(True),
    )
)  # fmt: skip

# A token stands in for the code only if whoever made it could have been asked for one.
_MADE_WITH_CODE = sa.case((col(Account.totp_enrolled_at) <= col(ApiToken.created_at), col(ApiToken.created_at)))

_BY_TOKEN = Prepared(
    sa.select(
        col(ApiToken.id), sa.literal("token"), sa.null(), col(ApiToken.used_at), col(ApiToken.expires_at),
        _MADE_WITH_CODE, *_ACCOUNT,
    )
    .join(Account, col(Account.id) == col(ApiToken.account_id))
    .where(
        col(ApiToken.token_hash) == sa.bindparam("token_hash"),
        col(ApiToken.revoked_at).is_(None),
        col(Account.active).is_(True),
    )
)  # fmt: skip


def credential(session: Session, token_hash: str, *, bearer: bool) -> Credential | None:
    """Whom the hashed secret names, or None. Whether it is still fresh decides `rules.alive`."""
    statement = _BY_TOKEN if bearer else _BY_COOKIE
    row = statement.first(session.connection(), {"token_hash": token_hash})
    return Credential(*row) if row is not None else None


@dataclass(frozen=True, slots=True)
class PasswordRow:
    account_id: str
    password_hash: str
    active: bool
    demo: bool
    generator: bool  # a code generator is registered, demanded or not


_PASSWORD: tuple[Any, ...] = (
    col(Account.id), col(Account.password_hash), col(Account.active), col(Account.demo),
    col(Account.totp_seed).is_not(None),
)  # fmt: skip


def password_of(session: Session, username: str) -> PasswordRow | None:
    row = session.execute(sa.select(*_PASSWORD).where(col(Account.username) == username)).first()
    return PasswordRow(*row) if row is not None else None


def password_of_account(session: Session, account_id: str) -> PasswordRow | None:
    row = session.execute(sa.select(*_PASSWORD).where(col(Account.id) == account_id)).first()
    return PasswordRow(*row) if row is not None else None


def knows_device(session: Session, account_id: str, device_id: str) -> bool:
    """Whether the account signed in on this device before."""
    found = select(LoginSession.id).where(
        LoginSession.account_id == account_id, LoginSession.device_id == device_id, LoginSession.kind != "pending"
    )
    return session.execute(found.limit(1)).first() is not None


@dataclass(frozen=True, slots=True)
class TotpRow:
    username: str
    seed: str | None
    enrolled_at: datetime | None
    last_step: int | None


def totp_of(session: Session, account_id: str) -> TotpRow | None:
    row = session.execute(
        select(Account.username, Account.totp_seed, Account.totp_enrolled_at, Account.totp_last_step).where(
            Account.id == account_id
        )
    ).first()
    return TotpRow(*row) if row is not None else None


def codes_left(session: Session, account_id: str) -> int:
    """Recovery codes that have not been used."""
    unused = sa.select(sa.func.count()).where(
        col(RecoveryCode.account_id) == account_id, col(RecoveryCode.used_at).is_(None)
    )
    return session.execute(unused).scalar_one()


@dataclass(frozen=True, slots=True)
class OpenSession:
    id: str
    kind: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


def open_sessions(session: Session, account_id: str, idle_since: datetime, now: datetime) -> list[OpenSession]:
    """The account's own sessions that would still be let in, newest first."""
    found = (
        sa.select(
            col(LoginSession.id), col(LoginSession.kind), col(LoginSession.created_at), col(LoginSession.seen_at),
            col(LoginSession.expires_at),
        )
        .where(
            col(LoginSession.account_id) == account_id,
            col(LoginSession.revoked_at).is_(None),
            col(LoginSession.expires_at) > now,
            col(LoginSession.kind) != "pending",
            sa.or_(col(LoginSession.kind) == "field", col(LoginSession.seen_at) > idle_since),
        )
        .order_by(col(LoginSession.created_at).desc())
        .limit(50)
    )  # fmt: skip
    return [OpenSession(*row) for row in session.execute(found)]


@dataclass(frozen=True, slots=True)
class OpenToken:
    id: str
    name: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None


def open_tokens(session: Session, account_id: str, now: datetime) -> list[OpenToken]:
    found = (
        sa.select(
            col(ApiToken.id),
            col(ApiToken.name),
            col(ApiToken.created_at),
            col(ApiToken.expires_at),
            col(ApiToken.used_at),
        )
        .where(
            col(ApiToken.account_id) == account_id, col(ApiToken.revoked_at).is_(None), col(ApiToken.expires_at) > now
        )
        .order_by(col(ApiToken.created_at).desc())
        .limit(50)
    )
    return [OpenToken(*row) for row in session.execute(found)]


def display_names(session: Session, usernames: list[str]) -> dict[str, str]:
    """Sign-in name → name on the screen, of the active demonstration accounts among these."""
    found = select(Account.username, Account.display_name).where(
        col(Account.username).in_(usernames), col(Account.demo).is_(True), col(Account.active).is_(True)
    )
    return {row[0]: row[1] for row in session.execute(found)}


def actor_named(session: Session, username: str, grants: Callable[[Session, str], tuple[Grant, ...]]) -> Actor | None:
    """The active account of that name as somebody at a desk; for the command line, where the machine's owner acts."""
    row = session.execute(
        sa.select(col(Account.id), col(Account.display_name), col(Account.demo)).where(
            col(Account.username) == username, col(Account.active).is_(True)
        )
    ).first()
    if row is None:
        return None
    return Actor(row.id, username, row.display_name, grants(session, row.id), demo=row.demo)

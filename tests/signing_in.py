"""Signing a member of the cast in without the password page: a session row of the right kind and its cookies."""

import secrets
from datetime import timedelta

from audit_app.access import cookies, csrf
from audit_app.access.keys import Keys
from audit_app.access.models import LoginSession
from audit_app.access.rules import FIELD_LONGEST, session_kind
from audit_app.kit import clock
from audit_app.kit.db import Database, Session
from audit_app.kit.ids import new_id
from audit_app.organisation.queries import grants_of
from audit_app.settings import Settings


def cookies_and_token(db: Database, settings: Settings, keys: Keys, account_id: str) -> tuple[dict[str, str], str]:
    """The cookies of a new session of the account (second factor passed), and its CSRF token."""
    secret, device, key = secrets.token_urlsafe(32), secrets.token_urlsafe(16), new_id()

    def open_session(session: Session) -> str:
        kind = session_kind(g.role for g in grants_of(session, account_id))
        now = clock.now()
        session.add(
            LoginSession(
                id=key, token_hash=cookies.hashed(secret), account_id=account_id, kind=kind,
                device_id=cookies.hashed(device), created_at=now, seen_at=now, totp_at=now,
                expires_at=now + (FIELD_LONGEST if kind == "field" else timedelta(hours=12)),
            )
        )  # fmt: skip
        return kind

    kind = db.write_now(open_session)
    base = cookies.FIELD if kind == "field" else cookies.DESK
    jar = {cookies.name_of(settings, base): secret, cookies.name_of(settings, cookies.DEVICE): device}
    return jar, csrf.mint(keys, f"session:{key}")

"""From a cookie or an API token to the actor: two statements in one thread call, on every request, cached nowhere.

What was revoked, disabled or taken from somebody's roles a moment ago therefore counts on the very next request.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from audit_app.access import queries, rules
from audit_app.access.rules import Actor, Grant
from audit_app.kit.db import Session

GrantsOf = Callable[[Session, str], tuple[Grant, ...]]
UnreadOf = Callable[[Session, str], int]


@dataclass(frozen=True, slots=True)
class Presented:
    """What a request shows of itself, hashed: a session cookie or an API token, and the device."""

    secret_hash: str
    bearer: bool = False
    device_hash: str | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is asking. `actor` is None for somebody who still owes the one-time code (`session_kind` says pending)."""

    actor: Actor | None
    account_id: str
    session_id: str
    kind: str
    locale: str
    theme: str
    stale: bool  # `seen_at` should be written
    unread: int = 0  # lines in the inbox, asked for pages only


def identify(
    session: Session,
    shown: Presented,
    now: datetime,
    grants_of: GrantsOf,
    demo: bool,
    unread_of: UnreadOf | None = None,
) -> Identity | None:
    """The identity behind what was presented, or None if it no longer (or never) let anybody in. With `unread_of`
    (pages) a third statement brings the number on the bell."""
    found = queries.credential(session, shown.secret_hash, bearer=shown.bearer)
    if found is None or not rules.alive(found.kind, found.seen_at, found.expires_at, now):
        return None
    if found.kind == "field" and found.device_id != shown.device_hash:
        return None
    actor = None
    if found.kind != "pending":
        actor = Actor(
            found.account_id,
            found.username,
            found.display_name,
            grants_of(session, found.account_id),
            via=found.kind,
            session_id=found.id,
            demo=found.demo and demo,
        )
        if found.kind != "field" and found.totp_at is None and rules.totp_needed(actor):
            return None  # a role that demands the second factor was granted after this session or token began
    stale = found.seen_at is None or now - found.seen_at >= rules.SEEN_EVERY
    unread = unread_of(session, found.account_id) if unread_of and actor else 0
    return Identity(actor, found.account_id, found.id, found.kind, found.locale, found.theme, stale, unread)

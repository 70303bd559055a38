"""Telling somebody something, and reading it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col

from audit_app.access.rules import Actor
from audit_app.kit.db import Session
from audit_app.kit.ids import random_id
from audit_app.notices import queries
from audit_app.notices.models import Notice
from audit_app.notices.rules import KEPT, KINDS

_TABLE: sa.Table = Notice.__table__  # type: ignore[attr-defined]


def tell(
    session: Session,
    account_id: str,
    kind: str,
    params: Mapping[str, Any],
    link: str,
    now: datetime,
    *,
    subject: str = "",
) -> bool:
    """Puts a line into the account's inbox; the same `kind` and `subject` (else the link) is told once, however often
    this is called. Whether it was new.

    `kind` stands in `rules.KINDS`, `params` are the facts that its sentence names: codes, counts, ISO days and
    instants, never translated text, and nothing that this reader may not see on the page behind `link`.
    """
    if kind not in KINDS:
        raise ValueError(f"no such kind of notice: {kind}")
    if not link.startswith("/") or link.startswith("//"):
        raise ValueError("a notice leads to a page of this site")
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = {
        "id": random_id(), "account_id": account_id, "kind": kind, "subject": subject or link, "params": dict(params),
        "link": link, "at": now,
    }  # fmt: skip
    made = insert(_TABLE).values(row).on_conflict_do_nothing(index_elements=["account_id", "kind", "subject"])
    return session.execute(made.returning(_TABLE.c.id)).first() is not None


def read(session: Session, actor: Actor, notice_id: str, now: datetime) -> str:
    """Marks one of the actor's own lines as read. Returns where it leads."""
    link = queries.link_of(session, actor, notice_id)
    session.execute(
        sa.update(Notice).where(col(Notice.id) == notice_id, col(Notice.read_at).is_(None)).values(read_at=now)
    )
    return link


def read_all(session: Session, actor: Actor, now: datetime) -> None:
    """Marks all of the actor's lines as read."""
    mine = col(Notice.account_id) == actor.account_id
    session.execute(sa.update(Notice).where(mine, col(Notice.read_at).is_(None)).values(read_at=now))


def forget(session: Session, now: datetime) -> None:
    """Lines that were read long ago go."""
    session.execute(sa.delete(Notice).where(col(Notice.read_at) < now - KEPT))

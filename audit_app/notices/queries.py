"""Reading one's own inbox."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from audit_app.access.rules import Actor
from audit_app.kit import clock
from audit_app.kit.db import Session
from audit_app.kit.errors import NotFound
from audit_app.kit.paging import PageOf, after, decode_moment, page_of
from audit_app.kit.prepared import Prepared
from audit_app.kit.sql import columns
from audit_app.notices import words
from audit_app.notices.models import Notice
from audit_app.notices.rules import KINDS, Kind

PER_PAGE = 30
SHOWN_AT_MOST = 100  # the bell says "99+" from here on

_UNREAD = Prepared(
    sa.select(sa.func.count()).select_from(
        sa.select(sa.literal(1))
        .where(col(Notice.account_id) == sa.bindparam("account_id"), col(Notice.read_at).is_(None))
        .limit(SHOWN_AT_MOST)
        .subquery()
    )
)


def unread_of(session: Session, account_id: str) -> int:
    """How many lines the account has not read, counted up to 100. Runs on every page."""
    found = _UNREAD.first(session.connection(), {"account_id": account_id})
    return int(found[0]) if found else 0


@dataclass(frozen=True)
class Line:
    """A line as it is shown; its words are those of the language in which they are asked for."""

    id: str
    kind: str
    params: Mapping[str, Any]
    link: str
    at: datetime
    read_at: datetime | None

    @property
    def look(self) -> Kind:
        return KINDS[self.kind]

    @property
    def text(self) -> str:
        return words.sentence(self.kind, self.params)

    @property
    def act(self) -> str:
        return words.act(self.kind)


@dataclass(frozen=True)
class InboxScreen:
    page: PageOf[Line]
    unread: int
    show: str  # unread | all

    @property
    def days(self) -> list[tuple[date, list[Line]]]:
        return [(day, list(lines)) for day, lines in groupby(self.page.rows, lambda line: clock.local_date(line.at))]


def inbox(session: Session, actor: Actor, show: str, marker: str = "") -> InboxScreen:
    """The actor's own lines, newest first."""
    n = Notice
    statement = columns(n.id, n.kind, n.params, n.link, n.at, n.read_at).where(
        n.account_id == actor.account_id, col(n.kind).in_(list(KINDS))
    )
    if show == "unread":
        statement = statement.where(col(n.read_at).is_(None))
    if marker:
        statement = statement.where(after([col(n.at), col(n.id)], decode_moment(marker), descending=True))
    statement = statement.order_by(col(n.at).desc(), col(n.id).desc()).limit(PER_PAGE + 1)
    lines = [Line(*row) for row in session.execute(statement)]
    found = page_of(lines, PER_PAGE, lambda line: (line.at.isoformat(), line.id))
    return InboxScreen(found, unread_of(session, actor.account_id), show)


def link_of(session: Session, actor: Actor, notice_id: str) -> str:
    """Where one of the actor's own lines leads; NotFound for anybody else's."""
    found = session.execute(
        columns(Notice.link).where(Notice.id == notice_id, Notice.account_id == actor.account_id)
    ).scalar()
    if found is None:
        raise NotFound
    return str(found)

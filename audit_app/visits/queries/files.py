"""Files: how far an upload has come, and the copies to look at."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from audit_app.access.rules import Actor
from audit_app.kit.db import Session
from audit_app.kit.errors import NotFound
from audit_app.kit.prepared import Prepared
from audit_app.visits.queries.tables import ASSESSOR, VISIT, E, S, U, V


@dataclass(frozen=True, slots=True)
class Named:
    """A file in the manifest of a caller's visit."""

    id: str
    visit_id: str
    size: int
    media_type: str
    stored: bool


_NAMED = Prepared(
    sa.select(E.id, E.visit_id, E.size, E.media_type, E.stored_at.is_not(None))
    .join(VISIT, V.id == E.visit_id)
    .join(ASSESSOR, S.id == V.assessor_id)
    .where(E.sha256 == sa.bindparam("sha256"), S.account_id == sa.bindparam("account_id"))
    .order_by(E.id)
)
_OFFSET = Prepared(
    sa.select(U.offset, U.part_name).where(
        U.sha256 == sa.bindparam("sha256"), U.account_id == sa.bindparam("account_id")
    )
)


@dataclass(frozen=True, slots=True)
class Upload:
    """How far one caller has come with one file. `part_name` is "" before the first part."""

    named: tuple[Named, ...]
    offset: int
    part_name: str

    @property
    def size(self) -> int:
        return self.named[0].size

    @property
    def complete(self) -> bool:
        return all(one.stored for one in self.named)


def upload(session: Session, account_id: str, sha256: str) -> Upload:
    """The state of the caller's upload; NotFound unless the hash stands in a manifest of the caller's visits."""
    values = {"sha256": sha256, "account_id": account_id}
    named = tuple(Named(*row) for row in _NAMED.rows(session.connection(), values))
    if not named:
        raise NotFound
    if all(one.stored for one in named):
        return Upload(named, named[0].size, "")
    row = _OFFSET.first(session.connection(), values)
    return Upload(named, row[0], row[1]) if row else Upload(named, 0, "")


_STORED_SINCE = Prepared(
    sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(E.size), 0))
    .join(VISIT, V.id == E.visit_id)
    .join(ASSESSOR, S.id == V.assessor_id)
    .where(
        S.account_id == sa.bindparam("account_id"),
        V.received_at >= sa.bindparam("received_since"),
        E.stored_at >= sa.bindparam("stored_since"),
    )
)


def stored_since(session: Session, account_id: str, since: datetime) -> tuple[int, int]:
    """Number and bytes of the caller's files that came in since an instant (of visits of the last two months)."""
    values = {"account_id": account_id, "received_since": since - timedelta(days=60), "stored_since": since}
    row = _STORED_SINCE.first(session.connection(), values)
    return (int(row[0]), int(row[1])) if row else (0, 0)


@dataclass(frozen=True, slots=True)
class View:
    """A copy to look at."""

    blob: str
    media_type: str


def own_evidence(actor: Actor) -> ColumnElement[bool]:
    """The condition on visits under which an assessor may look at the files: own visits."""
    return V.assessor_id.in_(sa.select(S.id).where(S.account_id == actor.account_id))


def evidence_view(session: Session, evidence_id: str, may_see: ColumnElement[bool]) -> View:
    """The view copy of a file, if the visit meets the caller's condition (on `Visit`); NotFound otherwise, and while
    there is no copy yet. The file as sent is never handed out."""
    statement = (
        sa.select(E.view_blob, E.view_type)
        .join(VISIT, V.id == E.visit_id)
        .where(E.id == evidence_id, E.view_blob.is_not(None), may_see)
    )
    row = session.connection().execute(statement).first()
    if row is None:
        raise NotFound
    return View(row.view_blob, row.view_type)


@dataclass(frozen=True, slots=True)
class ToView:
    """A stored file that has no view copy yet."""

    id: str
    blob: str
    media_type: str
    item_id: str


def to_view(session: Session, visit_id: str) -> list[ToView]:
    """The files of a visit that still need a copy to look at."""
    statement = sa.select(E.id, E.blob, E.media_type, sa.func.coalesce(E.item_id, "")).where(
        E.visit_id == visit_id, E.blob.is_not(None), E.view_blob.is_(None), E.fault == ""
    )
    return [ToView(*row) for row in session.connection().execute(statement)]


def without_views(session: Session, before: datetime, limit: int) -> list[str]:
    """Visits with files that came before an instant and still have neither a copy to look at nor a fault."""
    statement = (
        sa.select(E.visit_id)
        .distinct()
        .where(E.stored_at < before, E.blob.is_not(None), E.view_blob.is_(None), E.fault == "")
        .limit(limit)
    )
    return list(session.connection().execute(statement).scalars())

"""Every SELECT on checklists. Published versions are read by everybody who may read standards; nobody else's data is in
them. Drafts are not served here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from threading import Lock
from typing import Any

import sqlalchemy as sa
from sqlmodel import select

from audit_app.access.rules import Actor
from audit_app.kit.db import Session
from audit_app.kit.errors import NotFound
from audit_app.scoring.sheet import Sheet
from audit_app.standards.compiling import compile_sheet
from audit_app.standards.document import ChecklistDocument, document_of
from audit_app.standards.models import Checklist, ChecklistVersion

C = Checklist.__table__.c
V = ChecklistVersion.__table__.c
KEPT = 64
FROZEN = ("published", "retired")


@dataclass(frozen=True)
class VersionRow:
    """A version in a list: what `/checklists` and a planner's choice show."""

    id: str
    checklist_id: str
    number: int
    status: str
    title: dict[str, str]
    channel: str
    kind: str
    series: str
    item_count: int
    critical_count: int
    effective_from: date | None
    published_at: datetime | None
    comparable_with: str | None


@dataclass(frozen=True)
class VersionReading:
    """A version with its whole text."""

    row: VersionRow
    sha256: str
    document: ChecklistDocument


class _Kept:
    """The last versions read, by id: a frozen version never changes, so nothing ever has to be forgotten for truth."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._found: dict[str, tuple[ChecklistDocument, Sheet]] = {}

    def get(self, key: str) -> tuple[ChecklistDocument, Sheet] | None:
        return self._found.get(key)

    def put(self, key: str, value: tuple[ChecklistDocument, Sheet]) -> None:
        with self._lock:
            if len(self._found) >= KEPT:
                self._found.pop(next(iter(self._found)))
            self._found[key] = value


_kept = _Kept()


def version(session: Session, version_id: str) -> ChecklistVersion:
    """The published or retired version; NotFound otherwise."""
    found = session.exec(select(ChecklistVersion).where(V.id == version_id, V.status.in_(FROZEN))).first()
    if found is None:
        raise NotFound
    return found


def current_version(session: Session, checklist_id: str, on_date: date) -> ChecklistVersion | None:
    """The published version in force on a day: the highest number whose start date has come. None if there is none."""
    begun = sa.or_(V.effective_from.is_(None), V.effective_from <= on_date)
    statement = select(ChecklistVersion).where(V.checklist_id == checklist_id, V.status == "published", begun)
    return session.exec(statement.order_by(V.number.desc()).limit(1)).first()


def latest_version(session: Session, checklist_id: str) -> ChecklistVersion | None:
    """The version with the highest number, whatever its status."""
    statement = select(ChecklistVersion).where(V.checklist_id == checklist_id)
    return session.exec(statement.order_by(V.number.desc()).limit(1)).first()


def checklist(session: Session, checklist_id: str) -> Checklist | None:
    return session.get(Checklist, checklist_id)


def sheet_for(session: Session, version_id: str) -> Sheet:
    """The scoring sheet of a frozen version, from memory after the first time; NotFound for a draft or none."""
    return _frozen(session, version_id)[1]


def document_for(session: Session, version_id: str) -> ChecklistDocument:
    """The text of a frozen version, from memory after the first time; NotFound for a draft or none."""
    return _frozen(session, version_id)[0]


def _frozen(session: Session, version_id: str) -> tuple[ChecklistDocument, Sheet]:
    kept = _kept.get(version_id)
    if kept is None:
        document = document_of(version(session, version_id).body)
        kept = (document, compile_sheet(document))
        _kept.put(version_id, kept)
    return kept


def versions(session: Session, actor: Actor) -> list[VersionRow]:
    """All frozen versions for the list: by checklist, newest first. Empty for whoever may not read standards."""
    if not actor.may("standards.read"):
        return []
    return [_row(found) for found in session.execute(_rows().order_by(V.checklist_id, V.number.desc())).all()]


def reading(session: Session, actor: Actor, version_id: str) -> VersionReading:
    """The reading view of a frozen version; NotFound for whoever may not read standards."""
    found = session.execute(_rows().where(V.id == version_id)).first()
    if found is None or not actor.may("standards.read"):
        raise NotFound
    return VersionReading(_row(found), found.body_sha256, document_for(session, version_id))


def latest_titles(session: Session, checklist_ids: Sequence[str]) -> dict[str, dict[str, str]]:
    """Checklist id → title of its last published version, in the order of the ids."""
    rows = session.execute(
        sa.select(V.checklist_id, V.title_zh, V.title_en)
        .where(V.checklist_id.in_(list(checklist_ids)), V.status == "published")
        .order_by(V.checklist_id, V.number.desc())
    )
    latest: dict[str, dict[str, str]] = {}
    for checklist_id, zh, en in rows:
        latest.setdefault(checklist_id, {"zh": zh, "en": en})
    return latest


def _rows() -> sa.Select[Any]:
    columns = (
        V.id, V.checklist_id, V.number, V.status, V.title_zh, V.title_en, C.channel, C.kind, C.series, V.item_count,
        V.critical_count, V.effective_from, V.published_at, V.comparable_with, V.body_sha256,
    )  # fmt: skip
    return sa.select(*columns).join(C.id.table, C.id == V.checklist_id).where(V.status.in_(FROZEN))


def _row(found: sa.Row[Any]) -> VersionRow:
    return VersionRow(
        id=found.id,
        checklist_id=found.checklist_id,
        number=found.number,
        status=found.status,
        title={"zh": found.title_zh, "en": found.title_en},
        channel=found.channel,
        kind=found.kind,
        series=found.series,
        item_count=found.item_count,
        critical_count=found.critical_count,
        effective_from=found.effective_from,
        published_at=found.published_at,
        comparable_with=found.comparable_with,
    )

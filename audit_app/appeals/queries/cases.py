"""Appeals as their appellants follow them. Nobody on the other side has a name here."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from audit_app.access.rules import Actor
from audit_app.appeals import rules
from audit_app.appeals.models import Appeal, AppealFile, Hearing
from audit_app.appeals.queries.contested import numbered, seen_appeal
from audit_app.kit.db import Session
from audit_app.kit.errors import NotFound
from audit_app.kit.paging import PageOf, after, decode_moment, page_of
from audit_app.kit.sql import all_of, columns
from audit_app.organisation.models import Touchpoint
from audit_app.standards.document import Text
from audit_app.visits.models import Visit

PER_PAGE = 20


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One appeal in the list. `number` and `text` are the item's, empty for the other kinds."""

    id: str
    outward_id: str
    touchpoint: str
    on: date
    day_part: str
    kind: str
    item_id: str
    number: str
    text: Text | None
    side: str
    filed_at: datetime
    round: int
    status: str  # of the last round
    decide_by: datetime
    ask_by: datetime | None
    closed_at: datetime | None
    outcome: str

    def may_go_on(self, now: datetime) -> bool:
        """Whether a second round can still be asked for."""
        return self.closed_at is None and self.ask_by is not None and now < self.ask_by

    @property
    def decide_day(self) -> date:
        """The last day of the panel."""
        return rules.last_day(self.decide_by)

    @property
    def ask_day(self) -> date | None:
        """The last day on which the second round may be asked for."""
        return rules.last_day(self.ask_by) if self.ask_by else None


@dataclass(frozen=True, slots=True)
class Round:
    """One round as its parties read it."""

    id: str
    number: int
    status: str
    words: str
    opened_at: datetime
    decide_by: datetime
    decided_at: datetime | None
    how: str
    reason: str
    before: str
    after: str

    @property
    def decide_day(self) -> date:
        """The last day of the panel."""
        return rules.last_day(self.decide_by)


@dataclass(frozen=True, slots=True)
class FileLine:
    """A file of the appellant. `ready`: there is a copy to look at."""

    id: str
    number: int
    media_type: str
    ready: bool
    fault: str

    @property
    def is_image(self) -> bool:
        return self.media_type.startswith("image/")


@dataclass(frozen=True, slots=True)
class CaseScreen:
    """One appeal for its appellant."""

    row: CaseRow
    ground: str
    words: str
    rounds: list[Round]
    files: list[FileLine]
    now: datetime

    @property
    def last(self) -> Round:
        return self.rounds[-1]

    @property
    def may_withdraw(self) -> bool:
        return self.last.status == "open"

    @property
    def may_go_on(self) -> bool:
        return self.row.may_go_on(self.now)

    @property
    def days_left(self) -> int:
        """Of the term that runs now: the panel's, or the one to ask for the second round."""
        end = self.row.ask_by if self.may_go_on and self.row.ask_by else self.last.decide_by
        return rules.days_left(end, self.now)


@dataclass(frozen=True, slots=True)
class CasesScreen:
    page: PageOf[CaseRow]
    now: datetime


def cases(session: Session, actor: Actor, marker: str, now: datetime) -> CasesScreen:
    """The appeals that the actor may follow, the latest first."""
    statement = _rows().where(seen_appeal(actor))
    if marker:
        at, key = decode_moment(marker)
        statement = statement.where(after([col(Appeal.filed_at), col(Appeal.id)], [at, key], descending=True))
    statement = statement.order_by(col(Appeal.filed_at).desc(), col(Appeal.id).desc()).limit(PER_PAGE + 1)
    found = [_row(session, row) for row in session.execute(statement).all()]
    return CasesScreen(page_of(found, PER_PAGE, lambda row: (row.filed_at.isoformat(), row.id)), now)


def _rows() -> sa.Select[Any]:
    a, v, h = Appeal, Visit, Hearing
    return (
        columns(
            a.id, v.outward_id, Touchpoint.name, v.local_date, v.day_part, a.kind, a.item_id, v.checklist_version_id,
            a.side, a.filed_at, a.round, h.status, h.decide_by, a.ask_by, a.closed_at, a.outcome, a.ground, a.words,
        )
        .select_from(a)
        .join(v, col(v.id) == a.visit_id)
        .join(Touchpoint, col(Touchpoint.id) == v.touchpoint_id)
        .join(h, all_of(col(h.appeal_id) == a.id, col(h.number) == a.round))
    )  # fmt: skip


def _row(session: Session, row: Any) -> CaseRow:
    item = numbered(session, row.checklist_version_id).get(row.item_id) if row.item_id else None
    return CaseRow(
        row.id, row.outward_id or "", row.name, row.local_date, row.day_part, row.kind, row.item_id,
        item.number if item else "", item.item.text if item else None, row.side, row.filed_at, row.round, row.status,
        row.decide_by, row.ask_by, row.closed_at, row.outcome,
    )  # fmt: skip


def case(session: Session, actor: Actor, appeal_id: str, now: datetime) -> CaseScreen:
    """One appeal; NotFound unless the actor may follow it."""
    row = session.execute(_rows().where(Appeal.id == appeal_id, seen_appeal(actor))).first()
    if row is None:
        raise NotFound
    return CaseScreen(
        _row(session, row), row.ground, row.words, rounds_of(session, appeal_id), files_of(session, appeal_id), now
    )


def rounds_of(session: Session, appeal_id: str) -> list[Round]:
    h = Hearing
    rows = session.execute(
        columns(
            h.id, h.number, h.status, h.words, h.opened_at, h.decide_by, h.decided_at, h.how, h.reason, h.before,
            h.after,
        )
        .where(h.appeal_id == appeal_id)
        .order_by(h.number)
    )  # fmt: skip
    return [Round(*row) for row in rows]


def files_of(session: Session, appeal_id: str) -> list[FileLine]:
    f = AppealFile
    rows = session.execute(
        columns(f.id, f.number, f.media_type, col(f.view_blob).is_not(None), f.fault)
        .where(f.appeal_id == appeal_id)
        .order_by(f.number, f.added_at, f.id)
    )
    return [FileLine(row[0], row[1], row[2], bool(row[3]), row[4]) for row in rows]


def appeal_of(session: Session, actor: Actor, appeal_id: str) -> Appeal:
    """The row itself, for a verb; NotFound unless the actor may follow it."""
    found = session.scalars(
        columns(Appeal).join(Visit, col(Visit.id) == Appeal.visit_id).where(Appeal.id == appeal_id, seen_appeal(actor))
    ).first()
    if found is None:
        raise NotFound
    return found


def own_file(session: Session, actor: Actor, appeal_id: str, file_id: str) -> tuple[str, str]:
    """(blob, media type) of the copy to look at; NotFound unless the actor may follow the appeal."""
    appeal_of(session, actor, appeal_id)
    return view_of(session, appeal_id, file_id)


def view_of(session: Session, appeal_id: str, file_id: str) -> tuple[str, str]:
    f = AppealFile
    row = session.execute(
        columns(f.view_blob, f.view_type).where(
            f.id == file_id, f.appeal_id == appeal_id, col(f.view_blob).is_not(None)
        )
    ).first()
    if row is None:
        raise NotFound
    return row[0], row[1]


@dataclass(frozen=True, slots=True)
class ToView:
    """A file that has no copy to look at yet."""

    id: str
    blob: str
    media_type: str


def to_view(session: Session, appeal_id: str) -> list[ToView]:
    f = AppealFile
    waiting = columns(f.id, f.blob, f.media_type).where(
        f.appeal_id == appeal_id, col(f.view_blob).is_(None), f.fault == ""
    )
    return [ToView(*row) for row in session.execute(waiting)]


def without_views(session: Session, before: datetime, limit: int) -> list[str]:
    """Appeals with files that came before an instant and have neither a copy nor a fault."""
    f = AppealFile
    waiting = columns(f.appeal_id).where(col(f.added_at) < before, col(f.view_blob).is_(None), f.fault == "")
    return list(session.scalars(waiting.distinct().order_by(f.appeal_id).limit(limit)))

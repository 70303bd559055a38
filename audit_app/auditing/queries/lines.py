"""Pages of lines, one line, and the lines of an export."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlmodel import col

from audit_app.access.rules import Actor
from audit_app.auditing.models import VerificationRun
from audit_app.auditing.queries import runs
from audit_app.auditing.queries.people import Person, named, people
from audit_app.auditing.queries.scope import seen
from audit_app.auditing.rules import PAGE, READ, WORK, Filters
from audit_app.auditing.words import TrailWords
from audit_app.kit import clock
from audit_app.kit.db import Session
from audit_app.kit.errors import NotFound
from audit_app.kit.paging import PageOf, after, decode_moment, page_of
from audit_app.organisation.models import OrgUnit
from audit_app.organisation.scope import within
from audit_app.trail.models import TrailLine

FEW = 4_000
_select: Any = sa.select  # the columns of a table class are typed as their values


@dataclass(frozen=True, slots=True)
class UnitChoice:
    code: str
    name: str
    depth: int


@dataclass(frozen=True)
class Line(TrailWords):
    """One line in words. `who` is None for the system and for somebody who is gone; `anonymous`: an assessor at work,
    whose code must not stand beside a visit. `about`: the person whom the act concerns."""

    id: str
    at: datetime
    act: str
    kind: str
    subject: str
    unit: str
    who: Person | None
    anonymous: bool
    about: Person | None
    seq: int | None
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class TrailScreen(TrailWords):
    filters: Filters
    page: PageOf[Line]
    units: list[UnitChoice]
    runs: list[VerificationRun]
    paged: bool = False

    def address(self, path: str = "/trail", **more: str) -> str:
        """This search somewhere else: the next page, a file."""
        values = {**self.filters.values(), **more}
        return path + (f"?{urlencode(values)}" if values else "")


@dataclass(frozen=True)
class LineScreen(TrailWords):
    line: Line
    prev_hash: str
    line_hash: str
    batch: str


def trail(session: Session, actor: Actor, filters: Filters, marker: str) -> TrailScreen:
    """A page of lines under the filters, newest first."""
    found = lines(session, actor, filters, marker, PAGE)
    return TrailScreen(filters, found, units(session, actor), runs.last(session, actor), bool(marker))


def lines(session: Session, actor: Actor, filters: Filters, marker: str, size: int) -> PageOf[Line]:
    """Up to `size` lines after the marker."""
    at, key = col(TrailLine.at), col(TrailLine.id)
    statement = _select(*_COLUMNS).where(seen(actor), *_wanted(session, actor, filters))
    if marker:
        moment, last = decode_moment(marker)
        statement = statement.where(after([at, key], [moment, last], descending=True))
    rows = session.execute(statement.order_by(at.desc(), key.desc()).limit(size + 1)).all()
    found = _in_words(session, rows)
    return page_of(found, size, lambda line: (line.at.isoformat(), line.id))


_COLUMNS = (
    TrailLine.id, TrailLine.at, TrailLine.act, TrailLine.subject_kind, TrailLine.subject_id, TrailLine.unit_path,
    TrailLine.actor_id, TrailLine.seq, TrailLine.detail,
)  # fmt: skip


def _in_words(session: Session, rows: Sequence[Any]) -> list[Line]:
    accounts = [row.subject_id for row in rows if row.subject_kind == "account"]
    known = people(session, [*(row.actor_id for row in rows), *accounts])
    names = _unit_names(session, {_code(row.unit_path) for row in rows if row.unit_path})
    return [_line(row, known, names) for row in rows]


def _line(row: Any, known: dict[str, Person], names: dict[str, str]) -> Line:
    who = known.get(row.actor_id or "")
    anonymous = bool(who and who.assessor and row.subject_kind in WORK)
    about = known.get(row.subject_id) if row.subject_kind == "account" else None
    unit = names.get(_code(row.unit_path), "") if row.unit_path else ""
    return Line(
        row.id, row.at, row.act, row.subject_kind, row.subject_id, unit, None if anonymous else who, anonymous, about,
        row.seq, row.detail,
    )  # fmt: skip


def _code(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]


def _unit_names(session: Session, codes: set[str]) -> dict[str, str]:
    rows = session.execute(_select(OrgUnit.code, OrgUnit.name).where(col(OrgUnit.code).in_(sorted(codes))))
    return {row.code: row.name for row in rows}


def _wanted(session: Session, actor: Actor, filters: Filters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.who:
        employees, assessors = named(session, filters.who)
        actor_id, kind = col(TrailLine.actor_id), col(TrailLine.subject_kind)
        few = _few(session, actor_id, actor_id.in_([*employees, *assessors]))
        who = actor_id if few else sa.func.coalesce(actor_id, "")
        at_work = sa.and_(who.in_(assessors), kind.not_in(sorted(WORK)))
        found.append(sa.or_(who.in_(employees), at_work))
    for column, value in (("act", filters.act), ("subject_kind", filters.kind), ("subject_id", filters.what)):
        if value:
            found.append(col(getattr(TrailLine, column)) == value)
    if filters.unit:
        path = next((u.path for u in _unit_paths(session, actor, filters.unit)), None)
        found.append(_in_unit(session, path) if path else sa.false())
    if filters.since:
        found.append(col(TrailLine.at) >= clock.day_start(filters.since))
    if filters.until:
        found.append(col(TrailLine.at) < clock.day_start(filters.until + timedelta(days=1)))
    return found


def _in_unit(session: Session, path: str) -> ColumnElement[bool]:
    place = col(TrailLine.unit_path)
    if _few(session, place, within(place, (path,))):
        return within(place, (path,))
    return within(sa.func.coalesce(place, ""), (path,))


def _few(session: Session, column: Any, condition: Any) -> bool:
    """Whether so few lines fit that they may be gathered by the column's index and sorted. Where there are more, the
    newest lie close together among all: then the condition is put so that lines are read by time until a page is full.
    """
    return session.execute(_select(column).where(condition).offset(FEW).limit(1)).first() is None


def _unit_paths(session: Session, actor: Actor, code: str) -> Sequence[Any]:
    inside = within(col(OrgUnit.path), actor.paths(READ))
    return session.execute(_select(OrgUnit.path).where(OrgUnit.code == code, inside)).all()


def units(session: Session, actor: Actor) -> list[UnitChoice]:
    """Province, cities and counties of the auditor's subtrees."""
    rows = session.execute(
        _select(OrgUnit.code, OrgUnit.name, OrgUnit.path)
        .where(within(col(OrgUnit.path), actor.paths(READ)), col(OrgUnit.level) != "town", col(OrgUnit.active))
        .order_by(OrgUnit.path)
    ).all()
    top = min((row.path.count("/") for row in rows), default=0)
    return [UnitChoice(row.code, row.name, row.path.count("/") - top) for row in rows]


def line(session: Session, actor: Actor, line_id: str) -> LineScreen:
    """One line with its place in the chain."""
    chained = (TrailLine.prev_hash, TrailLine.line_hash, TrailLine.batch_id)
    row = session.execute(_select(*_COLUMNS, *chained).where(TrailLine.id == line_id, seen(actor))).first()
    if row is None:
        raise NotFound()
    return LineScreen(_in_words(session, [row])[0], row.prev_hash or "", row.line_hash or "", row.batch_id or "")


def more_than(session: Session, actor: Actor, filters: Filters, most: int) -> bool:
    """Whether more lines fit than a file may hold."""
    fitting = _select(TrailLine.id).where(seen(actor), *_wanted(session, actor, filters)).offset(most).limit(1)
    return session.execute(fitting).first() is not None

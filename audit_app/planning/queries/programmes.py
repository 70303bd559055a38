"""Programmes and their rounds."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlmodel import col

from audit_app.access.rules import Actor
from audit_app.kit.db import Session
from audit_app.kit.errors import NotFound
from audit_app.kit.paging import PageOf, after, decode_moment, page_of
from audit_app.kit.sql import all_of, columns
from audit_app.organisation.models import OrgUnit
from audit_app.organisation.scope import within
from audit_app.planning.models import Assignment, Programme, Round
from audit_app.planning.queries.scope import live, may_write, seen_programme
from audit_app.standards.queries import latest_titles

PAGE = 50


@dataclass(frozen=True)
class ProgrammeRow:
    id: str
    name: str
    unit_name: str
    level: str
    kind: str
    manner: str
    status: str
    for_incentives: bool
    notice_at: datetime | None
    rounds: int


@dataclass(frozen=True)
class RoundRow:
    id: str
    name: str
    starts_on: date
    ends_on: date
    status: str
    assignments: int
    done: int
    drafts: int

    @property
    def last_day(self) -> date:
        return self.ends_on - timedelta(days=1)


@dataclass(frozen=True)
class ProgrammeScreen:
    programme: Programme
    unit_name: str
    rounds: list[RoundRow]
    checklists: list[dict[str, str]]
    may_write: bool


def programmes(session: Session, actor: Actor, marker: str = "") -> PageOf[ProgrammeRow]:
    """The programmes that the actor may see, newest first, a page at a time."""
    rounds = columns(sa.func.count()).where(Round.programme_id == Programme.id).scalar_subquery()
    p = Programme
    statement = (
        columns(
            p.id, p.name, OrgUnit.name, p.level, p.kind, p.manner, p.status, p.for_incentives, p.notice_at, rounds,
            p.created_at,
        )
        .join(OrgUnit, col(OrgUnit.code) == Programme.unit_code)
        .where(seen_programme(actor))
    )  # fmt: skip
    order = [col(p.created_at), col(p.id)]
    if marker:
        statement = statement.where(after(order, decode_moment(marker), descending=True))
    rows = session.execute(statement.order_by(*[c.desc() for c in order]).limit(PAGE + 1)).all()
    found = page_of(rows, PAGE, lambda row: (row.created_at.isoformat(), row.id))
    return PageOf([ProgrammeRow(*row[:-1]) for row in found.rows], found.next)


def programme(session: Session, actor: Actor, programme_id: str) -> Programme:
    found = session.scalars(columns(Programme).where(Programme.id == programme_id, seen_programme(actor))).first()
    if found is None:
        raise NotFound
    return found


def programme_screen(session: Session, actor: Actor, programme_id: str) -> ProgrammeScreen:
    found = programme(session, actor, programme_id)
    unit = session.get_one(OrgUnit, found.unit_code)
    titles = list(latest_titles(session, found.checklist_ids).values())
    return ProgrammeScreen(found, unit.name, rounds_of(session, found.id), titles, may_write(actor, found))


def rounds_of(session: Session, programme_id: str, round_id: str = "") -> list[RoundRow]:
    """The rounds of a programme with their numbers of jobs; only one of them if `round_id` names it."""
    done, drafts = _count_of("done"), _count_of("draft")
    r = Round
    statement = (
        columns(r.id, r.name, r.starts_on, r.ends_on, r.status, sa.func.count(Assignment.id), done, drafts)
        .join(Assignment, all_of(col(Assignment.round_id) == Round.id, live()), isouter=True)
        .where(Round.programme_id == programme_id)
        .group_by(Round.id, Round.name, Round.starts_on, Round.ends_on, Round.status)
        .order_by(col(Round.starts_on).desc())
    )
    if round_id:
        statement = statement.where(Round.id == round_id)
    return [RoundRow(*row) for row in session.execute(statement)]


def _count_of(status: str) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((Assignment.status == status, 1), else_=0)), 0)


def round_of(session: Session, actor: Actor, round_id: str) -> tuple[Programme, Round]:
    """A round and its programme; NotFound where the programme must not be seen."""
    row = session.execute(
        columns(Programme, Round)
        .join(Round, col(Round.programme_id) == Programme.id)
        .where(Round.id == round_id, seen_programme(actor))
    ).first()
    if row is None:
        raise NotFound
    return row[0], row[1]


def own_units(session: Session, actor: Actor) -> list[OrgUnit]:
    """The units for which the actor may make programmes: the granted ones and, below them, cities and counties."""
    return list(
        session.scalars(
            columns(OrgUnit)
            .where(within(col(OrgUnit.path), actor.paths("planning.write")), OrgUnit.level != "town")
            .order_by(OrgUnit.path)
        )
    )

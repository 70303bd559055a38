"""Own results: visits whose subject is the asker, from their release on, and nothing of anybody else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlmodel import col

from audit_app.access.rules import Actor
from audit_app.kit.db import Session
from audit_app.kit.errors import NotFound
from audit_app.kit.sql import all_of, columns
from audit_app.organisation.models import StaffMember, Touchpoint
from audit_app.personal import rules
from audit_app.personal.models import ResultAcknowledgement
from audit_app.personal.queries import explanations, looks
from audit_app.personal.rules import Standing
from audit_app.personal.working import Working, working
from audit_app.planning.models import Programme
from audit_app.reporting.parts import half_up
from audit_app.reporting.queries import sources
from audit_app.reporting.rules import period_bounds, period_of
from audit_app.review.models import VisitResult, VisitSubject
from audit_app.review.queries import latest
from audit_app.review.rules import counts_for_person
from audit_app.scoring.canonical import results_from_json
from audit_app.standards.models import ChecklistVersion
from audit_app.visits.models import Visit

MOST_ROWS = 200
MOST_PERIODS = 12


@dataclass(frozen=True)
class OwnRow:
    """A visit in the list of own results. `person` in hundredths of a point, None where there is no such figure."""

    outward_id: str
    touchpoint: str
    series: str
    on: date
    day_part: str
    checklist: dict[str, str]
    person: int | None
    standing: Standing
    acknowledged: bool


@dataclass(frozen=True)
class SeriesSum:
    """What has come in of a series: the mean of the printed figures that count, as a sum that adds up."""

    series: str
    finals: tuple[str, ...]
    mean: str
    pending: int

    @property
    def sum(self) -> str:
        return f"({' + '.join(self.finals)}) ÷ {len(self.finals)}"


@dataclass(frozen=True)
class OwnScreen:
    """One quarter of own results."""

    period: str
    periods: list[str]
    rows: list[OwnRow]
    unresolved: int
    appeals: bool

    @property
    def sums(self) -> list[SeriesSum]:
        found = []
        for series in rules.SERIES:
            rows = [r for r in self.rows if r.series == series and r.standing.state != "out" and r.person is not None]
            finals = [r.person or 0 for r in rows]
            if finals:
                mean = half_up(Fraction(sum(finals), len(finals) * 100))
                pending = sum(r.standing.state == "pending" for r in rows)
                found.append(SeriesSum(series, tuple(f"{f // 100}.{f % 100:02}" for f in finals), mean, pending))
        return found


@dataclass(frozen=True)
class OwnResult:
    """One visit as the person whom it scores may know it."""

    outward_id: str
    result_number: int
    touchpoint: str
    series: str
    on: date
    day_part: str
    checklist: dict[str, str]
    version: int
    release_note: str
    standing: Standing
    working: Working | None
    answers_sha256: str
    version_sha256: str


@dataclass(frozen=True)
class OwnResultScreen:
    result: OwnResult
    looks: list[looks.Look]
    questions: list[explanations.Asked]
    acknowledged_at: datetime | None
    appeals: bool
    own_now: datetime

    @property
    def may_ask(self) -> bool:
        """One question at a time: the next one when this is answered."""
        return all(question.answered_at for question in self.questions)


def own_staff(actor: Actor) -> sa.Select[Any]:
    """The staff records that are the asker, those that were merged into them among them."""
    return columns(StaffMember.id).where(StaffMember.account_id == actor.account_id)


def own_visit(actor: Actor) -> ColumnElement[bool]:
    """The condition on `Visit` for own released results."""
    mine = columns(VisitSubject.visit_id).where(col(VisitSubject.staff_id).in_(own_staff(actor)))
    return all_of(col(Visit.id).in_(mine), col(Visit.status).in_(rules.SHOWN), col(Visit.series).in_(rules.SERIES))


def own_results(session: Session, actor: Actor, wanted: str) -> OwnScreen:
    """The own results of a quarter, latest day first; without one that is wanted, of the latest that has some."""
    days = session.scalars(columns(Visit.local_date).where(own_visit(actor)).distinct()).all()
    periods = sorted({period_of(day) for day in days}, reverse=True)[:MOST_PERIODS]
    period = wanted if wanted in periods else (periods[0] if periods else "")
    rows = _rows(session, actor, period) if period else []
    unresolved = _unresolved(session, actor, period) if period else 0
    return OwnScreen(period, periods, rows, unresolved, actor.may("appeals.file"))


def _rows(session: Session, actor: Actor, period: str) -> list[OwnRow]:
    v = Visit
    first, end = period_bounds(period)
    seen = all_of(
        col(ResultAcknowledgement.visit_id) == v.id,
        col(ResultAcknowledgement.result_number) == VisitResult.number,
        col(ResultAcknowledgement.account_id) == actor.account_id,
    )
    statement = (
        columns(
            v.outward_id, Touchpoint.name, v.series, v.local_date, v.day_part, v.status, VisitResult.results,
            VisitResult.person, ChecklistVersion.title_zh, ChecklistVersion.title_en, Programme.notice_at,
            Programme.for_incentives, StaffMember.joined_on, col(ResultAcknowledgement.at).label("seen_at"),
        )
        .select_from(v)
        .join(VisitSubject, col(VisitSubject.visit_id) == v.id)
        .join(StaffMember, col(StaffMember.id) == VisitSubject.staff_id)
        .join(Touchpoint, col(Touchpoint.id) == v.touchpoint_id)
        .join(Programme, col(Programme.id) == v.programme_id)
        .join(ChecklistVersion, col(ChecklistVersion.id) == v.checklist_version_id)
        .join(VisitResult, all_of(col(VisitResult.visit_id) == v.id, latest()))
        .join(ResultAcknowledgement, seen, isouter=True)
        .where(own_visit(actor), col(v.local_date) >= first, col(v.local_date) < end)
        .order_by(col(v.local_date).desc(), col(v.outward_id))
        .limit(MOST_ROWS)
    )  # fmt: skip
    return [_row(row) for row in session.execute(statement)]


def _row(row: Any) -> OwnRow:
    person = results_from_json(row.results).person
    return OwnRow(
        outward_id=row.outward_id, touchpoint=row.name, series=row.series, on=row.local_date, day_part=row.day_part,
        checklist={"zh": row.title_zh, "en": row.title_en}, person=row.person,
        standing=_standing(row, person.basis if person else None), acknowledged=row.seen_at is not None,
    )  # fmt: skip


def _standing(row: Any, basis: str | None) -> Standing:
    why = counts_for_person(row.local_date, row.notice_at, row.joined_on, row.for_incentives)
    return rules.standing(row.status, basis, why)


def count_unread(session: Session, actor: Actor) -> int:
    """Own results that the actor has not confirmed to have read."""
    seen = columns(ResultAcknowledgement.visit_id).where(ResultAcknowledgement.account_id == actor.account_id)
    statement = columns(sa.func.count()).select_from(Visit).where(own_visit(actor), col(Visit.id).not_in(seen))
    return int(session.execute(statement).scalar_one())


def _unresolved(session: Session, actor: Actor, period: str) -> int:
    """Released visits of the own touchpoint in the quarter that name nobody: they count for the touchpoint only."""
    first, end = period_bounds(period)
    place = columns(StaffMember.touchpoint_id).where(
        StaffMember.account_id == actor.account_id, col(StaffMember.merged_into).is_(None)
    )
    statement = (
        columns(sa.func.count())
        .select_from(Visit)
        .join(VisitSubject, col(VisitSubject.visit_id) == Visit.id)
        .where(
            col(Visit.touchpoint_id).in_(place), col(Visit.status).in_(rules.SHOWN), VisitSubject.how == "unresolved",
            col(Visit.local_date) >= first, col(Visit.local_date) < end,
        )
    )  # fmt: skip
    return int(session.execute(statement).scalar_one())


def own_result(session: Session, actor: Actor, outward_id: str, now: datetime) -> OwnResultScreen:
    """One own result with who saw it and what was asked about it; NotFound for everything else."""
    visit = _one(session, all_of(Visit.outward_id == outward_id, own_visit(actor)))
    seen = session.execute(
        columns(ResultAcknowledgement.at).where(
            ResultAcknowledgement.visit_id == visit.id, ResultAcknowledgement.account_id == actor.account_id,
            ResultAcknowledgement.result_number == visit.result_number,
        )
    ).scalar()  # fmt: skip
    return OwnResultScreen(
        result_of(session, visit), looks.looks(session, actor, visit), explanations.asked(session, actor, visit),
        seen, actor.may("appeals.file"), now,
    )  # fmt: skip


def own_source(session: Session, actor: Actor, outward_id: str) -> sources.VisitSource:
    """The own released visit of that outward id; NotFound for everything else."""
    return _one(session, all_of(Visit.outward_id == outward_id, own_visit(actor)))


def answerers_view(session: Session, visit_id: str) -> OwnResult:
    """The result behind a question that is the caller's to answer: what its asker sees, no more."""
    return result_of(session, _one(session, all_of(Visit.id == visit_id)))


def _one(session: Session, wanted: ColumnElement[bool]) -> sources.VisitSource:
    found: Sequence[sources.VisitSource] = sources.visits(session, wanted)
    if not found:
        raise NotFound
    return found[0]


def result_of(session: Session, visit: sources.VisitSource) -> OwnResult:
    """A released visit as the person whom it scores may know it; whoever calls has seen to it that it may be read."""
    row = session.execute(
        columns(
            Touchpoint.name, Visit.status, Visit.local_date, Programme.notice_at, Programme.for_incentives,
            StaffMember.joined_on,
        )
        .select_from(Visit)
        .join(Touchpoint, col(Touchpoint.id) == Visit.touchpoint_id)
        .join(Programme, col(Programme.id) == Visit.programme_id)
        .join(VisitSubject, col(VisitSubject.visit_id) == Visit.id)
        .join(StaffMember, col(StaffMember.id) == VisitSubject.staff_id)
        .where(Visit.id == visit.id)
    ).one()  # fmt: skip
    person, document = visit.results.person, visit.version.document
    return OwnResult(
        outward_id=visit.outward_id, result_number=visit.result_number, touchpoint=row.name, series=visit.series,
        on=visit.local_date, day_part=visit.day_part, checklist={"zh": document.title.zh, "en": document.title.en},
        version=document.version, release_note=visit.release_note,
        standing=_standing(row, person.basis if person else None),
        working=working(visit, person) if person else None, answers_sha256=visit.answers_sha256,
        version_sha256=visit.version.sha256,
    )  # fmt: skip

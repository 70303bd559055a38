"""What cards are made of, as stored: a fixed number of statements however many cards are asked for."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import col

from audit_app.access.models import Account
from audit_app.appeals.queries import changes
from audit_app.kit.db import Session, UTCDateTime
from audit_app.kit.sql import all_of, any_of, columns
from audit_app.organisation.models import OrgUnit, StaffMember, Team, Touchpoint
from audit_app.planning.models import Programme
from audit_app.reporting import rules
from audit_app.reporting.models import Scorecard
from audit_app.review.models import Release, Review, VisitResult, VisitSubject
from audit_app.review.queries import Released, latest, released_photos
from audit_app.review.rules import SECRET_DAYS
from audit_app.scoring.answers import Answer
from audit_app.scoring.canonical import answers_from, results_from_json
from audit_app.scoring.engine import Results
from audit_app.standards.document import ChecklistDocument
from audit_app.standards.models import ChecklistVersion
from audit_app.standards.queries import document_for
from audit_app.testers.models import Assessor
from audit_app.visits.models import Evidence, Visit, VisitRevision
from audit_app.visits.rules import answers_of, read_revision


@dataclass(frozen=True, slots=True)
class PlaceSource:
    """A touchpoint with the names of the units above it, province first."""

    id: str
    code: str
    kind: str
    name: str
    tier: int | None
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Version:
    """A checklist version with its hash; `comparable`: with the one before it, None for a first one."""

    document: ChecklistDocument
    sha256: str
    comparable: bool | None


@dataclass(frozen=True, slots=True)
class PhotoSource:
    blob: str
    item_id: str
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class VisitSource:
    """A released visit with its latest result. `said` are the words as sent (reasons, notes), by item."""

    id: str
    outward_id: str
    touchpoint_id: str
    series: str
    manner: str
    for_incentives: bool
    started_at: datetime
    finished_at: datetime
    local_date: date
    day_type: str
    day_part: str
    assessor_id: str
    assessor_tier: str
    assessor_name: str
    staff_id: str | None
    subject: str
    release_note: str
    result_number: int
    revision: int
    answers_sha256: str
    results: Results
    answers: Mapping[str, Answer]
    said: Mapping[str, Answer]
    version: Version
    photos: tuple[PhotoSource, ...] = ()
    first: Results | None = None  # as released, where an appeal has changed it since
    reasons: Mapping[str, str] = field(default_factory=dict)  # item → why the panel changed it
    released: tuple[Released, ...] = ()


@dataclass(frozen=True, slots=True)
class CardSource:
    """One card with the visits that it speaks of, oldest first; `void` counts voided visits by series."""

    id: str
    kind: str
    period: str
    updated_at: datetime
    place: PlaceSource
    visits: tuple[VisitSource, ...]
    void: Mapping[str, int] = field(default_factory=dict)


def cards(session: Session, ids: Sequence[str], now: datetime, photos: bool = False) -> list[CardSource]:
    """The cards of these ids, in their order; whoever calls has seen to it that they may be read."""
    rows = _card_rows(session, ids)
    places = _places(session, {row.touchpoint_id for row in rows})
    conditions = [_visits_of(row) for row in rows]
    found = visits(session, any_of(*conditions), photos=photos) if conditions else []
    voided = _voided(session, [row for row in rows if row.visit_id is None], now)
    made = {
        row.id: CardSource(
            id=row.id, kind=row.kind, period=row.period, updated_at=row.updated_at, place=places[row.touchpoint_id],
            visits=tuple(visit for visit in found if _belongs(visit, row)),
            void={series: n for (card, series), n in voided.items() if card == row.id},
        )
        for row in rows
    }  # fmt: skip
    return [made[key] for key in ids if key in made and made[key].visits]


def _card_rows(session: Session, ids: Sequence[str]) -> Sequence[Any]:
    c = Scorecard
    statement = columns(c.id, c.kind, c.period, c.updated_at, c.touchpoint_id, c.visit_id)
    return session.execute(statement.where(col(c.id).in_(list(ids)))).all()


def _in_period(touchpoint_id: str, period: str) -> ColumnElement[bool]:
    start, end = rules.period_bounds(period)
    day = col(Visit.local_date)
    return all_of(Visit.touchpoint_id == touchpoint_id, day >= start, day < end)


def _visits_of(row: Any) -> ColumnElement[bool]:
    return all_of(Visit.id == row.visit_id) if row.visit_id else _in_period(row.touchpoint_id, row.period)


def _belongs(visit: VisitSource, row: Any) -> bool:
    if row.visit_id:
        return visit.id == row.visit_id
    return visit.touchpoint_id == row.touchpoint_id and rules.period_of(visit.local_date) == row.period


def _places(session: Session, ids: Collection[str]) -> dict[str, PlaceSource]:
    t = Touchpoint
    statement = columns(t.id, t.code, t.kind, t.name, t.tier, t.unit_path).where(col(t.id).in_(list(ids)))
    rows = session.execute(statement).all()
    codes = {code for row in rows for code in _codes(row.unit_path)}
    units = columns(OrgUnit.code, OrgUnit.name).where(col(OrgUnit.code).in_(codes))
    names = {row.code: row.name for row in session.execute(units)}
    return {
        row.id: PlaceSource(
            row.id, row.code, row.kind, row.name, row.tier, tuple(names.get(c, "") for c in _codes(row.unit_path))
        )
        for row in rows
    }


def _codes(unit_path: str) -> list[str]:
    return [code for code in unit_path.split("/") if code]


def visits(session: Session, wanted: ColumnElement[bool], photos: bool = False) -> list[VisitSource]:
    """Released visits that meet a condition on `Visit`, oldest first, with all that cards need of them."""
    rows = session.execute(_visit_rows().where(wanted, col(Visit.status).in_(rules.SHOWN))).all()
    keys = [row.id for row in rows]
    results = _results(session, keys)
    said, notes = _said(session, keys), _release_notes(session, keys)
    pictures = _photos(session, keys) if photos else {}
    painted = _painted(session, keys) if photos else {}
    versions = _versions(session, {row.checklist_version_id for row in rows})
    appealed = _appealed(session, results)
    return [
        _visit(row, results[row.id], said, notes, versions, pictures, appealed, painted)
        for row in rows
        if row.id in results and row.series in rules.SERIES
    ]


def _appealed(session: Session, results: Mapping[str, VisitResult]) -> dict[str, tuple[Results, dict[str, str]]]:
    """Visits that an appeal has changed: the results as released, and the panel's reason by item."""
    keys = [key for key, result in results.items() if result.number > 1]
    if not keys:
        return {}
    first = columns(VisitResult).where(col(VisitResult.visit_id).in_(keys), VisitResult.number == 1)
    reasons = changes.reasons(session, keys)
    return {r.visit_id: (results_from_json(r.results), reasons.get(r.visit_id, {})) for r in session.scalars(first)}


def _visit(
    row: Any, result: VisitResult, said: Any, notes: Any, versions: Any, pictures: Any, appealed: Any, painted: Any
) -> VisitSource:
    first, reasons = appealed.get(row.id, (None, {}))
    return VisitSource(
        id=row.id, outward_id=row.outward_id or "", touchpoint_id=row.touchpoint_id, series=row.series,
        manner=row.manner, for_incentives=row.for_incentives, started_at=row.started_at, finished_at=row.finished_at,
        local_date=row.local_date, day_type=row.day_type, day_part=row.day_part, assessor_id=row.assessor_id,
        assessor_tier=row.tier, assessor_name=row.display_name, staff_id=row.staff_id,
        subject=row.staff_name or row.team_name or "", release_note=notes.get((row.id, result.revision), ""),
        result_number=result.number, revision=result.revision, answers_sha256=result.answers_sha256,
        results=results_from_json(result.results), answers=answers_from(result.answers),
        said=said.get((row.id, result.revision), {}), version=versions[row.checklist_version_id],
        photos=tuple(pictures.get((row.id, result.revision), ())), first=first, reasons=reasons,
        released=tuple(painted.get((row.id, result.revision), ())),
    )  # fmt: skip


def _visit_rows() -> sa.Select[Any]:
    v = Visit
    return (
        columns(
            v.id, v.outward_id, v.touchpoint_id, v.series, v.started_at, v.finished_at, v.local_date, v.day_type,
            v.day_part, v.assessor_id, v.checklist_version_id, Programme.manner, Programme.for_incentives,
            Assessor.tier, Account.display_name, VisitSubject.staff_id, StaffMember.name.label("staff_name"),
            Team.name.label("team_name"),
        )
        .select_from(v)
        .join(Programme, col(Programme.id) == v.programme_id)
        .join(Assessor, col(Assessor.id) == v.assessor_id)
        .join(Account, col(Account.id) == Assessor.account_id)
        .join(VisitSubject, col(VisitSubject.visit_id) == v.id, isouter=True)
        .join(StaffMember, col(StaffMember.id) == VisitSubject.staff_id, isouter=True)
        .join(Team, col(Team.id) == VisitSubject.team_id, isouter=True)
        .order_by(col(v.local_date), col(v.started_at), col(v.id))
    )  # fmt: skip


def _results(session: Session, keys: list[str]) -> dict[str, VisitResult]:
    statement = columns(VisitResult).where(col(VisitResult.visit_id).in_(keys), latest())
    return {result.visit_id: result for result in session.scalars(statement)}


def _said(session: Session, keys: list[str]) -> dict[tuple[str, int], dict[str, Answer]]:
    r = VisitRevision
    rows = session.execute(columns(r.visit_id, r.revision, r.body).where(col(r.visit_id).in_(keys)))
    return {(row.visit_id, row.revision): answers_of(read_revision(row.body)) for row in rows}


def _release_notes(session: Session, keys: list[str]) -> dict[tuple[str, int], str]:
    r = Review
    statement = columns(r.visit_id, r.revision, r.release_note).where(
        col(r.visit_id).in_(keys), r.outcome == "approved"
    )
    return {(row.visit_id, row.revision): row.release_note for row in session.execute(statement)}


def _photos(session: Session, keys: list[str]) -> dict[tuple[str, int], list[PhotoSource]]:
    e = Evidence
    statement = (
        columns(e.visit_id, e.revision, e.view_blob, e.item_id, sa.func.coalesce(e.taken_at, e.stored_at).label("at"))
        .where(col(e.visit_id).in_(keys), col(e.view_blob).is_not(None), col(e.view_type).like("image/%"))
        .order_by(e.id)
    )
    found: dict[tuple[str, int], list[PhotoSource]] = {}
    for row in session.execute(statement):
        if row.at is not None:
            photo = PhotoSource(row.view_blob, row.item_id or "", row.at)
            found.setdefault((row.visit_id, row.revision), []).append(photo)
    return found


def _painted(session: Session, keys: list[str]) -> dict[tuple[str, int], list[Released]]:
    found: dict[tuple[str, int], list[Released]] = {}
    for one in released_photos(session, keys):
        found.setdefault((one.visit_id, one.revision), []).append(one)
    return found


def _versions(session: Session, ids: Collection[str]) -> dict[str, Version]:
    v = ChecklistVersion
    before = aliased(ChecklistVersion)
    older = all_of(col(before.checklist_id) == v.checklist_id, col(before.number) < v.number)
    earlier = columns(sa.func.count()).where(older).scalar_subquery().label("earlier")
    statement = columns(v.id, v.body_sha256, v.comparable_with, earlier).where(col(v.id).in_(list(ids)))
    return {
        row.id: Version(
            document_for(session, row.id), row.body_sha256, None if not row.earlier else row.comparable_with is not None
        )
        for row in session.execute(statement).all()
    }


def _voided(session: Session, rows: Sequence[Any], now: datetime) -> dict[tuple[str, str], int]:
    """(card, series) → voided visits. A covert one counts only when it had been released or could have been by now."""
    if not rows:
        return {}
    known = any_of(
        Visit.series == "overt", col(Visit.outward_id).is_not(None), col(Visit.status_at) < now - SECRET_DAYS
    )
    places = any_of(*[_in_period(row.touchpoint_id, row.period) for row in rows])
    statement = columns(Visit.touchpoint_id, Visit.local_date, Visit.series).where(
        places, Visit.status == "void", known
    )
    cards_at = {(row.touchpoint_id, row.period): row.id for row in rows}
    found: dict[tuple[str, str], int] = {}
    for row in session.execute(statement):
        key = (cards_at[(row.touchpoint_id, rules.period_of(row.local_date))], row.series)
        found[key] = found.get(key, 0) + 1
    return found


def issued(session: Session, wanted: ColumnElement[bool]) -> Sequence[Any]:
    """Released visits with a result: (id, touchpoint_id, unit_path, local_date, at).

    `at` is when the result was released, when a later one replaced it, or when an appeal unnamed the person: the same
    data gives the same cards.
    """
    changed = sa.case((col(VisitResult.number) > 1, col(VisitResult.created_at)), else_=sa.null())
    made = sa.func.coalesce(changed, Release.released_at, VisitResult.created_at)
    # A reviewer who names nobody stands in the row; an appeal leaves no one there.
    unnamed = all_of(VisitSubject.how == "unresolved", col(VisitSubject.resolved_by).is_(None), VisitSubject.at > made)
    at = sa.case((unnamed, col(VisitSubject.at)), else_=made)
    statement = (
        columns(
            Visit.id, Visit.touchpoint_id, Visit.unit_path, Visit.local_date,
            sa.type_coerce(at, UTCDateTime).label("at"),
        )
        .select_from(Visit)
        .join(VisitResult, all_of(col(VisitResult.visit_id) == Visit.id, latest()))
        .join(Release, col(Release.visit_id) == Visit.id, isouter=True)
        .join(VisitSubject, col(VisitSubject.visit_id) == Visit.id, isouter=True)
        .where(wanted, col(Visit.status).in_(rules.SHOWN), col(Visit.series).in_(rules.SERIES))
        .order_by(Visit.id)
    )  # fmt: skip
    return session.execute(statement).all()


def withdrawn(session: Session, wanted: ColumnElement[bool]) -> Sequence[Any]:
    """Visits that were voided after their release: (id, touchpoint_id, local_date, at), the instant of the voiding.
    One that was never released stood on no card, so that none may tell of it."""
    statement = columns(Visit.id, Visit.touchpoint_id, Visit.local_date, col(Visit.status_at).label("at")).where(
        wanted, Visit.status == "void", col(Visit.outward_id).is_not(None), col(Visit.series).in_(rules.SERIES)
    )
    return session.execute(statement.order_by(Visit.id)).all()


def place(session: Session, touchpoint_id: str) -> PlaceSource:
    """One touchpoint with the units above it."""
    return _places(session, [touchpoint_id])[touchpoint_id]

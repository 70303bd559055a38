"""Reading plans. Covert work exists only for its assessor and for holders of `covert.plan` at the owner or above."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import col

from audit_app.access.models import Account
from audit_app.access.rules import Actor
from audit_app.kit import clock
from audit_app.kit.db import Session
from audit_app.kit.errors import NotFound
from audit_app.kit.paging import PageOf, after, decode, keyset, page_of
from audit_app.kit.sql import all_of, any_of, columns
from audit_app.organisation.models import OrgUnit, Touchpoint
from audit_app.organisation.scope import seen_touchpoint, within
from audit_app.planning import rules
from audit_app.planning.models import Assignment, NoticeAcknowledgement, Programme, Round
from audit_app.standards import queries as standards
from audit_app.standards.models import ChecklistVersion
from audit_app.testers.models import Assessor, Qualification

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


@dataclass(frozen=True)
class AssignmentRow:
    """A job in a planner's list. `assessor` is the code of a tester, the name of an inspector in an overt programme."""

    id: str
    touchpoint_id: str
    touchpoint: str
    touchpoint_code: str
    unit_name: str
    programme: str
    manner: str
    round_id: str
    assessor: str
    tier: str
    status: str
    reason: str
    window_start: datetime
    window_end: datetime
    respond_by: datetime | None
    checklist: dict[str, str]

    @property
    def last_day(self) -> datetime:
        return self.window_end - timedelta(seconds=1)


@dataclass(frozen=True)
class DueRow:
    """A touchpoint of a programme with the last visit that the asker may know of."""

    id: str
    code: str
    name: str
    kind: str
    tier: int | None
    unit_name: str
    last: datetime | None
    overdue: int | None
    planned: bool


@dataclass(frozen=True)
class RoundScreen:
    programme: Programme
    round: RoundRow
    assignments: list[AssignmentRow]
    due: PageOf[DueRow]
    search: str
    may_write: bool


@dataclass(frozen=True)
class CandidateRow:
    id: str
    shown: str
    tier: str
    load: int
    refusals: list[str]


@dataclass(frozen=True)
class ChoiceScreen:
    """The panel to give one touchpoint to somebody: who may, who may not and why, with which checklist and story."""

    programme: Programme
    round: RoundRow
    touchpoint: Touchpoint
    unit_name: str
    candidates: list[CandidateRow]
    versions: list[standards.VersionRow]
    scenarios: list[dict[str, Any]]
    first_day: date
    last_day: date

    @property
    def eligible(self) -> list[CandidateRow]:
        return [c for c in self.candidates if not c.refusals]

    @property
    def refused(self) -> list[CandidateRow]:
        return [c for c in self.candidates if c.refusals]


def seen_programme(actor: Actor) -> ColumnElement[bool]:
    """Overt programmes of the actor's subtree; covert ones only with `covert.plan` at the owner or above."""
    overt = all_of(Programme.manner == "overt", within(col(Programme.unit_path), actor.paths("planning.read")))
    covert = all_of(Programme.manner == "covert", within(col(Programme.unit_path), actor.paths("covert.plan")))
    return any_of(overt, covert)


def may_write(actor: Actor, programme: Programme) -> bool:
    needed = "covert.plan" if programme.manner == "covert" else "planning.write"
    return actor.may("planning.write") and any(programme.unit_path.startswith(p) for p in actor.paths(needed))


def programmes(session: Session, actor: Actor) -> list[ProgrammeRow]:
    """The programmes that the actor may see, newest first."""
    rounds = columns(sa.func.count()).where(Round.programme_id == Programme.id).scalar_subquery()
    p = Programme
    rows = session.execute(
        columns(p.id, p.name, OrgUnit.name, p.level, p.kind, p.manner, p.status, p.for_incentives, p.notice_at, rounds)
        .join(OrgUnit, col(OrgUnit.code) == Programme.unit_code)
        .where(seen_programme(actor))
        .order_by(col(Programme.created_at).desc(), Programme.id)
        .limit(200)
    )
    return [ProgrammeRow(*row) for row in rows]


def programme(session: Session, actor: Actor, programme_id: str) -> Programme:
    found = session.scalars(columns(Programme).where(Programme.id == programme_id, seen_programme(actor))).first()
    if found is None:
        raise NotFound
    return found


def programme_screen(session: Session, actor: Actor, programme_id: str) -> ProgrammeScreen:
    found = programme(session, actor, programme_id)
    unit = session.get_one(OrgUnit, found.unit_code)
    return ProgrammeScreen(
        found, unit.name, rounds_of(session, found.id), _titles(session, found), may_write(actor, found)
    )


def _titles(session: Session, found: Programme) -> list[dict[str, str]]:
    rows = session.execute(
        columns(ChecklistVersion.checklist_id, ChecklistVersion.title_zh, ChecklistVersion.title_en)
        .where(col(ChecklistVersion.checklist_id).in_(found.checklist_ids), ChecklistVersion.status == "published")
        .order_by(ChecklistVersion.checklist_id, col(ChecklistVersion.number).desc())
    )
    latest: dict[str, dict[str, str]] = {}
    for checklist_id, zh, en in rows:
        latest.setdefault(checklist_id, {"zh": zh, "en": en})
    return list(latest.values())


def rounds_of(session: Session, programme_id: str, round_id: str = "") -> list[RoundRow]:
    """The rounds of a programme with their numbers of jobs; only one of them if `round_id` names it."""
    live = col(Assignment.status).not_in(("declined", "expired", "cancelled"))
    done = sa.func.coalesce(sa.func.sum(sa.case((Assignment.status == "done", 1), else_=0)), 0)
    statement = (
        columns(Round.id, Round.name, Round.starts_on, Round.ends_on, Round.status, sa.func.count(Assignment.id), done)
        .join(Assignment, all_of(col(Assignment.round_id) == Round.id, live), isouter=True)
        .where(Round.programme_id == programme_id)
        .group_by(Round.id, Round.name, Round.starts_on, Round.ends_on, Round.status)
        .order_by(col(Round.starts_on).desc())
    )
    if round_id:
        statement = statement.where(Round.id == round_id)
    return [RoundRow(*row) for row in session.execute(statement)]


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


def round_screen(session: Session, actor: Actor, round_id: str, now: datetime, search: str, marker: str) -> RoundScreen:
    found, _round = round_of(session, actor, round_id)
    (row,) = rounds_of(session, found.id, round_id)
    jobs = assignments(session, actor, round_id=round_id)
    due = due_list(session, actor, found, round_id, now, search, marker)
    return RoundScreen(found, row, list(jobs.rows), due, search, may_write(actor, found))


def assignments(
    session: Session, actor: Actor, *, round_id: str = "", status: str = "", marker: str = ""
) -> PageOf[AssignmentRow]:
    """Jobs of the programmes that the actor may see, latest window first; one round's all at once."""
    size = 500 if round_id else PAGE
    statement = _assignment_columns().where(seen_programme(actor))
    if round_id:
        statement = statement.where(Assignment.round_id == round_id)
    if status:
        statement = statement.where(Assignment.status == status)
    order = [col(Assignment.created_at), col(Assignment.id)]
    rows = session.execute(_paged(statement, order, marker, size)).all()
    found = page_of(rows, size, lambda r: [r.created_at.isoformat(), r.id])
    return PageOf([_assignment_row(r) for r in found.rows], found.next)


def _paged(statement: Any, order: list[Any], marker: str, size: int) -> Any:
    if marker:
        at, key = decode(marker, 2)
        statement = statement.where(after(order, [datetime.fromisoformat(str(at)), key], descending=True))
    return statement.order_by(*[c.desc() for c in order]).limit(size + 1)


def _assignment_columns() -> Any:
    a, t = Assignment, Touchpoint
    return (
        columns(
            a.id, a.touchpoint_id, t.name.label("touchpoint"), t.code.label("touchpoint_code"),
            OrgUnit.name.label("unit_name"), Programme.name.label("programme"), Programme.manner, a.round_id,
            Assessor.code.label("assessor_code"), Assessor.tier, Account.display_name, a.status, a.reason,
            a.window_start, a.window_end, a.respond_by, ChecklistVersion.title_zh, ChecklistVersion.title_en,
            a.created_at,
        )
        .join(Round, Round.id == a.round_id)
        .join(Programme, Programme.id == Round.programme_id)
        .join(Touchpoint, t.id == a.touchpoint_id)
        .join(OrgUnit, OrgUnit.code == t.unit_code)
        .join(Assessor, Assessor.id == a.assessor_id)
        .join(Account, Account.id == Assessor.account_id)
        .join(ChecklistVersion, ChecklistVersion.id == a.checklist_version_id)
    )  # fmt: skip


def _assignment_row(r: Any) -> AssignmentRow:
    return AssignmentRow(
        id=r.id, touchpoint_id=r.touchpoint_id, touchpoint=r.touchpoint, touchpoint_code=r.touchpoint_code,
        unit_name=r.unit_name, programme=r.programme, manner=r.manner, round_id=r.round_id,
        assessor=shown_assessor(r.assessor_code, r.tier, r.display_name, r.manner), tier=r.tier, status=r.status,
        reason=r.reason, window_start=r.window_start, window_end=r.window_end, respond_by=r.respond_by,
        checklist={"zh": r.title_zh, "en": r.title_en},
    )  # fmt: skip


def shown_assessor(code: str, tier: str, name: str, manner: str) -> str:
    """Inspectors appear by name in overt programmes; everybody else by code."""
    return name if tier == "inspector" and manner == "overt" else code


def visible_visit(actor: Actor) -> ColumnElement[bool]:
    """Whether the visit made under an `Assignment` (joined with its `Programme`) may be known to the actor."""
    owner = within(col(Programme.unit_path), actor.paths("covert.plan"))
    return any_of(col(Assignment.visible_at).is_not(None), all_of(Programme.manner == "covert", owner))


def due_list(
    session: Session, actor: Actor, programme: Programme, round_id: str, now: datetime, search: str, marker: str
) -> PageOf[DueRow]:
    """The programme's touchpoints, in the order of the organisation, with their last known visit."""
    last = (
        columns(sa.func.max(Assignment.visited_at))
        .join(Round, col(Round.id) == Assignment.round_id)
        .join(Programme, col(Programme.id) == Round.programme_id)
        .where(Assignment.touchpoint_id == Touchpoint.id, visible_visit(actor))
        .correlate(Touchpoint)
        .scalar_subquery()
        .label("last")
    )
    planned = (
        columns(Assignment.id)
        .where(
            Assignment.touchpoint_id == Touchpoint.id,
            Assignment.round_id == round_id,
            col(Assignment.status).not_in(("declined", "expired", "cancelled")),
        )
        .correlate(Touchpoint)
        .exists()
        .label("planned")
    )
    t = Touchpoint
    statement = (
        columns(t.id, t.code, t.name, t.kind, t.tier, OrgUnit.name.label("unit_name"), last, planned, t.unit_path)
        .join(OrgUnit, col(OrgUnit.code) == t.unit_code)
        .where(
            col(t.active).is_(True),
            col(t.kind).in_(programme.touchpoint_kinds),
            within(col(t.unit_path), (programme.unit_path,)),
            seen_touchpoint(actor, "planning.read"),
        )
    )
    if search:
        statement = statement.where(any_of(col(t.name).contains(search, autoescape=True), t.code == search))
    rows = session.execute(keyset(statement, [col(t.unit_path), col(t.code)], marker, PAGE)).all()
    found = page_of(rows, PAGE, lambda r: [r.unit_path, r.code])
    return PageOf([_due_row(r, clock.local_date(now)) for r in found.rows], found.next)


def _due_row(r: Any, today: date) -> DueRow:
    last = clock.local_date(r.last) if r.last else None
    overdue = rules.days_overdue(r.kind, r.tier, last, today)
    return DueRow(r.id, r.code, r.name, r.kind, r.tier, r.unit_name, r.last, overdue, bool(r.planned))


def choice_screen(
    session: Session, actor: Actor, round_id: str, touchpoint_id: str, checklist_version_id: str, now: datetime
) -> ChoiceScreen:
    """Who may go to a touchpoint in a round."""
    found, in_round = round_of(session, actor, round_id)
    place = touchpoint_of(session, actor, found, touchpoint_id)
    today = clock.local_date(now)
    versions = fitting_versions(session, actor, found, place, today)
    chosen = next((v for v in versions if v.id == checklist_version_id), versions[0] if versions else None)
    first = max(in_round.starts_on, today)
    people = candidates(session, found, place, chosen.id if chosen else "", first)
    (row,) = rounds_of(session, found.id, round_id)
    unit = session.get_one(OrgUnit, place.unit_code)
    stories = _scenarios(session, chosen.id) if chosen else []
    ordered = sorted(versions, key=lambda v: v is not chosen)
    last = min(in_round.ends_on - timedelta(days=1), first + timedelta(days=13))
    return ChoiceScreen(found, row, place, unit.name, people, ordered, stories, first, max(first, last))


def _scenarios(session: Session, version_id: str) -> list[dict[str, Any]]:
    document = standards.document_for(session, version_id)
    return [{"id": s.id, "goal": s.goal, "persona": s.persona} for s in document.scenarios]


def touchpoint_of(session: Session, actor: Actor, programme: Programme, touchpoint_id: str) -> Touchpoint:
    """A touchpoint of the programme's subtree and kinds that the actor may see; NotFound otherwise."""
    found = session.scalars(
        columns(Touchpoint).where(
            Touchpoint.id == touchpoint_id,
            col(Touchpoint.active).is_(True),
            col(Touchpoint.kind).in_(programme.touchpoint_kinds),
            within(col(Touchpoint.unit_path), (programme.unit_path,)),
            seen_touchpoint(actor, "planning.read"),
        )
    ).first()
    if found is None:
        raise NotFound
    return found


def fitting_versions(
    session: Session, actor: Actor, programme: Programme, place: Touchpoint, on: date
) -> list[standards.VersionRow]:
    """The versions in force of the programme's checklists that are made for such a touchpoint and manner."""
    fitting = []
    for row in standards.versions(session, actor):
        if row.checklist_id not in programme.checklist_ids or row.status != "published":
            continue
        current = standards.current_version(session, row.checklist_id, on)
        if current is None or current.id != row.id:
            continue
        applies = standards.document_for(session, row.id).applies_to
        if place.kind not in applies.touchpoint_kinds or programme.manner not in applies.manner:
            continue
        if applies.tiers and place.tier not in applies.tiers:
            continue
        fitting.append(row)
    return fitting


def candidates(
    session: Session, programme: Programme, place: Touchpoint, version_id: str, start: date
) -> list[CandidateRow]:
    """Every active assessor with the rules that refuse them: the eligible first, the less loaded before the others."""
    document = standards.document_for(session, version_id) if version_id else None
    tiers = frozenset(document.applies_to.assessors) if document else frozenset()
    spot = rules.Place(place.kind, place.tier, place.unit_path)
    rows = []
    for r in session.execute(_candidate_columns(place.id, document.id if document else "")):
        who = rules.Candidate(
            r.tier, r.reach_path, r.home_path, r.valid_until, r.last_here, open_here=bool(r.open_here)
        )
        shown = shown_assessor(r.code, r.tier, r.display_name, programme.manner)
        rows.append(CandidateRow(r.id, shown, r.tier, r.load, rules.refusals(spot, who, tiers, start)))
    return sorted(rows, key=lambda c: (len(c.refusals), c.load, c.shown))


def _candidate_columns(touchpoint_id: str, checklist_id: str) -> Any:
    home, reach, a = aliased(OrgUnit), aliased(OrgUnit), Assessor
    mine = Assignment.assessor_id == a.id
    here = all_of(mine, Assignment.touchpoint_id == touchpoint_id)
    load = columns(sa.func.count()).where(mine, col(Assignment.status).in_(rules.OPEN_STATES)).scalar_subquery()
    last = columns(sa.func.max(Assignment.visited_at)).where(here).scalar_subquery()
    busy = columns(Assignment.id).where(here, col(Assignment.status).in_(rules.OPEN_STATES)).exists()
    return (
        columns(
            a.id, a.code, a.tier, Account.display_name, reach.path.label("reach_path"), home.path.label("home_path"),
            Qualification.valid_until, load.label("load"), last.label("last_here"), busy.label("open_here"),
        )
        .join(Account, Account.id == a.account_id)
        .join(reach, reach.code == a.unit_code)
        .join(home, home.code == a.home_county, isouter=True)
        .join(
            Qualification,
            all_of(col(Qualification.assessor_id) == a.id, Qualification.checklist_id == checklist_id),
            isouter=True,
        )
        .where(col(a.active).is_(True), col(Account.active).is_(True))
    )  # fmt: skip


def own_units(session: Session, actor: Actor) -> list[OrgUnit]:
    """The units for which the actor may make programmes: the granted ones and, below them, cities and counties."""
    return list(
        session.scalars(
            columns(OrgUnit)
            .where(within(col(OrgUnit.path), actor.paths("planning.write")), OrgUnit.level != "town")
            .order_by(OrgUnit.path)
        )
    )


@dataclass(frozen=True)
class NoticeRow:
    programme_id: str
    name: str
    text: str
    at: datetime
    acknowledged: bool


def notices_for(session: Session, actor: Actor) -> list[NoticeRow]:
    """The general notices that reach a scored person or a touchpoint's manager: of programmes whose owner holds them.

    A notice tells neither dates nor places, so that a covert programme's is shown as well.
    """
    paths = [g.unit_path for g in actor.grants if g.role in ("staff", "outlet_manager", "team_lead")]
    if not paths:
        return []
    above = any_of(*[sa.literal(p).startswith(col(Programme.unit_path)) for p in paths])
    mine = all_of(
        col(NoticeAcknowledgement.programme_id) == Programme.id, NoticeAcknowledgement.account_id == actor.account_id
    )
    p = Programme
    rows = session.execute(
        columns(p.id, p.name, p.notice, p.notice_at, col(NoticeAcknowledgement.at).is_not(None))
        .join(NoticeAcknowledgement, mine, isouter=True)
        .where(above, col(p.notice_at).is_not(None), p.status == "active", p.notice != "")
        .order_by(col(p.notice_at).desc())
        .limit(20)
    )
    return [NoticeRow(*row) for row in rows]

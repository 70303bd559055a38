"""Who may go to a touchpoint, who may not and why, with which checklist and story."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col

from audit_app.access.models import Account
from audit_app.access.rules import Actor
from audit_app.kit import clock
from audit_app.kit.db import Session
from audit_app.kit.sql import all_of, any_of, columns
from audit_app.organisation.models import OrgUnit, Touchpoint
from audit_app.organisation.scope import within
from audit_app.planning import rules
from audit_app.planning.models import Assignment, Programme, Round
from audit_app.planning.queries.programmes import RoundRow, round_of, rounds_of
from audit_app.planning.queries.rounds import touchpoint_of
from audit_app.planning.queries.scope import seen_programme, shown_assessor
from audit_app.standards import queries as standards
from audit_app.testers.models import Assessor, Qualification


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
    def few(self) -> bool:
        """Whether so few may go to a covert job that staff could guess who came: it must not be given out."""
        return self.programme.manner == "covert" and len(self.eligible) < self.programme.fewest_eligible

    @property
    def eligible(self) -> list[CandidateRow]:
        return [c for c in self.candidates if not c.refusals]

    @property
    def refused(self) -> list[CandidateRow]:
        return [c for c in self.candidates if c.refusals]


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
    people = candidates(session, actor, found, place, chosen.id if chosen else "", first)
    (row,) = rounds_of(session, found.id, round_id)
    unit = session.get_one(OrgUnit, place.unit_code)
    stories = _scenarios(session, chosen.id) if chosen else []
    ordered = sorted(versions, key=lambda v: v is not chosen)
    last = min(in_round.ends_on - timedelta(days=1), first + timedelta(days=13))
    return ChoiceScreen(found, row, place, unit.name, people, ordered, stories, first, max(first, last))


def _scenarios(session: Session, version_id: str) -> list[dict[str, Any]]:
    document = standards.document_for(session, version_id)
    return [{"id": s.id, "goal": s.goal, "persona": s.persona} for s in document.scenarios]


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
    session: Session,
    actor: Actor,
    programme: Programme,
    place: Touchpoint,
    version_id: str,
    start: date,
    *,
    hidden: bool = False,
) -> list[CandidateRow]:
    """Every active assessor of the area with the rules that refuse them: the eligible first, the less loaded before
    the others. Load and clashes are of the jobs that the actor may know of; with `hidden` clashes are of all jobs: for
    the answer to somebody who tries, never for a list, which would tell who works covertly here."""
    document = standards.document_for(session, version_id) if version_id else None
    tiers = frozenset(document.applies_to.assessors) if document else frozenset()
    spot = rules.Place(place.kind, place.tier, place.unit_path)
    rows = []
    for r in session.execute(_candidate_columns(actor, place, document.id if document else "", hidden)):
        who = rules.Candidate(
            r.tier, r.reach_path, r.home_path, r.valid_until, r.last_here, open_here=bool(r.open_here)
        )
        shown = shown_assessor(r.code, r.tier, r.display_name, programme.manner)
        rows.append(CandidateRow(r.id, shown, r.tier, r.load, rules.refusals(spot, who, tiers, start)))
    return sorted(rows, key=lambda c: (len(c.refusals), c.load, c.shown))


def _candidate_columns(actor: Actor, place: Touchpoint, checklist_id: str, hidden: bool) -> Any:
    home, reach, a = aliased(OrgUnit), aliased(OrgUnit), Assessor
    mine, is_open = Assignment.assessor_id == a.id, col(Assignment.status).in_(rules.OPEN_STATES)
    known = sa.true() if hidden else seen_programme(actor)
    here = all_of(mine, Assignment.touchpoint_id == place.id, known)
    last = _of_programmes(sa.func.max(Assignment.visited_at)).where(here).correlate(Assessor).scalar_subquery()
    busy = _of_programmes(Assignment.id).where(here, is_open).correlate(Assessor).exists()
    near = any_of(sa.literal(place.unit_path).startswith(reach.path), within(reach.path, actor.paths("planning.write")))
    return (
        columns(
            a.id, a.code, a.tier, Account.display_name, reach.path.label("reach_path"), home.path.label("home_path"),
            Qualification.valid_until, _load(actor, mine, is_open).label("load"), last.label("last_here"),
            busy.label("open_here"),
        )
        .join(Account, Account.id == a.account_id)
        .join(reach, reach.code == a.unit_code)
        .join(home, home.code == a.home_county, isouter=True)
        .join(
            Qualification,
            all_of(col(Qualification.assessor_id) == a.id, Qualification.checklist_id == checklist_id),
            isouter=True,
        )
        .where(col(a.active).is_(True), col(Account.active).is_(True), near)
    )  # fmt: skip


def _load(actor: Actor, *conditions: Any) -> Any:
    counted = _of_programmes(sa.func.count(Assignment.id)).where(*conditions, seen_programme(actor))
    return counted.correlate(Assessor).scalar_subquery()


def _of_programmes(column: Any) -> Any:
    """A statement on jobs with their programmes."""
    return (
        columns(column)
        .select_from(Assignment)
        .join(Round, col(Round.id) == Assignment.round_id)
        .join(Programme, col(Programme.id) == Round.programme_id)
    )

"""How many may go to a covert job: with too few to choose from, staff could guess who came.

What the asker must not know of is left out: a number that counted hidden work would tell of it.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col

from audit_app.access.models import Account
from audit_app.access.rules import Actor
from audit_app.kit import clock
from audit_app.kit.db import Session
from audit_app.kit.sql import any_of, columns
from audit_app.organisation.models import OrgUnit, Touchpoint
from audit_app.planning import rules
from audit_app.planning.models import Assignment, Programme, Round
from audit_app.planning.queries.scope import seen_programme
from audit_app.standards import queries as standards
from audit_app.standards.models import ChecklistVersion
from audit_app.testers.models import Assessor, Qualification


@dataclass(frozen=True)
class ThinRow:
    """A job in draft for which too few may go."""

    touchpoint_id: str
    touchpoint: str
    eligible: int


@dataclass
class _People:
    """All who work, with what they are certified for and where they were or will be."""

    known: list[Any]
    certified: dict[tuple[str, str], date]
    last: dict[tuple[str, str], datetime] = field(default_factory=dict)
    open_jobs: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))

    def candidate(self, one: Any, draft: Any) -> rules.Candidate:
        here = (one.id, draft.touchpoint_id)
        return rules.Candidate(
            one.tier, one.reach_path, one.home_path, self.certified.get((one.id, draft.checklist_id)),
            self.last.get(here), open_here=bool(self.open_jobs.get(here, set()) - {draft.id}),
        )  # fmt: skip


def thin_jobs(session: Session, actor: Actor, programme: Programme, round_id: str, today: date) -> list[ThinRow]:
    """The drafts of a round that must not be published: covert, and fewer may go than the programme asks for. The
    number of statements does not grow with the jobs."""
    drafts = _drafts(session, round_id) if programme.manner == "covert" else []
    if not drafts:
        return []
    tiers = {key: _tiers(session, key) for key in sorted({d.checklist_version_id for d in drafts})}
    people = _people(session, actor, round_id, {d.checklist_id for d in drafts})
    found = []
    for draft in drafts:
        number = _eligible(people, draft, tiers[draft.checklist_version_id], programme.fewest_eligible, today)
        if number < programme.fewest_eligible:
            found.append(ThinRow(draft.touchpoint_id, draft.name, number))
    return found


def _eligible(people: _People, draft: Any, tiers: frozenset[str], enough: int, today: date) -> int:
    """How many may go, counted no further than is enough."""
    place = rules.Place(draft.kind, draft.tier, draft.unit_path)
    start, number = max(clock.local_date(draft.window_start), today), 0
    for one in people.known:
        if number == enough:
            break
        number += not rules.refusals(place, people.candidate(one, draft), tiers, start)
    return number


def _drafts(session: Session, round_id: str) -> list[Any]:
    a, t = Assignment, Touchpoint
    statement = (
        columns(
            a.id, a.touchpoint_id, t.name, t.kind, t.tier, t.unit_path, a.checklist_version_id, a.window_start,
            ChecklistVersion.checklist_id,
        )
        .join(Touchpoint, col(t.id) == a.touchpoint_id)
        .join(ChecklistVersion, col(ChecklistVersion.id) == a.checklist_version_id)
        .where(a.round_id == round_id, a.status == "draft")
        .order_by(t.code, a.id)
    )  # fmt: skip
    return list(session.execute(statement))


def _tiers(session: Session, version_id: str) -> frozenset[str]:
    return frozenset(standards.document_for(session, version_id).applies_to.assessors)


def _people(session: Session, actor: Actor, round_id: str, checklist_ids: set[str]) -> _People:
    home, reach, a, q = aliased(OrgUnit), aliased(OrgUnit), Assessor, Qualification
    working = (
        columns(a.id, a.tier, reach.path.label("reach_path"), home.path.label("home_path"))
        .join(Account, col(Account.id) == a.account_id)
        .join(reach, col(reach.code) == a.unit_code)
        .join(home, col(home.code) == a.home_county, isouter=True)
        .where(col(a.active).is_(True), col(Account.active).is_(True))
        .order_by(a.id)
    )
    certified = columns(q.assessor_id, q.checklist_id, q.valid_until).where(col(q.checklist_id).in_(checklist_ids))
    valid = {(r.assessor_id, r.checklist_id): r.valid_until for r in session.execute(certified)}
    people = _People(list(session.execute(working)), valid)
    for job in session.execute(_known_jobs(actor, round_id)):
        here = (job.assessor_id, job.touchpoint_id)
        if job.status in rules.OPEN_STATES:
            people.open_jobs[here].add(job.id)
        if job.visited_at is not None:
            people.last[here] = max(job.visited_at, people.last.get(here, job.visited_at))
    return people


def _known_jobs(actor: Actor, round_id: str) -> Any:
    """Open jobs and visits, so far as the actor may know of them, at the places of the round's drafts."""
    a = aliased(Assignment)
    places = sa.select(a.touchpoint_id).where(a.round_id == round_id, a.status == "draft")
    counted = any_of(col(Assignment.status).in_(rules.OPEN_STATES), col(Assignment.visited_at).is_not(None))
    return (
        columns(
            Assignment.id, Assignment.assessor_id, Assignment.touchpoint_id, Assignment.status, Assignment.visited_at
        )
        .join(Round, col(Round.id) == Assignment.round_id)
        .join(Programme, col(Programme.id) == Round.programme_id)
        .where(col(Assignment.touchpoint_id).in_(places), counted, seen_programme(actor))
    )

"""Released visits for tests, walked down the real road: sent, opened, approved, whom they score, released."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import select, update

from audit_app.access.rules import Actor
from audit_app.bench.bodies import filled
from audit_app.kit.db import Database, Session
from audit_app.kit.ids import random_id
from audit_app.organisation.models import Touchpoint
from audit_app.organisation.queries import grants_of
from audit_app.planning.models import Assignment
from audit_app.reporting import operations as reporting
from audit_app.review import operations as review
from audit_app.review.models import Review, VisitSubject
from audit_app.review.rules import Approval
from audit_app.scoring.sheet import Item
from audit_app.standards.queries import sheet_for
from audit_app.visits import operations as visits
from audit_app.visits.api import read_visit
from audit_app.visits.models import Evidence, Visit
from audit_app.visits.rules import Sent
from tests import world
from tests.visits.sending import raw, sha

NOTE = "CANARY-NOTE of the assessor"
RELEASE_NOTE = "Please look at the opening hours."
ROUNDS = {"covert": "round-covert", "overt": "round-overt", "hotline": "round-hotline"}


@dataclass(frozen=True)
class Plan:
    """A visit to make. `option_at` picks the option of an item (0: best); `team` and `staff` say whom it scores."""

    touchpoint: str = "hall-bell"
    manner: str = "covert"
    who: str = "chief-tester"
    checklist: str = "own-hall-flagship"
    started_at: datetime = world.NOW - timedelta(days=14)
    option_at: Callable[[Item], int] = lambda item: 0
    note: str = NOTE
    release_note: str = RELEASE_NOTE
    team: str | None = None
    staff: str | None = None
    change: Callable[[dict[str, Any]], None] = lambda body: None


def actor(session: Session, username: str) -> Actor:
    key = world.account_id(username)
    return Actor(key, username, username.title(), grants_of(session, key))


def every(n: int) -> Callable[[Item], int]:
    """Loses every n-th item wholly, by a steady mark of the item."""
    return lambda item: 99 if sum(item.id.encode()) % n == 0 else 0


def approved(session: Session, plan: Plan) -> str:
    """Sends and approves the visit; its id. An overt one is released by that."""
    place = session.get_one(Touchpoint, plan.touchpoint)
    version = world.version_of(session, plan.checklist)
    job = Assignment(
        round_id=ROUNDS[plan.manner], touchpoint_id=place.id, unit_path=place.unit_path,
        assessor_id=world.assessor_id(plan.who), checklist_version_id=version,
        window_start=plan.started_at - timedelta(days=5), window_end=plan.started_at + timedelta(days=9),
        respond_by=None, status="accepted", status_at=plan.started_at,
        created_by=world.account_id("province-supervisor"), created_at=plan.started_at - timedelta(days=6),
    )  # fmt: skip
    session.add(job)
    session.flush()
    sheet = sheet_for(session, version)
    body = filled(sheet, job.id, version, plan.started_at, option_at=plan.option_at, note=plan.note)
    plan.change(body)
    key, content = random_id(), raw(body)
    sent = Sent(key, read_visit(content), content, sha(content))
    now = plan.started_at + timedelta(hours=2)
    try:
        visits.submit(session, world.account_id(plan.who), sent, now)
    except Exception as refusal:
        raise AssertionError(getattr(refusal, "fields", refusal)) from refusal
    _files_arrive(session, key, now)
    review.open_review(session, key, now)
    session.flush()
    found = session.exec(select(Review).where(Review.visit_id == key)).one()
    reviewer = found.reviewer_id or ""
    who = Actor(reviewer, "reviewer", "Reviewer", grants_of(session, reviewer))
    review.approve(session, who, found.id, Approval(plan.release_note), lambda mark: mark, now)
    if plan.team or plan.staff:
        session.add(VisitSubject(visit_id=key, staff_id=plan.staff, team_id=plan.team, how="named", confidence="likely",
                                 resolved_by=reviewer, at=now))  # fmt: skip
    session.flush()
    return key


def _files_arrive(session: Session, visit_id: str, now: datetime) -> None:
    """As if every file had been sent and no copy to look at could be made."""
    session.execute(update(Evidence).where(Evidence.visit_id == visit_id).values(stored_at=now, fault="none"))
    session.execute(update(Visit).where(Visit.id == visit_id).values(missing=0, status="submitted"))
    session.expire_all()


def released(session: Session, plan: Plan) -> str:
    """A released visit with its card; its id."""
    key = approved(session, plan)
    if session.get_one(Visit, key).status != "released":
        review.release(session, [key], plan.started_at + timedelta(days=5))
    session.flush()
    session.expire_all()
    reporting.keep_cards(session, [key])
    return key


def make(db: Database, *plans: Plan) -> list[str]:
    """The visits in one transaction."""
    return db.write_now(lambda session: [released(session, plan) for plan in plans])

"""What a person has to do now, as counts with one address each."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import col

from audit_app.access.rules import Actor
from audit_app.accounts.models import Invitation
from audit_app.analytics.queries.overdue import count_overdue
from audit_app.appeals.queries import hearings
from audit_app.kit import clock
from audit_app.kit.db import Session
from audit_app.kit.sql import columns
from audit_app.organisation.models import ImportRun
from audit_app.personal.queries import explanations
from audit_app.personal.queries import results as own
from audit_app.planning import queries as planning
from audit_app.planning.models import Assignment, Programme, Round
from audit_app.reporting.models import ReportRun
from audit_app.reporting.queries import cards
from audit_app.review import queries as review
from audit_app.testers import queries as testers
from audit_app.visits.models import Visit

SOON = timedelta(days=3)
LATELY = timedelta(days=14)
MOST_IMPORTS = 100


@dataclass(frozen=True)
class Duty:
    """One line of the home page. `code` names the text; `count` how many wait; `urgent` colours it."""

    code: str
    count: int
    href: str
    urgent: bool = False


@dataclass(frozen=True)
class HomeScreen:
    duties: list[Duty]
    notices: list[planning.NoticeRow]
    overview: bool = False  # whether the person may open the overview

    @property
    def waiting(self) -> list[Duty]:
        return [d for d in self.duties if d.count]

    @property
    def unread(self) -> list[planning.NoticeRow]:
        return [n for n in self.notices if not n.acknowledged]


def home(session: Session, actor: Actor, now: datetime) -> HomeScreen:
    """The duties of all roles that the person holds."""
    duties: list[Duty] = []
    if actor.may("review.work"):
        duties += _review(session, actor, now)
    if actor.may("planning.write"):
        duties += _planning(session, actor, now)
        duties.append(Duty("rechecks", review.count_rechecks(session, actor), "/rechecks"))
    if actor.may("results.read"):
        duties.append(Duty("new_results", _released(session, actor, now), "/results"))
    if actor.may("scorecards.batch"):
        duties += _runs(session, actor)
    if actor.may("identity.grant"):
        duties.append(Duty("identity_requests", testers.open_permits(session, actor, now), "/identity-permits", True))
    if actor.may("organisation.import"):
        open_, faulty = _open_imports(session, actor)
        duties.append(Duty("faulty_imports", faulty, "/imports", urgent=faulty > 0))
        duties.append(Duty("open_imports", open_, "/imports"))
    if actor.may("planning.read"):
        late, kind = count_overdue(session, actor, clock.local_date(now))
        duties.append(Duty("overdue", late, f"/overdue?kind={kind}", urgent=late > 0))
    if actor.may("explanations.answer"):
        asked, late = explanations.count_waiting(session, actor, now)
        duties.append(Duty("questions", asked, "/explanations", urgent=late > 0))
    if actor.may("results.own"):
        duties.append(Duty("own_results", own.count_unread(session, actor), "/my-results"))
    if actor.may("appeals.judge"):
        duties.append(Duty("hearings", hearings.count_open(session, actor), "/hearings"))
    if actor.may("accounts.manage"):
        duties.append(Duty("invitations", _invitations(session, actor, now), "/accounts"))
    return HomeScreen(duties, planning.notices_for(session, actor), actor.may("planning.read"))


def _count(session: Session, statement: sa.Select[tuple[int]]) -> int:
    return session.execute(statement).scalar_one()


def _review(session: Session, actor: Actor, now: datetime) -> list[Duty]:
    old = review.count_old(session, actor, now)
    return [
        Duty("reviews", review.count_open(session, actor), "/reviews", urgent=old > 0),
        Duty("due_today", review.count_due(session, actor, now), "/reviews?show=due", urgent=True),
        Duty("opinions", review.count_opinions(session, actor), "/opinions"),
        Duty("subjects", review.count_subjects(session, actor, now), "/reviews?show=subjects"),
    ]


def _planning(session: Session, actor: Actor, now: datetime) -> list[Duty]:
    jobs = (
        columns(sa.func.count())
        .select_from(Assignment)
        .join(Round, col(Round.id) == Assignment.round_id)
        .join(Programme, col(Programme.id) == Round.programme_id)
        .where(planning.seen_programme(actor))
    )
    status, late = Assignment.status, col(Assignment.status_at) > now - LATELY
    soon = sa.and_(col(status).in_(("accepted", "started")), col(Assignment.window_end) <= now + SOON)
    kinds = (status == "draft", sa.and_(status == "declined", late), sa.and_(status == "expired", late), soon)
    one = sa.literal(1)
    open_ = col(status).in_(("draft", "declined", "expired", "accepted", "started"))
    counted = jobs.where(open_).with_only_columns(*[sa.func.count(sa.case((kind, one))) for kind in kinds])
    drafts, declined, expired, ending = session.execute(counted).one()
    return [
        Duty("drafts", drafts, "/assignments?status=draft"),
        Duty("declined", declined, "/assignments?status=declined", urgent=declined > 0),
        Duty("expired", expired, "/assignments?status=expired", urgent=expired > 0),
        Duty("ending", ending, "/assignments?status=accepted"),
    ]


def _released(session: Session, actor: Actor, now: datetime) -> int:
    statement = (
        columns(sa.func.count())
        .select_from(Visit)
        .where(
            cards.own(actor, Visit.touchpoint_id, Visit.id),
            Visit.status == "released",  # one that became final was released longer ago
            col(Visit.status_at) > now - timedelta(days=7),
        )
    )
    return _count(session, statement)


def _runs(session: Session, actor: Actor) -> list[Duty]:
    mine = columns(sa.func.count()).where(ReportRun.account_id == actor.account_id)
    return [
        Duty("runs_open", _count(session, mine.where(col(ReportRun.status).in_(("queued", "running")))), "/scorecards"),
        Duty("runs_ready", _count(session, mine.where(ReportRun.status == "ready")), "/scorecards"),
    ]


def _invitations(session: Session, actor: Actor, now: datetime) -> int:
    """Links that the actor gave out and nobody has used yet."""
    statement = columns(sa.func.count()).where(
        Invitation.created_by == actor.account_id, col(Invitation.used_at).is_(None),
        col(Invitation.withdrawn_at).is_(None), col(Invitation.expires_at) > now,
    )  # fmt: skip
    return _count(session, statement)


def _open_imports(session: Session, actor: Actor) -> tuple[int, int]:
    """Own checked files that nobody has applied: those that can be, and those in which rows are wrong."""
    counts = columns(ImportRun.counts).where(ImportRun.created_by == actor.account_id, ImportRun.status == "checked")
    wrong = [bool(found.get("wrong")) for found in session.scalars(counts.limit(MOST_IMPORTS))]
    return wrong.count(False), wrong.count(True)

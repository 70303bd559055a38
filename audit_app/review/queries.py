"""Reading what is to be reviewed. A review exists for its reviewer only, and never for the assessor of the visit."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlmodel import col

from audit_app.access.models import Account
from audit_app.access.rules import Actor
from audit_app.kit.db import Session
from audit_app.kit.errors import NotFound
from audit_app.kit.sql import all_of, any_of, columns
from audit_app.organisation.models import OrgUnit, RoleGrant, Shift, StaffMember, Team, Touchpoint
from audit_app.planning.models import Programme
from audit_app.review import rules
from audit_app.review.models import Release, Review, VisitResult, VisitSubject
from audit_app.scoring.answers import Answer
from audit_app.testers.models import Assessor
from audit_app.visits.models import ReviewOverlay, Visit, VisitNote, VisitRevision
from audit_app.visits.rules import VisitBody, answers_of, read_revision, with_overlays


@dataclass(frozen=True)
class Spoken:
    """What the assessor wrote of the person who served them."""

    badge: str = ""
    desk: str = ""
    description: str = ""
    agent_no: str = ""
    transfers: int = 0


def reviewer_for(session: Session, visit: Visit) -> str | None:
    """The reviewer with the least open work whose reach holds the programme's owner (covert) or the touchpoint (overt),
    and who did not make the visit. The reviewer of an earlier revision goes on with it. None if there is nobody."""
    earlier = session.scalars(
        columns(Review.reviewer_id)
        .where(Review.visit_id == visit.id, col(Review.reviewer_id).is_not(None))
        .order_by(col(Review.revision).desc())
    ).first()
    if earlier:
        return earlier
    programme = session.get_one(Programme, visit.programme_id)
    reached = programme.unit_path if programme.manner == "covert" else visit.unit_path
    own = columns(Assessor.account_id).where(Assessor.id == visit.assessor_id).scalar_subquery()
    load = (
        columns(sa.func.count())
        .where(Review.reviewer_id == Account.id, col(Review.closed_at).is_(None))
        .correlate(Account)
        .scalar_subquery()
    )
    return session.scalars(
        columns(Account.id)
        .join(RoleGrant, col(RoleGrant.account_id) == Account.id)
        .join(OrgUnit, col(OrgUnit.code) == RoleGrant.unit_code)
        .where(
            RoleGrant.role == "reviewer",
            col(RoleGrant.revoked_at).is_(None),
            col(Account.active).is_(True),
            sa.literal(reached).startswith(col(OrgUnit.path)),
            Account.id != own,
        )
        .order_by(load, Account.id)
        .limit(1)
    ).first()


def review_of(session: Session, actor: Actor, review_id: str) -> tuple[Review, Visit]:
    """The actor's own review and its visit; NotFound for anybody else's, and for own visits."""
    row = session.execute(
        columns(Review, Visit)
        .join(Visit, col(Visit.id) == Review.visit_id)
        .join(Assessor, col(Assessor.id) == Visit.assessor_id)
        .where(Review.id == review_id, Review.reviewer_id == actor.account_id, Assessor.account_id != actor.account_id)
    ).first()
    if row is None or not actor.may("review.work"):
        raise NotFound
    return row[0], row[1]


def decided_visit(session: Session, actor: Actor, visit_id: str) -> Visit:
    """A visit that the actor has approved; NotFound otherwise."""
    found = session.scalars(
        columns(Visit)
        .join(Review, col(Review.visit_id) == Visit.id)
        .where(Visit.id == visit_id, Review.reviewer_id == actor.account_id, Review.outcome == "approved")
    ).first()
    if found is None or not actor.may("review.work"):
        raise NotFound
    return found


def body_of(session: Session, visit: Visit, revision: int | None = None) -> VisitBody:
    """A revision as it was sent; the present one if none is named."""
    wanted = visit.revision if revision is None else revision
    return read_revision(session.get_one(VisitRevision, (visit.id, wanted)).body)


def overlays_of(session: Session, visit: Visit) -> list[ReviewOverlay]:
    """The changes laid on the present revision, oldest first."""
    return list(
        session.scalars(
            columns(ReviewOverlay)
            .where(ReviewOverlay.visit_id == visit.id, ReviewOverlay.revision == visit.revision)
            .order_by(ReviewOverlay.created_at, ReviewOverlay.id)
        )
    )


def effective_answers(session: Session, visit: Visit) -> dict[str, Answer]:
    """The answers of the present revision with the overlays on top."""
    layers = [(o.item_id, o.new) for o in overlays_of(session, visit)]
    return with_overlays(answers_of(body_of(session, visit)), layers)


def spoken(session: Session, visit: Visit) -> Spoken:
    """What the present revision says of the person."""
    body = body_of(session, visit)
    subject, call = body.subject, body.call
    return Spoken(
        badge=(subject and subject.badge) or "",
        desk=(subject and subject.desk) or "",
        description=(subject and subject.description) or "",
        agent_no=(subject and subject.agent_no) or "",
        transfers=(call and call.transfers) or 0,
    )


def people_at(session: Session, visit: Visit) -> list[rules.Person]:
    """The staff of the visited touchpoint on that day, those on shift first."""
    shift = all_of(
        col(Shift.staff_id) == StaffMember.id,
        Shift.touchpoint_id == visit.touchpoint_id,
        col(Shift.starts_at) < visit.finished_at + timedelta(minutes=1),
        col(Shift.ends_at) > visit.started_at,
    )
    s = StaffMember
    rows = session.execute(
        columns(s.id, s.name, s.badge, s.agent_no, Shift.desk, Shift.id.label("shift"), s.team_id, s.joined_on)
        .join(Shift, shift, isouter=True)
        .where(
            s.touchpoint_id == visit.touchpoint_id,
            s.joined_on <= visit.local_date,
            any_of(col(s.left_on).is_(None), col(s.left_on) >= visit.local_date),
        )
        .order_by(col(Shift.id).is_(None), s.name)
    )
    found: dict[str, rules.Person] = {}
    for r in rows:
        person = rules.Person(
            r.id, r.name, r.badge, r.agent_no, r.desk or "", r.shift is not None, r.team_id, r.joined_on
        )
        found.setdefault(r.id, person)
    return list(found.values())


def waiting_releases(session: Session, now: datetime) -> list[rules.Waiting]:
    """Approved covert visits whose drawn day has come."""
    rows = session.execute(
        columns(Release.visit_id, Release.county_path, Release.due_at, Release.last_at)
        .where(col(Release.released_at).is_(None), col(Release.due_at) <= now)
        .order_by(Release.due_at)
    )
    return [rules.Waiting(*row) for row in rows]


def notes_of(session: Session, visit: Visit) -> dict[str, str]:
    """The questions noted on the present revision, by item."""
    rows = session.scalars(
        columns(VisitNote).where(VisitNote.visit_id == visit.id, VisitNote.revision == visit.revision)
    )
    return {row.item_id: row.note for row in rows}


@dataclass(frozen=True)
class Subject:
    """Whom a visit scores, by name, as its reviewer may read it."""

    name: str
    team: str
    how: str
    confidence: str


def subject_of(session: Session, visit_id: str) -> Subject | None:
    row = session.execute(
        columns(StaffMember.name, Team.name.label("team"), VisitSubject.how, VisitSubject.confidence)
        .select_from(VisitSubject)
        .join(StaffMember, col(StaffMember.id) == VisitSubject.staff_id, isouter=True)
        .join(Team, col(Team.id) == VisitSubject.team_id, isouter=True)
        .where(VisitSubject.visit_id == visit_id)
    ).first()
    return None if row is None else Subject(row.name or "", row.team or "", row.how, row.confidence)


def may_look(actor: Actor) -> ColumnElement[bool]:
    """The condition on `Visit` under which a reviewer may look at its files."""
    mine = columns(Review.visit_id).where(Review.reviewer_id == actor.account_id)
    return col(Visit.id).in_(mine)


def touchpoint_name(session: Session, visit: Visit) -> str:
    return session.execute(columns(Touchpoint.name).where(Touchpoint.id == visit.touchpoint_id)).scalar_one()


def open_review_of(session: Session, actor: Actor, visit_id: str) -> str:
    """The id of the actor's own open review of a visit; NotFound otherwise."""
    found = session.execute(
        columns(Review.id).where(
            Review.visit_id == visit_id, Review.reviewer_id == actor.account_id, col(Review.closed_at).is_(None)
        )
    ).scalar()
    if found is None:
        raise NotFound
    return found


def outcome_of(session: Session, visit_id: str) -> tuple[str, dict[str, str | None]]:
    """The visit's status and the printed totals of its latest result."""
    status = session.execute(columns(Visit.status).where(Visit.id == visit_id)).scalar_one()
    row = session.execute(
        columns(VisitResult.experience, VisitResult.site, VisitResult.person)
        .where(VisitResult.visit_id == visit_id)
        .order_by(col(VisitResult.number).desc())
        .limit(1)
    ).one()
    names = ("experience", "site", "person")
    return status, {n: None if v is None else f"{v // 100}.{v % 100:02}" for n, v in zip(names, row, strict=True)}

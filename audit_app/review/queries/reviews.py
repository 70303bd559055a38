"""Reviews: for their reviewer only, within the reach of the role, and never for the assessor of the visit."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlmodel import col

from audit_app.access.models import Account
from audit_app.access.rules import Actor
from audit_app.kit.db import Session
from audit_app.kit.errors import NotFound
from audit_app.kit.sql import all_of, any_of, columns
from audit_app.organisation.models import OrgUnit, RoleGrant
from audit_app.organisation.scope import within
from audit_app.planning.models import Programme
from audit_app.review.models import Review, SecondOpinion, VisitResult
from audit_app.testers.models import Assessor
from audit_app.visits import queries as visits
from audit_app.visits.models import Visit

LOOK_BACK = timedelta(days=30)  # work of this long counts when the next review is given out
BATCH = 200


def mine(actor: Actor) -> ColumnElement[bool]:
    """The reviews that the actor may work on: given to them, in a subtree where they still are a reviewer, and not of
    a visit that they made themselves."""
    reach = within(col(Review.unit_path), actor.paths("review.work"))
    return all_of(Review.reviewer_id == actor.account_id, reach, ~made_by(actor))


def unassigned(actor: Actor) -> ColumnElement[bool]:
    """Reviews of overt visits that nobody has and that the actor may take. Covert ones are given to somebody, never
    shown to all (decision 0005). Needs a statement that also reads `Programme`."""
    reach = within(col(Review.unit_path), actor.paths("review.work"))
    return all_of(col(Review.reviewer_id).is_(None), Programme.manner != "covert", reach, ~made_by(actor))


def takeable(session: Session, actor: Actor, review_id: str) -> Visit:
    """The visit of a review that the actor may take; NotFound otherwise."""
    found = session.scalars(
        columns(Visit)
        .join(Review, col(Review.visit_id) == Visit.id)
        .join(Programme, col(Programme.id) == Visit.programme_id)
        .where(Review.id == review_id, col(Review.closed_at).is_(None), unassigned(actor))
    ).first()
    if found is None:
        raise NotFound
    return found


def made_by(actor: Actor) -> ColumnElement[bool]:
    """Whether the actor is the assessor of a review's visit."""
    return (
        columns(Visit.id)
        .join(Assessor, col(Assessor.id) == Visit.assessor_id)
        .where(Visit.id == Review.visit_id, Assessor.account_id == actor.account_id)
        .correlate(Review)
        .exists()
    )


def asked_of(actor: Actor) -> ColumnElement[bool]:
    """The second opinions that wait for the actor: given to them, in their reach, not asked by them, not of a visit
    that they made. Needs a statement that also reads `Review`."""
    return all_of(
        SecondOpinion.second_id == actor.account_id,
        SecondOpinion.status == "open",
        SecondOpinion.asked_by != actor.account_id,
        within(col(SecondOpinion.unit_path), actor.paths("review.work")),
        ~made_by(actor),
    )


def _seconded(actor: Actor) -> ColumnElement[bool]:
    """Whether the actor is asked for a second opinion on a review."""
    asked = columns(SecondOpinion.id).where(SecondOpinion.review_id == Review.id, asked_of(actor))
    return asked.correlate(Review).exists()


def reviewer_for(session: Session, visit: Visit, now: datetime, but: str = "") -> str | None:
    """Who reviews a visit: a reviewer whose reach holds the programme's owner (covert) or the touchpoint (overt) and
    who did not make the visit. Who saw an earlier revision goes on with it; else the one with the least open work, then
    with the least of the last 30 days; not `but`. None if there is nobody."""
    reached = reached_path(session, visit)
    own = columns(Assessor.account_id).where(Assessor.id == visit.assessor_id).scalar_subquery()
    seen = _reviews(Review.visit_id == visit.id)
    opened, lately = _reviews(col(Review.closed_at).is_(None)), _reviews(col(Review.opened_at) > now - LOOK_BACK)
    return session.scalars(
        columns(Account.id)
        .where(
            col(Account.active).is_(True),
            Account.id != own,
            Account.id != but,
            reaches(sa.literal(reached), Account.id),
        )
        .order_by(sa.case((seen > 0, 0), else_=1), opened, lately, Account.id)
        .limit(1)
    ).first()


def reached_path(session: Session, visit: Visit) -> str:
    """What a reviewer's reach must hold: the programme's owner (covert) or the touchpoint (overt)."""
    programme = session.get_one(Programme, visit.programme_id)
    return programme.unit_path if programme.manner == "covert" else visit.unit_path


def _reviews(condition: Any) -> Any:
    """How many reviews of an account meet a condition."""
    of_account = columns(sa.func.count()).where(Review.reviewer_id == Account.id, condition)
    return of_account.correlate(Account).scalar_subquery()


def reaches(path: Any, account_id: Any) -> ColumnElement[bool]:
    """Whether the account is a reviewer of a subtree that holds the path."""
    return (
        columns(RoleGrant.id)
        .join(OrgUnit, col(OrgUnit.code) == RoleGrant.unit_code)
        .where(
            RoleGrant.account_id == account_id,
            RoleGrant.role == "reviewer",
            col(RoleGrant.revoked_at).is_(None),
            col(RoleGrant.touchpoint_id).is_(None),
            path.startswith(col(OrgUnit.path)),
        )
        .correlate(Account, Review, SecondOpinion)
        .exists()
    )


def unanswered() -> ColumnElement[bool]:
    """Returned reviews whose visit still waits for the answer. Needs `Visit`."""
    present = col(Review.revision) == Visit.revision
    return all_of(Review.outcome == "returned", Visit.status == "returned", present)


def unplaced(session: Session) -> list[tuple[Review, Visit]]:
    """Reviews that wait and that nobody works on: without a reviewer, or given to one who no longer is one there. A
    returned one waits too: only its reviewer may go on where nobody answers."""
    working = (
        columns(Account.id)
        .where(
            Account.id == Review.reviewer_id,
            col(Account.active).is_(True),
            reaches(col(Review.unit_path), Account.id),
        )
        .correlate(Review)
        .exists()
    )
    rows = session.execute(
        columns(Review, Visit)
        .join(Visit, col(Visit.id) == Review.visit_id)
        .where(any_of(col(Review.closed_at).is_(None), unanswered()), ~working)
        .order_by(Review.opened_at, Review.id)
        .limit(BATCH)
    )
    return [(row[0], row[1]) for row in rows]


def review_of(session: Session, actor: Actor, review_id: str) -> tuple[Review, Visit]:
    """The actor's own review and its visit; NotFound for anybody else's, and for own visits."""
    row = session.execute(
        columns(Review, Visit).join(Visit, col(Visit.id) == Review.visit_id).where(Review.id == review_id, mine(actor))
    ).first()
    if row is None:
        raise NotFound
    return row[0], row[1]


def held(session: Session, actor: Actor, review_id: str) -> tuple[Review, Visit]:
    """:func:`review_of` for whoever writes: waits until nobody else decides about the visit, and reads it then.
    NotFound also for what became somebody else's meanwhile."""
    _, visit = review_of(session, actor, review_id)
    hold(session, visit)
    return review_of(session, actor, review_id)


def hold(session: Session, visit: Visit) -> None:
    """Waits until nobody else decides about the visit; whatever is read afterwards is as it is now."""
    session.flush()
    visits.lock_visits(session, [visit.id])
    session.expire_all()


def readable(session: Session, actor: Actor, review_id: str) -> tuple[Review, Visit, bool]:
    """A review to read, and whether it is the actor's own: theirs, or one on which they are asked for a second
    opinion. NotFound otherwise."""
    row = session.execute(
        columns(Review, Visit, mine(actor))
        .join(Visit, col(Visit.id) == Review.visit_id)
        .where(Review.id == review_id, any_of(mine(actor), _seconded(actor)))
    ).first()
    if row is None:
        raise NotFound
    return row[0], row[1], bool(row[2])


def may_look(session: Session, actor: Actor, review_id: str) -> ColumnElement[bool]:
    """The condition on `Visit` for looking at a review's files; NotFound if it is not the actor's to read."""
    _, visit, _ = readable(session, actor, review_id)
    return col(Visit.id) == visit.id


def decided_visit(session: Session, actor: Actor, visit_id: str) -> Visit:
    """A visit that the actor has approved; NotFound otherwise."""
    found = session.scalars(
        columns(Visit)
        .join(Review, col(Review.visit_id) == Visit.id)
        .where(Visit.id == visit_id, Review.outcome == "approved", mine(actor))
    ).first()
    if found is None:
        raise NotFound
    return found


def open_review_of(session: Session, actor: Actor, visit_id: str) -> str:
    """The id of the actor's own open review of a visit; NotFound otherwise."""
    found = session.execute(
        columns(Review.id).where(Review.visit_id == visit_id, col(Review.closed_at).is_(None), mine(actor))
    ).scalar()
    if found is None:
        raise NotFound
    return found


def still_open(session: Session, visit_id: str) -> list[Review]:
    """The reviews of a visit that nobody has ended."""
    return list(session.scalars(columns(Review).where(Review.visit_id == visit_id, col(Review.closed_at).is_(None))))


def ended_by_void(session: Session, visit: Visit) -> Review | None:
    """The review of the visit's present revision, if it ended with the void."""
    return session.scalars(
        columns(Review).where(
            Review.visit_id == visit.id, Review.revision == visit.revision, Review.outcome == "void",
        )
    ).first()  # fmt: skip


def last_scored_at(session: Session, visit_id: str) -> datetime | None:
    """When the latest result of a visit was made; None if it was never scored."""
    return session.scalar(columns(sa.func.max(VisitResult.created_at)).where(VisitResult.visit_id == visit_id))


def has_result(session: Session, visit_id: str) -> bool:
    """Whether a visit was ever scored."""
    return session.execute(columns(VisitResult.id).where(VisitResult.visit_id == visit_id)).first() is not None


def outcome_of(session: Session, visit_id: str) -> tuple[str, dict[str, str | None]]:
    """The visit's status and the printed totals of its latest result, None where there is none."""
    status = session.execute(columns(Visit.status).where(Visit.id == visit_id)).scalar_one()
    row = session.execute(
        columns(VisitResult.experience, VisitResult.site, VisitResult.person)
        .where(VisitResult.visit_id == visit_id)
        .order_by(col(VisitResult.number).desc())
        .limit(1)
    ).first() or (None, None, None)
    names = ("experience", "site", "person")
    return status, {n: None if v is None else f"{v // 100}.{v % 100:02}" for n, v in zip(names, row, strict=True)}

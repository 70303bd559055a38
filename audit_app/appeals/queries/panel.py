"""Who may sit on a panel: members with what ties them to places and people, in a fixed number of statements."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from audit_app.access.models import Account
from audit_app.appeals import rules
from audit_app.appeals.models import Appeal, Hearing, PanelSeat
from audit_app.appeals.rules import Matter, Member
from audit_app.kit.db import Session
from audit_app.kit.sql import all_of, columns
from audit_app.organisation.models import OrgUnit, RoleGrant, StaffMember, Touchpoint
from audit_app.organisation.scope import under
from audit_app.planning.models import Programme
from audit_app.review.models import Review, SecondOpinion, VisitSubject
from audit_app.testers.models import Assessor
from audit_app.visits.models import Visit

LOOK_BACK = timedelta(days=90)


def matter_of(session: Session, appeal: Appeal, number: int) -> Matter:
    """What is heard, with everybody who had to do with it."""
    visit = session.get_one(Visit, appeal.visit_id)
    subject = session.get(VisitSubject, appeal.visit_id)
    return Matter(
        visit.unit_path, visit.touchpoint_id, subject.team_id if subject else None,
        frozenset(_involved(session, appeal, visit, subject)), number, _secret_of(session, appeal, visit),
    )  # fmt: skip


def _secret_of(session: Session, appeal: Appeal, visit: Visit) -> str:
    """The unit whose covert visit was voided before its release; "" for everything that is known below."""
    programme = session.get_one(Programme, visit.programme_id)
    hidden = appeal.kind == "void" and programme.manner == "covert" and visit.outward_id is None
    return programme.unit_path if hidden else ""


def _involved(session: Session, appeal: Appeal, visit: Visit, subject: VisitSubject | None) -> set[str]:
    """The scorer, the reviewers, whoever said whom it scores, the person scored, the appellant, earlier panels."""
    staff_id = subject.staff_id if subject else None
    sources = [
        columns(Assessor.account_id).where(Assessor.id == visit.assessor_id),
        columns(Review.reviewer_id).where(Review.visit_id == visit.id),
        columns(SecondOpinion.second_id).where(SecondOpinion.visit_id == visit.id),
        columns(StaffMember.account_id).where(StaffMember.id == staff_id),
        columns(PanelSeat.account_id)
        .join(Hearing, col(Hearing.id) == PanelSeat.hearing_id)
        .where(Hearing.appeal_id == appeal.id),
    ]
    found = {row[0] for row in session.execute(sa.union_all(*sources)) if row[0]}
    return found | {appeal.filed_by} | ({subject.resolved_by} if subject and subject.resolved_by else set())


def members(session: Session, matter: Matter, visit_id: str, now: datetime) -> list[Member]:
    """Everybody of the province with the panel role; whether they may sit, :func:`rules.objection` says."""
    province = matter.unit_path.split("/")[0] + "/"
    held = (
        columns(RoleGrant.account_id, OrgUnit.path)
        .join(OrgUnit, col(OrgUnit.code) == RoleGrant.unit_code)
        .join(Account, col(Account.id) == RoleGrant.account_id)
        .where(
            RoleGrant.role == rules.ROLE,
            col(RoleGrant.revoked_at).is_(None),
            col(RoleGrant.touchpoint_id).is_(None),
            col(Account.active).is_(True),
            under(col(OrgUnit.path), province),
        )
    )
    seats: dict[str, list[str]] = {}
    for account_id, path in session.execute(held):
        seats.setdefault(account_id, []).append(path)
    ties, load = _ties(session, seats), _load(session, seats, visit_id, matter.number, now)
    return [
        Member(
            key, tuple(sorted(paths)), tuple(t[0] for t in ties.get(key, ()) if t[0]),
            frozenset(t[1] for t in ties.get(key, ()) if t[1]), frozenset(t[2] for t in ties.get(key, ()) if t[2]),
            *load.get(key, (0, 0, False)),
        )
        for key, paths in sorted(seats.items())
    ]  # fmt: skip


Tie = tuple[str | None, str | None, str | None]  # path, touchpoint, team


def _ties(session: Session, accounts: Iterable[str]) -> dict[str, list[Tie]]:
    """Other roles, the job at a touchpoint, the home county: what makes somebody "from" a place."""
    keys, none = list(accounts), sa.null()
    roles = (
        columns(RoleGrant.account_id, OrgUnit.path, RoleGrant.touchpoint_id, RoleGrant.team_id)
        .join(OrgUnit, col(OrgUnit.code) == RoleGrant.unit_code)
        .where(col(RoleGrant.account_id).in_(keys), RoleGrant.role != rules.ROLE, col(RoleGrant.revoked_at).is_(None))
    )
    jobs = (
        columns(StaffMember.account_id, Touchpoint.unit_path, StaffMember.touchpoint_id, StaffMember.team_id)
        .join(Touchpoint, col(Touchpoint.id) == StaffMember.touchpoint_id)
        .where(col(StaffMember.account_id).in_(keys))
    )
    homes = (
        columns(Assessor.account_id, OrgUnit.path, sa.cast(none, sa.String), sa.cast(none, sa.String))
        .join(OrgUnit, col(OrgUnit.code) == Assessor.home_county)
        .where(col(Assessor.account_id).in_(keys))
    )
    found: dict[str, list[Tie]] = {}
    for key, path, touchpoint_id, team_id in session.execute(sa.union_all(roles, jobs, homes)):
        found.setdefault(key, []).append((path, touchpoint_id, team_id))
    return found


def _load(
    session: Session, accounts: Iterable[str], visit_id: str, number: int, now: datetime
) -> dict[str, tuple[int, int, bool]]:
    """(waiting votes, seats of the last 90 days, already hears something of this visit in this round) by account."""
    s, open_ = PanelSeat, Hearing.status == "open"
    waiting = all_of(open_, col(s.voted_at).is_(None), col(s.left_at).is_(None))
    beside = all_of(open_, Hearing.number == number, Appeal.visit_id == visit_id, col(s.left_at).is_(None))
    rows = session.execute(
        columns(
            s.account_id, _count(waiting), _count(col(s.seated_at) > now - LOOK_BACK), _count(beside)
        )
        .join(Hearing, col(Hearing.id) == s.hearing_id)
        .join(Appeal, col(Appeal.id) == Hearing.appeal_id)
        .where(col(s.account_id).in_(list(accounts)))
        .group_by(s.account_id)
    )  # fmt: skip
    return {row[0]: (row[1], row[2], row[3] > 0) for row in rows}


def _count(condition: Any) -> Any:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)


def scorer_of(session: Session, visit_id: str) -> str:
    """The account of the assessor who made the visit."""
    made = columns(Assessor.account_id).join(Visit, col(Visit.assessor_id) == Assessor.id).where(Visit.id == visit_id)
    return session.execute(made).scalar_one()


def seats_of(session: Session, hearing_id: str) -> list[PanelSeat]:
    """Who sits, in the order of seating; whoever left is not among them."""
    return list(
        session.scalars(
            columns(PanelSeat)
            .where(PanelSeat.hearing_id == hearing_id, col(PanelSeat.left_at).is_(None))
            .order_by(PanelSeat.seated_at, PanelSeat.account_id)
        )
    )

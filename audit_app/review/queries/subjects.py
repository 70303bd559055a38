"""Whom a visit scores: who was there, and what was decided."""

from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import col

from audit_app.kit.db import Session
from audit_app.kit.sql import all_of, any_of, columns
from audit_app.organisation.models import Shift, StaffMember, Team, Touchpoint
from audit_app.review import rules
from audit_app.review.models import VisitSubject
from audit_app.visits.models import Visit

LONGEST_SHIFT = timedelta(hours=24)


def people_at(session: Session, visit: Visit) -> list[rules.Person]:
    """The staff of the visited touchpoint on that day and whoever was lent to it for the shift; on shift first."""
    shift = all_of(
        col(Shift.staff_id) == StaffMember.id,
        Shift.touchpoint_id == visit.touchpoint_id,
        col(Shift.starts_at) > visit.started_at - LONGEST_SHIFT,  # bounds the search from below, too
        col(Shift.starts_at) < visit.finished_at + timedelta(minutes=1),
        col(Shift.ends_at) > visit.started_at,
    )
    s = StaffMember
    rows = session.execute(
        columns(s.id, s.name, s.badge, s.agent_no, Shift.desk, Shift.id.label("shift"), s.team_id, s.joined_on)
        .join(Shift, shift, isouter=True)
        .where(
            any_of(s.touchpoint_id == visit.touchpoint_id, col(Shift.id).is_not(None)),
            s.joined_on <= visit.local_date,
            col(s.merged_into).is_(None),
            any_of(col(s.left_on).is_(None), col(s.left_on) >= visit.local_date),
        )
        .order_by(col(Shift.id).is_(None), s.name, s.id, Shift.starts_at)
    )
    found: dict[str, rules.Person] = {}
    for r in rows:
        person = rules.Person(
            r.id, r.name, r.badge, r.agent_no, r.desk or "", r.shift is not None, r.team_id, r.joined_on
        )
        found.setdefault(r.id, person)
    return list(found.values())


def teams_at(session: Session, visit: Visit) -> dict[str, str]:
    """The teams of the visited touchpoint: id → name."""
    rows = session.execute(
        columns(Team.id, Team.name).where(Team.touchpoint_id == visit.touchpoint_id).order_by(Team.name, Team.id)
    )
    return {row[0]: row[1] for row in rows}


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


def touchpoint_name(session: Session, visit: Visit) -> str:
    return session.execute(columns(Touchpoint.name).where(Touchpoint.id == visit.touchpoint_id)).scalar_one()

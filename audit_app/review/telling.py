"""What the people of a visit are told: its assessor, its reviewer, and, from its release on, those whom it scores."""

from collections.abc import Sequence
from datetime import datetime

from audit_app.kit import clock
from audit_app.kit.db import Session
from audit_app.notices.operations import tell
from audit_app.review.queries import told

FIELD = "/field"


def tell_returned(session: Session, visit_ids: Sequence[str], now: datetime) -> None:
    """Assessors hear that a visit waits for their answers; once per return, which its deadline tells apart."""
    for visit in told.returned(session, visit_ids):
        params = {"count": visit.questions, "until": visit.answer_by.isoformat()}
        subject = f"{visit.visit_id}:{visit.revision}:{visit.answer_by.isoformat()}"
        tell(session, visit.account_id, "visit.returned", params, FIELD, now, subject=subject)


def tell_waiting(session: Session, visit_ids: Sequence[str], now: datetime) -> None:
    """Reviewers hear that there is work, once a day: a line per visit would be noise."""
    day = clock.local_date(now).isoformat()
    for account_id in told.waiting_reviewers(session, visit_ids):
        tell(session, account_id, "review.waiting", {}, "/reviews", now, subject=day)


def tell_shown(session: Session, visit_ids: Sequence[str], now: datetime) -> None:
    """Those below hear of a released visit: the outlet's manager or the team's lead, and the person whom it scores. Of
    a visit that is not released yet nobody hears anything."""
    visits = told.shown(session, visit_ids)
    if not visits:
        return
    readers = told.readers_below(session, visits)
    for visit in visits:
        params = {"on": visit.on.isoformat(), "day_part": visit.day_part}
        for account_id, place, team in readers:
            if place == visit.touchpoint_id or (team and team == visit.team_id):
                link = f"/results/{visit.outward_id}"
                tell(session, account_id, "result.released", params, link, now, subject=visit.visit_id)
        if visit.staff_account:
            link = f"/my-results/{visit.outward_id}"
            tell(session, visit.staff_account, "result.released", params, link, now, subject=f"{visit.visit_id}:own")


def tell_files(session: Session, visit_ids: Sequence[str], now: datetime) -> None:
    """Assessors are asked for files that did not come in 72 hours."""
    for visit in told.assessors_of(session, visit_ids, "receiving"):
        subject = f"{visit.visit_id}:{visit.revision}"
        tell(session, visit.account_id, "visit.files_missing", {"count": visit.missing}, FIELD, now, subject=subject)


def tell_voided(session: Session, visit_ids: Sequence[str], now: datetime) -> None:
    """Assessors hear that a visit counts for nothing; the page says why."""
    for visit in told.assessors_of(session, visit_ids, "void"):
        tell(session, visit.account_id, "visit.voided", {}, f"/field/visits/{visit.visit_id}", now)


def tell_expired(session: Session, visit_ids: Sequence[str], now: datetime) -> None:
    """Reviewers hear that a return was not answered in time."""
    for review_id, account_id, answer_by in told.returners(session, visit_ids, now):
        subject = f"{review_id}:{answer_by.isoformat()}"
        tell(session, account_id, "visit.return_expired", {}, f"/reviews/{review_id}", now, subject=subject)


def tell_opinions(session: Session, visit_ids: Sequence[str], now: datetime) -> None:
    """Second reviewers hear of what is asked of them, and whoever asked of a refusal."""
    for one in told.opinions_on(session, visit_ids, "open"):
        if one.second_id:
            tell(session, one.second_id, "opinion.waiting", {}, "/opinions", now, subject=one.id)
    for one in told.opinions_on(session, visit_ids, "refused"):
        tell(session, one.asked_by, "opinion.refused", {}, f"/reviews/{one.review_id}", now, subject=one.id)

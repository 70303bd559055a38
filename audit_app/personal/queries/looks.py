"""Who saw a result, out of the trail: roles and days, never names."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import col

from audit_app.access.rules import Actor
from audit_app.kit import clock
from audit_app.kit.db import Session
from audit_app.kit.sql import any_of, columns
from audit_app.personal import rules
from audit_app.reporting.models import ReportItem, Scorecard
from audit_app.reporting.queries.sources import VisitSource
from audit_app.trail import queries as trail

ACTS = (
    "result.read", "scorecard.downloaded", "report_run.downloaded", "visit.approved", "review.overlaid",
    "visit.subject_resolved", "explanation.read",
)  # fmt: skip
BEFORE_RELEASE = ("visit.approved", "review.overlaid", "visit.subject_resolved")
MOST = 50


@dataclass(frozen=True)
class Look:
    """Somebody in this role saw the result; without a day where that was before its release."""

    role: str
    what: str  # page | card | batch | review | question
    on: date | None
    times: int


WHAT = {
    "result.read": "page", "scorecard.downloaded": "card", "report_run.downloaded": "batch",
    "explanation.read": "question",
}  # fmt: skip


def looks(session: Session, actor: Actor, visit: VisitSource) -> list[Look]:
    """The looks of others at a visit's result, the latest day first; reviewing comes last."""
    cards = columns(Scorecard.id).where(any_of(Scorecard.visit_id == visit.id))
    card_ids = list(session.scalars(cards))
    runs = list(
        session.scalars(columns(ReportItem.run_id).where(col(ReportItem.scorecard_id).in_(card_ids)).distinct())
    )
    about = {"visit": [visit.id], "scorecard": card_ids, "report_run": runs}
    found: dict[tuple[str, str, date | None], int] = {}
    for line in trail.lines_about(session, about, ACTS, MOST * 4):
        if line.actor_id is None or line.actor_id == actor.account_id:
            continue
        role = line.detail.get("role") or rules.SEEN_BY_EDITION.get(str(line.detail.get("edition")))
        role = role or rules.SEEN_BY_ACT.get(line.act, "")
        on = None if line.act in BEFORE_RELEASE else clock.local_date(line.at)
        key = (str(role), WHAT.get(line.act, "review"), on)
        found[key] = found.get(key, 0) + 1
    made = [Look(role, what, on, times) for (role, what, on), times in found.items()]
    return sorted(made, key=lambda look: (look.on is None, -(look.on or date.min).toordinal(), look.role))[:MOST]

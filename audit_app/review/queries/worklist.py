"""The reviewer's work list."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from audit_app.access.rules import Actor
from audit_app.kit.db import Session
from audit_app.kit.paging import PageOf, after, decode_moment, page_of
from audit_app.kit.sql import columns
from audit_app.organisation.models import OrgUnit, Touchpoint
from audit_app.planning.models import Programme
from audit_app.review.models import Review, VisitResult, VisitSubject
from audit_app.review.queries.reviews import mine
from audit_app.standards.models import ChecklistVersion
from audit_app.visits.models import Evidence, Visit, VisitFlag

PAGE = 50
OLD = timedelta(days=3)


@dataclass(frozen=True)
class QueueRow:
    """A visit in the list: nothing of who made it."""

    id: str
    visit_id: str
    touchpoint: str
    kind: str
    unit_name: str
    checklist: dict[str, str]
    manner: str
    local_date: date
    started_at: datetime
    opened_at: datetime
    revision: int
    files: int
    flags: int
    outcome: str
    score: int | None
    hours: int

    @property
    def old(self) -> bool:
        return self.hours >= OLD.total_seconds() // 3600


@dataclass(frozen=True)
class QueueScreen:
    """One page of a list, and how long the lists of work are."""

    page: PageOf[QueueRow]
    show: str  # open | subjects | done
    open_count: int
    subject_count: int


def queue(session: Session, actor: Actor, show: str, marker: str, now: datetime) -> QueueScreen:
    """The actor's reviews: open ones oldest first, approved ones without a subject, or closed ones newest first."""
    statement = _rows().where(mine(actor))
    newest = show == "done"
    if show == "subjects":
        statement = statement.where(Review.outcome == "approved", col(VisitSubject.visit_id).is_(None))
    elif newest:
        statement = statement.where(col(Review.closed_at).is_not(None))
    else:
        statement = statement.where(col(Review.closed_at).is_(None))
    order = [col(Review.opened_at), col(Review.id)]
    if marker:
        statement = statement.where(after(order, decode_moment(marker), descending=newest))
    ordered = statement.order_by(*[c.desc() if newest else c.asc() for c in order]).limit(PAGE + 1)
    found = page_of(session.execute(ordered).all(), PAGE, lambda r: [r.opened_at.isoformat(), r.id])
    rows = PageOf([_row(r, now) for r in found.rows], found.next)
    return QueueScreen(rows, show, count_open(session, actor), count_subjects(session, actor))


def _rows() -> sa.Select[Any]:
    files = columns(sa.func.count()).where(Evidence.visit_id == Visit.id).scalar_subquery().label("files")
    flags = columns(sa.func.count()).where(VisitFlag.visit_id == Visit.id).scalar_subquery().label("flags")
    score = (
        columns(VisitResult.experience)
        .where(VisitResult.visit_id == Visit.id)
        .order_by(col(VisitResult.number).desc())
        .limit(1)
        .scalar_subquery()
        .label("score")
    )
    return (
        sa.select(
            col(Review.id), col(Review.visit_id), col(Touchpoint.name).label("touchpoint"), col(Touchpoint.kind),
            col(OrgUnit.name).label("unit_name"), col(ChecklistVersion.title_zh), col(ChecklistVersion.title_en),
            col(Programme.manner), col(Visit.local_date), col(Visit.started_at), col(Review.opened_at),
            col(Review.revision), files, flags, col(Review.outcome), score,
        )
        .join(Visit, col(Visit.id) == Review.visit_id)
        .join(Touchpoint, col(Touchpoint.id) == Visit.touchpoint_id)
        .join(OrgUnit, col(OrgUnit.code) == Touchpoint.unit_code)
        .join(Programme, col(Programme.id) == Visit.programme_id)
        .join(ChecklistVersion, col(ChecklistVersion.id) == Visit.checklist_version_id)
        .join(VisitSubject, col(VisitSubject.visit_id) == Visit.id, isouter=True)
    )  # fmt: skip


def _row(r: Any, now: datetime) -> QueueRow:
    return QueueRow(
        id=r.id, visit_id=r.visit_id, touchpoint=r.touchpoint, kind=r.kind, unit_name=r.unit_name,
        checklist={"zh": r.title_zh, "en": r.title_en}, manner=r.manner, local_date=r.local_date,
        started_at=r.started_at, opened_at=r.opened_at, revision=r.revision, files=r.files, flags=r.flags,
        outcome=r.outcome, score=r.score, hours=int((now - r.opened_at).total_seconds() // 3600),
    )  # fmt: skip


def _mine(actor: Actor) -> sa.Select[Any]:
    return columns(sa.func.count()).select_from(Review).where(mine(actor))


def count_open(session: Session, actor: Actor) -> int:
    """The actor's reviews that wait."""
    return int(session.execute(_mine(actor).where(col(Review.closed_at).is_(None))).scalar_one())


def count_old(session: Session, actor: Actor, now: datetime) -> int:
    """The actor's reviews that have waited too long."""
    waiting = _mine(actor).where(col(Review.closed_at).is_(None), col(Review.opened_at) <= now - OLD)
    return int(session.execute(waiting).scalar_one())


def count_subjects(session: Session, actor: Actor) -> int:
    """Approved visits for which nobody has said yet whom they score."""
    statement = (
        _mine(actor)
        .join(VisitSubject, col(VisitSubject.visit_id) == Review.visit_id, isouter=True)
        .where(col(Review.outcome) == "approved", col(VisitSubject.visit_id).is_(None))
    )
    return int(session.execute(statement).scalar_one())


def neighbour(session: Session, actor: Actor, review_id: str) -> tuple[str, int, int]:
    """The next open review after this one ("" if none), this one's place in the list, and the length of the list."""
    rows = session.execute(
        columns(Review.id)
        .where(mine(actor), col(Review.closed_at).is_(None))
        .order_by(col(Review.opened_at), col(Review.id))
        .limit(500)
    )
    keys = [row[0] for row in rows]
    if review_id not in keys:
        return (keys[0] if keys else ""), 0, len(keys)
    place = keys.index(review_id)
    rest = keys[place + 1 :] + keys[:place]
    return (rest[0] if rest else ""), place + 1, len(keys)

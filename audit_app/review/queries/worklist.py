"""The reviewer's work list."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlmodel import col

from audit_app.access.rules import Actor
from audit_app.kit import clock
from audit_app.kit.db import Session
from audit_app.kit.paging import PageOf, after, decode_moment, page_of
from audit_app.kit.search import matches
from audit_app.kit.sql import all_of, columns
from audit_app.organisation.models import OrgUnit, Touchpoint
from audit_app.planning.models import Programme
from audit_app.review import rules
from audit_app.review.models import Review, SecondOpinion, VisitResult, VisitSubject
from audit_app.review.queries.opinions import count_opinions
from audit_app.review.queries.reviews import mine, unanswered, unassigned
from audit_app.standards.models import ChecklistVersion
from audit_app.visits.models import Evidence, Visit, VisitFlag

PAGE = 50
OLD = rules.REVIEW_TIME
NAMED_WITHIN = timedelta(days=60)  # of the approval: later nobody's result depends on it any more
ORDERS = {"returned": "deadline", "done": "closed_at"}
TABS = ("open", "due", "flagged", "unassigned", "returned", "subjects", "done")


@dataclass(frozen=True)
class QueueRow:
    """A visit in the list: nothing of who made it. `due_at`: when it should be decided, or answered if returned."""

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
    status: str
    due_at: datetime
    late: bool
    second: bool  # waits for a second reviewer

    @property
    def old(self) -> bool:
        return self.hours >= OLD.total_seconds() // 3600


@dataclass(frozen=True)
class Listing:
    """Which list, cut to what, from where on."""

    show: str = "open"
    search: str = ""
    after: str = ""


@dataclass(frozen=True)
class QueueScreen:
    """One page of a list, and how long each list of work is."""

    page: PageOf[QueueRow]
    listing: Listing
    counts: dict[str, int]
    opinions: int

    @property
    def show(self) -> str:
        return self.listing.show


def queue(session: Session, actor: Actor, listing: Listing, now: datetime) -> QueueScreen:
    """One of the actor's lists: what is due first stands first; what is decided, newest first."""
    statement = _rows().where(*_listed(actor, listing.show, now))
    if listing.search:
        statement = statement.where(matches(Touchpoint.search, listing.search))
    newest = listing.show == "done"
    name = ORDERS.get(listing.show, "opened_at")
    order = [getattr(Review, name), col(Review.id)]
    if listing.after:
        statement = statement.where(after(order, decode_moment(listing.after), descending=newest))
    ordered = statement.order_by(*[c.desc() if newest else c.asc() for c in order]).limit(PAGE + 1)
    found_rows = page_of(session.execute(ordered).all(), PAGE, lambda r: [getattr(r, name).isoformat(), r.id])
    rows = PageOf([_row(r, now) for r in found_rows.rows], found_rows.next)
    return QueueScreen(rows, listing, _counts(session, actor, now), count_opinions(session, actor))


def _listed(actor: Actor, show: str, now: datetime) -> list[ColumnElement[bool]]:
    """The conditions of a list."""
    still = col(Review.closed_at).is_(None)
    if show == "unassigned":
        return [still, unassigned(actor)]
    if show == "subjects":
        return [mine(actor), *_unnamed(now)]
    if show == "returned":
        return [mine(actor), unanswered()]
    if show == "done":
        return [mine(actor), col(Review.closed_at).is_not(None)]
    more = {"flagged": [_flagged()], "due": [col(Review.opened_at) < _due_before(now)]}
    return [mine(actor), still, *more.get(show, [])]


def _unnamed(now: datetime) -> list[ColumnElement[bool]]:
    """Approved lately, and nobody has said whom the visit scores. Needs `Visit` and `VisitSubject`."""
    lately = col(Review.closed_at) > now - NAMED_WITHIN
    unsaid = all_of(Review.outcome == "approved", col(VisitSubject.visit_id).is_(None))
    return [lately, unsaid, col(Visit.status) != "void"]


def _flagged() -> ColumnElement[bool]:
    """Whether a flag is still to be settled."""
    standing = all_of(VisitFlag.visit_id == Review.visit_id, col(VisitFlag.settled_at).is_(None))
    return columns(VisitFlag.id).where(standing).correlate(Review).exists()


def _asked() -> ColumnElement[bool]:
    """Whether a second reviewer has the word."""
    waiting = all_of(SecondOpinion.visit_id == Review.visit_id, SecondOpinion.status == "open")
    return columns(SecondOpinion.id).where(waiting).correlate(Review).exists()


def _due_before(now: datetime) -> datetime:
    """What was opened before this is due by the end of today."""
    return clock.day_start(clock.local_date(now) + timedelta(days=1)) - rules.REVIEW_TIME


def _counts(session: Session, actor: Actor, now: datetime) -> dict[str, int]:
    """The lengths of the lists of work, in two statements."""
    one = sa.literal(1)
    flagged, due = sa.case((_flagged(), one)), sa.case((col(Review.opened_at) < _due_before(now), one))
    own = _mine(actor).with_only_columns(sa.func.count(), sa.func.count(flagged), sa.func.count(due))
    waiting = session.execute(own.where(col(Review.closed_at).is_(None))).one()
    found = {"open": waiting[0], "flagged": waiting[1], "due": waiting[2]}
    others = [_counted(actor, show, now).label(show) for show in ("unassigned", "returned", "subjects")]
    return found | dict(session.execute(sa.select(*others)).mappings().one())


def _counted(actor: Actor, show: str, now: datetime) -> Any:
    return (
        columns(sa.func.count())
        .select_from(Review)
        .join(Visit, col(Visit.id) == Review.visit_id)
        .join(Programme, col(Programme.id) == Visit.programme_id)
        .join(VisitSubject, col(VisitSubject.visit_id) == Review.visit_id, isouter=True)
        .where(*_listed(actor, show, now))
        .scalar_subquery()
    )


def _rows() -> sa.Select[Any]:
    files = columns(sa.func.count()).where(Evidence.visit_id == Visit.id).scalar_subquery().label("files")
    standing = all_of(VisitFlag.visit_id == Visit.id, col(VisitFlag.settled_at).is_(None))
    flags = columns(sa.func.count()).where(standing).scalar_subquery().label("flags")
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
            col(Review.closed_at),
            col(Review.revision), files, flags, col(Review.outcome), score, col(Visit.status), col(Review.deadline),
            _asked().label("second"),
        )
        .join(Visit, col(Visit.id) == Review.visit_id)
        .join(Touchpoint, col(Touchpoint.id) == Visit.touchpoint_id)
        .join(OrgUnit, col(OrgUnit.code) == Touchpoint.unit_code)
        .join(Programme, col(Programme.id) == Visit.programme_id)
        .join(ChecklistVersion, col(ChecklistVersion.id) == Visit.checklist_version_id)
        .join(VisitSubject, col(VisitSubject.visit_id) == Visit.id, isouter=True)
    )  # fmt: skip


def _row(r: Any, now: datetime) -> QueueRow:
    due = r.deadline if r.status == "returned" and r.deadline else r.opened_at + rules.REVIEW_TIME
    return QueueRow(
        id=r.id, visit_id=r.visit_id, touchpoint=r.touchpoint, kind=r.kind, unit_name=r.unit_name,
        checklist={"zh": r.title_zh, "en": r.title_en}, manner=r.manner, local_date=r.local_date,
        started_at=r.started_at, opened_at=r.opened_at, revision=r.revision, files=r.files, flags=r.flags,
        outcome=r.outcome, score=r.score, hours=int((now - r.opened_at).total_seconds() // 3600), status=r.status,
        due_at=due, late=due <= now, second=bool(r.second),
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


def count_due(session: Session, actor: Actor, now: datetime) -> int:
    """The actor's reviews that are to be decided by the end of today."""
    due = _mine(actor).where(col(Review.closed_at).is_(None), col(Review.opened_at) < _due_before(now))
    return int(session.execute(due).scalar_one())


def count_subjects(session: Session, actor: Actor, now: datetime) -> int:
    """Approved visits for which nobody has said yet whom they score."""
    statement = (
        _mine(actor)
        .join(VisitSubject, col(VisitSubject.visit_id) == Review.visit_id, isouter=True)
        .join(Visit, col(Visit.id) == Review.visit_id)
        .where(*_unnamed(now))
    )
    return int(session.execute(statement).scalar_one())


def neighbour(session: Session, actor: Actor, review_id: str) -> tuple[str, int, int]:
    """The next open review after this one ("" if none), this one's place in the list, and the length of the list."""
    rows = session.execute(
        columns(Review.id)
        .where(mine(actor), col(Review.closed_at).is_(None), ~_asked())
        .order_by(col(Review.opened_at), col(Review.id))
        .limit(500)
    )
    keys = [row[0] for row in rows]
    if review_id not in keys:
        return (keys[0] if keys else ""), 0, len(keys)
    place = keys.index(review_id)
    rest = keys[place + 1 :] + keys[:place]
    return (rest[0] if rest else ""), place + 1, len(keys)

"""Hearings as their panel sees them: found through the seat, never across it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import col

from audit_app.access.rules import Actor
from audit_app.appeals import rules
from audit_app.appeals.models import Appeal, Hearing, PanelSeat
from audit_app.appeals.queries.contested import numbered
from audit_app.kit.db import Session
from audit_app.kit.errors import NotFound
from audit_app.kit.paging import PageOf, after, decode_moment, page_of
from audit_app.kit.sql import all_of, columns
from audit_app.organisation.models import OrgUnit, Touchpoint
from audit_app.organisation.scope import within
from audit_app.standards.document import Text
from audit_app.visits.models import Visit

PER_PAGE = 30
PRECEDENTS = 5


@dataclass(frozen=True, slots=True)
class HearingRow:
    """One hearing in the panel's list; `mine` is one's own vote, "" before it is cast."""

    id: str
    appeal_id: str
    touchpoint: str
    unit: str
    on: date
    kind: str
    item_id: str
    number: str
    text: Text | None
    round: int
    status: str
    decide_by: datetime
    decided_at: datetime | None
    mine: str

    def days_left(self, now: datetime) -> int:
        return rules.days_left(self.decide_by, now)


@dataclass(frozen=True, slots=True)
class PanelList:
    """A page of hearings. `show`: open (own vote outstanding), waiting (for the others), done."""

    page: PageOf[HearingRow]
    show: str
    open_count: int
    now: datetime


def mine(actor: Actor) -> ColumnElement[bool]:
    """The condition on `Hearing`, `Appeal` and `PanelSeat`: the actor sits there and still holds the role there."""
    reach = within(col(Appeal.unit_path), actor.paths("appeals.judge"))
    above = [sa.literal(path).startswith(col(Appeal.unit_path)) for path in actor.paths("appeals.judge")]
    return all_of(PanelSeat.account_id == actor.account_id, col(PanelSeat.left_at).is_(None), sa.or_(reach, *above))


def _shown(show: str) -> ColumnElement[bool]:
    if show == "open":
        return all_of(Hearing.status == "open", col(PanelSeat.voted_at).is_(None))
    if show == "waiting":
        return all_of(Hearing.status == "open", col(PanelSeat.voted_at).is_not(None))
    return all_of(Hearing.status != "open")


def hearings(session: Session, actor: Actor, show: str, marker: str, now: datetime) -> PanelList:
    """The actor's hearings: what is open by its day of decision, what is done the latest first."""
    done = show == "done"
    moment = col(Hearing.opened_at) if done else col(Hearing.decide_by)
    order = [moment, col(Hearing.id)]
    statement = _rows().where(mine(actor), _shown(show))
    if marker:
        statement = statement.where(after(order, list(decode_moment(marker)), descending=done))
    statement = statement.order_by(*[c.desc() if done else c.asc() for c in order]).limit(PER_PAGE + 1)
    rows = session.execute(statement).all()
    keys = {row.id: (row.opened_at if done else row.decide_by).isoformat() for row in rows}
    found = [_row(session, row) for row in rows]
    return PanelList(
        page_of(found, PER_PAGE, lambda row: (keys[row.id], row.id)), show, count_open(session, actor), now
    )


def count_open(session: Session, actor: Actor) -> int:
    """How many hearings wait for the actor's vote."""
    statement = columns(sa.func.count()).select_from(Hearing).join(Appeal, col(Appeal.id) == Hearing.appeal_id)
    statement = statement.join(PanelSeat, col(PanelSeat.hearing_id) == Hearing.id).where(mine(actor), _shown("open"))
    return session.execute(statement).scalar_one()


def neighbour(session: Session, actor: Actor, after_id: str = "") -> str:
    """The hearing that waits longest for the actor's vote, another one than `after_id`; "" if there is none."""
    statement = (
        columns(Hearing.id)
        .join(Appeal, col(Appeal.id) == Hearing.appeal_id)
        .join(PanelSeat, col(PanelSeat.hearing_id) == Hearing.id)
        .where(mine(actor), _shown("open"), Hearing.id != after_id)
        .order_by(Hearing.decide_by, Hearing.id)
        .limit(1)
    )
    return session.execute(statement).scalar() or ""


def _rows() -> sa.Select[Any]:
    h, a, v = Hearing, Appeal, Visit
    return (
        columns(
            h.id, h.appeal_id, Touchpoint.name, OrgUnit.name.label("unit"), v.local_date, a.kind, a.item_id,
            v.checklist_version_id, h.number, h.status, h.decide_by, h.opened_at, h.decided_at, PanelSeat.verdict,
        )
        .select_from(h)
        .join(a, col(a.id) == h.appeal_id)
        .join(PanelSeat, col(PanelSeat.hearing_id) == h.id)
        .join(v, col(v.id) == a.visit_id)
        .join(Touchpoint, col(Touchpoint.id) == v.touchpoint_id)
        .join(OrgUnit, col(OrgUnit.code) == Touchpoint.unit_code)
    )  # fmt: skip


def _row(session: Session, row: Any) -> HearingRow:
    item = numbered(session, row.checklist_version_id).get(row.item_id) if row.item_id else None
    return HearingRow(
        row.id, row.appeal_id, row.name, row.unit, row.local_date, row.kind, row.item_id, item.number if item else "",
        item.item.text if item else None, row.number, row.status, row.decide_by, row.decided_at, row.verdict,
    )  # fmt: skip


def hearing_of(session: Session, actor: Actor, hearing_id: str) -> tuple[Hearing, Appeal, Visit, PanelSeat]:
    """A hearing with the actor's own seat; NotFound for whoever does not sit there."""
    row = session.execute(
        columns(Hearing, Appeal, Visit, PanelSeat)
        .join(Appeal, col(Appeal.id) == Hearing.appeal_id)
        .join(Visit, col(Visit.id) == Appeal.visit_id)
        .join(PanelSeat, col(PanelSeat.hearing_id) == Hearing.id)
        .where(Hearing.id == hearing_id, mine(actor))
    ).first()
    if row is None:
        raise NotFound
    return row[0], row[1], row[2], row[3]


@dataclass(frozen=True, slots=True)
class Precedent:
    """A decided round about the same item."""

    number: int
    status: str
    before: str
    after: str
    reason: str
    decided_at: datetime
    touchpoint: str


def precedents(session: Session, version_id: str, item_id: str, but: str) -> list[Precedent]:
    """The last rounds that decided about an item of a checklist, wherever; names of places only, of nobody."""
    h, a, v = Hearing, Appeal, aliased(Visit)
    rows = session.execute(
        columns(h.number, h.status, h.before, h.after, h.reason, h.decided_at, Touchpoint.name)
        .select_from(h)
        .join(a, col(a.id) == h.appeal_id)
        .join(v, col(v.id) == a.visit_id)
        .join(Touchpoint, col(Touchpoint.id) == v.touchpoint_id)
        .where(
            a.kind == "item", a.item_id == item_id, a.id != but, v.checklist_version_id == version_id,
            col(h.status).in_(("upheld", "partly", "rejected")),
        )
        .order_by(col(h.decided_at).desc(), h.id)
        .limit(PRECEDENTS)
    )  # fmt: skip
    return [Precedent(*row) for row in rows]


def tally(session: Session, version_id: str, item_id: str) -> dict[str, int]:
    """How appeals about an item ended so far: outcome → how many."""
    rows = session.execute(
        columns(Appeal.outcome, sa.func.count())
        .join(Visit, col(Visit.id) == Appeal.visit_id)
        .where(
            Appeal.kind == "item", Appeal.item_id == item_id, Visit.checklist_version_id == version_id,
            col(Appeal.outcome).in_(("upheld", "partly", "rejected")),
        )
        .group_by(Appeal.outcome)
    )  # fmt: skip
    return {row[0]: row[1] for row in rows}


def round_of(session: Session, hearing_id: str) -> tuple[Hearing, Appeal]:
    """A hearing and its appeal as they are now, for the clock's work."""
    row = session.execute(
        columns(Hearing, Appeal)
        .join(Appeal, col(Appeal.id) == Hearing.appeal_id)
        .where(Hearing.id == hearing_id)
        .execution_options(populate_existing=True)
    ).one()
    return row[0], row[1]


def visits_of(session: Session, hearing_ids: Collection[str]) -> list[str]:
    """The visits that hearings are about, to be held while they are settled."""
    asked = columns(Appeal.visit_id).join(Hearing, col(Hearing.appeal_id) == Appeal.id)
    return list(session.scalars(asked.where(col(Hearing.id).in_(list(hearing_ids))).distinct()))


def may_look(actor: Actor, visit: Visit) -> ColumnElement[bool]:
    """The condition on `Visit` for looking at the evidence of a hearing that :func:`hearing_of` has found."""
    return col(Visit.id) == visit.id

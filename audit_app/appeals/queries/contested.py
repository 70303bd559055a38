"""Visits that somebody may appeal, found through who asks: the own hall's, the own team's, one's own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlmodel import col

from audit_app.access.rules import Actor
from audit_app.appeals import rules
from audit_app.appeals.models import Appeal
from audit_app.kit.db import Session
from audit_app.kit.errors import NotFound
from audit_app.kit.paging import PageOf, after, day_of, decode, page_of
from audit_app.kit.sql import all_of, any_of, columns
from audit_app.organisation.models import StaffMember, Touchpoint
from audit_app.review.models import VisitResult, VisitSubject
from audit_app.review.queries import latest
from audit_app.scoring.canonical import results_from_json
from audit_app.scoring.engine import ItemResult
from audit_app.standards.document import ChecklistDocument
from audit_app.standards.queries import document_for
from audit_app.standards.screens import NumberedItem, numbered_sections
from audit_app.testers.models import Assessor
from audit_app.visits.models import Visit

SHOWN = ("released", "final")
PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Contested:
    """A visit as its appellant may know it, with the side that the actor appeals for and the results that count.
    `scored`: it is the actor whom it scores, whatever the side."""

    id: str
    outward_id: str
    touchpoint: str
    unit_path: str
    kind: str
    series: str
    status: str
    status_at: datetime
    on: date
    day_part: str
    version_id: str
    side: str
    team_id: str | None
    results: Mapping[str, Any]
    scored: bool

    def grounds(self) -> tuple[str, ...]:
        """What the actor may contest: "it was not me" is a ground of the person whom the visit scores, who may lead the
        place as well."""
        if self.side == "tester":
            return ("void",)
        return (*rules.ITEM_GROUNDS, "not_me") if self.scored else rules.ITEM_GROUNDS

    @property
    def window_end(self) -> datetime:
        """Until when it may be appealed: meaningful while the state is released or void."""
        return rules.window_end(self.status_at)

    @property
    def items(self) -> dict[str, ItemResult]:
        """The results of its items, by id; none of a visit that was never scored."""
        if not self.results:
            return {}
        return {one.item_id: one for one in results_from_json(self.results).experience.items}


def visit_for(session: Session, actor: Actor, outward_id: str) -> Contested:
    """A released visit by its outward id; NotFound unless it is the actor's to appeal."""
    row = session.execute(_rows().where(Visit.outward_id == outward_id, col(Visit.status).in_(SHOWN))).first()
    if row is None:
        raise NotFound
    return _contested(actor, row)


def visits(session: Session, actor: Actor, marker: str) -> PageOf[Contested]:
    """The released visits that are the actor's to appeal, the latest day first."""
    own = any_of(
        col(Visit.touchpoint_id).in_(rules.own_places(actor)), col(VisitSubject.team_id).in_(rules.own_teams(actor)),
        StaffMember.account_id == actor.account_id,
    )  # fmt: skip
    order: list[Any] = [col(Visit.local_date), col(Visit.outward_id)]
    statement = _rows().where(own, col(Visit.status).in_(SHOWN), col(Visit.outward_id).is_not(None))
    if marker:
        on, key = decode(marker, 2)
        statement = statement.where(after(order, [day_of(on), str(key)], descending=True))
    rows = session.execute(statement.order_by(*[one.desc() for one in order]).limit(PER_PAGE + 1)).all()
    found = [_contested(actor, row) for row in rows]
    return page_of(found, PER_PAGE, lambda one: [one.on.isoformat(), one.outward_id])


def own_void(session: Session, actor: Actor, visit_id: str) -> Contested:
    """A voided visit that the actor made; NotFound otherwise."""
    row = session.execute(
        _rows()
        .join(Assessor, col(Assessor.id) == Visit.assessor_id)
        .where(Visit.id == visit_id, Visit.status == "void", Assessor.account_id == actor.account_id)
    ).first()
    if row is None:
        raise NotFound
    return _contested(actor, row, "tester")


def _rows() -> sa.Select[Any]:
    v = Visit
    return (
        columns(
            v.id, v.outward_id, Touchpoint.name, v.unit_path, Touchpoint.kind, v.series, v.status, v.status_at,
            v.local_date, v.day_part, v.checklist_version_id, v.touchpoint_id, VisitSubject.team_id,
            StaffMember.account_id, VisitResult.results,
        )
        .select_from(v)
        .join(Touchpoint, col(Touchpoint.id) == v.touchpoint_id)
        .join(VisitResult, all_of(col(VisitResult.visit_id) == v.id, latest()), isouter=True)
        .join(VisitSubject, col(VisitSubject.visit_id) == v.id, isouter=True)
        .join(StaffMember, col(StaffMember.id) == VisitSubject.staff_id, isouter=True)
    )  # fmt: skip


def _contested(actor: Actor, row: Any, side: str = "") -> Contested:
    found = side or side_of(actor, row.touchpoint_id, row.team_id, row.account_id)
    if not found:
        raise NotFound
    return Contested(
        row.id, row.outward_id or "", row.name, row.unit_path, row.kind, row.series, row.status, row.status_at,
        row.local_date, row.day_part, row.checklist_version_id, found, row.team_id, row.results or {},
        row.account_id == actor.account_id,
    )  # fmt: skip


def side_of(actor: Actor, touchpoint_id: str, team_id: str | None, subject_account: str | None) -> str:
    """For whom the actor may appeal a visit: outlet, team, staff; "" for nobody."""
    if touchpoint_id in rules.own_places(actor):
        return "outlet"
    if team_id is not None and team_id in rules.own_teams(actor):
        return "team"
    return "staff" if subject_account == actor.account_id else ""


@dataclass(frozen=True, slots=True)
class Held:
    """Where the appeal of one matter stands, for whoever may know of it; `mine`: the actor may open it."""

    id: str
    kind: str
    item_id: str
    side: str
    round: int
    outcome: str
    filed_at: datetime
    ask_by: datetime | None
    closed_at: datetime | None
    words: str
    mine: bool

    @property
    def open(self) -> bool:
        return self.closed_at is None


def held(session: Session, actor: Actor, visit_id: str) -> list[Held]:
    """The appeals of a visit, those taken back left out. Others' words stay theirs."""
    a = Appeal
    rows = session.execute(
        columns(a, Visit.touchpoint_id)
        .join(Visit, col(Visit.id) == a.visit_id)
        .where(a.visit_id == visit_id, a.outcome != "withdrawn")
        .order_by(a.filed_at, a.id)
    ).all()
    return [_held(actor, row[0], row[1]) for row in rows]


def _held(actor: Actor, appeal: Appeal, touchpoint_id: str) -> Held:
    mine = follows(actor, appeal, touchpoint_id)
    return Held(
        appeal.id, appeal.kind, appeal.item_id, appeal.side, appeal.round, appeal.outcome, appeal.filed_at,
        appeal.ask_by, appeal.closed_at, appeal.words if mine else "", mine,
    )  # fmt: skip


def follows(actor: Actor, appeal: Appeal, touchpoint_id: str) -> bool:
    """Whether the actor may follow an appeal: the same as :func:`seen_appeal`, for a row that is here."""
    if appeal.side == "outlet":
        return touchpoint_id in rules.own_places(actor)
    if appeal.side == "team":
        return appeal.team_id in rules.own_teams(actor)
    return appeal.filed_by == actor.account_id


def seen_appeal(actor: Actor) -> ColumnElement[bool]:
    """The condition on `Appeal` and `Visit` for the appellant's side: a manager's belong to the place, a lead's to the
    team, a person's to the person."""
    return any_of(
        all_of(Appeal.side == "outlet", col(Visit.touchpoint_id).in_(rules.own_places(actor))),
        all_of(Appeal.side == "team", col(Appeal.team_id).in_(rules.own_teams(actor))),
        all_of(col(Appeal.side).in_(("staff", "tester")), Appeal.filed_by == actor.account_id),
    )


def numbered(session: Session, version_id: str) -> dict[str, NumberedItem]:
    """The items of a checklist version by id, with their printed numbers."""
    return numbered_items(document_for(session, version_id))


def numbered_items(document: ChecklistDocument) -> dict[str, NumberedItem]:
    return {one.item.id: one for section in numbered_sections(document) for one in section.items}


def appealable(side: str, item: NumberedItem | None, result: ItemResult | None) -> bool:
    """Whether a side may appeal an item: it lost something; a person only what staff answer for."""
    if item is None or result is None or result.state != "scored":
        return False
    if not rules.lost(result.effect, result.earned, result.points):
        return False
    return side != "staff" or item.item.answers_for == "staff"

"""Jobs as a planner lists them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col

from audit_app.access.models import Account
from audit_app.access.rules import Actor
from audit_app.kit.db import Session
from audit_app.kit.paging import PageOf, after, decode_moment, page_of
from audit_app.kit.sql import columns
from audit_app.organisation.models import OrgUnit, Touchpoint
from audit_app.planning import rules
from audit_app.planning.models import Assignment, Programme, Round
from audit_app.planning.queries.scope import seen_programme, shown_assessor
from audit_app.standards.models import ChecklistVersion
from audit_app.testers.models import Assessor

PAGE = 50


@dataclass(frozen=True)
class AssignmentRow:
    """A job in a planner's list. `assessor` is the code of a tester, the name of an inspector in an overt programme."""

    id: str
    touchpoint_id: str
    touchpoint: str
    touchpoint_code: str
    unit_name: str
    programme: str
    manner: str
    round_id: str
    assessor: str
    tier: str
    status: str
    reason: str
    window_start: datetime
    window_end: datetime
    respond_by: datetime | None
    checklist: dict[str, str]

    @property
    def last_day(self) -> datetime:
        return self.window_end - timedelta(seconds=1)


def open_jobs_at(session: Session, touchpoint_id: str) -> list[Assignment]:
    """Jobs at a touchpoint that nobody has finished."""
    open_ = col(Assignment.status).in_(rules.OPEN_STATES)
    return list(session.scalars(columns(Assignment).where(Assignment.touchpoint_id == touchpoint_id, open_)))


def assignments(
    session: Session, actor: Actor, *, round_id: str = "", status: str = "", marker: str = ""
) -> PageOf[AssignmentRow]:
    """Jobs of the programmes that the actor may see, the newest first."""
    statement = _assignment_columns().where(seen_programme(actor))
    if round_id:
        statement = statement.where(Assignment.round_id == round_id)
    if status:
        statement = statement.where(Assignment.status == status)
    order = [col(Assignment.created_at), col(Assignment.id)]
    rows = session.execute(_paged(statement, order, marker)).all()
    found = page_of(rows, PAGE, lambda r: [r.created_at.isoformat(), r.id])
    return PageOf([_assignment_row(r) for r in found.rows], found.next)


def _paged(statement: Any, order: list[Any], marker: str) -> Any:
    if marker:
        statement = statement.where(after(order, decode_moment(marker), descending=True))
    return statement.order_by(*[c.desc() for c in order]).limit(PAGE + 1)


def _assignment_columns() -> Any:
    a, t = Assignment, Touchpoint
    return (
        columns(
            a.id, a.touchpoint_id, t.name.label("touchpoint"), t.code.label("touchpoint_code"),
            OrgUnit.name.label("unit_name"), Programme.name.label("programme"), Programme.manner, a.round_id,
            Assessor.code.label("assessor_code"), Assessor.tier, Account.display_name, a.status, a.reason,
            a.window_start, a.window_end, a.respond_by, ChecklistVersion.title_zh, ChecklistVersion.title_en,
            a.created_at,
        )
        .join(Round, Round.id == a.round_id)
        .join(Programme, Programme.id == Round.programme_id)
        .join(Touchpoint, t.id == a.touchpoint_id)
        .join(OrgUnit, OrgUnit.code == t.unit_code)
        .join(Assessor, Assessor.id == a.assessor_id)
        .join(Account, Account.id == Assessor.account_id)
        .join(ChecklistVersion, ChecklistVersion.id == a.checklist_version_id)
    )  # fmt: skip


def _assignment_row(r: Any) -> AssignmentRow:
    return AssignmentRow(
        id=r.id, touchpoint_id=r.touchpoint_id, touchpoint=r.touchpoint, touchpoint_code=r.touchpoint_code,
        unit_name=r.unit_name, programme=r.programme, manner=r.manner, round_id=r.round_id,
        assessor=shown_assessor(r.assessor_code, r.tier, r.display_name, r.manner), tier=r.tier, status=r.status,
        reason=r.reason, window_start=r.window_start, window_end=r.window_end, respond_by=r.respond_by,
        checklist={"zh": r.title_zh, "en": r.title_en},
    )  # fmt: skip

"""Testers by their code, the requests to learn a name, and who was told one."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import col

from audit_app.access.models import Account
from audit_app.access.rules import TESTER_ROLES, Actor
from audit_app.kit.db import Session
from audit_app.kit.errors import NotFound
from audit_app.kit.paging import PageOf, keyset, page_of
from audit_app.kit.sql import all_of, any_of, columns
from audit_app.organisation.models import OrgUnit
from audit_app.organisation.scope import within
from audit_app.standards.queries import latest_titles
from audit_app.testers import rules
from audit_app.testers.models import Assessor, IdentityLook, IdentityPermit, Qualification

PAGE = 50
LATELY = timedelta(days=30)


@dataclass(frozen=True)
class TesterRow:
    """A tester in a list: a code, never a name, a home or a contact."""

    id: str
    code: str
    tier: str
    unit_name: str
    active: bool
    certified: int


@dataclass(frozen=True)
class LookRow:
    """Somebody was told the name."""

    at: datetime
    who: str
    reason: str
    by_permit: bool


@dataclass(frozen=True)
class TesterScreen:
    """One tester by code: what they are certified for until when, and who was told who they are."""

    tester: TesterRow
    qualifications: list[tuple[dict[str, str], date]]
    looks: list[LookRow]


@dataclass(frozen=True)
class Identity:
    """Who a tester is. Read only by whoever has just been recorded as told."""

    name: str
    username: str


@dataclass(frozen=True)
class PermitRow:
    """A request to learn a name. `status` is as of now; `own`: the asker's own."""

    id: str
    code: str
    tier: str
    asked_by: str
    asked_at: datetime
    reason: str
    status: str
    decided_by: str
    decided_at: datetime | None
    ends_at: datetime
    own: bool


def _reach(actor: Actor, *permissions: str) -> ColumnElement[bool]:
    """Assessors that work for a unit in a subtree in which the actor holds any of the permissions."""
    paths = tuple(path for permission in permissions for path in actor.paths(permission))
    return all_of(within(col(OrgUnit.path), paths), col(Assessor.tier).in_(TESTER_ROLES))


def _rows(today: date) -> sa.Select[Any]:
    valid = all_of(col(Qualification.assessor_id) == Assessor.id, col(Qualification.valid_until) >= today)
    certified = columns(sa.func.count()).where(valid).correlate(Assessor).scalar_subquery()
    a = Assessor
    return columns(a.id, a.code, a.tier, OrgUnit.name, a.active, certified).join(
        OrgUnit, col(OrgUnit.code) == a.unit_code
    )


def testers(session: Session, actor: Actor, search: str, marker: str, today: date) -> PageOf[TesterRow]:
    """The testers of the actor's subtree by code."""
    statement = _rows(today).where(_reach(actor, "testers.read"))
    if search:
        statement = statement.where(col(Assessor.code).startswith(search, autoescape=True))
    found = session.execute(keyset(statement, [col(Assessor.code)], marker, PAGE)).all()
    return page_of([TesterRow(*row) for row in found], PAGE, lambda row: [row.code])


def tester_by_code(session: Session, actor: Actor, code: str, today: date, permission: str) -> TesterRow:
    """One tester by code; NotFound if there is none in the actor's reach."""
    row = session.execute(_rows(today).where(_reach(actor, permission), Assessor.code == code)).first()
    if row is None:
        raise NotFound
    return TesterRow(*row)


def tester_screen(session: Session, actor: Actor, code: str, today: date) -> TesterScreen:
    found = tester_by_code(session, actor, code, today, "testers.read")
    q = Qualification
    held = session.execute(
        columns(q.checklist_id, q.valid_until).where(q.assessor_id == found.id).order_by(q.checklist_id)
    ).all()
    titles = latest_titles(session, [row[0] for row in held])
    told = session.execute(
        columns(IdentityLook.at, Account.display_name, IdentityLook.reason, col(IdentityLook.permit_id).is_not(None))
        .join(Account, col(Account.id) == IdentityLook.account_id)
        .where(IdentityLook.assessor_id == found.id)
        .order_by(col(IdentityLook.at).desc(), IdentityLook.id)
        .limit(PAGE)
    )
    certified = [(titles.get(key, {"zh": key, "en": key}), until) for key, until in held]
    return TesterScreen(found, certified, [LookRow(*row) for row in told])


def identity_of(session: Session, assessor_id: str) -> Identity:
    """The name behind a code. Callers record the look in the same transaction."""
    row = session.execute(
        columns(Account.display_name, Account.username)
        .join(Assessor, col(Assessor.account_id) == Account.id)
        .where(Assessor.id == assessor_id)
    ).one()
    return Identity(*row)


def _seen_permit(actor: Actor) -> ColumnElement[bool]:
    """The programme office sees every request of its reach; an administrator the own ones."""
    own = all_of(IdentityPermit.asked_by == actor.account_id, _reach(actor, "identity.ask"))
    return any_of(own, _reach(actor, "identity.grant"))


def _permits() -> sa.Select[Any]:
    asker, decider, p = aliased(Account), aliased(Account), IdentityPermit
    return (
        columns(
            p.id, Assessor.code, Assessor.tier, asker.display_name.label("asker"), p.asked_by, p.asked_at, p.reason,
            p.status, decider.display_name.label("decider"), p.decided_at, p.ends_at,
        )
        .join(Assessor, col(Assessor.id) == p.assessor_id)
        .join(OrgUnit, col(OrgUnit.code) == Assessor.unit_code)
        .join(asker, asker.id == p.asked_by)
        .join(decider, decider.id == p.decided_by, isouter=True)
    )  # fmt: skip


def _permit_row(actor: Actor, r: Any, now: datetime) -> PermitRow:
    return PermitRow(
        id=r.id, code=r.code, tier=r.tier, asked_by=r.asker, asked_at=r.asked_at, reason=r.reason,
        status=rules.standing(r.status, r.ends_at, now), decided_by=r.decider or "", decided_at=r.decided_at,
        ends_at=r.ends_at, own=r.asked_by == actor.account_id,
    )  # fmt: skip


def permits(session: Session, actor: Actor, now: datetime) -> list[PermitRow]:
    """The requests of the last days that the actor may see, the newest first; the open ones before all others."""
    statement = _permits().where(_seen_permit(actor), col(IdentityPermit.asked_at) > now - LATELY)
    ordered = statement.order_by(col(IdentityPermit.asked_at).desc(), IdentityPermit.id).limit(200)
    rows = [_permit_row(actor, r, now) for r in session.execute(ordered)]
    return sorted(rows, key=lambda row: row.status not in rules.OPEN)


def permit(session: Session, actor: Actor, permit_id: str, now: datetime) -> PermitRow:
    """One request; NotFound if there is none for the actor to see."""
    row = session.execute(_permits().where(IdentityPermit.id == permit_id, _seen_permit(actor))).first()
    if row is None:
        raise NotFound
    return _permit_row(actor, row, now)


def open_permits(session: Session, actor: Actor, now: datetime) -> int:
    """How many requests wait for the actor's answer."""
    waiting = all_of(
        IdentityPermit.status == "asked", col(IdentityPermit.ends_at) > now, _reach(actor, "identity.grant"),
        IdentityPermit.asked_by != actor.account_id,
    )  # fmt: skip
    statement = (
        columns(sa.func.count())
        .select_from(IdentityPermit)
        .join(Assessor, col(Assessor.id) == IdentityPermit.assessor_id)
        .join(OrgUnit, col(OrgUnit.code) == Assessor.unit_code)
        .where(waiting)
    )
    return int(session.execute(statement).scalar_one())


def overdue_permits(session: Session, now: datetime) -> list[IdentityPermit]:
    """Open permits whose time is over."""
    return list(
        session.scalars(
            columns(IdentityPermit)
            .where(col(IdentityPermit.status).in_(rules.OPEN), col(IdentityPermit.ends_at) <= now)
            .limit(200)
        )
    )


def assessor_of(session: Session, account_id: str) -> str | None:
    """The id of the assessor behind an account."""
    return session.scalars(columns(Assessor.id).where(col(Assessor.account_id) == account_id)).first()


def code_taken(session: Session, code: str) -> bool:
    return session.scalars(columns(Assessor.id).where(col(Assessor.code) == code)).first() is not None

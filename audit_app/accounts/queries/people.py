"""The list of accounts: a fixed number of statements however many there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlmodel import col

from audit_app.access.models import Account, LoginSession
from audit_app.access.rules import Actor
from audit_app.accounts.models import Invitation
from audit_app.accounts.queries.places import UnitOption, units
from audit_app.accounts.queries.proposals import Waiting, waiting
from audit_app.accounts.queries.scope import in_paths, is_tester, seen
from audit_app.accounts.rules import Filters, RoleWords
from audit_app.kit.db import Session
from audit_app.kit.paging import PageOf, keyset, page_of
from audit_app.organisation.models import OrgUnit, RoleGrant
from audit_app.testers.models import Assessor

PAGE = 50


@dataclass(frozen=True, slots=True)
class RoleTag:
    role: str
    unit: str


@dataclass(frozen=True)
class PersonRow:
    """One account. A tester has a code instead of a name: neither name nor sign-in name is read at all."""

    id: str
    tester: bool
    name: str
    username: str
    code: str
    tier: str
    state: str  # active | invited | disabled
    roles: list[RoleTag]
    seen_at: datetime | None


@dataclass(frozen=True)
class PeopleScreen(RoleWords):
    filters: Filters
    units: list[UnitOption]
    page: PageOf[PersonRow]
    waiting: list[Waiting]


def people(session: Session, actor: Actor, filters: Filters, now: datetime) -> PeopleScreen:
    """The accounts that the administrator sees, newest first, and what waits for a second administrator."""
    options = units(session, actor)
    page = _page(session, actor, filters, [u.path for u in options if u.code == filters.unit], now)
    return PeopleScreen(filters, options, page, waiting(session, actor))


def invited(now: datetime) -> ColumnElement[bool]:
    """A link is out that has not been used."""
    return sa.exists().where(
        col(Invitation.account_id) == col(Account.id), col(Invitation.used_at).is_(None),
        col(Invitation.withdrawn_at).is_(None), col(Invitation.expires_at) > now,
    )  # fmt: skip


def _page(session: Session, actor: Actor, filters: Filters, unit: list[str], now: datetime) -> PageOf[PersonRow]:
    tester = is_tester().label("tester")
    hidden: dict[bool, Any] = {True: ""}
    statement = (
        sa.select(
            col(Account.id), tester,
            sa.case(hidden, value=is_tester(), else_=col(Account.display_name)).label("name"),
            sa.case(hidden, value=is_tester(), else_=col(Account.username)).label("username"),
            col(Assessor.code), col(Assessor.tier), col(Account.active), invited(now).label("invited"),
        )
        .outerjoin(Assessor, col(Assessor.account_id) == col(Account.id))
        .where(seen(actor), *_wanted(filters, unit, now))
    )  # fmt: skip
    rows = session.execute(keyset(statement, [col(Account.id)], filters.after, PAGE, descending=True)).all()
    ids = [row.id for row in rows]
    roles, last = roles_of(session, ids), _last_seen(session, ids)
    found = [
        PersonRow(
            r.id, bool(r.tester), r.name, r.username, r.code or "", r.tier or "", _state(r.active, r.invited),
            roles.get(r.id, []), last.get(r.id),
        )
        for r in rows
    ]  # fmt: skip
    return page_of(found, PAGE, lambda row: (row.id,))


def _state(active: bool, has_link: bool) -> str:
    return "disabled" if not active else "invited" if has_link else "active"


def _wanted(filters: Filters, unit: list[str], now: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.q:
        named = sa.or_(
            *[c.icontains(filters.q, autoescape=True) for c in (col(Account.display_name), col(Account.username))]
        )
        found.append(sa.or_(sa.and_(sa.not_(is_tester()), named), col(Assessor.code) == filters.q))
    if filters.role:
        held = sa.exists().where(
            col(RoleGrant.account_id) == col(Account.id), col(RoleGrant.role) == filters.role,
            col(RoleGrant.revoked_at).is_(None),
        )  # fmt: skip
        found.append(held)
    if filters.unit:
        found.append(in_paths(tuple(unit)) if unit else sa.false())  # a unit that is not the actor's holds nobody
    if filters.state == "disabled":
        found.append(col(Account.active).is_(False))
    elif filters.state:
        found += [col(Account.active).is_(True), invited(now) if filters.state == "invited" else sa.not_(invited(now))]
    return found


def roles_of(session: Session, ids: Sequence[str]) -> dict[str, list[RoleTag]]:
    """The roles that these accounts hold now."""
    statement = (
        sa.select(col(RoleGrant.account_id), col(RoleGrant.role), col(OrgUnit.name))
        .join(OrgUnit, col(OrgUnit.code) == col(RoleGrant.unit_code))
        .where(col(RoleGrant.account_id).in_(ids), col(RoleGrant.revoked_at).is_(None))
        .order_by(col(OrgUnit.path), col(RoleGrant.role))
    )
    found: dict[str, list[RoleTag]] = {}
    for account, role, unit in session.execute(statement):
        found.setdefault(account, []).append(RoleTag(role, unit))
    return found


def _last_seen(session: Session, ids: Sequence[str]) -> dict[str, datetime]:
    statement = (
        sa.select(col(LoginSession.account_id), sa.func.max(col(LoginSession.seen_at)))
        .where(col(LoginSession.account_id).in_(ids), col(LoginSession.kind) != "pending")
        .group_by(col(LoginSession.account_id))
    )
    return {row[0]: row[1] for row in session.execute(statement)}

"""One account as its administrator may see it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from audit_app.access import queries as access
from audit_app.access.models import Account
from audit_app.access.rules import DESK_IDLE, Actor
from audit_app.accounts.models import Invitation, Proposal
from audit_app.accounts.queries.people import invited
from audit_app.accounts.queries.places import UnitOption, units
from audit_app.accounts.queries.proposals import Waiting, waiting
from audit_app.accounts.queries.scope import is_tester, seen
from audit_app.accounts.rules import MANAGE, RoleWords, guarded
from audit_app.kit.db import Session
from audit_app.kit.errors import Forbidden, NotFound
from audit_app.organisation.models import OrgUnit, RoleGrant, Team, Touchpoint
from audit_app.testers.models import Assessor

MOST_ENDED = 10


@dataclass(frozen=True, slots=True)
class GrantLine:
    """A role that is or was held. `place` is the touchpoint or team it is narrowed to; `mine`: in the reader's area."""

    id: str
    role: str
    unit: str
    unit_path: str
    place: str
    since: datetime
    until: datetime | None
    mine: bool


@dataclass(frozen=True)
class Known:
    """An account as operations need it. `own`: it is the asker's; `whole`: all its roles lie in the asker's area."""

    id: str
    username: str
    name: str
    tester: bool
    active: bool
    grants: tuple[GrantLine, ...]
    own: bool
    whole: bool

    @property
    def guarded(self) -> list[GrantLine]:
        """The roles for which changes need a second administrator."""
        return [g for g in self.grants if guarded(g.role)]


@dataclass(frozen=True)
class AccountScreen(RoleWords):
    id: str
    tester: bool
    name: str
    username: str
    code: str
    tier: str
    state: str
    created_at: datetime
    generator: bool
    grants: list[GrantLine]
    ended: list[GrantLine]
    sessions: list[access.OpenSession]
    tokens: list[access.OpenToken]
    link: tuple[str, datetime] | None  # an open invitation: id, until when
    waiting: list[Waiting]
    units: list[UnitOption]
    own: bool
    whole: bool
    saved: str = ""
    typed: dict[str, str] = field(default_factory=dict)
    errors: tuple[Any, ...] = ()

    @property
    def careful(self) -> bool:
        """Changes of the credentials need a second administrator."""
        return any(guarded(line.role) for line in self.grants)


def _columns() -> tuple[Any, ...]:
    hidden = {True: ""}
    return (
        col(Account.id),
        is_tester().label("tester"),
        sa.case(hidden, value=is_tester(), else_=col(Account.display_name)).label("name"),
        sa.case(hidden, value=is_tester(), else_=col(Account.username)).label("username"),
        col(Account.active),
    )


def known(session: Session, actor: Actor, account_id: str) -> Known:
    """The account; NotFound if it does not belong to the administrator's subtrees."""
    row = session.execute(sa.select(*_columns()).where(col(Account.id) == account_id, seen(actor))).first()
    if row is None:
        raise NotFound()
    grants = tuple(g for g in grant_lines(session, actor, account_id) if g.until is None)
    return Known(
        row.id, row.username, row.name, bool(row.tester), row.active, grants, row.id == actor.account_id,
        all(g.mine for g in grants),
    )  # fmt: skip


def managed(session: Session, actor: Actor, account_id: str) -> Known:
    """The account, to be changed as a whole: Forbidden for one's own and for one with roles outside the own area."""
    found = known(session, actor, account_id)
    if found.own or not found.whole:
        raise Forbidden()
    return found


def home(session: Session, account_id: str) -> str:
    """The unit to which an account belongs: by a role, an invitation, a first role asked for, or a role that has ended;
    the outermost unit if by none."""

    def of(table: Any, *where: Any) -> Any:
        return sa.select(table.unit_code).where(table.account_id == account_id, *where).order_by(table.id.desc())

    ways = (
        of(RoleGrant, col(RoleGrant.revoked_at).is_(None)), of(Invitation), of(Proposal, Proposal.kind == "invite"),
        of(RoleGrant), sa.select(col(OrgUnit.code)).order_by(col(OrgUnit.path)),
    )  # fmt: skip
    return next(str(code) for way in ways if (code := session.execute(way.limit(1)).scalar()) is not None)


def grant_lines(session: Session, actor: Actor, account_id: str) -> list[GrantLine]:
    """All roles of the account, present and past, wider ones first."""
    statement = (
        sa.select(
            col(RoleGrant.id), col(RoleGrant.role), col(OrgUnit.name), col(OrgUnit.path),
            sa.func.coalesce(col(Team.name), col(Touchpoint.name), "").label("place"), col(RoleGrant.granted_at),
            col(RoleGrant.revoked_at),
        )
        .join(OrgUnit, col(OrgUnit.code) == col(RoleGrant.unit_code))
        .outerjoin(Touchpoint, col(Touchpoint.id) == col(RoleGrant.touchpoint_id))
        .outerjoin(Team, col(Team.id) == col(RoleGrant.team_id))
        .where(col(RoleGrant.account_id) == account_id)
        .order_by(col(OrgUnit.path), col(RoleGrant.role), col(RoleGrant.id))
    )  # fmt: skip
    inside = actor.paths(MANAGE)
    rows: list[Any] = list(session.execute(statement))
    return [GrantLine(*[*row, row[3].startswith(inside)]) for row in rows]


def account(session: Session, /, actor: Actor, account_id: str, now: datetime, **more: Any) -> AccountScreen:
    """Everything on the administrator's page of an account."""
    statement = (
        sa.select(
            *_columns(), invited(now).label("invited"), col(Account.created_at),
            col(Account.totp_seed).is_not(None).label("generator"), col(Assessor.code), col(Assessor.tier),
        )
        .outerjoin(Assessor, col(Assessor.account_id) == col(Account.id))
        .where(col(Account.id) == account_id, seen(actor))
    )  # fmt: skip
    row = session.execute(statement).first()
    if row is None:
        raise NotFound()
    lines = grant_lines(session, actor, account_id)
    held = [line for line in lines if line.until is None]
    ended = sorted((line for line in lines if line.until), key=lambda line: line.until or now, reverse=True)
    return AccountScreen(
        id=row.id, tester=bool(row.tester), name=row.name, username=row.username, code=row.code or "",
        tier=row.tier or "", state="disabled" if not row.active else "invited" if row.invited else "active",
        created_at=row.created_at, generator=bool(row.generator), grants=held, ended=ended[:MOST_ENDED],
        sessions=access.open_sessions(session, account_id, now - DESK_IDLE, now),
        tokens=access.open_tokens(session, account_id, now), link=open_link(session, account_id, now),
        waiting=waiting(session, actor, account_id=account_id), units=units(session, actor),
        own=row.id == actor.account_id, whole=all(line.mine for line in held), **more,
    )  # fmt: skip


def open_link(session: Session, account_id: str, now: datetime) -> tuple[str, datetime] | None:
    """(id, until when) of the invitation that can still be used."""
    row = session.execute(
        sa.select(col(Invitation.id), col(Invitation.expires_at))
        .where(
            col(Invitation.account_id) == account_id, col(Invitation.used_at).is_(None),
            col(Invitation.withdrawn_at).is_(None), col(Invitation.expires_at) > now,
        )
        .order_by(col(Invitation.id).desc())
        .limit(1)
    ).first()  # fmt: skip
    return (row[0], row[1]) if row is not None else None


@dataclass(frozen=True)
class Invited:
    """Whom a link lets in."""

    id: str
    account_id: str
    username: str
    name: str


def invited_by(session: Session, token_hash: str, now: datetime) -> Invited | None:
    """Whom the link is for, while it can be used and the account is not disabled."""
    row = session.execute(
        sa.select(col(Invitation.id), col(Account.id), col(Account.username), col(Account.display_name))
        .join(Account, col(Account.id) == col(Invitation.account_id))
        .where(
            col(Invitation.token_hash) == token_hash, col(Invitation.used_at).is_(None),
            col(Invitation.withdrawn_at).is_(None), col(Invitation.expires_at) > now, col(Account.active).is_(True),
        )
    ).first()  # fmt: skip
    return Invited(*row) if row is not None else None

"""Changes that wait for a second administrator, and whether there is one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col

from audit_app.access.models import Account
from audit_app.access.rules import PERMISSIONS, Actor
from audit_app.accounts.models import Proposal
from audit_app.accounts.queries.scope import is_tester
from audit_app.accounts.rules import COUNTS_FOR, GRANTS, MANAGE
from audit_app.kit.db import Session
from audit_app.kit.errors import NotFound
from audit_app.organisation.models import OrgUnit, RoleGrant
from audit_app.organisation.scope import within
from audit_app.testers.models import Assessor

ADMIN_ROLES = tuple(role for role, held in PERMISSIONS.items() if MANAGE in held)


@dataclass(frozen=True)
class Waiting:
    """A change that waits. `mine`: the reader asked for it, or it is about the reader, and so cannot confirm it. As
    everywhere a tester has a code instead of a name."""

    id: str
    account_id: str
    name: str
    kind: str
    role: str
    unit: str
    unit_code: str
    unit_path: str
    reason: str
    asked_by: str
    asker: str
    asked_at: datetime
    tester: bool
    code: str
    tier: str
    mine: bool

    @property
    def role_asked(self) -> bool:
        return self.kind in GRANTS


def waiting(session: Session, actor: Actor, *, account_id: str = "", proposal_id: str = "") -> list[Waiting]:
    """What waits in the administrator's subtrees, oldest first."""
    asker = aliased(Account)
    hidden: dict[bool, Any] = {True: ""}
    name = sa.case(hidden, value=is_tester(), else_=col(Account.display_name))
    statement = (
        sa.select(
            col(Proposal.id), col(Proposal.account_id), name.label("name"), col(Proposal.kind),
            col(Proposal.role), col(OrgUnit.name), col(OrgUnit.code), col(OrgUnit.path), col(Proposal.reason),
            col(Proposal.asked_by), asker.display_name, col(Proposal.asked_at), is_tester().label("tester"),
            sa.func.coalesce(col(Assessor.code), ""), sa.func.coalesce(col(Assessor.tier), ""),
        )
        .join(Account, col(Account.id) == col(Proposal.account_id))
        .join(asker, asker.id == col(Proposal.asked_by))
        .join(OrgUnit, col(OrgUnit.code) == col(Proposal.unit_code))
        .outerjoin(Assessor, col(Assessor.account_id) == col(Proposal.account_id))
        .where(col(Proposal.status) == "waiting", within(col(OrgUnit.path), actor.paths(MANAGE)))
        .order_by(col(Proposal.asked_at), col(Proposal.id))
        .limit(50)
    )  # fmt: skip
    if account_id:
        statement = statement.where(col(Proposal.account_id) == account_id)
    if proposal_id:
        statement = statement.where(col(Proposal.id) == proposal_id)
    rows: list[Any] = list(session.execute(statement))
    return [Waiting(*[*row, actor.account_id in (row[1], row[9])]) for row in rows]


def one_waiting(session: Session, actor: Actor, proposal_id: str) -> Waiting:
    found = waiting(session, actor, proposal_id=proposal_id)
    if not found:
        raise NotFound()
    return found[0]


def another_administrator(session: Session, actor: Actor, account_id: str, unit_path: str, now: datetime) -> bool:
    """Whether somebody else administers this unit. One who was disabled still counts, and one whose role was ended for
    seven days more: nobody gets rid of the second pair of eyes to decide alone."""
    codes = unit_path.rstrip("/").split("/")
    found = sa.select(col(RoleGrant.id)).where(
        col(RoleGrant.role).in_(ADMIN_ROLES),
        col(RoleGrant.unit_code).in_(codes),
        col(RoleGrant.account_id).not_in((actor.account_id, account_id)),
        sa.or_(col(RoleGrant.revoked_at).is_(None), col(RoleGrant.revoked_at) > now - COUNTS_FOR),
    )
    return session.execute(found.limit(1)).first() is not None


def lock_administrators(session: Session) -> list[tuple[str, str, str]]:
    """(account, grant, unit path) of every administrator who can act, held until the transaction ends: two who strip
    each other at the same moment come one after the other."""
    statement = (
        sa.select(col(Account.id), col(RoleGrant.id), col(OrgUnit.path))
        .join(RoleGrant, col(RoleGrant.account_id) == col(Account.id))
        .join(OrgUnit, col(OrgUnit.code) == col(RoleGrant.unit_code))
        .where(col(RoleGrant.role).in_(ADMIN_ROLES), col(RoleGrant.revoked_at).is_(None), col(Account.active).is_(True))
        .order_by(col(RoleGrant.id))
        .with_for_update(of=[Account, RoleGrant])
    )
    return [(row[0], row[1], row[2]) for row in session.execute(statement)]

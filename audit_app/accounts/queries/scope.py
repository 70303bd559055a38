"""Which accounts an administrator sees, and which of them are known to him by a code only."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import col

from audit_app.access.models import Account
from audit_app.access.rules import TESTER_ROLES, Actor
from audit_app.accounts.models import Invitation, Proposal
from audit_app.accounts.rules import MANAGE
from audit_app.organisation.models import OrgUnit, RoleGrant
from audit_app.organisation.scope import within
from audit_app.testers.models import Assessor


def _belongs(table: Any, account: Any, paths: tuple[str, ...], **also: str) -> ColumnElement[bool]:
    """The account has a row of this table (a role, an invitation, a code) in one of the subtrees. Aliases of its own,
    so that the statement around it may read the same tables."""
    row, unit = aliased(table), aliased(OrgUnit)
    more = [getattr(row, name) == value for name, value in also.items()]
    return sa.exists().where(row.account_id == account, row.unit_code == unit.code, within(unit.path, paths), *more)


def in_paths(paths: tuple[str, ...], account: Any = None) -> ColumnElement[bool]:
    """Accounts that belong to one of the subtrees: by a role (ended ones count, and a first one that was asked for), an
    invitation or as assessor."""
    who = col(Account.id) if account is None else account
    asked = _belongs(Proposal, who, paths, kind="invite")
    return sa.or_(*[_belongs(table, who, paths) for table in (RoleGrant, Invitation, Assessor)], asked)


def seen(actor: Actor) -> ColumnElement[bool]:
    """The condition on `Account`: whom the administrator sees at all."""
    return in_paths(actor.paths(MANAGE))


def is_tester(account: Any = None) -> ColumnElement[bool]:
    """Recruited testers, past ones too: nobody but the programme office knows their names."""
    who = col(Account.id) if account is None else account
    assessor, grant = aliased(Assessor), aliased(RoleGrant)
    by_code = sa.exists().where(assessor.account_id == who, col(assessor.tier).in_(TESTER_ROLES))
    by_role = sa.exists().where(grant.account_id == who, col(grant.role).in_(TESTER_ROLES))
    return sa.or_(by_code, by_role)

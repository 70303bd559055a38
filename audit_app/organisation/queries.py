"""Reading role grants and imports. The tree and its touchpoints are read by `directory.py`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from audit_app.access.models import Account
from audit_app.access.rules import PERMISSIONS, Actor, Grant
from audit_app.kit.errors import NotFound
from audit_app.kit.paging import PageOf, after, decode_moment, page_of
from audit_app.kit.prepared import Prepared
from audit_app.organisation.models import ImportRun, OrgUnit, RoleGrant
from audit_app.organisation.rules import Report, from_document
from audit_app.organisation.scope import within

_select: Any = sa.select  # the columns of a table class are typed as their values


_GRANTS = Prepared(
    _select(RoleGrant.role, RoleGrant.unit_code, OrgUnit.path, OrgUnit.name, RoleGrant.touchpoint_id, RoleGrant.team_id)
    .join(OrgUnit, col(OrgUnit.code) == RoleGrant.unit_code)
    .where(RoleGrant.account_id == sa.bindparam("account_id"), col(RoleGrant.revoked_at).is_(None))
    .order_by(OrgUnit.path, RoleGrant.role)
)


def grants_of(session: Session, account_id: str) -> tuple[Grant, ...]:
    """The roles that an account holds now, each with its subtree. Wider subtrees first. Runs on every request."""
    rows = _GRANTS.rows(session.connection(), {"account_id": account_id})
    return tuple(Grant(*row) for row in rows)


RUNS_PER_PAGE = 20


@dataclass(frozen=True)
class RunRow:
    """One import in the list."""

    id: str
    kind: str
    file_name: str
    status: str
    counts: dict[str, int]
    created_by: str
    created_at: datetime
    applied_at: datetime | None


def _run_seen(actor: Actor) -> ColumnElement[bool]:
    """Own imports, and those of people whose right to import lies wholly inside the actor's subtrees."""
    importers = [role for role, held in PERMISSIONS.items() if "organisation.import" in held]
    held = (
        select(RoleGrant.account_id)
        .join(OrgUnit, col(OrgUnit.code) == RoleGrant.unit_code)
        .where(col(RoleGrant.role).in_(importers), col(RoleGrant.revoked_at).is_(None))
    )
    inside = within(col(OrgUnit.path), actor.paths("organisation.import"))
    below = sa.and_(
        col(ImportRun.created_by).in_(held.where(inside)), col(ImportRun.created_by).not_in(held.where(~inside))
    )
    return sa.or_(col(ImportRun.created_by) == actor.account_id, below)


_RUN_COLUMNS = (
    ImportRun.id, ImportRun.kind, ImportRun.file_name, ImportRun.status, ImportRun.counts, Account.display_name,
    ImportRun.created_at, ImportRun.applied_at,
)  # fmt: skip


def runs(session: Session, actor: Actor, marker: str = "") -> PageOf[RunRow]:
    """Imports that the actor may see, newest first."""
    statement = _select(*_RUN_COLUMNS).join(Account, col(Account.id) == ImportRun.created_by).where(_run_seen(actor))
    if marker:
        at, key = decode_moment(marker)
        statement = statement.where(after([col(ImportRun.created_at), col(ImportRun.id)], [at, key], descending=True))
    statement = statement.order_by(col(ImportRun.created_at).desc(), col(ImportRun.id).desc()).limit(RUNS_PER_PAGE + 1)
    found = [RunRow(*row) for row in session.execute(statement)]
    return page_of(found, RUNS_PER_PAGE, lambda row: (row.created_at.isoformat(), row.id))


def run(session: Session, actor: Actor, run_id: str) -> RunRow:
    """One import; NotFound if there is none or it is not for the actor to see."""
    row = session.execute(
        _select(*_RUN_COLUMNS)
        .join(Account, col(Account.id) == ImportRun.created_by)
        .where(ImportRun.id == run_id, _run_seen(actor))
    ).first()
    if row is None:
        raise NotFound
    return RunRow(*row)


def run_report(session: Session, actor: Actor, run_id: str) -> Report:
    """The whole report of an import."""
    row = session.execute(
        _select(ImportRun.kind, ImportRun.file_name, ImportRun.file_sha256, ImportRun.report).where(
            ImportRun.id == run_id, _run_seen(actor)
        )
    ).first()
    if row is None:
        raise NotFound
    return from_document(*row)

"""Reading the organisation."""

from sqlmodel import Session, col, select

from audit_app.access.rules import Grant
from audit_app.organisation.models import OrgUnit, RoleGrant


def grants_of(session: Session, account_id: str) -> tuple[Grant, ...]:
    """The roles that an account holds now, each with its subtree. Wider subtrees first."""
    rows = session.execute(
        select(
            RoleGrant.role,
            RoleGrant.unit_code,
            OrgUnit.path,
            OrgUnit.name,
            RoleGrant.touchpoint_id,
            RoleGrant.team_id,
        )
        .join(OrgUnit, col(OrgUnit.code) == RoleGrant.unit_code)
        .where(RoleGrant.account_id == account_id, col(RoleGrant.revoked_at).is_(None))
        .order_by(OrgUnit.path, RoleGrant.role)
    )
    return tuple(Grant(*row) for row in rows)

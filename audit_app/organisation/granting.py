"""Giving and ending roles. Who may do so decides the caller; a change ends the person's sign-ins, so that nobody works
on with what was decided before."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from audit_app.access.endings import end_all, end_tokens_of
from audit_app.kit.db import Session
from audit_app.kit.errors import Conflict, FieldError, Invalid, NotFound
from audit_app.kit.ids import new_id
from audit_app.organisation import queries
from audit_app.organisation.models import RoleGrant, StaffMember
from audit_app.organisation.rules import Post
from audit_app.trail.operations import record

HELD = FieldError("role", "held", "The person holds this role there already.")


def grant(session: Session, by: str | None, account_id: str, post: Post, now: datetime) -> str:
    """Gives the account a role in a subtree; the grant's id. Invalid if it is held there, also if somebody else
    gave it in the same moment: the transaction is lost then."""
    row = RoleGrant(
        id=new_id(), account_id=account_id, role=post.role, unit_code=post.unit_code,
        touchpoint_id=post.touchpoint_id or None, team_id=post.team_id or None, granted_at=now, granted_by=by,
    )  # fmt: skip
    session.add(row)
    try:
        session.flush()
    except IntegrityError as fault:
        raise Invalid(fields=[HELD]) from fault
    end_all(session, account_id, now)
    _record(session, "role.granted", by, account_id, post.role, post.unit_code, post.unit_path, now)
    return row.id


def end(session: Session, by: str | None, grant_id: str, unit_path: str, now: datetime) -> None:
    """Takes a role away; with the last one the account's API tokens end, too. NotFound if it is none or has ended."""
    ended = session.execute(
        sa.update(RoleGrant)
        .where(col(RoleGrant.id) == grant_id, col(RoleGrant.revoked_at).is_(None))
        .values(revoked_at=now)
        .returning(col(RoleGrant.account_id), col(RoleGrant.role), col(RoleGrant.unit_code))
    ).first()
    if ended is None:
        raise NotFound()
    end_all(session, ended[0], now)
    if not queries.grants_of(session, ended[0]):
        end_tokens_of(session, by, ended[0], now)
    _record(session, "role.ended", by, ended[0], ended[1], ended[2], unit_path, now)


def link_staff(session: Session, staff_id: str, account_id: str) -> None:
    """The account belongs to this staff member from now on; Conflict if another one does."""
    linked = session.execute(
        sa.update(StaffMember)
        .where(
            sa.or_(col(StaffMember.id) == staff_id, col(StaffMember.merged_into) == staff_id),
            col(StaffMember.account_id).is_(None),
        )
        .values(account_id=account_id)
        .returning(col(StaffMember.id))
    ).all()
    if not linked:
        raise Conflict()


def _record(
    session: Session, act: str, by: str | None, account_id: str, role: str, unit: str, path: str, now: datetime
) -> None:
    record(
        session, act, actor_id=by, subject_kind="account", subject_id=account_id, now=now, unit_path=path,
        detail={"role": role, "unit": unit},
    )  # fmt: skip

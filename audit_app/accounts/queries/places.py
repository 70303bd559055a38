"""The units an administrator may grant roles in, and the place that a code names."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import col

from audit_app.access.rules import Actor
from audit_app.accounts.rules import MANAGE
from audit_app.kit.db import Session
from audit_app.organisation.models import OrgUnit, StaffMember, Team, Touchpoint
from audit_app.organisation.scope import within

LEVELS = ("province", "city", "county")


@dataclass(frozen=True, slots=True)
class UnitOption:
    code: str
    name: str
    path: str
    depth: int


@dataclass(frozen=True, slots=True)
class Place:
    """A touchpoint, team or staff member as a role is narrowed to it."""

    unit_path: str
    touchpoint_id: str
    team_id: str = ""
    staff_id: str = ""
    staff_account: str = ""


def units(session: Session, actor: Actor) -> list[UnitOption]:
    """Province, cities and counties of the administrator's subtrees, in the order of the tree."""
    rows = session.execute(
        sa.select(col(OrgUnit.code), col(OrgUnit.name), col(OrgUnit.path))
        .where(within(col(OrgUnit.path), actor.paths(MANAGE)), col(OrgUnit.level).in_(LEVELS), col(OrgUnit.active))
        .order_by(col(OrgUnit.path))
    ).all()
    top = min((path.count("/") for _, _, path in rows), default=0)
    return [UnitOption(code, name, path, path.count("/") - top) for code, name, path in rows]


def place(session: Session, actor: Actor, kind: str, code: str) -> Place | None:
    """What the code names, if it lies in the administrator's subtrees."""
    inside = within(col(Touchpoint.unit_path), actor.paths(MANAGE))
    empty = sa.literal("")
    if kind == "touchpoint":
        found = sa.select(col(Touchpoint.unit_path), col(Touchpoint.id), empty, empty, empty).where(
            col(Touchpoint.code) == code
        )
    elif kind == "team":
        found = (
            sa.select(col(Touchpoint.unit_path), col(Touchpoint.id), col(Team.id), empty, empty)
            .join(Team, col(Team.touchpoint_id) == col(Touchpoint.id))
            .where(col(Team.code) == code)
        )
    else:
        account = sa.func.coalesce(col(StaffMember.account_id), "")
        found = (
            sa.select(col(Touchpoint.unit_path), col(Touchpoint.id), empty, col(StaffMember.id), account)
            .join(StaffMember, col(StaffMember.touchpoint_id) == col(Touchpoint.id))
            .where(col(StaffMember.code) == code)
        )
    row = session.execute(found.where(inside)).first()
    return Place(*row) if row is not None else None


def lowest_unit(session: Session, path: str) -> tuple[str, str]:
    """(code, path) of the lowest unit of the path that holds roles: a town does not."""
    codes = path.rstrip("/").split("/")
    row = session.execute(
        sa.select(col(OrgUnit.code), col(OrgUnit.path))
        .where(col(OrgUnit.code).in_(codes), col(OrgUnit.level).in_(LEVELS))
        .order_by(col(OrgUnit.path).desc())
        .limit(1)
    ).one()
    return row[0], row[1]

"""The one door for scope: what of the tree somebody may see. Every query of org-bound rows begins here."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from audit_app.access.rules import Actor
from audit_app.organisation.models import OrgUnit, Touchpoint


def under(column: Any, path: str) -> ColumnElement[bool]:
    """Rows whose path lies in the subtree: a range of the byte order, so that an index serves it ('0' follows '/')."""
    return sa.and_(column >= path, column < path[:-1] + "0")


def within(column: Any, paths: tuple[str, ...]) -> ColumnElement[bool]:
    """Rows in any of the subtrees; none where there are no subtrees."""
    return sa.or_(*[under(column, path) for path in paths]) if paths else sa.false()


def units_visible_to(actor: Actor, permission: str = "organisation.read") -> SelectOfScalar[OrgUnit]:
    """The units of the subtrees in which the actor holds the permission."""
    return select(OrgUnit).where(within(col(OrgUnit.path), actor.paths(permission)))


def touchpoints_visible_to(actor: Actor, permission: str = "organisation.read") -> SelectOfScalar[Touchpoint]:
    """The touchpoints in the actor's subtrees, and the single ones that a narrowed grant names."""
    return select(Touchpoint).where(seen_touchpoint(actor, permission))


def seen_touchpoint(actor: Actor, permission: str) -> ColumnElement[bool]:
    """The condition on `Touchpoint` behind :func:`touchpoints_visible_to`, for joins."""
    return sa.or_(
        within(col(Touchpoint.unit_path), actor.paths(permission)),
        col(Touchpoint.id).in_(actor.touchpoint_ids(permission)),
    )

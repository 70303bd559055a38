"""What of the plans somebody may know. Covert work exists only for its assessor and for `covert.plan` at the owner."""

from sqlalchemy import ColumnElement
from sqlmodel import col

from audit_app.access.rules import Actor
from audit_app.kit.sql import all_of, any_of
from audit_app.organisation.scope import within
from audit_app.planning.models import Assignment, Programme


def seen_programme(actor: Actor) -> ColumnElement[bool]:
    """Overt programmes of the actor's subtree; covert ones only with `covert.plan` at the owner or above."""
    overt = all_of(Programme.manner == "overt", within(col(Programme.unit_path), actor.paths("planning.read")))
    covert = all_of(Programme.manner == "covert", within(col(Programme.unit_path), actor.paths("covert.plan")))
    return any_of(overt, covert)


def may_write(actor: Actor, programme: Programme) -> bool:
    needed = "covert.plan" if programme.manner == "covert" else "planning.write"
    return actor.may("planning.write") and any(programme.unit_path.startswith(p) for p in actor.paths(needed))


def visible_visit(actor: Actor) -> ColumnElement[bool]:
    """Whether the visit made under an `Assignment` (joined with its `Programme`) may be known to the actor: who plans
    a programme knows its visits; everybody else from their release on."""
    return any_of(col(Assignment.visible_at).is_not(None), seen_programme(actor))


def shown_assessor(code: str, tier: str, name: str, manner: str) -> str:
    """Inspectors appear by name in overt programmes; everybody else by code."""
    return name if tier == "inspector" and manner == "overt" else code


def live() -> ColumnElement[bool]:
    """Jobs that were not declined, withdrawn or run out."""
    return col(Assignment.status).not_in(("declined", "expired", "cancelled"))

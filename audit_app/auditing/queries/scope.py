"""Which lines an auditor sees: those of the own subtrees and of the people who belong there, and nothing of covert work
before its release."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlmodel import col

from audit_app.access.rules import Actor
from audit_app.accounts.queries.scope import in_paths
from audit_app.appeals.models import Appeal
from audit_app.auditing.rules import OPEN, READ
from audit_app.organisation.scope import within
from audit_app.planning.models import Assignment, Programme, Round
from audit_app.trail.models import TrailLine
from audit_app.visits.models import Visit

# Not the bare columns: their indexes would gather all lines of a province and sort them for one page.
_KIND, _SUBJECT = sa.func.coalesce(col(TrailLine.subject_kind), ""), sa.func.coalesce(col(TrailLine.subject_id), "")


def seen(actor: Actor) -> ColumnElement[bool]:
    """The condition on `TrailLine`."""
    paths = actor.paths(READ)
    return sa.and_(_in_area(paths), _not_hidden(actor))


def _in_area(paths: tuple[str, ...]) -> ColumnElement[bool]:
    """A line of the subtree; one without a place if somebody of the subtree did it or suffered it. What the system did
    to no place and no person is seen from a whole province."""
    theirs = [in_paths(paths, col(TrailLine.actor_id)), sa.and_(_KIND == "account", in_paths(paths, _SUBJECT))]
    if any(path.count("/") == 1 for path in paths):
        nobody = sa.or_(_KIND != "account", _SUBJECT == "unknown")
        theirs.append(sa.and_(col(TrailLine.actor_id).is_(None), nobody))
    place = sa.func.coalesce(col(TrailLine.unit_path), "")
    return sa.or_(within(place, paths), sa.and_(place == "", sa.or_(*theirs)))


def _not_hidden(actor: Actor) -> ColumnElement[bool]:
    planned = within(col(Programme.unit_path), actor.paths("covert.plan"))
    known = sa.or_(col(Programme.manner) == "overt", planned)
    shown = sa.or_(known, col(Assignment.visible_at).is_not(None))
    job = [col(Round.id) == col(Assignment.round_id), col(Programme.id) == col(Round.programme_id), shown]
    return sa.or_(
        _KIND.in_(sorted(OPEN)),
        _about("visit", col(Visit.id) == _SUBJECT, col(Assignment.id) == col(Visit.assignment_id), *job),
        _about(
            "appeal", col(Appeal.id) == _SUBJECT, col(Visit.id) == col(Appeal.visit_id),
            col(Assignment.id) == col(Visit.assignment_id), *job,
        ),
        _about("assignment", col(Assignment.id) == _SUBJECT, *job),
        _about("round", col(Round.id) == _SUBJECT, col(Programme.id) == col(Round.programme_id), known),
        _about("programme", col(Programme.id) == _SUBJECT, known),
    )  # fmt: skip


def _about(kind: str, *conditions: Any) -> ColumnElement[bool]:
    return sa.and_(kind == _KIND, sa.exists().where(*conditions))

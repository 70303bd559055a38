"""One transition table per status, one door through it: compare-and-swap on the row's status."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, update
from sqlmodel import Session

from audit_app.kit.errors import Conflict

Transitions = Mapping[str, frozenset[str]]


def allowed(table: Transitions, old: str, new: str) -> bool:
    """Whether the table lets a thing go from `old` to `new`."""
    return new in table.get(old, frozenset())


def move(session: Session, model: Any, key: str, table: Transitions, new: str, **values: Any) -> None:
    """Sets `model.status` to `new` if the row's present status allows it, in one statement.

    Two callers racing: one wins, the other gets :class:`Conflict`. Further columns go along in `values`.
    """
    sources = [old for old in table if allowed(table, old, new)]
    where: list[ColumnElement[bool]] = [model.id == key, model.status.in_(sources)]
    moved = session.scalars(update(model).where(*where).values(status=new, **values).returning(model.id)).all()
    if len(moved) != 1:
        raise Conflict(code="state-changed")

"""Keyset paging: a page is found by where the last one ended, so that deep pages cost no more than the first."""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, and_, or_

from audit_app.kit.errors import BadRequest

T = TypeVar("T")


@dataclass(frozen=True)
class PageOf(Generic[T]):
    """Rows of one page and the opaque marker of the next (empty: this was the last)."""

    rows: Sequence[T]
    next: str = ""


def encode(values: Sequence[str | int | None]) -> str:
    return base64.urlsafe_b64encode(json.dumps(list(values)).encode()).decode().rstrip("=")


def decode(marker: str, size: int) -> list[Any]:
    """The values of a marker; :class:`BadRequest` when it is not one of ours."""
    try:
        values = json.loads(base64.urlsafe_b64decode(marker + "=" * (-len(marker) % 4)))
    except (ValueError, RecursionError) as fault:
        raise BadRequest(code="bad-page") from fault
    if not isinstance(values, list) or len(values) != size or not all(_storable(v) for v in values):
        raise BadRequest(code="bad-page")
    return values


def _storable(value: object) -> bool:
    """Whether a database could hold it: text without NUL or half characters, a number of 64 bits."""
    if isinstance(value, str):
        return "\0" not in value and not any("\ud800" <= c <= "\udfff" for c in value)
    return isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63


def instant_of(value: object) -> datetime:
    """An instant out of a marker; :class:`BadRequest` when it is none."""
    try:
        found = datetime.fromisoformat(str(value))
        if found.tzinfo is None:
            raise BadRequest(code="bad-page")
        return found.astimezone(UTC)  # the first and the last day have instants that no UTC date can hold
    except (ValueError, OverflowError) as fault:
        raise BadRequest(code="bad-page") from fault


def day_of(value: object) -> date:
    """A day out of a marker; :class:`BadRequest` when it is none."""
    try:
        return date.fromisoformat(str(value))
    except ValueError as fault:
        raise BadRequest(code="bad-page") from fault


def decode_moment(marker: str) -> tuple[datetime, str]:
    """The instant and the key of a list that is ordered by both."""
    at, key = decode(marker, 2)
    return instant_of(at), str(key)


def after(columns: Sequence[Any], values: Sequence[Any], descending: bool = False) -> ColumnElement[bool]:
    """Rows strictly after `values` in the order of `columns` (all ascending or all descending)."""
    if not all(_comparable(column, value) for column, value in zip(columns, values, strict=True)):
        raise BadRequest(code="bad-page")
    steps = []
    for i, column in enumerate(columns):
        step = column < values[i] if descending else column > values[i]
        steps.append(and_(*[c == v for c, v in zip(columns[:i], values[:i], strict=True)], step))
    return or_(*steps)


def _comparable(column: Any, value: object) -> bool:
    """PostgreSQL compares text with text and numbers with numbers only."""
    try:
        return isinstance(value, column.type.python_type)
    except (AttributeError, NotImplementedError):
        return True


def keyset(
    statement: Select[Any], columns: Sequence[Any], marker: str, size: int, descending: bool = False
) -> Select[Any]:
    """The statement ordered by `columns`, begun after `marker`, with one row more than `size` (see :func:`page_of`)."""
    if marker:
        statement = statement.where(after(columns, decode(marker, len(columns)), descending))
    order = [c.desc() if descending else c.asc() for c in columns]
    return statement.order_by(*order).limit(size + 1)


def page_of(rows: Sequence[T], size: int, key: Callable[[T], Sequence[str | int]]) -> PageOf[T]:
    """Cuts the extra row of :func:`keyset` off and turns it into the marker of the next page."""
    if len(rows) <= size:
        return PageOf(rows)
    kept = rows[:size]
    return PageOf(kept, encode(list(key(kept[-1]))))

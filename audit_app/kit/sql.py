"""Building conditions: columns are typed as their Python values, so that conditions look like bool to the checker."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Select


def columns(*wanted: Any) -> Select[Any]:
    """SELECT of these columns or tables."""
    return sa.select(*wanted)


def all_of(*conditions: Any) -> ColumnElement[bool]:
    """Every condition holds."""
    return sa.and_(*conditions)


def any_of(*conditions: Any) -> ColumnElement[bool]:
    """At least one condition holds; none where there are no conditions."""
    return sa.or_(*conditions) if conditions else sa.false()

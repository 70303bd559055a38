"""Column shorthands for table classes, so that every table spells keys, instants and references alike."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from audit_app.kit.db import CText, UTCDateTime
from audit_app.kit.ids import new_id, random_id


def internal_key() -> Any:
    """Primary key that sorts by time; never shown outside the desk."""
    return Field(default_factory=new_id, primary_key=True, max_length=36)


def outward_key() -> Any:
    """Primary key of 128 random bits: may be seen by anybody."""
    return Field(default_factory=random_id, primary_key=True, max_length=36)


def ref(target: str, *, index: bool = True, nullable: bool = False, primary_key: bool = False) -> Any:
    """Foreign key to `table.column`."""
    if primary_key:
        return Field(foreign_key=target, primary_key=True, max_length=36)
    if nullable:
        return Field(default=None, foreign_key=target, index=index, nullable=True, max_length=36)
    return Field(foreign_key=target, index=index, max_length=36)


def instant(*, index: bool = False) -> Any:
    """A moment, aware, in UTC."""
    return Field(sa_type=UTCDateTime, index=index)


def maybe_instant(*, index: bool = False) -> Any:
    return Field(default=None, sa_type=UTCDateTime, nullable=True, index=index)


def path(*, index: bool = True) -> Any:
    """The place of an org unit in the tree: `36/3601/360102/`. A subtree is the range of its prefix."""
    return Field(sa_type=CText, index=index)


def document(*, nullable: bool = False) -> Any:
    """A small JSON value: ids, codes and counts."""
    if nullable:
        return Field(default=None, sa_type=sa.JSON, nullable=True)
    return Field(sa_type=sa.JSON)


def blob(*, nullable: bool = False) -> Any:
    """Bytes kept as they came."""
    if nullable:
        return Field(default=None, sa_type=sa.LargeBinary, nullable=True)
    return Field(sa_type=sa.LargeBinary)

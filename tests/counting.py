"""Counts what a database is asked: the number of statements must not grow with the rows."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from audit_app.kit.db import Database

RUNS = "before_cursor_execute"


@contextmanager
def statements(db: Database) -> Iterator[list[str]]:
    """The statements that run inside."""
    found: list[str] = []

    def note(*args: object) -> None:
        found.append(str(args[2]))

    sa.event.listen(db.engine, RUNS, note)
    try:
        yield found
    finally:
        sa.event.remove(db.engine, RUNS, note)

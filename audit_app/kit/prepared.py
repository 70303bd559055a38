"""Statements that run thousands of times a second: written in SQLAlchemy Core, compiled once per database, and then run
on the driver's own cursor in the session's transaction. Ten times less work per statement than `Connection.execute`.

For hot paths only. Every value that the statement names must be given; there are no defaults.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import DBAPIError

Convert = Callable[[Any], Any] | None


@dataclass(frozen=True, slots=True)
class _Compiled:
    sql: str
    binders: tuple[tuple[str, Convert], ...]
    positional: bool
    readers: tuple[tuple[int, Callable[[Any], Any]], ...]
    constants: Mapping[str, Any]

    def bind(self, values: Mapping[str, Any]) -> Any:
        if self.constants:
            values = {**self.constants, **values}
        if self.positional:
            return [values[name] if convert is None else convert(values[name]) for name, convert in self.binders]
        return {name: values[name] if convert is None else convert(values[name]) for name, convert in self.binders}


class Prepared:
    """One statement. Its values are named: the columns of an insert, the `bindparam`s of everything else."""

    def __init__(self, statement: Any) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def first(self, connection: Connection, values: Mapping[str, Any]) -> list[Any] | None:
        """The first row that comes back, or None."""
        found = self.rows(connection, values)
        return found[0] if found else None

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> list[list[Any]]:
        """The rows that come back, as Python values."""
        compiled = self._for(connection.dialect)
        found = [list(row) for row in self._on_cursor(connection, compiled, compiled.bind(values), many=False)]
        for row in found:
            for place, read in compiled.readers:
                row[place] = read(row[place])
        return found

    def run(self, connection: Connection, values: Mapping[str, Any]) -> None:
        """Runs a statement that gives nothing back."""
        compiled = self._for(connection.dialect)
        self._on_cursor(connection, compiled, compiled.bind(values), many=False)

    def run_many(self, connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
        compiled = self._for(connection.dialect)
        self._on_cursor(connection, compiled, [compiled.bind(row) for row in rows], many=True)

    def _on_cursor(self, connection: Connection, compiled: _Compiled, values: Any, *, many: bool) -> list[Any]:
        driver = connection.connection
        cursor = driver.cursor()
        try:
            (cursor.executemany if many else cursor.execute)(compiled.sql, values)
            return list(cursor.fetchall()) if compiled.readers or cursor.description else []
        except connection.dialect.loaded_dbapi.Error as fault:
            raise DBAPIError.instance(
                compiled.sql, None, fault, connection.dialect.loaded_dbapi.Error, dialect=connection.dialect
            ) from fault
        finally:
            cursor.close()

    def _for(self, dialect: Dialect) -> _Compiled:
        found = self._compiled.get(dialect.name)
        if found is None:
            found = self._compiled[dialect.name] = _compile(self._statement, dialect)
        return found


def _compile(statement: Any, dialect: Dialect) -> _Compiled:
    compiled = statement.compile(dialect=dialect)
    names = compiled.positiontup if compiled.positional else list(compiled.binds)
    binders = tuple((name, compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in names)
    readers: list[tuple[int, Callable[[Any], Any]]] = []
    for place, column in enumerate(_selected(statement)):
        read = column.type.dialect_impl(dialect).result_processor(dialect, None)
        if read is not None:
            readers.append((place, read))
    constants = {name: bound.value for name, bound in compiled.binds.items() if not bound.required}
    if isinstance(statement, sa.Insert):
        constants = {}
    return _Compiled(str(compiled), binders, bool(compiled.positional), tuple(readers), constants)


def _selected(statement: Any) -> Iterable[Any]:
    if isinstance(statement, sa.Select):
        return list(statement.selected_columns)
    return list(getattr(statement, "exported_columns", []))

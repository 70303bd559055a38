"""The form of a database as plain values, so that two can be compared."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from audit_app.kit.db import Database

Form = dict[str, Any]


def form_of(database: Database) -> Form:
    """Every table with its columns, keys, rules and indexes; partial indexes with their condition."""
    inspector = sa.inspect(database.engine)
    names = [name for name in inspector.get_table_names() if name != "alembic_version"]
    return {name: _table(inspector, database, name) for name in names}


def _table(inspector: sa.Inspector, database: Database, name: str) -> Form:
    dialect = database.engine.dialect
    return {
        "columns": {
            c["name"]: (c["type"].compile(dialect), c["nullable"], c["default"], c.get("comment"))
            for c in inspector.get_columns(name)
        },
        "key": inspector.get_pk_constraint(name),
        "foreign": _sorted(inspector.get_foreign_keys(name)),
        "unique": _sorted(inspector.get_unique_constraints(name)),
        "checks": _sorted(inspector.get_check_constraints(name)),
        "indexes": _sorted(_plain(i) for i in inspector.get_indexes(name)),
    }


def _plain(index: Mapping[str, Any]) -> dict[str, Any]:
    options = {key: str(value) for key, value in index.get("dialect_options", {}).items()}
    return {**index, "dialect_options": options}


def _sorted(found: Any) -> list[Any]:
    return sorted(found, key=lambda one: str(one.get("name") or one))


def triggers_of(database: Database) -> set[str]:
    """Names of the database's triggers."""
    if database.sqlite:
        asked = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    else:
        asked = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    with database.engine.connect() as connection:
        return set(connection.exec_driver_sql(asked).scalars())


def tables_of(database: Database) -> set[str]:
    with database.engine.connect() as connection:
        return set(sa.inspect(connection).get_table_names())

"""An empty database with two small tables: nothing here needs the world of tests/world.py."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from audit_app.kit.db import Database
from tests.kit.things import TABLES


@pytest.fixture(scope="session")
def empty_postgres(postgres_server: str) -> str:
    admin = sa.create_engine(postgres_server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with admin.connect() as connection:
        connection.exec_driver_sql("CREATE DATABASE kit_tests")
    return sa.make_url(postgres_server).set(database="kit_tests").render_as_string(hide_password=False)


@pytest.fixture
def db_url(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    if backend == "sqlite":
        return f"sqlite:///{tmp_path / 'kit.db'}"
    url: str = request.getfixturevalue("empty_postgres")
    return url


@pytest.fixture
def things(db: Database) -> Iterator[Database]:
    TABLES.create_all(db.engine)
    yield db
    TABLES.drop_all(db.engine)


@pytest.fixture
def on_sqlite(backend: str) -> None:
    if backend != "sqlite":
        pytest.skip("about SQLite")


@pytest.fixture
def on_postgres(backend: str) -> None:
    if backend != "postgres":
        pytest.skip("about PostgreSQL")

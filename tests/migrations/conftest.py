"""Databases with nothing in them, on both backends."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from audit_app.kit.db import Database
from tests.conftest import _named, _server_engine


@pytest.fixture
def empty_url(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    if backend == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server, name = request.getfixturevalue("postgres_server"), f"e_{uuid.uuid4().hex[:12]}"
    with _server_engine(server).connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield _named(server, name)
    with _server_engine(server).connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def empty(empty_url: str) -> Iterator[Database]:
    database = Database(empty_url)
    yield database
    database.close()

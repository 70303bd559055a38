"""A trail to write to, without its guards, as whoever owns the database has it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from audit_app.kit.db import Database, SQLModel
from audit_app.trail.models import TrailCheckpoint, TrailHead, TrailLine
from audit_app.trail.signing import Signer

TABLES = [model.__table__ for model in (TrailLine, TrailHead, TrailCheckpoint)]  # type: ignore[attr-defined]


@pytest.fixture
def db_url(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    if backend == "sqlite":
        return f"sqlite:///{tmp_path / 'trail.db'}"
    url: str = request.getfixturevalue("postgres_server")
    return url


@pytest.fixture
def trail(db: Database) -> Iterator[Database]:
    """An empty trail."""
    SQLModel.metadata.create_all(db.engine, tables=TABLES)
    yield db
    SQLModel.metadata.drop_all(db.engine, tables=TABLES)


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return Signer(tmp_path / "data")

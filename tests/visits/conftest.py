"""Browsers of the cast for tests of visits."""

from collections.abc import Callable

import pytest

from audit_app.kit.db import Database, Session
from tests.visits.sending import Client


@pytest.fixture
def tester(client_for: Callable[[str], Client]) -> Client:
    """The owner of the job `as-hall`."""
    return client_for("tester")


@pytest.fixture
def colleague(client_for: Callable[[str], Client]) -> Client:
    """Another tester of the same province."""
    return client_for("tester-2")


@pytest.fixture
def outsider(client_for: Callable[[str], Client]) -> Client:
    """A tester of another province."""
    return client_for("tester-far")


@pytest.fixture
def count(db: Database) -> Callable[[type], int]:
    """How many rows a table has."""

    def rows(model: type) -> int:
        def ask(session: Session) -> int:
            return len(session.execute(model.__table__.select()).all())  # type: ignore[attr-defined]

        return db.read_now(ask)

    return rows

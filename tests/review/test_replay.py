"""Replay finds what was tampered with behind the application's back."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from audit_app.kit.db import Database
from audit_app.review.models import VisitResult
from audit_app.review.replay import replay
from tests.review.conftest import Submit
from tests.review.test_operations import approve

Find = Callable[[str], str]


@pytest.fixture
def scored(db: Database, submit: Submit, review_of: Find) -> str:
    visit = submit("as-overt")
    approve(db, review_of(visit))
    return visit


# PostgreSQL replaces in text only: `::` is escaped for SQLAlchemy.
JSON_ON_POSTGRES = ("replace(results, '100', '99')", "replace(results\\:\\:text, '100', '99')\\:\\:json")


def tamper(db: Database, table: str, change: str) -> None:
    """On a raw connection, with the database's guard dropped."""
    with db.engine.connect() as connection, connection.begin():
        on = "" if db.sqlite else f" ON {table}"
        connection.execute(sa.text(f"DROP TRIGGER IF EXISTS {table}_no_update{on}"))
        connection.execute(sa.text(change if db.sqlite else change.replace(*JSON_ON_POSTGRES)))


def test_what_is_whole_replays_without_a_difference(db: Database, scored: str) -> None:
    found = db.read_now(replay)
    assert (found.revisions, found.results, found.differences) == (1, 1, [])
    assert found.versions > 0


@pytest.mark.parametrize(
    ("table", "change", "what"),
    [
        ("visit_result", "UPDATE visit_result SET experience = experience - 1", "totals"),
        ("visit_result", "UPDATE visit_result SET answers_sha256 = 'beef'", "effective answers"),
        ("visit_result", "UPDATE visit_result SET version_sha256 = 'beef'", "version"),
        ("visit_revision", "UPDATE visit_revision SET body_sha256 = 'beef'", "revision"),
        ("visit_result", "UPDATE visit_result SET results = replace(results, '100', '99')", "results"),
    ],
)
def test_every_tampering_is_named(db: Database, scored: str, table: str, change: str, what: str) -> None:
    tamper(db, table, change)
    assert (scored, what) in db.read_now(replay).differences


def test_the_database_itself_refuses_to_change_a_result(db: Database, scored: str) -> None:
    def change(session: sa.orm.Session) -> None:
        session.execute(sa.update(VisitResult).values(experience=0))

    with pytest.raises(sa.exc.DBAPIError):
        db.write_now(change)

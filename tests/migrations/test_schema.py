"""The migrated database has exactly the form that the tables' classes describe."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from click.testing import CliRunner

from audit_app import cli, reactions, server
from audit_app.kit.db import Database
from audit_app.migrations import current, upgrade
from audit_app.migrations.tables import METADATA
from audit_app.migrations.triggers import POSTGRES, SQLITE
from tests.migrations.forms import form_of, tables_of, triggers_of

pytestmark = pytest.mark.data


@pytest.fixture
def described(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database made from the classes, without migrations."""
    from tests.conftest import _named, _server_engine

    if backend == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'described.db'}")
        METADATA.create_all(database.engine.execution_options(audit_write=True))
        yield database
        database.close()
        return
    url, name = request.getfixturevalue("postgres_server"), f"d_{uuid.uuid4().hex[:12]}"
    with _server_engine(url).connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    database = Database(_named(url, name))
    METADATA.create_all(database.engine)
    yield database
    database.close()
    with _server_engine(url).connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def differences(database: Database) -> list[object]:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, METADATA))


def test_from_empty_it_equals_the_models(empty: Database, described: Database) -> None:
    upgrade(empty)
    assert current(empty)
    assert differences(empty) == []
    migrated, wanted = form_of(empty), form_of(described)
    assert set(migrated) == set(wanted) == set(METADATA.tables)
    for table, form in wanted.items():
        assert migrated[table] == form, table


def test_partial_indexes_are_compared_with_their_condition(described: Database) -> None:
    """The comparison above would see a lost condition."""
    form = form_of(described)
    [live] = [i for i in form["visit"]["indexes"] if i["name"] == "uq_visit_live_assignment"]
    assert live["unique"]
    assert "void" in str(live["dialect_options"])
    [loose] = [i for i in form["trail_line"]["indexes"] if i["name"] == "ix_trail_line_loose"]
    assert "seq" in str(loose["dialect_options"])


def test_a_planted_difference_is_seen(empty: Database) -> None:
    upgrade(empty)
    before = form_of(empty)
    with empty.engine.execution_options(audit_write=True).begin() as connection:
        connection.exec_driver_sql("DROP INDEX uq_visit_live_assignment")
        connection.exec_driver_sql("CREATE UNIQUE INDEX uq_visit_live_assignment ON visit (assignment_id)")
        connection.exec_driver_sql("ALTER TABLE visit ADD COLUMN planted INTEGER")
    assert [d for d in differences(empty) if "planted" in str(d)]
    assert form_of(empty)["visit"]["indexes"] != before["visit"]["indexes"]


def test_a_second_run_is_harmless(db: Database) -> None:
    """On a database with data, too."""

    def rows() -> dict[str, int]:
        with db.engine.connect() as connection:
            count = sa.select(sa.func.count())
            return {name: connection.scalar(count.select_from(t)) or 0 for name, t in METADATA.tables.items()}

    before = form_of(db), rows(), triggers_of(db)
    upgrade(db)
    upgrade(db)
    assert (form_of(db), rows(), triggers_of(db)) == before
    assert sum(before[1].values()) > 100


def test_all_guards_are_there(db: Database) -> None:
    wanted = {s.split()[2] for s in (SQLITE if db.sqlite else POSTGRES) if s.startswith("CREATE TRIGGER")}
    assert len(wanted) >= 10
    assert triggers_of(db) == wanted


OLD = {
    "empty": (),
    "without a mark": ("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)",),
    "older": (
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)",
        "INSERT INTO alembic_version VALUES ('0000')",
    ),
    "of a later program": (
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)",
        "INSERT INTO alembic_version VALUES ('9999')",
    ),
}


@pytest.mark.parametrize("old", OLD)
def test_it_refuses_another_form(
    empty: Database, empty_url: str, old: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with empty.engine.execution_options(audit_write=True).begin() as connection:
        for statement in OLD[old]:
            connection.exec_driver_sql(statement)
    assert not current(empty)
    started: list[object] = []
    monkeypatch.setattr(server, "run", started.append)
    monkeypatch.setattr(reactions, "work", started.append)
    environment = {"AUDIT_DATA_DIR": str(tmp_path / "data"), "AUDIT_DATABASE_URL": empty_url, "AUDIT_DEMO": ""}
    for verb in ("serve", "work", "verify", "checklists"):
        answer = CliRunner().invoke(cli.main, [verb], env=environment)
        assert answer.exit_code == 1, verb
        assert "audit-app migrate" in answer.output
    assert started == []
    assert tables_of(empty) <= {"alembic_version"}

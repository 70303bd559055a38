"""Worker processes for tests, on a database with the tables of trail and jobs and nothing else."""

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from audit_app.jobs.models import WorkerHeartbeat
from audit_app.kit.db import Database, SQLModel
from audit_app.settings import ROOT
from audit_app.trail.models import TrailCheckpoint, TrailHead, TrailLine

TABLES = [model.__table__ for model in (TrailLine, TrailHead, TrailCheckpoint, WorkerHeartbeat)]  # type: ignore[attr-defined]
PATIENCE = 60.0


@pytest.fixture
def db_url(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    if backend == "sqlite":
        yield f"sqlite:///{tmp_path / 'jobs-test.db'}"
        return
    server: str = request.getfixturevalue("postgres_server")
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    name = f"jobs_{uuid.uuid4().hex[:12]}"
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield sa.make_url(server).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def store(db: Database) -> Database:
    SQLModel.metadata.create_all(db.engine, tables=TABLES)
    return db


@pytest.fixture
def command(store: Database, tmp_path: Path) -> list[str]:
    return [sys.executable, "-m", "tests.jobs.work", str(tmp_path), store.url]


@pytest.fixture
def start_worker(command: list[str]) -> Iterator[Callable[[], "subprocess.Popen[bytes]"]]:
    running: list[subprocess.Popen[bytes]] = []

    def start() -> "subprocess.Popen[bytes]":
        running.append(subprocess.Popen(command, cwd=ROOT))
        return running[-1]

    yield start
    for process in running:
        if process.poll() is None:
            process.kill()
        process.wait()


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def until(true: Callable[[], object]) -> None:
    """Waits for something to become true; fails after a long while."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "this did not happen"
        time.sleep(0.02)

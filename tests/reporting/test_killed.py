"""kill -9 of the worker in the middle of a batch, never started again: another one finishes it, nothing is doubled."""

import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from sqlmodel import select

from audit_app.kit.blobs import Blobs
from audit_app.kit.db import Database, Session
from audit_app.reporting import operations, rules
from audit_app.reporting.models import RenderedDocument, ReportItem, ReportRun
from audit_app.settings import ROOT, Settings
from audit_app.trail.models import TrailLine
from tests import world
from tests.reporting.made import Plan, actor, every, make

pytestmark = pytest.mark.crash
PATIENCE = 120.0
StartWorker = Callable[[], "subprocess.Popen[bytes]"]


@pytest.fixture
def start_worker(db_url: str, tmp_path: Path) -> Iterator[StartWorker]:
    running: list[subprocess.Popen[bytes]] = []

    def start() -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "tests.reporting.work", str(tmp_path), db_url]
        running.append(subprocess.Popen(command, cwd=ROOT, start_new_session=True))
        return running[-1]

    yield start
    for process in running:
        if process.poll() is None:
            process.kill()
        process.wait()


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "this did not happen"
        time.sleep(0.05)


def count(session: Session, act: str) -> int:
    return len(session.exec(select(TrailLine).where(TrailLine.act == act)).all())


@pytest.mark.full
def test_another_worker_finishes_the_batch(db: Database, settings: Settings, start_worker: StartWorker) -> None:
    day = world.NOW - timedelta(days=14)
    make(db, *(Plan(started_at=day + timedelta(hours=n), option_at=every(4 + n)) for n in range(3)))
    filters = rules.Filters(kind="visit")
    run_id = db.write_now(lambda s: operations.start_run(s, actor(s, "hr"), filters, "en", world.NOW))

    def run() -> ReportRun:
        return db.read_now(lambda s: s.get_one(ReportRun, run_id))

    first = start_worker()
    until(lambda: run().done >= 1)
    os.kill(first.pid, signal.SIGKILL)
    assert run().status == "running"
    start_worker()
    until(lambda: run().status == "ready")
    found = run()
    assert (found.done, found.failed) == (3, 0)
    items = db.read_now(lambda s: list(s.exec(select(ReportItem).where(ReportItem.run_id == run_id))))
    assert len({item.blob for item in items}) == 3
    assert len(db.read_now(lambda s: s.exec(select(RenderedDocument)).all())) == 3
    assert db.read_now(count, "report_run.ready") == 1
    archive = zipfile.ZipFile(BytesIO(Blobs(settings.data_dir / "blobs").get(found.zip_blob or "")))
    assert archive.testzip() is None
    assert len(archive.namelist()) == 5

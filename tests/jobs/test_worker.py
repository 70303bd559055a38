"""Workers as processes: killed, watched, supervised, by the clock."""

import os
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session

from audit_app.jobs import operations, queries
from audit_app.jobs.supervisor import start_child
from audit_app.kit.db import Database
from audit_app.settings import ROOT
from tests.jobs.conftest import kill, until
from tests.jobs.work import STEPS, effects
from tests.trail.lines import act

pytestmark = pytest.mark.crash

StartWorker = Callable[[], "subprocess.Popen[bytes]"]


def living(db: Database) -> list[int]:
    return [found.pid for found in db.read_now(queries.workers)]


def test_a_killed_workers_job_is_finished_by_another(
    store: Database, tmp_path: Path, start_worker: StartWorker
) -> None:
    """kill -9 in the middle of step 10 of 20, never started again: the other one does the rest, each step once."""
    first = start_worker()
    store.write_now(act, "thing.started", "t")
    middle = f"begin t {STEPS // 2}"
    until(lambda: middle in effects(tmp_path))
    kill(first.pid)
    second = start_worker()
    until(lambda: "finished t" in effects(tmp_path))
    done = Counter(effects(tmp_path))
    assert [done[f"step t {number}"] for number in range(STEPS)] == [1] * STEPS
    assert [done[f"begin t {number}"] for number in range(STEPS)] == [1 + (n == STEPS // 2) for n in range(STEPS)]
    assert done["finished t"] == 1
    assert living(store) == [second.pid]


def test_reactions_run_and_a_bad_event_harms_no_other(
    store: Database, tmp_path: Path, start_worker: StartWorker
) -> None:
    def write(session: Session) -> None:
        for number in range(5):
            act(session, "thing.made", f"{number}", bad=number == 2)

    store.write_now(write)
    start_worker()
    wanted = {f"reacted {number}" for number in (0, 1, 3, 4)}
    until(lambda: wanted <= set(effects(tmp_path)))
    assert Counter(line for line in effects(tmp_path) if line.startswith("reacted")) == Counter(wanted)


@pytest.mark.data
def test_a_schedule_runs_once_with_two_workers(store: Database, tmp_path: Path, start_worker: StartWorker) -> None:
    start_worker(), start_worker()
    until(lambda: len(living(store)) == 2)
    until(lambda: len([line for line in effects(tmp_path) if line.startswith("due")]) >= 4)
    assert max(Counter(line for line in effects(tmp_path) if line.startswith("due")).values()) == 1


def test_what_was_missed_while_all_were_down_is_run_once_for_the_last_instant(
    store: Database, tmp_path: Path, start_worker: StartWorker
) -> None:
    first = start_worker()
    until(lambda: any(line.startswith("due") for line in effects(tmp_path)))
    first.terminate()
    assert first.wait(60) == 0
    assert living(store) == []
    assert not hours(tmp_path)  # a schedule that never ran waits for its turn
    two_days_ago = (datetime.now(UTC) - timedelta(days=2)).isoformat()
    if store.sqlite:
        with closing(sqlite3.connect(tmp_path / "jobs.db")) as jobs, jobs:
            jobs.execute("UPDATE workflow_schedules SET last_fired_at = ?", (two_days_ago,))
    else:
        with store.engine.begin() as connection:
            fired = "UPDATE dbos.workflow_schedules SET last_fired_at = %s"
            connection.exec_driver_sql(fired, (two_days_ago,))
    start_worker()
    until(lambda: hours(tmp_path))
    seen = len(effects(tmp_path))
    until(lambda: len(effects(tmp_path)) > seen + 1)
    assert datetime.now(UTC) - datetime.fromisoformat(hours(tmp_path)[0].split()[1]) < timedelta(hours=1, minutes=2)
    assert max(Counter(effects(tmp_path)).values()) == 1


def hours(folder: Path) -> list[str]:
    return [line for line in effects(folder) if line.startswith("hour")]


def test_a_worker_that_was_declared_dead_ends_itself(store: Database, start_worker: StartWorker) -> None:
    process = start_worker()
    until(lambda: living(store) == [process.pid])
    (row,) = store.read_now(queries.workers)
    store.write_now(operations.leave, row.id)
    assert process.wait(60) == 70


def test_the_supervised_worker_is_started_again_and_takes_up_its_work(
    store: Database, tmp_path: Path, command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    child = start_child(command)
    try:
        store.write_now(act, "thing.started", "t")
        until(lambda: f"begin t {STEPS // 2}" in effects(tmp_path))
        first = child.pid
        assert first is not None
        kill(first)
        until(lambda: "finished t" in effects(tmp_path))
        assert child.pid != first
        assert Counter(effects(tmp_path))[f"step t {STEPS // 2}"] == 1
        assert len(living(store)) == 1  # under the same name: nobody had to wait for it to be declared dead
    finally:
        child.stop()
    assert living(store) == []


def test_the_supervised_worker_ends_with_its_killed_parent(store: Database, command: list[str]) -> None:
    program = (
        "import sys, time; from audit_app.jobs.supervisor import start_child; "
        "start_child(sys.argv[1:]); time.sleep(600)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program, *command], cwd=ROOT)
    try:
        until(lambda: living(store))
        (pid,) = living(store)
        assert pid != parent.pid
    finally:
        kill(parent.pid)
        parent.wait()
    until(lambda: not os.path.exists(f"/proc/{pid}") or Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z")
    assert living(store) == []

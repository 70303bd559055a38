"""Who counts as dead, on clocks that tests set."""

import os
import subprocess
import sys

import pytest

from audit_app.jobs import operations, queries
from audit_app.jobs.heartbeat import Watch, place
from audit_app.kit.db import Database
from tests import world

pytestmark = pytest.mark.data


class Engine:
    """Stands for the queue: under which names work is running, and whose was taken up."""

    def __init__(self, *owners: str) -> None:
        self.running = set(owners)
        self.recovered: list[str] = []

    def owners(self) -> set[str]:
        return set(self.running)

    def recover(self, worker_ids: list[str]) -> None:
        self.recovered += worker_ids
        self.running -= set(worker_ids)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def watch(store: Database, clock: Clock) -> Watch:
    made = Watch(store, "me", 30.0, gone=pytest.fail, clock=clock)
    made.enrol()
    return made


def enrol(store: Database, worker_id: str) -> None:
    store.write_now(operations.enrol, worker_id, "host", 1, world.NOW)


def ids(store: Database) -> list[str]:
    return [worker.id for worker in store.read_now(queries.workers)]


def test_a_silent_worker_is_dead_after_a_while_and_its_work_is_taken_up(
    store: Database, watch: Watch, clock: Clock
) -> None:
    enrol(store, "silent")
    engine = Engine("silent", "me")
    for clock.now in (0.0, 29.0):
        watch.tick(engine)
    assert (ids(store), engine.recovered) == (["me", "silent"], [])
    clock.now = 30.0
    watch.tick(engine)
    assert (ids(store), engine.recovered) == (["me"], ["silent"])


def test_a_process_that_is_gone_is_not_waited_for(store: Database, watch: Watch) -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    for name, host, pid in (("here", place(), child.pid), ("elsewhere", "host", child.pid), ("lives", place(), 1)):
        store.write_now(operations.enrol, name, host, pid, world.NOW)
    engine = Engine("here", "elsewhere", "lives", "me")
    watch.tick(engine)
    assert (ids(store), engine.recovered) == (["elsewhere", "lives", "me"], ["here"])


def test_a_worker_that_beats_lives(store: Database, watch: Watch, clock: Clock) -> None:
    enrol(store, "other")
    engine = Engine("other")
    for clock.now in range(0, 120, 5):
        assert store.write_now(operations.beat, "other", world.NOW)
        watch.tick(engine)
    assert (ids(store), engine.recovered) == (["me", "other"], [])


def test_a_beat_at_the_last_moment_counts(store: Database) -> None:
    enrol(store, "other")
    store.write_now(operations.beat, "other", world.NOW)
    assert not store.write_now(operations.bury, "other", 1, 0)  # seen before that beat
    assert store.write_now(operations.bury, "other", 1, 1)


def test_work_of_somebody_nobody_knows_is_taken_up(store: Database, watch: Watch) -> None:
    """After a crash between declaring dead and taking up, or a restored database."""
    engine = Engine("forgotten", "me")
    watch.tick(engine)
    assert engine.recovered == ["forgotten"]


def test_who_was_declared_dead_is_told_and_does_nothing_more(store: Database, clock: Clock) -> None:
    told: list[int] = []
    watch = Watch(store, "me", 30.0, gone=lambda: told.append(1), clock=clock)
    watch.enrol()
    store.write_now(operations.bury, "me", os.getpid(), 0)
    engine = Engine("me", "forgotten")
    watch.tick(engine)
    assert told == [1]
    assert engine.recovered == []


def test_who_starts_again_under_its_old_name_is_one_worker(store: Database, watch: Watch) -> None:
    watch.enrol()
    assert ids(store) == ["me"]
    watch.leave()
    assert ids(store) == []

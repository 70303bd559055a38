"""A worker process: the engine, the watch over other workers, and loops such as the relay."""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from audit_app.jobs.engine import Engine
from audit_app.jobs.heartbeat import Watch
from audit_app.jobs.registry import Queue, Registry
from audit_app.jobs.supervisor import SUPERVISED, WORKER_ID
from audit_app.kit.blobs import Blobs
from audit_app.kit.db import Database
from audit_app.kit.ids import new_id
from audit_app.settings import Settings

log = logging.getLogger(__name__)

LONGEST_PAUSE = 5.0


@dataclass(frozen=True)
class Loop:
    """Something that a worker does again and again beside its jobs: `make(settings, db, queue)()` every `seconds`."""

    name: str
    seconds: float
    make: Callable[[Settings, Database, Queue], Callable[[], object]]


def run(
    settings: Settings,
    registry: Registry,
    loops: Sequence[Loop] = (),
    *,
    beat_every: float = 5.0,
    dead_after: float = 30.0,
) -> None:
    """Works until SIGTERM or SIGINT, or until the supervisor is gone. Does not return: the process ends here."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if os.environ.get(SUPERVISED):
        threading.Thread(target=_follow_parent, args=(stop,), name="parent", daemon=True).start()
    worker_id = os.environ.get(WORKER_ID) or new_id()
    db = Database(settings.database_url, pool_size=settings.pool_size)
    engine = Engine(settings, db, Blobs(settings.data_dir / "blobs"), registry, worker_id)
    watch = Watch(db, worker_id, dead_after, gone=_end_at_once)
    watch.enrol()
    engine.launch()
    chores: list[tuple[str, float, Callable[[], object]]] = [
        ("watch", beat_every, lambda: watch.tick(engine)),
        ("forget", 3600.0, engine.forget_finished),
        *[(loop.name, loop.seconds, loop.make(settings, db, engine)) for loop in loops],
    ]
    threads = [threading.Thread(target=_repeat, args=(stop, *chore), name=chore[0], daemon=True) for chore in chores]
    for thread in threads:
        thread.start()
    log.info("worker %s is ready", worker_id)
    stop.wait()
    engine.stop()
    watch.leave()
    sys.stdout.flush()
    os._exit(0)  # what is still running is taken up by another worker


def _repeat(stop: threading.Event, name: str, seconds: float, chore: Callable[[], object]) -> None:
    """Calls the chore every so often; after a fault with growing pauses, for ever."""
    pause = seconds
    while not stop.wait(pause):
        try:
            chore()
            pause = seconds
        except Exception:
            log.exception("%s failed", name)
            pause = max(seconds, min(pause * 2, LONGEST_PAUSE))


def _follow_parent(stop: threading.Event) -> None:
    """Standard input is a pipe from the supervisor: it ends when the supervisor does, however that came about."""
    while os.read(0, 1024):
        continue
    stop.set()


def _end_at_once() -> None:
    log.critical("this worker was declared dead by another one and ends")
    os._exit(70)

"""Workers watch each other: who shows no sign of life for a while is declared dead and its work is taken up.

No clocks are compared: each worker counts up, and the others see on their own monotonic clock whether the count moves.
A worker of the same machine whose process is gone need not be waited for.
"""

import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from audit_app.jobs import operations, queries
from audit_app.jobs.engine import Engine
from audit_app.kit import clock
from audit_app.kit.db import Database


def place() -> str:
    """Names this machine, as far as process numbers mean the same in it: each container for itself."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{socket.gethostname()[:150]} {boot} {os.readlink('/proc/self/ns/pid')}"
    except OSError:  # not Linux: the name alone says too little
        return f"{socket.gethostname()[:150]} {os.getpid()}"


def ended(pid: int) -> bool:
    """Whether no process of this machine has that number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


@dataclass
class Watch:
    """`tick` is to be called every few seconds; `gone` is called when this worker itself has been declared dead."""

    db: Database
    worker_id: str
    dead_after: float
    gone: Callable[[], None]
    clock: Callable[[], float] = time.monotonic
    _moved: dict[str, tuple[int, float]] = field(default_factory=dict)

    def enrol(self) -> None:
        self.db.write_now(operations.enrol, self.worker_id, place(), os.getpid(), clock.now())

    def leave(self) -> None:
        self.db.write_now(operations.leave, self.worker_id)

    def tick(self, engine: Engine) -> None:
        if not self.db.write_now(operations.beat, self.worker_id, clock.now()):
            self.gone()
            return
        self._bury_the_silent()
        orphaned = engine.owners()  # read before the living are, who are enrolled before they work
        orphaned -= {worker.id for worker in self.db.read_now(queries.workers)}
        if orphaned:
            engine.recover(sorted(orphaned))

    def _bury_the_silent(self) -> None:
        now = self.clock()
        others = [worker for worker in self.db.read_now(queries.workers) if worker.id != self.worker_id]
        here = place()
        for worker in others:
            known, since = self._moved.get(worker.id, (-1, now))
            if known != worker.beats:
                self._moved[worker.id] = (worker.beats, now)
            silent = known == worker.beats and now - since >= self.dead_after
            if silent or (worker.host == here and ended(worker.pid)):
                self.db.write_now(operations.bury, worker.id, worker.pid, worker.beats)
        seen = {worker.id for worker in others}
        self._moved = {worker_id: at for worker_id, at in self._moved.items() if worker_id in seen}

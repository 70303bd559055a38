"""Workers watch each other: who shows no sign of life for a while is declared dead and its work is taken up.

No clocks are compared: each worker counts up, and the others see on their own monotonic clock whether the count moves.
"""

import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from audit_app.jobs import operations, queries
from audit_app.jobs.engine import Engine
from audit_app.kit import clock
from audit_app.kit.db import Database


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
        self.db.write_now(operations.enrol, self.worker_id, socket.gethostname(), os.getpid(), clock.now())

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
        seen = {worker.id: worker.beats for worker in self.db.read_now(queries.workers) if worker.id != self.worker_id}
        for worker_id, beats in seen.items():
            known, since = self._moved.get(worker_id, (-1, now))
            if known != beats:
                self._moved[worker_id] = (beats, now)
            elif now - since >= self.dead_after:
                self.db.write_now(operations.bury, worker_id, beats)
        self._moved = {worker_id: at for worker_id, at in self._moved.items() if worker_id in seen}

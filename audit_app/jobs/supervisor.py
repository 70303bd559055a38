"""The worker as a child process of `serve`: started again when it dies, gone when its parent is."""

import logging
import os
import subprocess
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from audit_app.kit.ids import new_id

log = logging.getLogger(__name__)

SUPERVISED = "AUDIT_SUPERVISED"  # tells the child to end when its standard input does
WORKER_ID = "AUDIT_WORKER_ID"  # the same over restarts, so that the child takes up at once what it had left
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
HEALTHY_SECONDS = 60.0
PATIENCE = 15.0


@dataclass
class Child:
    """A supervised worker. `stop` ends it and waits."""

    command: Sequence[str]
    _ending: threading.Event = field(default_factory=threading.Event)
    _process: "subprocess.Popen[bytes] | None" = None
    _thread: threading.Thread | None = None

    @property
    def pid(self) -> int | None:
        """The process of the moment."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        self._spawn()
        self._thread = threading.Thread(target=self._watch, name="worker-supervisor", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._ending.set()
        if self._process is None or self._thread is None:
            return
        self._process.terminate()
        self._thread.join(PATIENCE)
        if self._thread.is_alive():
            self._process.kill()
            self._thread.join(PATIENCE)

    def _spawn(self) -> None:
        self._process = subprocess.Popen(self.command, stdin=subprocess.PIPE, env=self._environment)

    def _watch(self) -> None:
        pause = FIRST_PAUSE
        while self._process is not None:
            if _lasted(self._process):
                pause = FIRST_PAUSE
            if self._ending.wait(pause):
                return
            log.warning("the worker ended with %s and is started again", self._process.returncode)
            pause = min(pause * 2, LONGEST_PAUSE)
            self._spawn()

    def __post_init__(self) -> None:
        self._environment = {**os.environ, SUPERVISED: "1", WORKER_ID: new_id()}


def _lasted(process: "subprocess.Popen[bytes]") -> bool:
    """Waits for the end of the process; whether it had lived long enough to count as healthy."""
    try:
        process.wait(HEALTHY_SECONDS)
    except subprocess.TimeoutExpired:
        process.wait()
        return True
    return False


def start_child(command: Sequence[str]) -> Child:
    """Starts `command` (which must end in :func:`audit_app.jobs.worker.run`) and keeps it running."""
    child = Child(command)
    child.start()
    return child

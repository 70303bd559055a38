"""A process that opens pictures and recordings for us: a file may kill it without harm to anybody else."""

import atexit
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from multiprocessing import get_context
from typing import Any, TypeVar

from pebble import ProcessExpired, ProcessPool

from audit_app.kit.child import limit
from audit_app.visits.media import NotShown, shown

SECONDS_PER_FILE, SECONDS_TO_START = 10, 30
MEMORY = 1024 * 1024 * 1024
FILES_PER_CHILD = 100

T = TypeVar("T")
Show = Callable[[bytes, str], tuple[bytes, str]]


class Decoder:
    """One child. `run` raises NotShown for a file that took too long or killed it; the next file finds a new child."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pool = self._start()

    @staticmethod
    def _start() -> ProcessPool:
        context = get_context("spawn")
        return ProcessPool(
            max_workers=1, max_tasks=FILES_PER_CHILD, initializer=limit, initargs=(MEMORY,), context=context
        )

    def run(self, fn: Callable[..., T], *args: Any) -> T:
        """`fn(*args)` in the child; one file at a time."""
        with self._lock:
            if not self._pool.active:  # it died while it had nothing to do
                self._pool = self._start()
            try:
                future = self._pool.schedule(fn, args=list(args), timeout=SECONDS_PER_FILE)
                found: T = future.result(timeout=SECONDS_TO_START + SECONDS_PER_FILE)
            except TimeoutError as fault:
                if not future.done():  # no child came up at all
                    self.close()
                raise NotShown("took-too-long") from fault
            except ProcessExpired as fault:
                raise NotShown("killed-the-decoder") from fault
        return found

    def close(self) -> None:
        self._pool.stop()
        self._pool.join()


@cache
def decoder() -> Decoder:
    """The child of this process, started when it is first needed and ended with us."""
    made = Decoder()
    atexit.register(made.close)
    return made


@contextmanager
def child() -> Iterator[Show]:
    """A child of one's own that makes copies to look at, for as long as there is a batch of files."""
    own = Decoder()

    def show(data: bytes, media_type: str) -> tuple[bytes, str]:
        return own.run(shown, data, media_type)

    try:
        yield show
    finally:
        own.close()

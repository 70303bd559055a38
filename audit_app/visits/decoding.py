"""The process that decodes files from outside: it may be killed by one of them without harm to us."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from resource import RLIMIT_AS, setrlimit

from pebble import ProcessExpired, ProcessPool

from audit_app.visits.media import NotShown, shown

SECONDS_PER_FILE = 10
MEMORY = 1024 * 1024 * 1024
FILES_PER_CHILD = 100

Show = Callable[[bytes, str], tuple[bytes | None, str]]


def _limit() -> None:
    setrlimit(RLIMIT_AS, (MEMORY, MEMORY))


@contextmanager
def child() -> Iterator[Show]:
    """A process that does the decoding: it may be killed by a file without harm to us."""
    pool = ProcessPool(max_workers=1, max_tasks=FILES_PER_CHILD, initializer=_limit, context=get_context("spawn"))

    def show(data: bytes, media_type: str) -> tuple[bytes | None, str]:
        try:
            found: tuple[bytes | None, str] = pool.schedule(
                shown, args=[data, media_type], timeout=SECONDS_PER_FILE
            ).result()
        except TimeoutError as fault:
            raise NotShown("took-too-long") from fault
        except ProcessExpired as fault:
            raise NotShown("killed-the-decoder") from fault
        return found

    try:
        yield show
    finally:
        pool.stop()
        pool.join()

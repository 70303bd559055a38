"""Reading what strangers made, in a process of its own: it may be killed by a file without harm to the server."""

from collections.abc import Callable
from multiprocessing import get_context
from resource import RLIMIT_AS, RLIMIT_CORE, setrlimit
from typing import ParamSpec, TypeVar

from pebble import ProcessExpired, ProcessPool

P = ParamSpec("P")
T = TypeVar("T")


class Killed(Exception):
    """The work took more time or memory than it may, or took its process down."""


def in_child(seconds: float, memory: int, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """`fn(…)` in a new process with limits of time and of memory (bytes). Blocks; what `fn` raises is raised here."""
    pool = ProcessPool(max_workers=1, max_tasks=1, initializer=limit, initargs=(memory,), context=get_context("spawn"))
    try:
        found: T = pool.schedule(fn, args=list(args), kwargs=dict(kwargs), timeout=seconds).result()
    except (TimeoutError, ProcessExpired, MemoryError) as fault:
        raise Killed(type(fault).__name__) from fault
    finally:
        pool.stop()
        pool.join()
    return found


def limit(memory: int) -> None:
    """Limits this process's memory (bytes); it leaves no core behind."""
    setrlimit(RLIMIT_AS, (memory, memory))
    setrlimit(RLIMIT_CORE, (0, 0))

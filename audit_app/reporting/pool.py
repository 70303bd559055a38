"""Many documents by several processes, where one bad document costs only itself.

`pebble` gives each document a time limit and replaces a worker that died, which `ProcessPoolExecutor` cannot. What
killed its worker, ran out of memory or out of time is tried once more alone, under a limit of CPU time too; then it is
a `Failure` with its reason. The batch goes on. Results come in the order in which they are ready.
"""

import contextlib
import ctypes
import gc
import multiprocessing
import os
import resource
import signal
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from dataclasses import dataclass
from types import TracebackType
from typing import Generic, Literal, Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from audit_app.reporting.facts import Facts
from audit_app.reporting.render import Locale, render, warm

Key = TypeVar("Key")
Reason = Literal["timeout", "died", "refused"]

SECONDS_PER_DOCUMENT = 15.0
CPU_SECONDS_ALONE = 10
MEMORY_BYTES = 800 * 2**20
CARDS_PER_WORKER = 200
_OUT_OF_MEMORY = 74
_CLONE_NEWNET = 0x40000000


@dataclass(frozen=True)
class Failure:
    """A document that could not be made. `reason` is for programs, `detail` for the log; neither holds its text."""

    reason: Reason
    detail: str = ""


Outcome = bytes | Failure


@dataclass(frozen=True)
class _Job(Generic[Key]):
    key: Key
    facts: Facts
    locale: Locale


class RenderPool:
    """A context manager around long-lived workers; start it once per run or once per process, not once per document.

    Each worker is a pool of its own: in a shared one, a worker killed while it holds the lock of the common pipe
    blocks the others for a minute, and one killed while idle breaks the pool for good.
    """

    def __init__(self, workers: int = 2, *, seconds: float = SECONDS_PER_DOCUMENT, memory: int = MEMORY_BYTES) -> None:
        self.seconds = seconds
        self.memory = memory
        self._folder = tempfile.TemporaryDirectory(prefix="mingcha-render-")
        self._lanes = [self._start() for _ in range(workers)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the workers, whatever they are doing."""
        for lane in self._lanes:
            _end(lane)
        self._folder.cleanup()

    def render_one(self, facts: Facts, locale: Locale) -> Outcome:
        """One document, with the same limits."""
        (_, outcome) = next(self.render_many([(0, facts, locale)]))
        return outcome

    def render_many(self, documents: Iterable[tuple[Key, Facts, Locale]]) -> Iterator[tuple[Key, Outcome]]:
        """(key, PDF or failure) for every document, as they get ready. Reads `documents` no further than it must."""
        waiting = (_Job(*document) for document in documents)
        free = list(range(len(self._lanes)))
        running: dict[Future[Outcome], tuple[int, _Job[Key]]] = {}
        suspects: list[_Job[Key]] = []
        while True:
            while free and (job := next(waiting, None)):
                lane = free.pop()
                running[self._submit(self._lanes[lane], job)] = lane, job
            if not running:
                break
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                lane, job = running.pop(future)
                outcome = _outcome(future)
                if isinstance(outcome, Failure) and outcome.reason != "refused":
                    suspects.append(job)
                    self._replace(lane)
                else:
                    yield job.key, outcome
                free.append(lane)
        for job in suspects:
            yield job.key, self._alone(job)

    def _alone(self, job: "_Job[Key]") -> Outcome:
        """In a fresh worker, so that nobody else's trouble is taken for its own."""
        lane = self._start(alone=True)
        try:
            return _outcome(self._submit(lane, job))
        finally:
            _end(lane)

    def _replace(self, lane: int) -> None:
        _end(self._lanes[lane])
        self._lanes[lane] = self._start()

    def _submit(self, lane: ProcessPool, job: "_Job[Key]") -> "Future[Outcome]":
        try:
            future: Future[Outcome] = lane.schedule(_render, args=(job.facts, job.locale), timeout=self.seconds)
        except RuntimeError as broken:  # the worker died while it had nothing to do
            future = Future()
            future.set_exception(broken)
        return future

    def _start(self, *, alone: bool = False) -> ProcessPool:
        return ProcessPool(
            max_workers=1,
            max_tasks=CARDS_PER_WORKER,
            initializer=_prepare,
            initargs=(self.memory, self._folder.name, alone),
            context=multiprocessing.get_context("spawn"),
        )


def _end(pool: ProcessPool) -> None:
    pool.stop()
    pool.join()


def _outcome(future: "Future[Outcome]") -> Outcome:
    try:
        return future.result()
    except TimeoutError:
        return Failure("timeout", "took too long")
    except ProcessExpired as expired:
        memory = expired.exitcode == _OUT_OF_MEMORY
        return Failure("died", "out of memory" if memory else f"worker ended with {expired.exitcode}")
    except (RuntimeError, CancelledError) as broken:
        return Failure("died", type(broken).__name__)


def _prepare(memory: int, folder: str, alone: bool) -> None:
    """In a new worker: no network where that is allowed, an empty directory, a memory limit; then load the fonts."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).unshare(_CLONE_NEWNET)
    os.chdir(folder)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    warm()
    if alone:
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS_ALONE, CPU_SECONDS_ALONE + 1))
    gc.freeze()


def _render(facts: Facts, locale: Locale) -> Outcome:
    """In the worker. WeasyPrint's fatal errors are no `Exception`s, hence the wide net."""
    try:
        return render(facts, locale)
    except MemoryError:
        os._exit(_OUT_OF_MEMORY)  # what is left of this process cannot be trusted
    except BaseException as error:
        return Failure("refused", type(error).__name__)

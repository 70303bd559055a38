"""How a package declares work for the worker. A package's `jobs.py` decorates plain functions; nothing runs at import.

    @reaction("review.open")                     # wakes on acts of the trail, many at once
    def open_reviews(ctx: JobContext, events: Sequence[Event]) -> None: ...

    @job("reporting.render_run")                 # long work about one thing, told by its id
    def render_run(ctx: JobContext, run_id: str) -> None: ...

    @schedule("planning.open_rounds", "0 5 * * *")   # on a Shanghai clock
    def open_rounds(ctx: JobContext, due: datetime) -> None: ...

Everything runs at least once: effects go by compare-and-swap, upsert or rename.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from types import ModuleType
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from audit_app.kit import clock
from audit_app.kit.blobs import Blobs
from audit_app.kit.db import Database, Session
from audit_app.settings import Settings

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Event:
    """A line of the trail as a job sees it."""

    id: str
    at: datetime
    act: str
    actor_id: str | None
    subject_kind: str
    subject_id: str
    unit_path: str | None
    detail: Mapping[str, Any]


class Queue(Protocol):
    """Where work is put; the worker's queue, or :class:`audit_app.jobs.inline.Inline`."""

    def start(self, name: str, key: str, events: Sequence[Event]) -> None:
        """Hands events to the reaction of that name, or starts the job of that name for each event's subject; once per
        `key` and event, however often it is called."""

    def enqueue(self, name: str, subject_id: str, key: str) -> None:
        """Starts the job of that name for one thing, once per `key`."""


class Steps(Protocol):
    """Runs one step of a job; a step that was done is not done again when another worker takes the job up."""

    def __call__(self, fn: Callable[[], Any], name: str) -> Any: ...


@dataclass(frozen=True)
class JobContext:
    """What a job may use. `queue` starts further jobs.

    `key` names this very run: it is the same when the run is taken up again after a crash.
    """

    settings: Settings
    db: Database
    blobs: Blobs
    key: str
    queue: Queue
    steps: Steps

    def now(self) -> datetime:
        return clock.now()

    def step(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Calls `fn(…)` as one step and remembers its result (plain JSON values).

        A job that is taken up again skips the steps that were done; so the same steps must come in the same order.
        """
        found: T = self.steps(lambda: fn(*args, **kwargs), getattr(fn, "__name__", "step"))
        return found

    def read(self, fn: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Reads; not a step, so it is read anew when the job is taken up again."""
        return self.db.read_now(fn, *args, **kwargs)

    def write(self, fn: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """One step that is one write transaction."""
        found: T = self.steps(lambda: self.db.write_now(fn, *args, **kwargs), getattr(fn, "__name__", "write"))
        return found


class Kind(Enum):
    """What a declared function is given besides its context."""

    JOB = "the id of one thing"
    REACTION = "events of the trail"
    SCHEDULE = "the instant at which it was due"


@dataclass(frozen=True)
class Declared:
    """A function that a package has declared as work."""

    name: str
    kind: Kind
    run: Callable[..., None]
    cron: str = ""


def job(name: str) -> Callable[[Callable[[JobContext, str], None]], Declared]:
    """Long work about one thing; `name` is `package.verb` and stays the same for ever."""
    return lambda fn: Declared(name, Kind.JOB, fn)


def reaction(name: str) -> Callable[[Callable[[JobContext, Sequence[Event]], None]], Declared]:
    """Short work on a batch of acts. If the batch fails, each event is tried alone: one bad one harms no other."""
    return lambda fn: Declared(name, Kind.REACTION, fn)


def schedule(name: str, cron: str) -> Callable[[Callable[[JobContext, datetime], None]], Declared]:
    """Work by the clock: `cron` in five fields, Shanghai time. Runs once however many workers there are; what was
    missed while all were down is run once, for the last instant missed."""
    return lambda fn: Declared(name, Kind.SCHEDULE, fn, cron)


class Registry:
    """All work that packages declare, by name."""

    def __init__(self, modules: Iterable[ModuleType]) -> None:
        self.declared: dict[str, Declared] = {}
        for module in modules:
            for found in vars(module).values():
                if isinstance(found, Declared):
                    self._add(found)

    def _add(self, found: Declared) -> None:
        if self.declared.setdefault(found.name, found) is not found:
            raise ValueError(f"two jobs are called {found.name}")

    def __getitem__(self, name: str) -> Declared:
        return self.declared[name]

    def of(self, kind: Kind) -> list[Declared]:
        return [found for found in self.declared.values() if found.kind is kind]

    def check(self, reactions: Mapping[str, Sequence[str]]) -> None:
        """ValueError if the table names work that nobody declared, or a schedule."""
        for act, names in reactions.items():
            for name in names:
                if name not in self.declared or self.declared[name].kind is Kind.SCHEDULE:
                    raise ValueError(f"{act} wakes {name}, which is not declared")

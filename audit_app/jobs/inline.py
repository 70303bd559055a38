"""The same work without a worker: at once, in this thread. For commands, the demonstration province and tests."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from audit_app.jobs.registry import Event, JobContext, Kind, Registry
from audit_app.kit.blobs import Blobs
from audit_app.kit.db import Database
from audit_app.settings import Settings


@dataclass
class Inline:
    """Takes what a queue takes; :meth:`drain` does it. A fault is raised to the caller."""

    settings: Settings
    db: Database
    blobs: Blobs
    registry: Registry
    _done: set[str] = field(default_factory=set)
    _waiting: deque[Callable[[], None]] = field(default_factory=deque)

    def start(self, name: str, key: str, events: Sequence[Event]) -> None:
        if self.registry[name].kind is Kind.REACTION:
            self._put(name, key, events)
            return
        for event in events:
            self.enqueue(name, event.subject_id, event.id)

    def enqueue(self, name: str, subject_id: str, key: str) -> None:
        self._put(name, key, subject_id)

    def drain(self) -> int:
        """Does all that waits, also what that brings along. How many runs that was."""
        count = 0
        while self._waiting:
            self._waiting.popleft()()
            count += 1
        return count

    def _put(self, name: str, key: str, about: Any) -> None:
        run_id = f"{name}:{key}"
        if run_id in self._done:
            return
        self._done.add(run_id)
        context = JobContext(self.settings, self.db, self.blobs, run_id, self, lambda fn, name: fn())
        self._waiting.append(lambda: self.registry[name].run(context, about))

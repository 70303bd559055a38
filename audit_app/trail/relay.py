"""The relay: takes fresh lines in batches, wakes what reacts to them, chains and signs them.

Its steps are transactions of their own. Whoever dies between two of them leaves a state from which the next run goes
on: a batch keeps its id until it is chained, and the workflows that it starts are named after it, so that starting
them again does nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby

from audit_app.jobs.registry import Event
from audit_app.kit import clock
from audit_app.kit.db import Database
from audit_app.trail import operations, queries
from audit_app.trail.models import TrailLine
from audit_app.trail.signing import Signer

Reactions = Mapping[str, Sequence[str]]
Start = Callable[[str, str, Sequence[Event]], None]


@dataclass
class Relay:
    """`once` does all that waits. `start` hands events to work by name; `reactions` says which acts wake which work."""

    db: Database
    start: Start
    reactions: Reactions
    signer: Signer
    limit: int = 500
    checkpoint_every: timedelta = timedelta(seconds=60)
    now: Callable[[], datetime] = field(default=lambda: clock.now())
    _signed_at: datetime | None = None

    def once(self) -> int:
        """Relays until nothing is left and returns how many lines were chained."""
        total = 0
        while self.db.read_now(queries.anything_loose):
            more = self.db.write_now(operations.claim, self.limit)
            total += self._pass_on()
            if not more:
                break
        self._checkpoint()
        return total

    def _pass_on(self) -> int:
        batches: list[str] = []
        for batch_id, lines in groupby(self.db.read_now(queries.open_lines), key=lambda line: line.batch_id or ""):
            self._wake(batch_id, [event_of(line) for line in lines])
            batches.append(batch_id)
        return self.db.write_now(operations.seal, batches) if batches else 0

    def _wake(self, batch_id: str, events: Sequence[Event]) -> None:
        woken: dict[str, list[Event]] = {}
        for event in events:
            for name in self.reactions.get(event.act, ()):
                woken.setdefault(name, []).append(event)
        for name, its_events in woken.items():
            self.start(name, batch_id, its_events)

    def _checkpoint(self) -> None:
        now = self.now()
        if self._signed_at is not None and now - self._signed_at < self.checkpoint_every:
            return
        self._signed_at = now
        point = self.db.write_now(operations.sign_off, self.signer.sign, now)
        if point is not None:
            self.signer.keep(point)


def event_of(line: TrailLine) -> Event:
    """The line as jobs get to see it."""
    return Event(
        id=line.id,
        at=line.at,
        act=line.act,
        actor_id=line.actor_id,
        subject_kind=line.subject_kind,
        subject_id=line.subject_id,
        unit_path=line.unit_path,
        detail=line.detail,
    )

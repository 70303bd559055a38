"""Verification of the trail: reads only, believes nothing but the arithmetic and the signing key."""

import hashlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar

from audit_app.kit.db import Session
from audit_app.trail import queries
from audit_app.trail.rules import GENESIS, Checkpoint
from audit_app.trail.signing import Signer

T = TypeVar("T")
SEALED_WITHIN = timedelta(seconds=10)
FAULTS_SHOWN = 20
CHUNK = 1000  # lines that the database puts together at once


@dataclass(frozen=True)
class Fault:
    """What does not agree (`edited`, `broken`, `cut`, `head`, `signature`, `rewritten`, `unsealed`) and where."""

    code: str
    seq: int


@dataclass
class Report:
    """The outcome: `lines` chained lines were read, `loose` says whether some still wait for the relay."""

    lines: int = 0
    checkpoints: int = 0
    loose: bool = False
    faults: list[Fault] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.faults


def verify(session: Session, signer: Signer, now: datetime) -> Report:
    """Reads the whole chain and says what is wrong with it.

    `edited`: a line does not have its hash. `broken`: a line does not follow the one before (deleted, added, moved).
    `cut` and `rewritten`: a checkpoint, in the database or in the file beside it, knows a line that is gone or was
    another. `unsealed`: a line has waited for the relay for longer than 10 s.
    """
    reading = Reading(signer)
    reading.begin(session)
    return reading.finish(session, now)


class Reading:
    """One verification in parts, each in a transaction of its own: `begin`, `part` until it says no, `finish`.

    Lines that are chained while it goes on are read, too. Checkpoints count as of the beginning, and the head as of the
    end, in the same transaction as the last lines.
    """

    def __init__(self, signer: Signer) -> None:
        self.report = Report()
        self._signer, self._seen, self._next = signer, _Seen(), 0
        self._points: list[Checkpoint] = []

    def begin(self, session: Session) -> int:
        """Reads the checkpoints; how many lines there should be."""
        self._points = [*queries.checkpoints(session), *self._signer.kept()]
        end = queries.head(session)
        return end.seq if end is not None else 0

    def part(self, session: Session, size: int) -> bool:
        """Reads about `size` lines more. Whether there may be others."""
        wanted = -(-size // CHUNK)
        return self._follow(islice(queries.chain(session, CHUNK, self._next), wanted)) == wanted

    def finish(self, session: Session, now: datetime) -> Report:
        """Reads what is left and compares it with head and checkpoints."""
        self._follow(queries.chain(session, CHUNK, self._next))
        report, end = self.report, queries.head(session)
        if end is not None and (end.seq, end.hash.encode()) != (report.lines, self._seen.last):
            report.faults.append(Fault("head", end.seq))
        for point in self._points:
            _check(point, self._seen, self._signer, report)
        oldest = queries.oldest_loose(session)
        report.loose = oldest is not None
        if oldest is not None and now - oldest > SEALED_WITHIN:
            report.faults.append(Fault("unsealed", report.lines))
        return report

    def _follow(self, texts: Iterable[tuple[int, str]]) -> int:
        """Goes along the chain; how many texts that were. What stands in a line is never read, only compared."""
        places = {point.seq for point in self._points}
        seen, report, texts_read = self._seen, self.report, 0
        count, prev = report.lines, seen.last
        sha256 = hashlib.sha256
        for last, text in _ahead(texts):
            texts_read, self._next = texts_read + 1, last + 1
            for line in text.encode().split(b"\n"):
                count += 1
                if line[:64] != prev:
                    _note(report, "broken", count)
                prev = line[-64:]
                if sha256(line[:-64]).hexdigest().encode() != prev:
                    _note(report, "edited", count)
                if count in places:
                    seen.at[count] = prev
        report.lines, seen.last = count, prev
        return texts_read


@dataclass
class _Seen:
    """The last hash of the chain and the hashes at the places that checkpoints speak of."""

    last: bytes = GENESIS.encode()
    at: dict[int, bytes] = field(default_factory=dict)


def _note(report: Report, code: str, seq: int) -> None:
    if len(report.faults) < FAULTS_SHOWN:
        report.faults.append(Fault(code, seq))


def _check(point: Checkpoint, seen: _Seen, signer: Signer, report: Report) -> None:
    report.checkpoints += 1
    if not signer.valid(point):
        report.faults.append(Fault("signature", point.seq))
    elif point.seq not in seen.at:
        report.faults.append(Fault("cut", point.seq))
    elif seen.at[point.seq] != point.hash.encode():
        report.faults.append(Fault("rewritten", point.seq))


def _ahead(items: Iterable[T]) -> Iterator[T]:
    """The same items, the next one fetched while the present one is worked on."""
    source = iter(items)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(next, source, None)
        while (item := waiting.result()) is not None:
            waiting = pool.submit(next, source, None)
            yield item

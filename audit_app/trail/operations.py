"""Writing the trail: a line in the act's own transaction, and what the relay does to it afterwards."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from audit_app.kit import clock
from audit_app.kit.db import Session
from audit_app.kit.ids import new_id
from audit_app.kit.prepared import Prepared
from audit_app.trail import queries
from audit_app.trail.models import TrailCheckpoint, TrailHead, TrailLine
from audit_app.trail.rules import CHAINED, GENESIS, Checkpoint, canonical, instant_text, line_hash

_LINES: sa.Table = TrailLine.__table__  # type: ignore[attr-defined]
_INSERT = Prepared(sa.insert(_LINES))
_SEAL = (
    sa.update(_LINES)
    .where(_LINES.c.id == sa.bindparam("line"), _LINES.c.seq.is_(None))
    .values(seq=sa.bindparam("at_seq"), prev_hash=sa.bindparam("prev"), line_hash=sa.bindparam("hash"))
)


def record(
    session: Session,
    act: str,
    *,
    actor_id: str | None,
    subject_kind: str,
    subject_id: str,
    now: datetime,
    unit_path: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> str:
    """Adds one line to the trail, in the transaction of the act itself, and returns the line's id.

    `act` reads `thing.happened` ("visit.submitted"); `actor_id` is None for the system. `detail` takes ids, codes and
    counts only, never a name or a text that somebody wrote: the trail cannot forget.
    """
    key = new_id()
    line = {
        "id": key,
        "at": now,
        "actor_id": actor_id,
        "act": act,
        "subject_kind": subject_kind,
        "subject_id": subject_id,
        "unit_path": unit_path,
        "detail": dict(detail) if detail else {},
        "batch_id": None,
        "seq": None,
        "prev_hash": None,
        "line_hash": None,
    }
    _INSERT.run(session.connection(), line)
    return key


def record_daily(
    session: Session, act: str, actor_id: str, subject_kind: str, subject_id: str, now: datetime,
    detail: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """:func:`record`, once a day for the same act, actor and subject: for looks, which a reload repeats."""
    since = clock.day_start(clock.local_date(now))
    if not queries.done_since(session, act, actor_id, subject_kind, subject_id, since):
        record(session, act, actor_id=actor_id, subject_kind=subject_kind, subject_id=subject_id, now=now,
               detail=detail)  # fmt: skip


@dataclass(frozen=True)
class Past:
    """An act of long ago, for :func:`chain_in`."""

    id: str
    at: datetime
    act: str
    subject_kind: str
    subject_id: str
    actor_id: str | None = None
    unit_path: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


def chain_in(session: Session, acts: Sequence[Past]) -> None:
    """Adds lines that are chained already, in the order given, so that nothing reacts to them: for loading a past whose
    consequences are loaded with it. The head is held until the transaction ends."""
    end = locked_head(session)
    batch, seq, prev, rows = new_id(), end.seq, end.hash, []
    for act in acts:
        seq += 1
        row = {
            "id": act.id, "at": act.at, "actor_id": act.actor_id, "act": act.act, "subject_kind": act.subject_kind,
            "subject_id": act.subject_id, "unit_path": act.unit_path, "detail": dict(act.detail), "batch_id": batch,
            "seq": seq,
        }  # fmt: skip
        known = {"at": instant_text(act.at), "detail": canonical(row["detail"])}
        hash_ = line_hash(prev, [known.get(name, row[name]) for name in CHAINED])
        rows.append({**row, "prev_hash": prev, "line_hash": hash_})
        prev = hash_
    if rows:
        _INSERT.run_many(session.connection(), rows)
        end.seq, end.hash = seq, prev


def claim(session: Session, limit: int) -> bool:
    """Puts up to `limit` loose lines into a batch of their own. Whether more may be waiting."""
    locked_head(session)
    lines = queries.loose_ids(session, limit)
    if lines:
        session.execute(sa.update(_LINES).where(_LINES.c.id.in_(lines)).values(batch_id=new_id()))
    return len(lines) == limit


def seal(session: Session, batch_ids: Sequence[str]) -> int:
    """Chains the lines of these batches that are not chained yet, and moves the head. How many lines that was."""
    end = locked_head(session)
    lines = [line for line in queries.open_lines(session) if line.batch_id in batch_ids]
    sealed, seq, prev = [], end.seq, end.hash
    for line in lines:
        seq += 1
        hash_ = line_hash(prev, chained_values(line, seq))
        sealed.append({"line": line.id, "at_seq": seq, "prev": prev, "hash": hash_})
        prev = hash_
    if sealed:
        session.connection().execute(_SEAL, sealed)
        end.seq, end.hash = seq, prev
    return len(sealed)


def chained_values(line: TrailLine, seq: int) -> list[Any]:
    """What of a line is hashed, in the order of `rules.CHAINED`."""
    known = {"seq": seq, "at": instant_text(line.at), "detail": canonical(line.detail)}
    return [known[name] if name in known else getattr(line, name) for name in CHAINED]


def sign_off(session: Session, sign: Callable[[int, str], Checkpoint], now: datetime) -> Checkpoint | None:
    """Signs the end of the chain if it has moved since the last checkpoint."""
    end, last = locked_head(session), queries.last_checkpoint(session)
    if end.seq == 0 or (last is not None and last.seq >= end.seq):
        return None
    point = sign(end.seq, end.hash)
    session.add(TrailCheckpoint(seq=point.seq, hash=point.hash, signature=point.signature, at=now))
    return point


def locked_head(session: Session) -> TrailHead:
    """The end of the chain, held until the transaction ends; made where there is none yet."""
    found = queries.head(session, lock=True)
    if found is None:
        # Two relays may find none at once: the second waits here for the first, and adds nothing.
        insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        session.execute(insert(TrailHead).values(id=1, seq=0, hash=GENESIS).on_conflict_do_nothing())
        found = queries.head(session, lock=True)
        assert found is not None
    return found

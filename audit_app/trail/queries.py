"""Reading the trail: what waits for the relay, and the chain for verification."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select

from audit_app.kit.db import Session
from audit_app.kit.sql import columns
from audit_app.trail.models import TrailCheckpoint, TrailHead, TrailLine
from audit_app.trail.rules import CHAINED, Checkpoint

_LOOSE = col(TrailLine.seq).is_(None)


def loose_ids(session: Session, limit: int) -> Sequence[str]:
    """Lines that no batch has taken yet, oldest first."""
    return session.exec(
        select(TrailLine.id).where(_LOOSE, col(TrailLine.batch_id).is_(None)).order_by(TrailLine.id).limit(limit)
    ).all()


def anything_loose(session: Session) -> bool:
    """Whether the relay has work."""
    return session.exec(select(TrailLine.id).where(_LOOSE).limit(1)).first() is not None


def open_lines(session: Session) -> Sequence[TrailLine]:
    """Lines that belong to a batch but are not chained yet, in the order in which they will be."""
    return session.exec(
        select(TrailLine)
        .where(_LOOSE, col(TrailLine.batch_id).is_not(None))
        .order_by(col(TrailLine.batch_id), TrailLine.id)
    ).all()


def oldest_loose(session: Session) -> datetime | None:
    """When the oldest unchained line was written; None if all are chained."""
    return session.exec(select(TrailLine.at).where(_LOOSE).order_by(col(TrailLine.at)).limit(1)).first()


SIGN_INS = ("sign_in.done", "sign_in.refused", "sign_in.delayed")


def sign_ins(session: Session, account_id: str, most: int = 10) -> Sequence[tuple[datetime, str]]:
    """(when, act) of the last tries to sign in to an account, newest first."""
    own = sa.and_(col(TrailLine.actor_id) == account_id, col(TrailLine.act) == SIGN_INS[0])
    tried = sa.and_(
        col(TrailLine.subject_kind) == "account",
        col(TrailLine.subject_id) == account_id,
        col(TrailLine.act).in_(SIGN_INS[1:]),
    )
    newest = (col(TrailLine.at).desc(), col(TrailLine.id).desc())
    found = session.execute(select(TrailLine.at, TrailLine.act).where(sa.or_(own, tried)).order_by(*newest).limit(most))
    return [(row[0], row[1]) for row in found]


def head(session: Session, *, lock: bool = False) -> TrailHead | None:
    """The end of the chain. With `lock`, held until the transaction ends, so that one relay works at a time."""
    statement = select(TrailHead).where(TrailHead.id == 1)
    return session.exec(statement.with_for_update() if lock else statement).first()


def last_checkpoint(session: Session) -> TrailCheckpoint | None:
    return session.exec(select(TrailCheckpoint).order_by(col(TrailCheckpoint.seq).desc()).limit(1)).first()


def checkpoints(session: Session) -> list[Checkpoint]:
    """All signed places, in order."""
    rows = session.exec(select(TrailCheckpoint).order_by(col(TrailCheckpoint.seq))).all()
    return [Checkpoint(row.seq, row.hash, row.signature) for row in rows]


def lines_about(
    session: Session, subjects: Mapping[str, Sequence[str]], acts: Sequence[str], most: int
) -> Sequence[TrailLine]:
    """Lines with one of these acts about these things (kind → ids), latest first."""
    about = [
        sa.and_(col(TrailLine.subject_kind) == kind, col(TrailLine.subject_id).in_(list(ids)))
        for kind, ids in subjects.items()
        if ids
    ]
    if not about:
        return []
    statement = select(TrailLine).where(sa.or_(*about), col(TrailLine.act).in_(list(acts)))
    return session.exec(statement.order_by(col(TrailLine.at).desc(), col(TrailLine.id).desc()).limit(most)).all()


def done_since(session: Session, act: str, actor_id: str, kind: str, subject_id: str, since: datetime) -> bool:
    """Whether somebody did this to that thing since then."""
    found = select(TrailLine.id).where(
        TrailLine.subject_kind == kind, TrailLine.subject_id == subject_id, TrailLine.act == act,
        TrailLine.actor_id == actor_id, TrailLine.at >= since,
    )  # fmt: skip
    return session.exec(found.limit(1)).first() is not None


def chain(session: Session, size: int = 1000, first: int = 0) -> Iterator[tuple[int, str]]:
    """The chained lines in order from number `first` on, many to a text: (number of its last line, text), one per text
    line, each `prev_hash` + canonical values + `line_hash`. The number is the column's: no text is to be believed.

    Put together by the database (canonical JSON has no line breaks), which is three times as fast as row by row.
    """
    seq, whole = col(TrailLine.seq), _whole(session)
    start = session.exec(select(sa.func.min(seq)).where(seq >= first)).one()
    while start is not None:
        piece = columns(seq.label("seq"), whole.label("whole"))
        rows = piece.where(seq >= start, seq < start + size).order_by(seq).subquery()
        together = sa.select(sa.func.max(rows.c.seq), sa.func.aggregate_strings(rows.c.whole, "\n"))
        last, text = session.execute(together).one()
        if text:
            yield last, text
        start = session.exec(select(sa.func.min(seq)).where(seq >= start + size)).one()


def _whole(session: Session) -> sa.ColumnElement[str]:
    sqlite = session.get_bind().dialect.name == "sqlite"
    body = _sqlite_body() if sqlite else _postgres_body()
    return sa.func.coalesce(col(TrailLine.prev_hash), "") + body + sa.func.coalesce(col(TrailLine.line_hash), "")


def _raw(name: str) -> sa.ColumnElement[Any]:
    """A column as it is stored, without the conversions for Python."""
    column: sa.ColumnElement[Any] = TrailLine.__table__.c[name]
    return column if name == "seq" else sa.type_coerce(column, sa.Text)


def _sqlite_body() -> sa.ColumnElement[str]:
    return sa.func.json_array(*[_raw(name) for name in CHAINED], type_=sa.Text)


def _postgres_body() -> sa.ColumnElement[str]:
    parts: list[Any] = []
    for name in CHAINED:
        at = sa.func.to_char(sa.func.timezone("UTC", _raw("at")), "YYYY-MM-DD HH24:MI:SS.US")
        value = at if name == "at" else _raw(name)
        parts += [",", sa.func.coalesce(sa.cast(sa.func.to_json(value), sa.Text), "null")]
    return sa.func.concat("[", *parts[1:], "]", type_=sa.Text)

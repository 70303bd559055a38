"""How often something may be tried, counted by one atomic statement, so that parallel tries cannot slip through.

A try is counted before it is made and given back when it succeeds: many colleagues behind one address do not stop each
other, and a guesser gets no more than the limit.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from math import ceil
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col

from audit_app.access.models import RateBucket
from audit_app.access.results import Turn
from audit_app.access.rules import Limit
from audit_app.kit.db import Session
from audit_app.kit.errors import TooMany


def take(session: Session, turns: Iterable[Turn], now: datetime) -> int:
    """Counts one try in each bucket. 0, or the seconds to wait if one of them was full already."""
    by_key = {f"{limit.name}:{who}": limit for limit, who in turns}
    window = max(limit.window for limit in by_key.values())
    rows = session.execute(_counting(session, sorted(by_key), now, window)).all()
    waits = [ceil((start + window - now).total_seconds()) for key, start, count in rows if count > by_key[key].tries]
    return max([1, *waits]) if waits else 0


def need_turn(session: Session, limit: Limit, who: str, now: datetime) -> None:
    """Counts one try; TooMany if there were too many. The refused one is not counted: its transaction is undone."""
    wait = take(session, [(limit, who)], now)
    if wait:
        raise TooMany(retry_after=wait)


def give_back(session: Session, turns: Iterable[Turn]) -> None:
    """The try was right and does not count."""
    keys = sorted(f"{limit.name}:{who}" for limit, who in turns)
    session.execute(
        sa.update(RateBucket)
        .where(col(RateBucket.key).in_(keys), col(RateBucket.count) > 0)
        .values(count=col(RateBucket.count) - 1)
        .execution_options(synchronize_session=False)
    )


def _counting(session: Session, keys: list[str], now: datetime, window: timedelta) -> Any:
    table: Any = RateBucket.__table__  # type: ignore[attr-defined]
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    over = table.c.window_start <= now - window
    return (
        make(table)
        .values([{"key": key, "window_start": now, "count": 1} for key in keys])
        .on_conflict_do_update(
            index_elements=["key"],
            set_={
                "count": sa.case((over, 1), else_=table.c.count + 1),
                "window_start": sa.case((over, now), else_=table.c.window_start),
            },
        )
        .returning(table.c.key, table.c.window_start, table.c.count)
    )

"""The two databases behind one door.

`read` and `write` run a function that takes a Session in one thread call: begin, work, commit, close. The response leaves
after the commit. `group_write` is the one exception: many small writes (submitted visits) share one transaction, a
savepoint each, in one writer thread, and each caller is answered after the commit.
"""

import asyncio
import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, SQLModel

from audit_app.kit.errors import Busy

__all__ = ["CText", "Database", "Session", "UTCDateTime", "is_busy"]

P = ParamSpec("P")
T = TypeVar("T")
Work = Callable[Concatenate[Session, P], T]

LOCK_SECONDS = 8.0
BATCH = 64
READ_THREADS = 8
WRITE_THREADS = 4

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UTCDateTime(sa.TypeDecorator[datetime]):
    """An aware instant. Naive values are refused; what comes back is in UTC on both databases."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime reached the database")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class CText(sa.TypeDecorator[str]):
    """Text that sorts and compares by bytes on both databases: codes and paths, where a prefix is a range."""

    impl = sa.String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(sa.String(collation="C"))
        return dialect.type_descriptor(sa.String())


@dataclass
class _Waiting:
    work: Callable[[Session], Any]
    loop: asyncio.AbstractEventLoop
    future: "asyncio.Future[Any]"


@dataclass
class Database:
    """One process's door to the database. `url` is a SQLAlchemy address of SQLite or PostgreSQL (psycopg)."""

    url: str
    pool_size: int = 8
    engine: Engine = field(init=False)

    def __post_init__(self) -> None:
        self.engine = _sqlite_engine(self.url) if self.sqlite else self._postgres_engine()
        self._writer = self.engine.execution_options(audit_write=True)
        self._lock = threading.Lock()
        self._readers = ThreadPoolExecutor(READ_THREADS, "db-read")
        self._writers = ThreadPoolExecutor(WRITE_THREADS, "db-write")
        self._waiting: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._grouper: threading.Thread | None = None
        self._grouper_guard = threading.Lock()

    @property
    def sqlite(self) -> bool:
        return self.url.startswith("sqlite")

    def _postgres_engine(self) -> Engine:
        return sa.create_engine(
            self.url, pool_size=self.pool_size, max_overflow=WRITE_THREADS + 2, pool_pre_ping=True, pool_timeout=10
        )

    def read_now(self, fn: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs `fn(session, …)` on one snapshot and throws any change away. Blocks: jobs, commands and tests."""
        with Session(self.engine, autoflush=False, expire_on_commit=False) as session:
            return fn(session, *args, **kwargs)

    def write_now(self, fn: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs `fn(session, …)` and commits, or rolls back if it raises. Blocks: jobs, commands and tests."""
        with self._one_writer(), Session(self._writer, expire_on_commit=False) as session:
            result = fn(session, *args, **kwargs)
            session.commit()
            return result

    async def read(self, fn: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """:meth:`read_now` in one call of a reading thread."""
        work = partial(self.read_now, fn, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._readers, work)

    async def write(self, fn: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """:meth:`write_now` in one call of a writing thread; returns after the commit."""
        work = partial(self.write_now, fn, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._writers, work)

    async def group_write(self, fn: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs `fn(session, …)` in the writer thread, in one transaction with whoever else waits; returns after the
        commit. `fn` raising undoes only its own savepoint. For short writes that come in crowds."""
        self._start_grouper()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._waiting.put(_Waiting(lambda session: fn(session, *args, **kwargs), loop, future))
        return await future

    def close(self) -> None:
        if self._grouper is not None:
            self._waiting.put(None)
            self._grouper.join(timeout=10)
        self._readers.shutdown()
        self._writers.shutdown()
        self.engine.dispose()

    @contextmanager
    def _one_writer(self) -> Iterator[None]:
        """A courtesy to SQLite's own lock (fair order, short tails); correctness rests on BEGIN IMMEDIATE."""
        if not self.sqlite:
            yield
            return
        if not self._lock.acquire(timeout=LOCK_SECONDS):
            raise Busy(retry_after=2)
        try:
            yield
        finally:
            self._lock.release()

    def _start_grouper(self) -> None:
        with self._grouper_guard:
            if self._grouper is None:
                self._grouper = threading.Thread(target=self._group_loop, name="db-group", daemon=True)
                self._grouper.start()

    def _group_loop(self) -> None:
        while True:
            first = self._waiting.get()
            if first is None:
                return
            batch, ended = [first], False
            while len(batch) < BATCH:
                try:
                    more = self._waiting.get_nowait()
                except queue.Empty:
                    break
                if more is None:
                    ended = True
                    break
                batch.append(more)
            self._run_group(batch)
            if ended:
                return

    def _run_group(self, batch: list[_Waiting]) -> None:
        outcomes: list[tuple[Any, BaseException | None]] = []
        try:
            with self._one_writer(), Session(self._writer, expire_on_commit=False) as session:
                outcomes = [_in_savepoint(session, waiting.work) for waiting in batch]
                session.commit()
        except BaseException as fault:  # noqa: BLE001 - every waiting caller must hear of it
            outcomes = [(None, fault)] * len(batch)
        for waiting, (result, error) in zip(batch, outcomes, strict=True):
            _answer(waiting, result, error)


def _in_savepoint(session: Session, work: Callable[[Session], Any]) -> tuple[Any, BaseException | None]:
    try:
        with session.begin_nested():
            return work(session), None
    except DBAPIError as fault:
        if not session.in_transaction() or fault.connection_invalidated:
            raise
        return None, fault
    except Exception as fault:  # noqa: BLE001 - handed to the one caller it belongs to
        return None, fault


def _answer(waiting: _Waiting, result: Any, error: BaseException | None) -> None:
    def settle() -> None:
        if waiting.future.done():
            return
        if error is not None:
            waiting.future.set_exception(error)
        else:
            waiting.future.set_result(result)

    try:
        waiting.loop.call_soon_threadsafe(settle)
    except RuntimeError:
        return  # the loop of a caller that has gone away


def is_busy(fault: BaseException) -> bool:
    """Whether the database refused only because somebody else holds it: the caller may come again."""
    text = str(fault).lower()
    return isinstance(fault, DBAPIError) and ("database is locked" in text or "could not obtain lock" in text)


def _sqlite_engine(url: str) -> Engine:
    engine = sa.create_engine(url, connect_args={"check_same_thread": False, "timeout": LOCK_SECONDS})
    event.listen(engine, "connect", _pragmas)
    event.listen(engine, "begin", _begin)
    _roll_back_failed_commits(engine)
    return engine


def _pragmas(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",  # NORMAL was seen to lose acknowledged visits in a power cut
        f"busy_timeout={int(LOCK_SECONDS * 1000)}",
        "foreign_keys=ON",
        "temp_store=MEMORY",
        "cache_size=-32000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    write = connection.get_execution_options().get("audit_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _roll_back_failed_commits(engine: Engine) -> None:
    """SQLAlchemy leaves the transaction open when COMMIT itself fails on SQLite, and with it the write lock."""
    commit = engine.dialect.do_commit

    def do_commit(dbapi_connection: Any) -> None:
        try:
            commit(dbapi_connection)
        except BaseException:
            dbapi_connection.rollback()
            raise

    engine.dialect.do_commit = do_commit  # type: ignore[method-assign]

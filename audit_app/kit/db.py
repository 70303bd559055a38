"""The two databases behind one door.

`read` and `write` run a function that takes a Session in one thread call: begin, work, commit, close. The response
leaves after the commit. `group_write` is the one exception: many small writes (submitted visits) share one transaction,
a savepoint each, in one writer thread, and each caller is answered after the commit.
"""

import asyncio
import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from typing import Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError, TimeoutError
from sqlmodel import Session, SQLModel

from audit_app.kit.errors import Busy
from audit_app.kit.types import CText, UTCDateTime

__all__ = ["CText", "Database", "SQLModel", "Session", "UTCDateTime", "is_busy"]

P = ParamSpec("P")
T = TypeVar("T")
Work = Callable[Concatenate[Session, P], T]

LOCK_SECONDS = 8.0
BATCH = 64
GLANCE_MS = 20
READ_THREADS = 8
WRITE_THREADS = 4
GLANCE_THREADS = 2  # PostgreSQL only
#: PostgreSQL says so by a code: connection lost, server going down or coming up, too many connections, lock not free,
#: deadlock, serialisation.
PASSING_STATES = ("08", "57P0", "53300", "55P03", "40001", "40P01")
#: SQLite says so by a text: held by somebody else, or the disk is full for now.
PASSING_TEXTS = ("database is locked", "database or disk is full")

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


@dataclass
class _Waiting:
    """A caller of `group_write`, with what it gets once the group is committed."""

    work: Callable[[Session], Any]
    loop: asyncio.AbstractEventLoop
    future: "asyncio.Future[Any]"
    result: Any = None
    fault: BaseException | None = None

    def settle(self) -> None:
        if self.future.done():
            return  # the caller has been cancelled
        if self.fault is not None:
            self.future.set_exception(self.fault)
        else:
            self.future.set_result(self.result)


@dataclass
class Database:
    """One process's door to the database. `url` is a SQLAlchemy address of SQLite or PostgreSQL (psycopg)."""

    url: str
    pool_size: int = 8
    engine: Engine = field(init=False)

    def __post_init__(self) -> None:
        self.engine = _sqlite_engine(self.url) if self.sqlite else self._postgres_engine()
        self._writer = self.engine.execution_options(audit_write=True)
        self._reader = self.engine if self.sqlite else self.engine.execution_options(isolation_level="REPEATABLE READ")
        self._lock = threading.Lock()
        self._readers = ThreadPoolExecutor(READ_THREADS, "db-read")
        self._writers = ThreadPoolExecutor(WRITE_THREADS, "db-write")
        self._glancers = ThreadPoolExecutor(GLANCE_THREADS, "db-glance")
        self._waiting: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._grouper: threading.Thread | None = None
        self._guard = threading.Lock()
        self._own = threading.local()
        self._glances: list[Session] = []
        self._closed = False

    @property
    def sqlite(self) -> bool:
        return self.url.startswith("sqlite")

    def _postgres_engine(self) -> Engine:
        return sa.create_engine(
            self.url,
            pool_size=self.pool_size,
            max_overflow=WRITE_THREADS + GLANCE_THREADS + 2,
            pool_pre_ping=True,  # a connection whose server was restarted is replaced, not handed out
            pool_timeout=LOCK_SECONDS,
            hide_parameters=True,  # a fault's text goes to the log: no hash, name or note with it
            connect_args={"options": f"-c lock_timeout={int(LOCK_SECONDS * 1000)}"},
        )

    def read_now(self, fn: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs `fn(session, …)` on one snapshot and throws any change away. Blocks: jobs, commands and tests."""
        with Session(self._reader, autoflush=False, expire_on_commit=False) as session:
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

    async def glance(self, fn: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """:meth:`read` for what takes microseconds and happens on every request: on a connection that stays open, where
        each statement sees its own snapshot. On SQLite it runs here and now, since a reader never waits there and a
        thread would cost five times the work; on PostgreSQL a thread of its own waits for the answer. Where there is
        any trouble it is :meth:`read`."""
        work = partial(self._glance_now, fn, *args, **kwargs)
        try:
            if self.sqlite:
                return work()
            return await asyncio.get_running_loop().run_in_executor(self._glancers, work)
        except DBAPIError:
            return await self.read(fn, *args, **kwargs)

    def _glance_now(self, fn: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return fn(self._glance_session(), *args, **kwargs)
        except DBAPIError:
            self._forget_glances()
            raise

    def _forget_glances(self) -> None:
        """The thread's connection is not to be used again: its server may be gone."""
        broken: Session | None = self._own.__dict__.pop("session", None)
        if broken is None:
            return  # it never came to be
        with self._guard:
            self._glances.remove(broken)
        broken.invalidate()

    def _glance_session(self) -> Session:
        found: Session | None = getattr(self._own, "session", None)
        if found is None:
            how: Any = {"audit_glance": True} if self.sqlite else {"isolation_level": "AUTOCOMMIT"}
            found = Session(self.engine.execution_options(**how), autoflush=False, expire_on_commit=False)
            if self.sqlite:
                found.connection().exec_driver_sql(f"PRAGMA busy_timeout={GLANCE_MS}")
            self._own.session = found
            with self._guard:
                self._glances.append(found)
        return found

    async def write(self, fn: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """:meth:`write_now` in one call of a writing thread; returns after the commit."""
        work = partial(self.write_now, fn, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._writers, work)

    async def group_write(self, fn: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs `fn(session, …)` in the writer thread, in one transaction with whoever else waits; returns after the
        commit. `fn` raising undoes only its own savepoint. For short writes that come in crowds."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._join_group(_Waiting(lambda session: fn(session, *args, **kwargs), loop, future))
        return await future

    def close(self) -> None:
        """Finishes what waits and ends all threads and connections."""
        with self._guard:
            self._closed = True
            self._waiting.put(None)
        if self._grouper is not None:
            self._grouper.join()
        self._glancers.shutdown()
        for session in self._glances:
            session.close()
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

    def _join_group(self, waiting: _Waiting) -> None:
        with self._guard:
            if self._closed:
                raise RuntimeError("the database is closed")
            self._waiting.put(waiting)
            if self._grouper is None:
                self._grouper = threading.Thread(target=self._group_loop, name="db-group", daemon=True)
                self._grouper.start()

    def _group_loop(self) -> None:
        open_ = True
        while open_:
            group, open_ = _next_group(self._waiting)
            if group:
                self._run_group(group)
                _answer(group)

    def _run_group(self, group: list[_Waiting]) -> None:
        try:
            with self._one_writer(), Session(self._writer, expire_on_commit=False) as session:
                if not _without_savepoints(session, group):
                    session.rollback()
                    for waiting in group:
                        _in_savepoint(session, waiting)
                session.commit()
        except BaseException as fault:
            for waiting in group:  # nothing of the group is stored, so nobody may hear of success
                waiting.fault = fault


def _next_group(source: "queue.SimpleQueue[_Waiting | None]") -> tuple[list[_Waiting], bool]:
    """Waits for one caller and takes along who else is there. False with the last group before the end."""
    group: list[_Waiting] = []
    while len(group) < BATCH:
        try:
            found = source.get(block=not group)
        except queue.Empty:
            break
        if found is None:
            return group, False
        group.append(found)
    return group, True


def _without_savepoints(session: Session, group: list[_Waiting]) -> bool:
    """Does everybody's work in a row: two statements less each. False if anything failed: then all is to be undone and
    done again with a savepoint each."""
    try:
        for waiting in group:
            waiting.result = waiting.work(session)
    except Exception as fault:
        if isinstance(fault, DBAPIError) and fault.connection_invalidated:
            raise
        return False
    return True


def _in_savepoint(session: Session, waiting: _Waiting) -> None:
    """Does one caller's work so that its failure undoes nothing of the others. Raises if the transaction is gone."""
    savepoint = session.begin_nested()
    try:
        waiting.result = waiting.work(session)
        savepoint.commit()
    except Exception as fault:
        if isinstance(fault, DBAPIError) and fault.connection_invalidated:
            raise
        try:
            savepoint.rollback()
        except DBAPIError as lost:  # SQLite undoes the whole transaction when the disk is full
            raise fault from lost
        waiting.fault = fault


def _answer(group: list[_Waiting]) -> None:
    """Wakes each event loop once for all its callers."""
    for loop, callers in groupby(group, key=lambda waiting: waiting.loop):
        try:
            loop.call_soon_threadsafe(_settle, list(callers))
        except RuntimeError:
            continue  # the loop of callers that have gone away


def _settle(callers: list[_Waiting]) -> None:
    for waiting in callers:
        waiting.settle()


def is_busy(fault: BaseException) -> bool:
    """Whether the database cannot do it now but will later (held, restarting, full): the caller may come again."""
    if isinstance(fault, TimeoutError):
        return True
    if not isinstance(fault, DBAPIError):
        return False
    state = getattr(fault.orig, "sqlstate", None)
    if fault.connection_invalidated or (state is not None and state.startswith(PASSING_STATES)):
        return True
    text = str(fault.orig).lower()
    unreachable = type(fault.orig).__module__.startswith("psycopg") and isinstance(fault, OperationalError)
    return any(known in text for known in PASSING_TEXTS) or (state is None and unreachable)


def _sqlite_engine(url: str) -> Engine:
    # No bound: each event loop keeps one connection for its glances, and a connection to a file costs next to nothing.
    arguments = {"check_same_thread": False, "timeout": LOCK_SECONDS}
    engine = sa.create_engine(url, max_overflow=-1, connect_args=arguments, hide_parameters=True)
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
        "recursive_triggers=ON",  # else REPLACE deletes a row without asking the triggers that keep it
        "temp_store=MEMORY",
        "cache_size=-32000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("audit_glance"):
        return  # every statement for itself
    write = options.get("audit_write")
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

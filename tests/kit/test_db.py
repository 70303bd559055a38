"""The door to the database: commits, locks, pragmas, types."""

import asyncio
import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError

from audit_app.kit import db as door
from audit_app.kit.db import Database, Session, is_busy
from audit_app.kit.errors import Busy
from tests.kit.things import add, names, orphan, thing

pytestmark = pytest.mark.data


def test_write_is_stored_and_a_failing_one_is_not(things: Database) -> None:
    def fails(session: Session) -> None:
        add(session, "b")
        raise LookupError

    things.write_now(add, "a")
    with pytest.raises(LookupError):
        things.write_now(fails)
    assert names(things) == ["a"]


def test_a_read_changes_nothing(things: Database) -> None:
    things.read_now(add, "a")
    assert names(things) == []


def test_a_glance_sees_what_was_committed_and_outlives_its_connection(things: Database) -> None:
    def every(session: Session) -> list[str]:
        return [row[0] for row in session.execute(sa.select(thing.c.name).order_by(thing.c.name))]

    def cut(session: Session) -> None:
        session.execute(sa.text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
                                "AND datname = current_database()"))  # fmt: skip

    async def look() -> list[str]:
        return await things.glance(every)

    for name in ("a", "b", "c"):
        things.write_now(add, name)
        assert asyncio.run(look())[-1] == name
    if not things.sqlite:
        things.write_now(cut)
        things.write_now(add, "d")
        assert [asyncio.run(look())[-1] for _ in range(4)] == ["d"] * 4


def test_a_read_sees_one_snapshot(things: Database) -> None:
    def twice(session: Session) -> list[int]:
        count = sa.select(sa.func.count()).select_from(thing)
        first = session.scalar(count)
        things.write_now(add, "meanwhile")
        return [first or 0, session.scalar(count) or 0]

    assert things.read_now(twice) == [0, 0]
    assert names(things) == ["meanwhile"]


def test_failed_commit_leaves_no_row_and_no_lock(things: Database) -> None:
    with pytest.raises(IntegrityError):
        things.write_now(orphan, "a")
    other = Database(things.url)  # as another process: only the database's own lock counts
    try:
        other.write_now(add, "b")
    finally:
        other.close()
    things.write_now(add, "c")
    assert names(things) == ["b", "c"]


@pytest.mark.usefixtures("on_sqlite")
def test_a_write_takes_the_lock_at_once(things: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two transactions that read first and write then would otherwise fail with a stale snapshot."""
    monkeypatch.setattr(door, "LOCK_SECONDS", 0.2)
    other = Database(things.url)

    def reads_only(session: Session) -> None:
        session.execute(sa.select(thing.c.name))
        with pytest.raises(OperationalError) as refused:
            other.write_now(lambda session: session.execute(sa.select(thing.c.name)))
        assert is_busy(refused.value)

    try:
        things.write_now(reads_only)
        other.write_now(add, "later")
    finally:
        other.close()
    assert names(things) == ["later"]


@pytest.mark.usefixtures("on_sqlite")
def test_every_connection_has_the_pragmas(things: Database) -> None:
    def read(session: Session) -> dict[str, object]:
        connection = session.connection()
        asked = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        return {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in asked}

    def nested(session: Session) -> list[dict[str, object]]:
        return [read(session), things.read_now(read)]  # two connections at once

    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 8000}
    assert things.read_now(nested) == [wanted, wanted]
    assert things.write_now(read) == wanted


@pytest.mark.usefixtures("on_sqlite")
def test_waiting_for_the_writer_ends_in_busy(things: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "LOCK_SECONDS", 0.1)
    inside, leave = threading.Event(), threading.Event()

    def lingers(session: Session) -> None:
        add(session, "first")
        inside.set()
        leave.wait(10)

    slow = threading.Thread(target=things.write_now, args=(lingers,))
    slow.start()
    inside.wait(10)
    with pytest.raises(Busy) as refused:
        things.write_now(add, "second")
    leave.set()
    slow.join()
    assert refused.value.status == 503
    assert refused.value.retry_after
    things.write_now(add, "third")
    assert names(things) == ["first", "third"]


@pytest.mark.usefixtures("on_postgres")
def test_waiting_for_a_row_ends_in_busy(things: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "LOCK_SECONDS", 0.1)
    impatient = Database(things.url)
    things.write_now(add, "a")

    def holds(session: Session) -> None:
        add(session, "same")
        with pytest.raises(OperationalError) as refused:
            impatient.write_now(add, "same")  # waits for the outcome of the other
        assert is_busy(refused.value)

    try:
        things.write_now(holds)
    finally:
        impatient.close()
    assert names(things) == ["a", "same"]


@pytest.mark.usefixtures("on_postgres")
def test_killed_backends_are_replaced(things: Database) -> None:
    """The server ends all our connections: the one in use fails as busy, the pooled ones are not handed out again."""
    admin = sa.create_engine(things.url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    kill = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )

    def cut(session: Session) -> None:
        add(session, "lost")
        with admin.connect() as connection:
            connection.exec_driver_sql(kill)
        session.execute(sa.select(thing.c.name))

    things.read_now(lambda session: session.execute(sa.select(thing.c.name)))
    with pytest.raises(OperationalError) as fault:
        things.write_now(cut)
    assert is_busy(fault.value)
    things.write_now(add, "before")
    with admin.connect() as connection:
        connection.exec_driver_sql(kill)
    for number in range(3):
        things.write_now(add, f"kept {number}")
    assert names(things) == ["before", "kept 0", "kept 1", "kept 2"]


@pytest.mark.usefixtures("on_postgres")
def test_a_server_that_is_away_is_busy() -> None:
    absent = Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    with pytest.raises(OperationalError) as fault:
        absent.read_now(lambda session: session.connection())
    absent.close()
    assert is_busy(fault.value)


def test_a_bug_is_not_busy(things: Database) -> None:
    things.write_now(add, "a")
    for wrong in (
        lambda: things.write_now(add, "a"),
        lambda: things.write_now(lambda session: session.connection().exec_driver_sql("SELECT * FROM no_such_table")),
    ):
        with pytest.raises(sa.exc.DBAPIError) as fault:
            wrong()
        assert not is_busy(fault.value)


def test_instants_are_aware_and_come_back_in_utc(things: Database) -> None:
    at = datetime(2026, 5, 1, 8, 30, 0, 123456, tzinfo=timezone(timedelta(hours=8)))
    things.write_now(add, "a", at=at)
    found = things.read_now(lambda session: session.scalar(sa.select(thing.c.at)))
    assert found == at
    assert found.utcoffset() == timedelta(0)
    with pytest.raises(StatementError, match="naive"):
        things.write_now(add, "b", at=datetime(2026, 5, 1))
    within = sa.select(thing.c.name).where(
        thing.c.at >= at, thing.c.at < at.astimezone(UTC) + timedelta(microseconds=1)
    )
    assert things.read_now(lambda session: session.scalars(within).all()) == ["a"]


def test_codes_sort_and_compare_by_bytes(things: Database) -> None:
    """A subtree is the range of its prefix: `~` sorts behind every digit and slash on both databases."""
    paths = ["36/3601/", "36/3601/360102/", "36/36010/", "36/3602/", "a", "B", "é"]
    for path in paths:
        things.write_now(add, path)
    assert names(things) == sorted(paths, key=str.encode)
    below = sa.select(thing.c.name).where(thing.c.name >= "36/3601/", thing.c.name < "36/3601/~").order_by(thing.c.name)
    assert things.read_now(lambda session: session.scalars(below).all()) == ["36/3601/", "36/3601/360102/"]


def test_closing_leaves_no_thread(things: Database) -> None:
    async def use(database: Database) -> None:
        await asyncio.gather(
            database.read(lambda session: None), database.write(add, "a"), database.group_write(add, "b")
        )

    before = set(threading.enumerate())
    used = Database(things.url)
    asyncio.run(use(used))
    used.close()
    assert {thread for thread in threading.enumerate() if thread.name.startswith("db-")} <= before
    assert names(things) == ["a", "b"]

"""Group commit: one transaction for many callers, and none of them pays for another's fault."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from audit_app.kit.db import BATCH, Database, Session, is_busy
from tests.kit.things import add, names, orphan

pytestmark = pytest.mark.data


def together(db: Database, calls: list[Coroutine[Any, Any, Any]]) -> list[Any]:
    """Makes the calls while the writer is held up, so that they end in one group; their results or faults in order."""

    async def run() -> list[Any]:
        entered, release = threading.Event(), threading.Event()

        def hold(session: Session) -> None:
            entered.set()
            release.wait(10)

        first = asyncio.ensure_future(db.group_write(hold))
        await asyncio.to_thread(entered.wait, 10)
        waiting = [asyncio.ensure_future(call) for call in calls]
        await asyncio.sleep(0)
        release.set()
        await first
        return await asyncio.gather(*waiting, return_exceptions=True)

    return asyncio.run(run())


@pytest.fixture
def commits(things: Database) -> list[int]:
    seen: list[int] = []
    event.listen(things.engine, "commit", lambda connection: seen.append(1))
    return seen


def test_a_full_group_is_one_transaction(things: Database, commits: list[int]) -> None:
    outcome = together(things, [things.group_write(add, f"{n:02}") for n in range(BATCH)])
    assert outcome == [f"{n:02}" for n in range(BATCH)]
    assert names(things) == outcome
    assert len(commits) == 1


def raises(session: Session, name: str) -> None:
    add(session, name)
    raise LookupError(name)


def test_a_fault_in_the_middle_undoes_only_its_own_work(things: Database, commits: list[int]) -> None:
    outcome = together(
        things,
        [
            things.group_write(add, "a"),
            things.group_write(raises, "b"),
            things.group_write(add, "a"),  # an integrity error; on PostgreSQL it would end the transaction
            things.group_write(add, "c"),
        ],
    )
    assert [type(found) for found in outcome] == [str, LookupError, IntegrityError, str]
    assert names(things) == ["a", "c"]
    assert len(commits) == 1


def test_a_failed_commit_is_told_to_everybody(things: Database) -> None:
    outcome = together(
        things, [things.group_write(add, "a"), things.group_write(orphan, "b"), things.group_write(add, "c")]
    )
    assert [type(found) for found in outcome] == [IntegrityError] * 3
    assert names(things) == []
    assert together(things, [things.group_write(add, "d")]) == ["d"]
    assert names(things) == ["d"]


def test_nobody_is_answered_before_the_commit(things: Database) -> None:
    order: list[str] = []
    event.listen(things.engine, "commit", lambda connection: order.append("commit"))

    async def call() -> None:
        await things.group_write(add, "a")
        order.append("answer")

    asyncio.run(call())
    assert order == ["commit", "answer"]


@pytest.mark.usefixtures("on_sqlite")
def test_a_transaction_that_is_gone_fails_everybody(things: Database) -> None:
    """SQLite undoes the whole transaction when the disk is full: who came before must not be told that all is well."""

    def disk_full(session: Session) -> None:
        session.connection().connection.dbapi_connection.execute("ROLLBACK")  # type: ignore[union-attr]
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    outcome = together(
        things, [things.group_write(add, "a"), things.group_write(disk_full), things.group_write(add, "c")]
    )
    assert all(isinstance(found, DBAPIError) and is_busy(found) for found in outcome)
    assert names(things) == []
    assert together(things, [things.group_write(add, "d")]) == ["d"]


@pytest.mark.usefixtures("on_postgres")
def test_a_lost_connection_fails_everybody_and_the_next_group_works(things: Database) -> None:
    admin = sa.create_engine(things.url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)

    def cut(session: Session) -> None:
        pid = session.scalar(sa.select(sa.func.pg_backend_pid()))
        with admin.connect() as connection:
            connection.execute(sa.select(sa.func.pg_terminate_backend(pid)))
        add(session, "lost")

    outcome = together(things, [things.group_write(add, "a"), things.group_write(cut), things.group_write(add, "c")])
    assert all(isinstance(found, DBAPIError) and is_busy(found) for found in outcome)
    assert names(things) == []
    assert together(things, [things.group_write(add, "d")]) == ["d"]
    assert names(things) == ["d"]


def test_a_caller_who_has_gone_harms_nobody(things: Database) -> None:
    entered, release = threading.Event(), threading.Event()

    def hold(session: Session) -> None:
        add(session, "held")
        entered.set()
        release.wait(10)

    async def leave() -> None:
        asyncio.ensure_future(things.group_write(hold))  # noqa: RUF006 - left behind with its loop, which is the point
        await asyncio.to_thread(entered.wait, 10)

    asyncio.run(leave())
    release.set()
    assert together(things, [things.group_write(add, "next")]) == ["next"]
    assert names(things) == ["held", "next"]


def test_after_closing_it_refuses_instead_of_waiting_for_ever(things: Database) -> None:
    closed = Database(things.url)

    async def call(act: Callable[..., Any]) -> None:
        await asyncio.wait_for(closed.group_write(act, "a"), 5)

    closed.close()
    with pytest.raises(RuntimeError, match="closed"):
        asyncio.run(call(add))
    assert names(things) == []

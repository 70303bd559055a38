"""The server is killed in the middle of submissions, again and again: what was acknowledged is there, once.

The children are forked from the test's own process, because the program is loaded here already: a round takes a second.
"""

import asyncio
import hashlib
import multiprocessing
import os
import random
import signal
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy as sa
import uvicorn
import uvloop

from audit_app.access.keys import Keys
from audit_app.app import build
from audit_app.bench import submit
from audit_app.bench.load import Wire, request
from audit_app.kit.db import Database
from audit_app.kit.ids import random_id
from audit_app.settings import Settings
from audit_app.trail.models import TrailLine
from audit_app.visits.models import Visit, VisitRevision

VISIT: sa.Table = Visit.__table__  # type: ignore[attr-defined]
REVISION: sa.Table = VisitRevision.__table__  # type: ignore[attr-defined]
LINE: sa.Table = TrailLine.__table__  # type: ignore[attr-defined]
PHONES, JOBS = 6, 400
KILLS = {"sqlite": 20, "postgres": 4}
fork = multiprocessing.get_context("fork")


def serve(settings: Settings) -> None:
    app = build(settings, Database(settings.database_url), Keys(settings.data_dir))
    uvicorn.run(app, host="127.0.0.1", port=settings.port, loop="uvloop", http="httptools", log_level="critical")


@dataclass
class Phone:
    """Sends its jobs one after the other; what got no answer is sent again, the same bytes under the same id."""

    head: list[str]
    jobs: Iterator[str]
    body: list[str]
    acknowledged: dict[str, str] = field(default_factory=dict)
    unanswered: list[tuple[str, str]] = field(default_factory=list)
    statuses: set[int] = field(default_factory=set)

    async def work(self, port: int) -> None:
        try:
            _, wire = await asyncio.get_running_loop().create_connection(Wire, "127.0.0.1", port)
        except OSError:
            return
        waiting, self.unanswered = self.unanswered, []
        for key, job in waiting:
            await self._send(wire, key, job)
        for job in self.jobs:
            if not await self._send(wire, random_id(), job):
                return

    async def _send(self, wire: Wire, key: str, job: str) -> bool:
        content = request(self.head, self.body, job)
        end = content.index(b" HTTP/1.1")
        whole = f"PUT /api/v1/visits/{key}".encode() + content[end:]
        status = await wire.send(whole) if not wire.transport.is_closing() else 0
        if status in (200, 201):
            self.acknowledged[key] = hashlib.sha256(whole.split(b"\r\n\r\n", 1)[1]).hexdigest()
        elif status == 0:
            self.unanswered.append((key, job))
            return False
        self.statuses.add(status)
        return True


async def until_killed(phones: list[Phone], port: int, child: int, after: float) -> None:
    """All phones send while the server lives; `after` seconds from its first answer it dies by SIGKILL.

    From the first answer, because a slow machine may need longer for that one than the whole round is meant to take.
    """
    before = sum(len(phone.acknowledged) for phone in phones)
    tasks = [asyncio.ensure_future(phone.work(port)) for phone in phones]
    for _ in range(2000):
        if sum(len(phone.acknowledged) for phone in phones) > before:
            break
        await asyncio.sleep(0.01)
    await asyncio.sleep(after)
    os.kill(child, signal.SIGKILL)
    await asyncio.wait_for(asyncio.gather(*tasks), 20)


def wait_for(port: int) -> None:
    for _ in range(400):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError("the server did not come up")


@pytest.fixture
def address(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty database."""
    if backend == "sqlite":
        yield f"sqlite:///{tmp_path / 'kills.db'}"
        return
    server, name = request.getfixturevalue("postgres_server"), f"kills_{random_id()[:8]}"
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield sa.make_url(server).set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.mark.data
@pytest.mark.crash
def test_nothing_acknowledged_is_lost(backend: str, address: str, tmp_path: Path) -> None:
    chance, port = random.Random(5), submit.free_port()
    settings = Settings(tmp_path, address, port=port)
    plan = submit.prepare(settings, PHONES, JOBS)
    phones = [Phone(one["head"], iter(one["jobs"]), plan["body"]) for one in plan["phones"]]
    for _ in range(KILLS[backend]):
        child = fork.Process(target=serve, args=(settings,), daemon=True)
        child.start()
        assert child.pid is not None
        wait_for(port)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(until_killed(phones, port, child.pid, chance.uniform(0, 0.3)))
        child.join(10)
    database = Database(address)
    with database.engine.connect() as connection:
        visits = set(connection.execute(sa.select(VISIT.c.id)).scalars())
        rows = [tuple(row) for row in connection.execute(sa.select(REVISION.c.visit_id, REVISION.c.body_sha256))]
        sent = sa.select(LINE.c.subject_id).where(LINE.c.act == "visit.submitted")
        lines = connection.execute(sent).scalars().all()
    database.close()
    stored = dict(rows)
    acknowledged = {key: sha256 for phone in phones for key, sha256 in phone.acknowledged.items()}
    assert len(acknowledged) >= KILLS[backend]
    assert acknowledged.items() <= stored.items()
    assert len(rows) == len(stored) == len(visits) == len(lines)
    assert set().union(*(phone.statuses for phone in phones)) <= {200, 201}
    waiting = {key for phone in phones for key, _ in phone.unanswered}
    assert set(stored) - set(acknowledged) <= waiting

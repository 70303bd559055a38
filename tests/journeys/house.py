"""The whole system as its users meet it: a database with the named cast, the server as a process with its worker."""

import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from urllib.request import urlopen

import psutil
import sqlalchemy as sa
from sqlmodel import Session, col, select, update

from audit_app.access import operations as access
from audit_app.access import passwords
from audit_app.access.models import Account
from audit_app.access.queries import actor_named
from audit_app.kit.db import Database
from audit_app.migrations import upgrade
from audit_app.organisation.queries import grants_of
from audit_app.planning.models import Assignment, Programme
from audit_app.reporting import operations as reporting
from audit_app.reporting.models import ReportRun
from audit_app.reporting.rules import Filters
from audit_app.review import operations as review
from audit_app.review.models import Review
from audit_app.visits.models import Visit
from tests import world
from tests.conftest import _named, _server_engine

PASSWORD = "mingcha-demo"
T = TypeVar("T")


def now() -> datetime:
    return datetime.now(UTC)


def wait_for(what: Callable[[], T], seconds: float = 40, every: float = 0.1) -> T:
    """Asks until the answer is not empty. Fails with the last answer when the time is up."""
    end = time.monotonic() + seconds
    while True:
        found = what()
        if found:
            return found
        assert time.monotonic() < end, f"still {found!r} after {seconds} s"
        time.sleep(every)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def new_database(server: str) -> str:
    """The address of a new, empty database on a PostgreSQL server."""
    name = f"house_{uuid.uuid4().hex[:12]}"
    with _server_engine(server).connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    return _named(server, name)


def answers(base: str) -> bool:
    try:
        with urlopen(f"{base}/sign-in", timeout=5) as reply:
            return bool(reply.status == 200)
    except OSError:
        return False


@dataclass
class House:
    """One running system. `db` is a second door to its database, for what no screen offers."""

    folder: Path
    url: str
    port: int = field(default_factory=free_port)
    states: dict[str, Any] = field(default_factory=dict)  # who is signed in already: cookies by user name
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.db = Database(self.url)
        self.base = f"http://127.0.0.1:{self.port}"

    def build(self) -> None:
        """Tables, the cast with a known password and no second factor, in Chinese as in the province."""
        upgrade(self.db)
        self.db.write_now(world.build, now())
        self.known_password()

    def known_password(self) -> None:
        """Everybody signs in by the same password and without a second factor."""
        # Names that are no word of the program: an English text in a Chinese page must be the program's fault.
        name = sa.literal("N ").concat(Account.username).concat(" 7")
        values = {"demo": True, "password_hash": passwords.hash_now(PASSWORD), "display_name": name}
        self.db.write_now(lambda session: session.execute(update(Account).values(**values)))
        self.db.write_now(lambda session: session.execute(update(Programme).values(purpose="Purpose 41")))

    def environment(self) -> dict[str, str]:
        own = {"AUDIT_DEMO": "1", "AUDIT_PORT": str(self.port), "AUDIT_DATA_DIR": str(self.folder),
               "AUDIT_DATABASE_URL": self.url}  # fmt: skip
        return {**os.environ, **own}

    def start(self) -> float:
        """Starts server and worker; how long it took until a page was served."""
        began = time.monotonic()
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "audit_app.cli", "serve"], env=self.environment(), stderr=log, stdout=log
            )
        try:
            wait_for(lambda: self._alive() and answers(self.base), 150, 0.05)
        except AssertionError:
            self.stop()
            raise
        return time.monotonic() - began

    def _alive(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.folder / "server.log").read_text()[-2000:]
        return True

    def processes(self) -> list[psutil.Process]:
        """The server first, then its worker and the worker's own children."""
        assert self.process is not None
        server = psutil.Process(self.process.pid)
        return [server, *server.children(recursive=True)]

    def worker(self) -> psutil.Process:
        return wait_for(lambda: next((p for p in self.processes()[1:] if "work" in p.cmdline()), None))

    def kill(self) -> None:
        """Ends everything at once as a power cut does: nobody gets to say goodbye."""
        for one in self.processes():
            try:
                one.send_signal(signal.SIGKILL)
            except psutil.NoSuchProcess:
                continue
        assert self.process is not None
        self.process.wait(10)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            left = self.processes()
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
            for one in psutil.wait_procs(left, timeout=5)[1]:
                one.kill()

    def give(self, key: str, touchpoint: str, who: str, checklist: str, programme: str = "covert",
             status: str = "accepted") -> str:  # fmt: skip
        """One more job, straight into the database; `programme` is covert, overt or hotline. Its id."""

        def add(session: Session) -> str:
            path = session.get_one(world.Touchpoint, touchpoint).unit_path
            session.add(
                Assignment(
                    id=key, round_id=f"round-{programme}", touchpoint_id=touchpoint, unit_path=path,
                    assessor_id=world.assessor_id(who), checklist_version_id=world.version_of(session, checklist),
                    window_start=now() - timedelta(days=5), window_end=now() + timedelta(days=9),
                    respond_by=now() + timedelta(days=2), status=status, status_at=now(),
                    created_by=world.account_id("province-supervisor"), created_at=now(),
                )
            )  # fmt: skip
            return key

        return self.db.write_now(add)

    def token(self, username: str) -> str:
        def make(session: Session) -> str:
            actor = actor_named(session, username, grants_of)
            assert actor is not None
            return access.make_token(session, actor, "journey", now()).secret

        return self.db.write_now(make)

    def start_zip(self) -> str:
        """HR asks for a ZIP of every card there is; the run's id."""

        def start(session: Session) -> str:
            actor = actor_named(session, "hr", grants_of)
            assert actor is not None
            return reporting.start_run(session, actor, Filters(), "en", now())

        return self.db.write_now(start)

    def run(self, run_id: str) -> ReportRun:
        return self.db.read_now(lambda session: session.get_one(ReportRun, run_id))

    def review_of(self, visit_id: str) -> tuple[str, str]:
        """(review, user name of its reviewer) of the visit's present revision, as soon as the worker has opened it."""

        def find(session: Session) -> tuple[str, str] | None:
            visit = session.get_one(Visit, visit_id)
            wanted = select(Review, Account.username).join(Account, col(Account.id) == Review.reviewer_id)
            row = session.execute(wanted.where(Review.visit_id == visit_id, Review.revision == visit.revision)).first()
            return (row[0].id, row[1]) if row else None

        return wait_for(lambda: self.db.read_now(find))

    def visit(self, visit_id: str) -> Visit:
        found = self.db.read_now(lambda session: session.get(Visit, visit_id))
        assert found is not None
        return found

    def visit_for(self, assignment_id: str) -> Visit:
        asked = select(Visit).where(Visit.assignment_id == assignment_id)
        return wait_for(lambda: self.db.read_now(lambda session: session.scalars(asked).first()))

    def let_time_pass(self, days: int = 11) -> int:
        """What the schedule would release after so many days."""
        return self.db.write_now(review.release_due, now() + timedelta(days=days))

"""How many 40-item visits a second, each acknowledged after a durable commit with its trail line.

Our own server and the yardstick of `limit.py` are measured in the same run, in turn, by the same load generator, which
shares the machine with them; the best of three counts for both.
"""

import json as text
import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from audit_app.access.keys import Keys
from audit_app.bench import province
from audit_app.bench.bodies import filled
from audit_app.kit import clock
from audit_app.kit.db import Database, Session
from audit_app.migrations import upgrade
from audit_app.settings import ROOT, Settings, normal_url
from audit_app.standards.queries import sheet_for

WARM_UP = 2.0
MOST_PER_S = 2000
ROUNDS = 3
NOTE = "Waited by the door, was greeted after a minute and a half"


def run(connections: int = 32, seconds: float = 10.0, url: str = "") -> dict[str, Any]:
    """Measures. `url`: an empty database instead of SQLite."""
    with tempfile.TemporaryDirectory() as folder:
        return measure(Path(folder), connections, seconds, url)


def measure(folder: Path, connections: int, seconds: float, url: str = "") -> dict[str, Any]:
    port, limit_port = free_port(), free_port()
    settings = Settings(folder, normal_url(url) if url else f"sqlite:///{folder / 'bench.db'}", port=port)
    each = int(MOST_PER_S * (seconds + WARM_UP) / connections) + 20
    plan = prepare(settings, connections, each * ROUNDS)
    command = [sys.executable, "-m", "audit_app.bench.server"]
    limit = [sys.executable, "-m", "audit_app.bench.limit", str(folder / "limit.db"), str(limit_port)]
    env = {"AUDIT_DATA_DIR": str(folder), "AUDIT_DATABASE_URL": settings.database_url, "AUDIT_PORT": str(port)}
    runs: list[tuple[dict[str, Any], dict[str, Any]]] = []
    with serving(command, env, port, "/sw.js") as server, serving(limit, {}, limit_port, "/") as yardstick:
        for n in range(ROUNDS):  # in turn, because the machine has other things to do, too
            part = jobs_between(plan, n * each, (n + 1) * each)
            runs.append((load(port, seconds, part, server), load(limit_port, seconds, part, yardstick)))
    ours = max((run[0] for run in runs), key=lambda run: run["per_s"])
    theirs = max((run[1] for run in runs), key=lambda run: run["per_s"])
    return {
        "submissions_per_s": ours["per_s"], "p50_ms": ours["p50_ms"], "p95_ms": ours["p95_ms"],
        "p99_ms": ours["p99_ms"], "errors": sum(sum(run[0]["errors"].values()) for run in runs),
        "raw_inserts_per_s": raw_inserts(folder, plan),
        "share_of_limit": round(ours["per_s"] / theirs["per_s"], 3) if theirs["per_s"] else None,
        "limit_per_s": theirs["per_s"], "limit_p99_ms": theirs["p99_ms"], "cpu_ms": ours["cpu_ms"],
        "limit_cpu_ms": theirs["cpu_ms"], "client_cpu_ms": ours["client_cpu_ms"], "connections": connections,
        "seconds": seconds, "database": "sqlite" if settings.database_url.startswith("sqlite") else "postgresql",
    }  # fmt: skip


def prepare(settings: Settings, phones: int, jobs: int) -> dict[str, Any]:
    """Fills the database; returns what the load generator sends."""
    database, keys, now = Database(settings.database_url), Keys(settings.data_dir), clock.now()
    upgrade(database)
    made = database.write_now(province.build, settings, keys, phones, jobs, now)
    body = database.read_now(_body, made.version_id, now - timedelta(hours=2))
    database.close()
    before, after = text.dumps(body, ensure_ascii=False).split("ASSIGNMENT")
    heads = [
        {
            "head": [
                f"Host: 127.0.0.1:{settings.port}", f"Cookie: {one.cookie}", f"X-CSRF-Token: {one.csrf}",
                "Content-Type: application/json", "Accept: application/json", "Sec-Fetch-Site: same-origin",
            ],
            "jobs": one.jobs,
        }
        for one in made.phones
    ]  # fmt: skip
    return {"phones": heads, "body": [before, after]}


def jobs_between(plan: dict[str, Any], first: int, end: int) -> dict[str, Any]:
    """The plan with a part of each phone's jobs: a job takes one visit."""
    return {**plan, "phones": [{**phone, "jobs": phone["jobs"][first:end]} for phone in plan["phones"]]}


def _body(session: Session, version_id: str, started_at: datetime) -> dict[str, Any]:
    body = filled(sheet_for(session, version_id), "ASSIGNMENT", version_id, started_at)
    for n, answer in enumerate(body["answers"]):
        answer["note"] = NOTE if n % 3 == 0 else ""
    return body


def load(port: int, seconds: float, plan: dict[str, Any], server: int) -> dict[str, Any]:
    """One run of the load generator, with the server's CPU per submission."""
    before = _cpu(server)
    done = subprocess.run(
        [sys.executable, "-m", "audit_app.bench.load", str(port), str(seconds), str(WARM_UP)],
        input=text.dumps(plan), capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    found: dict[str, Any] = text.loads(done.stdout)
    whole = max(1.0, found["sent"] * (seconds + WARM_UP) / seconds)  # the warm-up costs CPU, too
    found["cpu_ms"] = round((_cpu(server) - before) * 1000 / whole, 3)
    found["client_cpu_ms"] = round(found["client_cpu_s"] * 1000 / whole, 3)
    return found


def _cpu(pid: int) -> float:
    """CPU seconds of a process so far; 0 where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def raw_inserts(folder: Path, plan: dict[str, Any], seconds: float = 1.0) -> float:
    """Bare durable inserts of the same body, one transaction each, by the driver alone."""
    base = sqlite3.connect(folder / "raw.db", isolation_level=None)
    for line in (
        "PRAGMA journal_mode=WAL",
        "PRAGMA synchronous=FULL",
        "CREATE TABLE raw (id INTEGER PRIMARY KEY, body BLOB)",
    ):
        base.execute(line)
    body, count, end = "".join(plan["body"]).encode(), 0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        base.execute("BEGIN IMMEDIATE")
        base.execute("INSERT INTO raw (body) VALUES (?)", (body,))
        base.execute("COMMIT")
        count += 1
    base.close()
    return round(count / seconds, 1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(command: list[str], env: dict[str, str], port: int, path: str) -> Iterator[int]:
    """A server in a process of its own, ended afterwards."""
    process = subprocess.Popen(command, env={**os.environ, **env}, cwd=ROOT)
    try:
        _wait_for(port, path, process)
        yield process.pid
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(port: int, path: str, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended at once: {process.args!r}")
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as probe:
                probe.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
                if probe.recv(12).startswith(b"HTTP/1.1 "):
                    return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server does not answer")

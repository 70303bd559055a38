"""Asking for pages in this process, without a network: by which addresses, for how long, with how many statements.

Every kind of page that a demonstration account can reach by links is asked for. `cpu_ms` is the processor's time of
this process, which others on the machine do not lengthen; of PostgreSQL's own work it knows nothing.
"""

import asyncio
import re
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from litestar import Litestar
from sqlalchemy import event

from audit_app.access import cookies
from audit_app.access import operations as access
from audit_app.access.demo import DEMO_ACCOUNTS
from audit_app.access.queries import actor_named
from audit_app.access.rules import session_kind
from audit_app.kit import clock
from audit_app.kit.db import Database, Session
from audit_app.organisation.queries import grants_of
from audit_app.settings import Settings

ROUNDS = 25
DEVICE = "bench-device"
MOST_PAGES = 60
_LINK = re.compile(r'(?:href|action)="(/[^"#]*)"')
_ID = re.compile(r"/(?=[^/]*\d)[0-9a-zA-Z-]{4,}(?=/|$|\.)")
_NOT_PAGES = ("/static/", "/api/", "/session", "/preferences", "/schema")
_FILES = (".csv", ".xlsx", ".zip", "/workbook")


Addresses = dict[str, tuple[str, str]]
"""Kind of page → (who asks for it, one address)."""


async def reachable(app: Litestar, database: Database, settings: Settings) -> Addresses:
    """Every kind of page that an account reaches by links, as the account that sees most of the tree."""
    found: Addresses = {}
    for username in database.read_now(_widest_first):
        cookie = database.write_now(_sign_in, username, settings)
        for kind, path in (await _reachable(app, cookie)).items() if cookie else ():
            found.setdefault(kind, (username, path))
    return found


async def timed(app: Litestar, database: Database, settings: Settings, addresses: Addresses) -> list[dict[str, Any]]:
    """The slowest page first."""
    rows = []
    cookies_of: dict[str, str] = {}
    for kind, (username, path) in addresses.items():
        if username not in cookies_of:
            cookies_of[username] = database.write_now(_sign_in, username, settings) or ""
        rows.append(await _time(app, database, cookies_of[username], username, kind, path))
    return sorted(rows, key=lambda row: -float(row["p50_ms"]))


def _widest_first(session: Session) -> list[str]:
    """The accounts there are, those with the largest subtrees first."""
    found = []
    for username, _ in DEMO_ACCOUNTS:
        if actor := actor_named(session, username, grants_of):
            found.append((min((len(grant.unit_path) for grant in actor.grants), default=99), username))
    return [username for _, username in sorted(found, key=lambda pair: pair[0])]


def _sign_in(session: Session, username: str, settings: Settings) -> str | None:
    """The cookie of a fresh session; None if the folder's demonstration is older than the account."""
    actor = actor_named(session, username, grants_of)
    if actor is None:
        return None
    now = clock.now()
    opened = access.open_session(session, actor.account_id, session_kind(actor.roles), DEVICE, now, totp_at=now)
    jar = cookies.for_session(settings, opened.kind, opened.token, DEVICE)
    return "; ".join(f"{c.key}={c.value}" for c in jar if c.value)


async def _reachable(app: Litestar, cookie: str) -> dict[str, str]:
    """One address of each kind of page, found by following links from the home page."""
    found: dict[str, str] = {}
    waiting, seen = ["/", "/account", "/styleguide"], set()
    while waiting and len(found) < MOST_PAGES:
        path = waiting.pop(0)
        kind = _ID.sub("/{id}", path.split("?")[0])
        if kind in found or path in seen:
            continue
        seen.add(path)
        status, content_type, body = await _get(app, path, cookie)
        if status != 200 or not content_type.startswith(("text/html", "application/pdf")):
            continue
        found[kind] = path
        links = (link.replace("&amp;", "&") for link in _LINK.findall(body.decode("utf-8", "replace")))
        waiting += [x for x in links if not x.startswith(_NOT_PAGES) and not x.partition("?")[0].endswith(_FILES)]
    return found


async def _time(app: Litestar, database: Database, cookie: str, username: str, kind: str, path: str) -> dict[str, Any]:
    with _counted(database) as count:
        await _get(app, path, cookie)
    statements = count[0]
    times, worked = [], []
    for _ in range(ROUNDS):
        begun, before = time.perf_counter(), time.process_time()
        await _get(app, path, cookie)
        times.append((time.perf_counter() - begun) * 1000)
        worked.append((time.process_time() - before) * 1000)
    times.sort()
    return {
        "path": kind,
        "p50_ms": round(statistics.median(times), 2),
        "p95_ms": round(times[int(0.95 * (len(times) - 1))], 2),
        "cpu_ms": round(statistics.median(worked), 2),
        "statements": statements,
        "as": username,
    }


@contextmanager
def _counted(database: Database) -> Iterator[list[int]]:
    count = [0]

    def seen(*_: object) -> None:
        count[0] += 1

    event.listen(database.engine, "before_cursor_execute", seen)
    try:
        yield count
    finally:
        event.remove(database.engine, "before_cursor_execute", seen)


async def _get(app: Litestar, path: str, cookie: str) -> tuple[int, str, bytes]:
    address, _, query = path.partition("?")
    headers = [(b"host", b"127.0.0.1:8000"), (b"cookie", cookie.encode()), (b"accept", b"text/html")]
    scope: Any = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": address, "raw_path": address.encode(), "query_string": query.encode(), "root_path": "",
        "headers": headers, "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8000), "state": {},
    }  # fmt: skip
    answer: dict[str, Any] = {"status": 0, "type": "", "body": b""}

    sent = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Any:
        return sent.pop() if sent else await asyncio.Event().wait()

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            answer["status"] = message["status"]
            answer["type"] = dict(message["headers"]).get(b"content-type", b"").decode()
        elif message["type"] == "http.response.body":
            answer["body"] += message.get("body", b"")

    await app(scope, receive, send)
    return answer["status"], answer["type"], answer["body"]

"""The yardstick: the smallest durable Litestar + SQLite service that takes the same 40-item visit.

One visit is one row and forty rows, as in the measurements that the goals were set by; one writer thread, group commit,
`synchronous=FULL`; answered after the commit. No sign-in, permissions, gaps or trail: our own server pays for these.

    python -m audit_app.bench.limit FILE PORT
"""

import asyncio
import queue
import sqlite3
import sys
import threading
from typing import Any

import msgspec
import uvicorn
from litestar import Litestar, Request, Response, put

BATCH = 64


class Answer(msgspec.Struct):
    item_id: str
    option_id: str | None = None
    note: str | None = None


class Body(msgspec.Struct):
    assignment_id: str
    started_at: str
    answers: list[Answer]


Waiting = tuple[str, Body, asyncio.AbstractEventLoop, "asyncio.Future[None]"]
inbox: "queue.SimpleQueue[Waiting]" = queue.SimpleQueue()
decoder = msgspec.json.Decoder(Body)


def writer(path: str) -> None:
    """Takes whoever waits into one transaction."""
    base = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for line in (
        "PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL",
        "CREATE TABLE visit (id TEXT PRIMARY KEY, job TEXT UNIQUE, at TEXT)",
        "CREATE TABLE answer (visit TEXT, item TEXT, option TEXT, note TEXT, PRIMARY KEY (visit, item)) WITHOUT ROWID",
    ):  # fmt: skip
        base.execute(line)
    while True:
        batch = [inbox.get()]
        while len(batch) < BATCH and not inbox.empty():
            batch.append(inbox.get())
        base.execute("BEGIN IMMEDIATE")
        for key, body, *_ in batch:
            base.execute("INSERT INTO visit VALUES (?, ?, ?)", (key, body.assignment_id, body.started_at))
            rows = [(key, a.item_id, a.option_id, a.note) for a in body.answers]
            base.executemany("INSERT INTO answer VALUES (?, ?, ?, ?)", rows)
        base.execute("COMMIT")
        for _, _, loop, future in batch:
            loop.call_soon_threadsafe(future.set_result, None)


@put("/api/v1/visits/{key:str}", status_code=201)
async def take(request: Request[Any, Any, Any], key: str) -> Response[bytes]:
    body = decoder.decode(await request.body())
    loop = asyncio.get_running_loop()
    future: asyncio.Future[None] = loop.create_future()
    inbox.put((key, body, loop, future))
    await future
    return Response(b"{}", status_code=201, media_type="application/json")


def main() -> None:
    threading.Thread(target=writer, args=(sys.argv[1],), daemon=True).start()
    app = Litestar([take], openapi_config=None)
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), loop="uvloop", http="httptools", log_level="warning",
                access_log=False)  # fmt: skip


if __name__ == "__main__":
    main()

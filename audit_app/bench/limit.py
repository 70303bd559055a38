"""The yardstick: the smallest durable Litestar + SQLite service that takes the same 40-item visit.

One visit is one row and forty rows by SQLAlchemy Core, as in the measurements that the goals were set by; one writer
thread, group commit, `synchronous=FULL`; answered after the commit. No sign-in, permissions,
gaps or trail: our own server pays for these.

    python -m audit_app.bench.limit FILE PORT
"""

import asyncio
import queue
import sys
import threading
from typing import Any

import msgspec
import sqlalchemy as sa
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


md = sa.MetaData()
visit = sa.Table(
    "visit", md, sa.Column("id", sa.String, primary_key=True), sa.Column("job", sa.String, unique=True),
    sa.Column("at", sa.String),
)  # fmt: skip
answer = sa.Table(
    "answer", md, sa.Column("visit_id", sa.String, primary_key=True), sa.Column("item", sa.String, primary_key=True),
    sa.Column("option", sa.String), sa.Column("note", sa.String),
)  # fmt: skip


def _pragmas(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")


def writer(path: str) -> None:
    """Takes whoever waits into one transaction."""
    engine = sa.create_engine(f"sqlite:///{path}")
    sa.event.listen(engine, "connect", _pragmas)
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    md.create_all(engine)
    with engine.connect() as connection:
        while True:
            batch = [inbox.get()]
            while len(batch) < BATCH and not inbox.empty():
                batch.append(inbox.get())
            with connection.begin():
                for key, body, *_ in batch:
                    row = {"id": key, "job": body.assignment_id, "at": body.started_at}
                    connection.execute(visit.insert(), row)
                rows = [_row(key, one) for key, body, *_ in batch for one in body.answers]
                connection.execute(answer.insert(), rows)
            for _, _, loop, future in batch:
                loop.call_soon_threadsafe(future.set_result, None)


def _row(key: str, one: Answer) -> dict[str, str | None]:
    return {"visit_id": key, "item": one.item_id, "option": one.option_id, "note": one.note}


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

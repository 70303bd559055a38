"""The inbox."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from audit_app.access.rules import Actor
from audit_app.kit import clock
from audit_app.kit.db import Database
from audit_app.kit.web import page, see_other, signed_in
from audit_app.notices import operations, queries

SHOWN = ("unread", "all")


@get("/inbox", **signed_in())
async def read_inbox(
    request: Request[Any, Any, Any], db: Database, actor: Actor, show: str = "unread", after: str = ""
) -> Response[str]:
    """What the asker has been told, newest first."""
    wanted = show if show in SHOWN else "unread"
    return page(request, "notices/inbox.html", await db.read(queries.inbox, actor, wanted, after))


@post("/inbox/reading", **signed_in())
async def read_all(db: Database, actor: Actor) -> Response[None]:
    """Everything is read."""
    await db.write(operations.read_all, actor, clock.now())
    return see_other("/inbox")


@post("/inbox/{notice_id:str}/reading", **signed_in())
async def read_one(db: Database, actor: Actor, notice_id: str) -> Response[None]:
    """One line is read; on to what it is about."""
    return see_other(await db.write(operations.read, actor, notice_id, clock.now()))


handlers: list[HTTPRouteHandler] = [read_inbox, read_all, read_one]

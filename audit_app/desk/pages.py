"""The home page per role and the pattern page."""

from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from audit_app.access.rules import Actor
from audit_app.desk import queries
from audit_app.kit import clock
from audit_app.kit.db import Database
from audit_app.kit.web import page, see_other, signed_in

Asked = Request[Any, Any, Any]


@get("/", **signed_in())
async def home(request: Asked, db: Database, actor: Actor) -> Response[Any]:
    """What the person has to do now. Whoever only scores goes to the field app."""
    if actor.via == "field":
        return see_other("/field")
    return page(request, "desk/home.html", await db.read(queries.home, actor, clock.now()))


@get("/styleguide", **signed_in())
async def styleguide(request: Asked) -> Response[str]:
    """Every component in one place."""
    return page(request, "styleguide.html", None)


handlers: list[HTTPRouteHandler] = [home, styleguide]

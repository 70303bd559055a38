"""The overview of supervisors."""

from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from audit_app.access.rules import Actor
from audit_app.analytics import forms
from audit_app.analytics.queries.overview import overview
from audit_app.kit import clock
from audit_app.kit.db import Database
from audit_app.kit.web import page, requires


@get("/overview", **requires("planning.read"))
async def read_overview(request: Request[Any, Any, Any], db: Database, actor: Actor) -> Response[str]:
    """Figures of the asker's subtree: scores by unit and section, what is overdue, cadence, trend, lost items."""
    filters = forms.filters(request.query_params)
    return page(request, "analytics/overview.html", await db.read(overview, actor, filters, clock.now()))


handlers: list[HTTPRouteHandler] = [read_overview]

"""The overview of supervisors."""

import asyncio
from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from audit_app.access.rules import Actor
from audit_app.analytics import forms, operations
from audit_app.analytics.queries.overdue import overdue_page
from audit_app.analytics.queries.overview import overview
from audit_app.analytics.workbook import workbook
from audit_app.kit import clock
from audit_app.kit.db import Database
from audit_app.kit.i18n import gettext as _
from audit_app.kit.web import page, requires

Asked = Request[Any, Any, Any]
READ = requires("planning.read")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@get("/overview", **READ)
async def read_overview(request: Asked, db: Database, actor: Actor) -> Response[str]:
    """Figures of the asker's subtree: scores by unit and section, what is overdue, cadence, trend, lost items."""
    filters = forms.filters(request.query_params)
    return page(request, "analytics/overview.html", await db.read(overview, actor, filters, clock.now()))


@get("/overview/workbook", **READ)
async def download_overview(request: Asked, db: Database, actor: Actor) -> Response[bytes]:
    """What the overview shows, as an Excel file; the download is on the trail."""
    filters = forms.filters(request.query_params)
    screen = await db.read(overview, actor, filters, clock.now())
    await db.write(operations.take_overview, actor, screen.scope.unit.code, screen.scope.unit.path, clock.now())
    content = await asyncio.to_thread(workbook, screen)
    name = f"{screen.quarter.code}_{screen.scope.unit.name}_{_('Overview')}.xlsx"
    headers = {"content-disposition": f"attachment; filename=overview.xlsx; filename*=UTF-8''{quote(name)}"}
    return Response(content, media_type=XLSX, headers=headers)


@get("/overdue", **READ)
async def list_overdue(
    request: Asked, db: Database, actor: Actor, show: str = "late", after: str = ""
) -> Response[str]:
    """Every overdue touchpoint of a unit, the latest first; or every one that was never visited."""
    filters = forms.filters(request.query_params)
    wanted = "never" if show == "never" else "late"
    found = await db.read(overdue_page, actor, filters, wanted, after, clock.now())
    return page(request, "analytics/overdue.html", found)


handlers: list[HTTPRouteHandler] = [read_overview, download_overview, list_overdue]

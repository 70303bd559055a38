"""The trail in the browser: search, one line, a file of it, and a verification with its progress."""

from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.response import Stream

from audit_app.access.rules import Actor
from audit_app.auditing import export, forms, operations, rules
from audit_app.auditing.queries import lines, runs
from audit_app.auditing.screens import VerificationScreen
from audit_app.kit import clock
from audit_app.kit.db import Database
from audit_app.kit.i18n import gettext as _
from audit_app.kit.web import page, query_text, requires, see_other
from audit_app.settings import Settings

AnyRequest = Request[Any, Any, Any]
READ = requires(rules.READ)
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@get("/trail", **READ)
async def show_trail(request: AnyRequest, db: Database, actor: Actor) -> Response[str]:
    """Lines by who, act, thing, unit and time, newest first."""
    filters = forms.filters_of(dict(request.query_params))
    screen = await db.read(lines.trail, actor, filters, query_text(request, "after"))
    return page(request, "auditing/trail.html", screen)


@get("/trail/lines/{line_id:str}", **READ)
async def show_line(request: AnyRequest, db: Database, actor: Actor, line_id: str) -> Response[str]:
    """One line with everything that it holds and its place in the chain."""
    return page(request, "auditing/line.html", await db.read(lines.line, actor, line_id))


def _file(form: str, body: Any) -> Stream:
    now = clock.now()
    name = f"{_('Trail')}_{clock.local(now):%Y%m%d-%H%M}.{form}"
    disposition = f"attachment; filename=\"trail.{form}\"; filename*=UTF-8''{quote(name, safe='')}"
    headers = {"content-disposition": disposition, "cache-control": "private, no-store"}
    return Stream(body, media_type=TYPES[form], headers=headers)


@get("/trail.csv", **READ)
async def csv_file(request: AnyRequest, db: Database, actor: Actor) -> Stream:
    """The lines under the filters as CSV, streamed. That they left the house is a line itself."""
    filters = forms.filters_of(dict(request.query_params))
    await db.write(operations.start_export, actor, filters, "csv", clock.now())
    return _file("csv", export.csv_lines(db, actor, filters))


@get("/trail.xlsx", **READ)
async def xlsx_file(request: AnyRequest, db: Database, settings: Settings, actor: Actor) -> Stream:
    """The same as a workbook."""
    filters = forms.filters_of(dict(request.query_params))
    await db.write(operations.start_export, actor, filters, "xlsx", clock.now())
    return _file("xlsx", export.workbook(db, actor, filters, settings.data_dir / "tmp"))


@post("/trail/verifications", status_code=303, **READ)
async def start_verification(db: Database, actor: Actor) -> Response[None]:
    """Has the worker read the whole chain and check the signatures."""
    run_id = await db.write(operations.start_verification, actor, clock.now())
    return see_other(f"/trail/verifications/{run_id}")


@get("/trail/verifications/{run_id:str}", **READ)
async def show_verification(request: AnyRequest, db: Database, actor: Actor, run_id: str) -> Response[str]:
    """How far it is, then what it found."""
    return page(request, "auditing/verification.html", VerificationScreen(await db.read(runs.run, actor, run_id)))


@get("/trail/verifications/{run_id:str}/progress", **READ)
async def verification_progress(request: AnyRequest, db: Database, actor: Actor, run_id: str) -> Response[str]:
    """The part of the page that asks for itself while the reading goes on."""
    return page(request, "auditing/_progress.html", VerificationScreen(await db.read(runs.run, actor, run_id)))


handlers = [
    show_trail, show_line, csv_file, xlsx_file, start_verification, show_verification, verification_progress,
]  # fmt: skip

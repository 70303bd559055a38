"""The organisation in the browser: the tree and its touchpoints, one touchpoint, and imports."""

from typing import Any

from litestar import Request, Response, get, post

from audit_app.access.rules import Actor
from audit_app.kit import clock, errors
from audit_app.kit.db import Database, Session
from audit_app.kit.errors import FieldError
from audit_app.kit.web import page, requires, see_other
from audit_app.organisation import directory, downloads, forms, operations, queries, staff_pages
from audit_app.organisation.columns import KINDS
from audit_app.organisation.rules import Report
from audit_app.organisation.screens import PlaceScreen, imports_screen, run_screen
from audit_app.organisation.words import kind_text

AnyRequest = Request[Any, Any, Any]


@get("/organisation", **requires("organisation.read"))
async def show_directory(request: AnyRequest, db: Database, actor: Actor) -> Response[str]:
    """The tree of units with the touchpoints of the chosen one."""
    screen = await db.read(directory.directory, actor, forms.filters_of(request))
    return page(request, "organisation/directory.html", screen)


@get("/touchpoints/{touchpoint_id:str}", **requires("organisation.read"))
async def show_touchpoint(request: AnyRequest, db: Database, actor: Actor, touchpoint_id: str) -> Response[Any]:
    """Facts, staff and the roster of a week."""
    day = forms.day_of(request, clock.local_date(clock.now()))
    screen = await db.read(directory.touchpoint, actor, touchpoint_id, day)
    if screen.touchpoint.merged_into:
        return see_other(f"/touchpoints/{screen.touchpoint.merged_into}")
    return page(request, "organisation/touchpoint.html", PlaceScreen(screen))


@get("/imports", **requires("organisation.import"))
async def show_imports(request: AnyRequest, db: Database, actor: Actor) -> Response[str]:
    """The form and the imports so far."""
    runs = await db.read(queries.runs, actor, str(request.query_params.get("after", ""))[:200])
    chosen = str(request.query_params.get("kind", ""))
    return page(request, "organisation/imports.html", imports_screen(runs, chosen if chosen in KINDS else KINDS[0]))


@post("/imports", status_code=303, request_max_body_size=forms.MOST_BODY, **requires("organisation.import"))
async def start_import(request: AnyRequest, db: Database, actor: Actor) -> Response[Any]:
    """Reads the file, keeps its dry run and shows it. Writes nothing of the file itself."""
    try:
        table = await forms.table_of(request)
    except (errors.Invalid, errors.TooLarge) as refusal:
        faults = refusal.fields or [FieldError("file", refusal.code, refusal.message)]
        runs = await db.read(queries.runs, actor)
        screen = imports_screen(runs, str(refusal.extra.get("kind", KINDS[0])), faults)
        return page(request, "organisation/imports.html", screen, refusal.status)
    report = await db.read(operations.check, actor, table)
    run_id = await db.write(operations.keep, actor, report, clock.now())
    return see_other(f"/imports/{run_id}")


@get("/imports/templates/{kind:str}", **requires("organisation.import"))
async def download_template(kind: str) -> Response[bytes]:
    """An empty CSV file with the headings of a kind."""
    if kind not in KINDS:
        raise errors.NotFound
    return _csv(downloads.template(kind), f"{kind_text(kind)}.csv")


@get("/imports/{run_id:str}", **requires("organisation.import"))
async def show_run(request: AnyRequest, db: Database, actor: Actor, run_id: str) -> Response[str]:
    """The report of an import, page by page."""
    return await _run_page(request, db, actor, run_id)


@get("/imports/{run_id:str}/errors", **requires("organisation.import"))
async def download_errors(db: Database, actor: Actor, run_id: str) -> Response[bytes]:
    """The wrong rows as a CSV file."""
    report = await db.write(operations.take_wrong_rows, actor, run_id, clock.now())
    return _csv(downloads.wrong_rows(report), f"{report.file_name.rsplit('.', 1)[0]}-errors.csv")


@get("/imports/{run_id:str}/report", **requires("organisation.import"))
async def download_report(db: Database, actor: Actor, run_id: str) -> Response[bytes]:
    """Every row of the import with its verdict, as a CSV file."""
    report = await db.write(operations.take_report, actor, run_id, clock.now())
    return _csv(downloads.whole_report(report), f"{report.file_name.rsplit('.', 1)[0]}-report.csv")


@post("/imports/{run_id:str}/application", status_code=303, **requires("organisation.import"))
async def apply_import(request: AnyRequest, db: Database, actor: Actor, run_id: str) -> Response[Any]:
    """Writes what the dry run showed; if the data has changed since, shows a fresh dry run instead."""
    only_right = await forms.right_rows_only(request)
    try:
        await db.write(operations.apply, actor, run_id, only_right, clock.now())
    except errors.Conflict as refusal:
        if refusal.code == "data-changed":
            await db.write(operations.recheck, actor, run_id)
        return await _run_page(request, db, actor, run_id, refusal)
    return see_other(f"/imports/{run_id}")


async def _run_page(
    request: AnyRequest, db: Database, actor: Actor, run_id: str, refusal: errors.Conflict | None = None
) -> Response[str]:
    run, report = await db.read(_run_and_report, actor, run_id)
    faults = [FieldError("right_rows_only", refusal.code, refusal.message)] if refusal else []
    screen = run_screen(
        run,
        report,
        str(request.query_params.get("verdict", "")),
        forms.page_number(request),
        may_apply=actor.may("organisation.import"),
        errors=faults,
        fresh=bool(refusal and refusal.code == "data-changed"),
    )
    return page(request, "organisation/import.html", screen, 409 if refusal else 200)


def _run_and_report(session: Session, actor: Actor, run_id: str) -> tuple[queries.RunRow, Report]:
    return queries.run(session, actor, run_id), queries.run_report(session, actor, run_id)


def _csv(data: bytes, name: str) -> Response[bytes]:
    headers = {"content-disposition": forms.attachment(name)}
    return Response(data, media_type="text/csv; charset=utf-8", headers=headers)


handlers = [
    show_directory,
    show_touchpoint,
    show_imports,
    start_import,
    download_template,
    show_run,
    download_errors,
    download_report,
    apply_import,
    *staff_pages.handlers,
]

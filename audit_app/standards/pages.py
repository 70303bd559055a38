"""The list of checklists and the reading view of one version."""

from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from audit_app.access.rules import Actor
from audit_app.kit.db import Database, Session
from audit_app.kit.web import page, requires
from audit_app.standards import queries
from audit_app.standards.screens import ListScreen, ReadingScreen, reading_screen

Asked = Request[Any, Any, Any]


def _list(session: Session, actor: Actor) -> ListScreen:
    return ListScreen(queries.versions(session, actor))


def _reading(session: Session, actor: Actor, version_id: str) -> ReadingScreen:
    found = queries.reading(session, actor, version_id)
    others = [
        row
        for row in queries.versions(session, actor)
        if row.checklist_id == found.row.checklist_id and row.id != version_id
    ]
    return reading_screen(found, others)


@get("/checklists", **requires("standards.read"))
async def list_checklists(request: Asked, db: Database, actor: Actor) -> Response[str]:
    """All published and retired versions."""
    return page(request, "standards/checklists.html", await db.read(_list, actor))


@get("/checklists/{version_id:str}", **requires("standards.read"))
async def read_version(request: Asked, db: Database, actor: Actor, version_id: str) -> Response[str]:
    """One version as it is worked with: sections, items, options, rules."""
    return page(request, "standards/checklist.html", await db.read(_reading, actor, version_id))


handlers: list[HTTPRouteHandler] = [list_checklists, read_version]

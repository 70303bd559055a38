"""A checklist version for the phone: immutable, so that it is cached for ever."""

from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from audit_app.access.rules import Actor
from audit_app.kit.db import Database, Session
from audit_app.kit.web import requires
from audit_app.standards import queries
from audit_app.standards.rules import phone_json

FOR_EVER = "private, max-age=31536000, immutable"


def _body(session: Session, actor: Actor, version: str) -> tuple[bytes, str]:
    found = queries.reading(session, actor, version)
    return msgspec.json.encode(phone_json(found.document, found.row.id, found.sha256)), found.sha256


@get("/api/v1/checklists/{version:str}", **requires("standards.read"))
async def read_checklist(
    request: Request[Any, Any, Any], db: Database, actor: Actor, version: str
) -> Response[bytes | None]:
    """The whole version: sections, items, options best first, evidence rules, both languages."""
    body, sha256 = await db.read(_body, actor, version)
    tag = f'"{sha256}"'
    headers = {"cache-control": FOR_EVER, "etag": tag}
    if tag in request.headers.get("if-none-match", ""):
        return Response(None, status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


handlers: list[HTTPRouteHandler] = [read_checklist]

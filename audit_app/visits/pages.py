"""Pages of the field: the app's shell and files, view copies of evidence, the form for browsers without the script."""

import asyncio
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from audit_app.access.rules import Actor
from audit_app.kit import i18n
from audit_app.kit.blobs import Blobs
from audit_app.kit.db import Database, Session
from audit_app.kit.errors import NotFound
from audit_app.kit.web import page, public, requires
from audit_app.visits import queries, rules, shell

Asked = Request[Any, Any, Any]
FIELD = requires("field.use")


@get("/field", **FIELD)
async def field_app(request: Asked) -> Response[str]:
    """The shell of the field app. There is nobody's data in it."""
    response = page(request, "visits/field.html")
    response.headers["x-field-shell"] = "1"  # the service worker keeps no other page under this address
    return response


@get("/field/messages/{name:str}", **FIELD)
async def messages(name: str) -> Response[str]:
    """The app's texts in a language: `zh.json`, `en.json`."""
    locale = name.removesuffix(".json")
    if locale not in i18n.LOCALES or not name.endswith(".json"):
        raise NotFound
    text = i18n.messages_json("field", locale)
    return Response(text, media_type="application/json", headers={"cache-control": "no-cache"})


@get("/field/manifest.json", **public())
async def manifest() -> Response[str]:
    return Response(shell.manifest(), media_type="application/manifest+json", headers={"cache-control": "no-cache"})


@get("/sw.js", **public())
async def service_worker() -> Response[str]:
    """The service worker of the field app, with the list of its files. It holds nobody's data."""
    headers = {"cache-control": "no-cache", "service-worker-allowed": "/"}
    return Response(shell.service_worker(), media_type="text/javascript", headers=headers)


def _own_view(session: Session, actor: Actor, evidence_id: str) -> queries.View:
    return queries.evidence_view(session, evidence_id, queries.own_evidence(actor))


@get("/evidence/{evidence_id:str}", **FIELD)
async def evidence(db: Database, blobs: Blobs, actor: Actor, evidence_id: str) -> Response[bytes]:
    """The view copy of an own file; the file as sent is never served."""
    view = await db.read(_own_view, actor, evidence_id)
    copy = await asyncio.to_thread(blobs.get, view.blob)
    return Response(copy, media_type=view.media_type, headers=dict(rules.VIEW_HEADERS))


handlers: list[HTTPRouteHandler] = [field_app, messages, manifest, service_worker, evidence]

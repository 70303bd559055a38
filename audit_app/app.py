"""Composition root: builds the Litestar app from the packages' handlers. The only importer of pages and api."""

import secrets
from importlib import import_module
from typing import Any
from urllib.parse import urlencode, urlsplit

import structlog
from litestar import Litestar, Request, Response, Router
from litestar.config.compression import CompressionConfig
from litestar.config.response_cache import ResponseCacheConfig
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.static_files import create_static_files_router

from audit_app.access.keys import Keys
from audit_app.access.middleware import SessionMiddleware
from audit_app.access.rules import Actor
from audit_app.desk.navigation import nav_of
from audit_app.kit import errors
from audit_app.kit.blobs import Blobs
from audit_app.kit.db import Database, is_busy
from audit_app.kit.web import GUARDS, error_page, from_http, is_htmx, problem, requires, wants_json
from audit_app.notices.queries import unread_of
from audit_app.organisation.queries import grants_of
from audit_app.settings import ROOT, Settings

log = structlog.get_logger()

SCREENS = (
    "access.pages", "access.api", "desk.pages", "notices.pages", "organisation.pages", "accounts.pages",
    "standards.pages", "standards.api", "testers.pages", "planning.pages", "visits.pages", "visits.api",
    "review.pages", "review.api", "appeals.pages", "appeals.api", "reporting.pages", "reporting.api",
    "analytics.pages", "personal.pages", "auditing.pages",
)  # fmt: skip


def build(settings: Settings, db: Database | None = None, keys: Keys | None = None) -> Litestar:
    """The web application. Give `db` to share an open database with a test or a command."""
    database = db or Database(settings.database_url, settings.pool_size)
    server_keys = keys or Keys(settings.data_dir)
    blobs = Blobs(settings.data_dir / "blobs")
    handlers: list[Any] = [
        create_static_files_router(path="/static", directories=[ROOT / "static"], opt={"public": True})
    ]
    for name in SCREENS:
        handlers += import_module(f"audit_app.{name}").handlers
    app = Litestar(
        route_handlers=handlers,
        guards=GUARDS,
        dependencies={
            "db": Provide(lambda: database, sync_to_thread=False),
            "settings": Provide(lambda: settings, sync_to_thread=False),
            "keys": Provide(lambda: server_keys, sync_to_thread=False),
            "blobs": Provide(lambda: blobs, sync_to_thread=False),
            "actor": Provide(actor_of, sync_to_thread=False),
        },
        exception_handlers={errors.Refusal: refused, HTTPException: framework_refused, Exception: broken},
        openapi_config=OpenAPIConfig(
            title="Mingcha",
            version="1",
            use_handler_docstrings=True,
            render_plugins=[JsonRenderPlugin(path="/openapi.json")],
            openapi_router=Router("/schema", route_handlers=[], **requires("system.schema")),
        ),
        response_cache_config=ResponseCacheConfig(default_expiration=0),
        # Files only: a page that holds a secret beside what somebody typed must not be packed (BREACH).
        compression_config=CompressionConfig(
            backend="gzip",
            minimum_size=1024,
            gzip_compress_level=6,
            exclude=[r"(?<=^/)(?!static/|field/messages/|sw\.js)"],
        ),
        request_max_body_size=4 * 1024 * 1024,
        on_shutdown=[database.close] if db is None else [],
    )
    # Outside everything, so that a missing page and a bug pass through it, too.
    app.asgi_handler = SessionMiddleware(
        app.asgi_handler,
        db=database,
        settings=settings,
        keys=server_keys,
        grants_of=grants_of,
        nav_of=nav_of,
        unread_of=unread_of,
    )
    return app


def actor_of(request: Request[Any, Any, Any]) -> Actor:
    """Who asks; the guard has already refused whoever is not signed in."""
    actor = request.scope["state"].get("actor")
    if not isinstance(actor, Actor):
        raise errors.SignInNeeded()
    return actor


def refused(request: Request[Any, Any, Any], refusal: errors.Refusal) -> Response[Any]:
    if wants_json(request):
        return problem(refusal)
    if isinstance(refusal, errors.SignInNeeded) and request.method in ("GET", "HEAD"):
        return _to_sign_in(request)
    return error_page(request, refusal)


def _to_sign_in(request: Request[Any, Any, Any]) -> Response[None]:
    """The sign-in page, and back here afterwards. A part of a page that htmx asked for must not become that page."""
    if is_htmx(request):
        back = _place(request.headers.get("hx-current-url", "/"))
        return Response(None, status_code=200, headers={"hx-redirect": f"/sign-in?{urlencode({'next': back})}"})
    back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return Response(None, status_code=303, headers={"location": f"/sign-in?{urlencode({'next': back})}"})


def _place(address: str) -> str:
    """Path and query of an address that a browser told us; the home page where it is none."""
    try:
        here = urlsplit(address)
    except ValueError:
        return "/"
    return here.path + (f"?{here.query}" if here.query else "")


def framework_refused(request: Request[Any, Any, Any], fault: HTTPException) -> Response[Any]:
    if fault.status_code >= 500:
        return broken(request, fault)
    response = refused(request, from_http(fault))
    for name, value in (fault.headers or {}).items():
        response.headers[name] = value
    return response


def broken(request: Request[Any, Any, Any], fault: Exception) -> Response[Any]:
    """A bug, or a database that is held by somebody else. The person gets a number that stands in the log, too."""
    if is_busy(fault):
        return refused(request, errors.Busy(retry_after=2))
    number = secrets.token_hex(4)
    log.error("unexpected", number=number, path=request.url.path, method=request.method, exc_info=fault)
    refusal = errors.Refusal("Something went wrong on our side. Nothing you sent before was lost.", code="bug")
    refusal.status = 500
    return problem(refusal) if wants_json(request) else error_page(request, refusal, number)

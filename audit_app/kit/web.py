"""What every handler needs: pages, problem documents, guards and the state of the request."""

import json
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec
from litestar import MediaType, Request, Response
from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler
from litestar.types import Guard

from audit_app.kit import errors, i18n
from audit_app.kit.i18n import gettext
from audit_app.kit.templates import asset, render

S = TypeVar("S")
PROBLEM = "application/problem+json"


@dataclass(frozen=True)
class NavItem:
    label: str
    href: str
    icon: str
    active: bool = False
    badge: int | None = None


@dataclass(frozen=True)
class NavGroup:
    label: str
    items: list[NavItem]


@dataclass(frozen=True)
class PersonOnScreen:
    """The signed-in person as the layout shows them."""

    display_name: str
    role_label: str
    unit_label: str
    initial: str


@dataclass
class Ui:
    """What the layout needs beside the screen: language, theme, who, where."""

    locale: str = "zh"
    theme: str = "auto"
    actor: PersonOnScreen | None = None
    csrf: str = ""
    nav: list[NavGroup] = field(default_factory=list)
    path: str = "/"
    demo: bool = False
    unread: int = 0  # lines in the inbox that the person has not read, counted up to 100

    @property
    def html_lang(self) -> str:
        return i18n.HTML_LANG[self.locale]

    @staticmethod
    def asset(path: str) -> str:
        return asset(path)


def ui_of(request: Request[Any, Any, Any]) -> Ui:
    """The Ui that the middleware prepared."""
    ui = request.scope["state"].get("ui")
    return ui if isinstance(ui, Ui) else Ui()


def is_htmx(request: Request[Any, Any, Any]) -> bool:
    """Whether htmx asks for a part of a page: then an error is a fragment, too."""
    return request.headers.get("hx-request") == "true" and request.headers.get("hx-request-type") != "full"


def query_text(request: Request[Any, Any, Any], name: str) -> str:
    """A query parameter as text without surrounding space; of several the first, empty where there is none."""
    values = request.query_params.getall(name, [])
    return str(values[0]).strip() if values else ""


def page(
    request: Request[Any, Any, Any], template: str, screen: object = None, status: int = 200, **headers: str
) -> Response[str]:
    """An HTML answer: the template with its one typed object `screen` and the layout's `ui`."""
    text = render(template, screen=screen, ui=ui_of(request))
    return Response(text, status_code=status, media_type=MediaType.HTML, headers=headers)


def see_other(address: str) -> Response[None]:
    """After a form: look at the result with GET."""
    return Response(None, status_code=303, headers={"location": address})


def safe_next(address: str, fallback: str = "/") -> str:
    """The address if it stays on this site, else the fallback. Browsers drop tabs and line ends and take a backslash
    for a slash, so that `/<tab>/elsewhere` would be another site."""
    ours = address.startswith("/") and not address.startswith("//") and "\\" not in address
    return address if ours and address.isprintable() else fallback


def requires(permission: str) -> dict[str, Any]:
    """Route keyword arguments that name the permission: `@get("/x", **requires("planning.read"))`."""
    return {"opt": {"permission": permission}}


def public() -> dict[str, Any]:
    """Route keyword arguments of the few routes that need no sign-in."""
    return {"opt": {"public": True}}


def signed_in() -> dict[str, Any]:
    """Route keyword arguments of routes that every signed-in person may use."""
    return {"opt": {"permission": "*"}}


async def permission_guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Refuses whoever lacks the permission that the route names; a route that names none is closed to everybody."""
    if handler.opt.get("public"):
        return
    wanted = handler.opt.get("permission")
    actor = connection.scope["state"].get("actor")
    if actor is None:
        raise errors.SignInNeeded()
    if wanted is None or (wanted != "*" and not actor.may(wanted)):
        raise errors.Forbidden()


GUARDS: list[Guard] = [permission_guard]  # a coroutine: a plain function would cost a thread per request


def wants_json(request: Request[Any, Any, Any]) -> bool:
    return request.url.path.startswith("/api/") or "json" in request.headers.get("accept", "")


def problem(refusal: errors.Refusal) -> Response[bytes]:
    """The refusal as an RFC 9457 document with one entry per field, in the language of the request."""
    body: dict[str, Any] = {
        "type": f"urn:mingcha:{refusal.code}",
        "title": gettext(refusal.message) % refusal.params if refusal.params else gettext(refusal.message),
        "status": refusal.status,
        "errors": [
            {"path": f.path, "code": f.code, "message": field_message(f), "params": dict(f.params)}
            for f in refusal.fields
        ],
        **refusal.extra,
    }
    headers = {"retry-after": str(refusal.retry_after)} if refusal.retry_after else {}
    return Response(
        json.dumps(body, ensure_ascii=False, default=str).encode(),
        status_code=refusal.status,
        media_type=PROBLEM,
        headers=headers,
    )


def field_message(fault: errors.FieldError) -> str:
    """A field's error in the language of the request."""
    text = gettext(fault.message)
    return text % fault.params if fault.params else text


@dataclass(frozen=True)
class ErrorScreen:
    status: int
    title: str
    message: str
    number: str = ""


TITLES = {
    400: "Request not understood",
    401: "Please sign in",
    403: "Not allowed",
    404: "Not found",
    405: "Not possible here",
    409: "Changed in the meantime",
    413: "Too large",
    422: "Please check your input",
    429: "Too many attempts",
    503: "Busy",
}


def error_page(request: Request[Any, Any, Any], refusal: errors.Refusal, number: str = "") -> Response[str]:
    title = gettext(TITLES.get(refusal.status, "Something went wrong"))
    text = gettext(refusal.message) % refusal.params if refusal.params else gettext(refusal.message)
    screen = ErrorScreen(refusal.status, title, text, number)
    template = "layout/_error.html" if is_htmx(request) else "layout/error.html"
    response = page(request, template, screen, refusal.status)
    if refusal.retry_after:
        response.headers["retry-after"] = str(refusal.retry_after)
    return response


def from_http(fault: HTTPException) -> errors.Refusal:
    """The framework's own refusals (no such route, wrong method, unreadable body) in our form."""
    kinds: dict[int, type[errors.Refusal]] = {
        400: errors.BadRequest,
        401: errors.SignInNeeded,
        403: errors.Forbidden,
        404: errors.NotFound,
        413: errors.TooLarge,
        422: errors.Invalid,
        429: errors.TooMany,
    }
    refusal = kinds.get(fault.status_code, errors.Refusal)()
    if type(refusal) is errors.Refusal:
        refusal.status = fault.status_code
    return refusal


def decode_json(body: bytes, kind: type[S]) -> S:
    """A JSON body as the input struct, every unknown field refused. BadRequest if unreadable, Invalid if wrong."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as fault:
        text = str(fault)
        where = text.rsplit(" - at `$", 1)[1].rstrip("`").lstrip(".") if " - at `$" in text else ""
        raise errors.Invalid(
            fields=[errors.FieldError(where, "wrong-type", "%(fault)s", {"fault": text.split(" - at `", 1)[0]})]
        ) from fault
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise errors.BadRequest(code="unreadable-json") from fault

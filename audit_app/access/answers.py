"""Small steps that several pages of this package share: reading who asks, and where to go next."""

from typing import Any

from litestar import Request, Response

from audit_app.access import cookies
from audit_app.access.identity import GrantsOf, Identity
from audit_app.access.results import NewSession
from audit_app.kit.errors import FieldError
from audit_app.kit.web import safe_next, see_other
from audit_app.settings import Settings

AnyRequest = Request[Any, Any, Any]


def identity_of(request: AnyRequest) -> Identity | None:
    found = request.scope["state"].get("identity")
    return found if isinstance(found, Identity) else None


def pending_of(request: AnyRequest) -> Identity | None:
    """The half-open sign-in of this browser, if it is between password and code."""
    found = identity_of(request)
    return found if found is not None and found.kind == "pending" else None


def device_of(request: AnyRequest) -> str:
    return str(request.scope["state"].get("device") or "")[:200]


def grants_by(request: AnyRequest) -> GrantsOf:
    given: GrantsOf = request.scope["state"]["grants_of"]
    return given


def address_of(request: AnyRequest) -> str:
    """The peer's address; behind a proxy the server was told whom to believe (`--forwarded-allow-ips`)."""
    return request.client.host if request.client else ""


def home_of(kind: str, wanted: str) -> str:
    """Where somebody goes after signing in: back where they were sent from, a phone only to its own pages."""
    address = safe_next(wanted, "/")
    if kind == "field":
        return address if address == "/field" or address.startswith("/field/") else "/field"
    return address


def begin(settings: Settings, new: NewSession, address: str) -> Response[Any]:
    """On to the address, with the cookies of the session that begins."""
    response: Response[Any] = see_other(address)
    for cookie in cookies.for_session(settings, new.kind, new.token, new.device):
        response.set_cookie(cookie)
    return response


def end(settings: Settings, address: str) -> Response[Any]:
    response: Response[Any] = see_other(address)
    for base in (cookies.DESK, cookies.FIELD):
        response.set_cookie(cookies.gone(settings, base))
    return response


def too_many(field: str, seconds: int) -> tuple[FieldError, ...]:
    minutes = max(1, -(-seconds // 60))
    return (FieldError(field, "too-many", "Too many attempts. Try again in %(minutes)s min.", {"minutes": minutes}),)


def query(request: AnyRequest, name: str) -> str:
    """A query parameter as text; of several the first."""
    values = request.query_params.getall(name, [])
    return str(values[0]) if values else ""

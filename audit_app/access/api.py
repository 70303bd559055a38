"""Who am I: what a script of our own pages needs to start with."""

import hashlib
from functools import cache

import msgspec
from litestar import get

from audit_app.access.answers import AnyRequest
from audit_app.access.rules import Actor
from audit_app.kit.i18n import locale_now
from audit_app.kit.web import signed_in
from audit_app.settings import ROOT


class SessionOut(msgspec.Struct):
    """`csrf` goes into the header `X-CSRF-Token` of each unsafe request; `build` names the client's code."""

    csrf: str
    account_id: str
    username: str
    display_name: str
    locale: str
    roles: list[str]
    build: str


@cache
def build() -> str:
    """A short hash of the scripts that we serve."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "static" / "js").rglob("*.js")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


@get("/api/v1/session", **signed_in())
async def show_session(request: AnyRequest, actor: Actor) -> SessionOut:
    return SessionOut(
        request.scope["state"].get("csrf", ""),
        actor.account_id,
        actor.username,
        actor.display_name,
        locale_now.get(),
        sorted(actor.roles),
        build(),
    )


handlers = [show_session]

"""What happens to every request before and after the application: who asks, in which language, was it meant, headers.

Wraps the application's ASGI handler from outside, so that 404 and 500 pass through it, too:
`app.asgi_handler = SessionMiddleware(app.asgi_handler, …)`. Leaves in `scope["state"]`: `actor` (Actor or None), `ui`
(kit.web.Ui), `csrf` (text), `identity` (access.identity.Identity or None), `device` (its cookie or ""), `grants_of`.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import structlog
from litestar import Request
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from sqlalchemy.exc import DBAPIError

from audit_app.access import cookies, csrf, headers, operations, rules
from audit_app.access.headers import NO_STORE
from audit_app.access.identity import GrantsOf, Identity, Presented, UnreadOf, identify
from audit_app.access.keys import Keys
from audit_app.access.rules import Actor
from audit_app.kit import clock, errors, i18n
from audit_app.kit.db import Database
from audit_app.kit.web import NavGroup, PersonOnScreen, Ui, error_page, problem, wants_json
from audit_app.settings import Settings

log = structlog.get_logger()
NavOf = Callable[[Actor, str], list[NavGroup]]


@dataclass(slots=True)
class _Asked:
    """One request as far as we look at it."""

    method: str
    path: str
    headers: dict[bytes, bytes]
    cookies: dict[str, str] = field(default_factory=dict)
    device: str = ""
    anonymous: str = ""  # the cookie that a visitor's form token is bound to
    minted: bool = False  # ... and whether it is new
    identity: Identity | None = None

    @property
    def bearer(self) -> bytes:
        kind, _, token = self.headers.get(b"authorization", b"").partition(b" ")
        return token.strip() if kind.lower() == b"bearer" else b""

    @property
    def is_page(self) -> bool:
        return not self.path.startswith("/api/")


LONGEST_STATIC = 250  # bytes of an address under /static/


class SessionMiddleware:
    """See the module. `grants_of(session, account_id)`, `unread_of(session, account_id)` and `nav_of(actor, path)` come
    from higher packages."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        db: Database,
        settings: Settings,
        keys: Keys,
        grants_of: GrantsOf,
        nav_of: NavOf,
        unread_of: UnreadOf | None = None,
    ) -> None:
        self.app, self.db, self.settings, self.keys = app, db, settings, keys
        self.grants_of, self.nav_of, self.unread_of = grants_of, nav_of, unread_of
        self._names = {
            base: cookies.name_of(settings, base)
            for base in (cookies.DESK, cookies.FIELD, cookies.DEVICE, cookies.ANON)
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.WEBSOCKET:  # we have none; the application refuses it
            await self.app(scope, receive, send)
            return
        path = scope["path"]
        if path.startswith("/static/") and not _unnameable(path):
            await self.app(scope, receive, _sender(send, caching=headers.static_caching(scope["query_string"])))
            return
        asked = _Asked(str(scope["method"]), path, dict(scope["headers"]))
        guarded = _sender(send, extra=lambda content_type: self._anonymous_cookie(asked, content_type))
        try:
            receive = await self._admit(asked, scope, receive)
        except errors.Refusal as refusal:
            if scope["state"].get("ui") is None:
                scope["state"]["ui"] = self._ui(asked, None, "")
            await _refuse(scope, guarded, refusal)
            return
        await self.app(scope, receive, guarded)
        if asked.identity is not None and asked.identity.stale:
            await self._touch(asked.identity)

    async def _admit(self, asked: _Asked, scope: Scope, receive: Receive) -> Receive:
        """Fills the request's state; raises if the request must not reach the application."""
        asked.cookies = cookies.parse(asked.headers.get(b"cookie", b"").decode("latin-1"))
        asked.device = asked.cookies.get(self._names[cookies.DEVICE], "")
        state: dict[str, Any] = scope.setdefault("state", {})
        state.update(actor=None, ui=None, csrf="", identity=None, device=asked.device, grants_of=self.grants_of)
        i18n.locale_now.set(_locale(asked))
        if "\0" in asked.path or (asked.path.startswith("/static/") and _unnameable(asked.path)):
            raise errors.NotFound()
        if b"%00" in scope.get("query_string", b""):
            raise errors.NotFound()  # PostgreSQL takes no such text, and no page of ours sends it
        asked.identity = identity = await self._identify(asked)
        bound = self._binding(asked)
        token = csrf.mint(self.keys, bound)
        actor = identity.actor if identity else None
        state.update(actor=actor, ui=self._ui(asked, actor, token), csrf=token, identity=identity)
        if asked.method in csrf.SAFE or asked.bearer:
            return receive
        return await self._meant(asked, bound, receive)

    async def _identify(self, asked: _Asked) -> Identity | None:
        shown = self._presented(asked)
        if shown is None:
            return None
        try:
            unread_of = self.unread_of if asked.is_page and asked.method == "GET" else None
            return await self.db.glance(identify, shown, clock.now(), self.grants_of, self.settings.demo, unread_of)
        except DBAPIError as fault:
            log.error("database unreachable", path=asked.path, exc_info=fault)
            raise errors.Busy(retry_after=2) from fault

    def _presented(self, asked: _Asked) -> Presented | None:
        if b"authorization" in asked.headers:  # a token, good or bad, is never mixed with a cookie
            token = asked.bearer.decode("latin-1")
            return Presented(cookies.hashed(token), bearer=True) if token else None
        desk, phone = asked.cookies.get(self._names[cookies.DESK]), asked.cookies.get(self._names[cookies.FIELD])
        secret = desk or phone
        if not secret:
            return None
        return Presented(cookies.hashed(secret), device_hash=cookies.hashed(asked.device) if asked.device else None)

    def _binding(self, asked: _Asked) -> str:
        if asked.identity is not None:
            return f"session:{asked.identity.session_id}"
        asked.anonymous = asked.cookies.get(self._names[cookies.ANON], "")
        if not asked.anonymous:
            asked.anonymous, asked.minted = secrets.token_urlsafe(24), True
        return f"anonymous:{asked.anonymous}"

    async def _meant(self, asked: _Asked, bound: str, receive: Receive) -> Receive:
        refusal = errors.Forbidden("This request did not come from our own page. Reload it and try again.", code="csrf")
        if not csrf.same_site(asked.headers, self.settings):
            raise refusal
        token = asked.headers.get(b"x-csrf-token", b"")
        if not token:
            token, receive = await csrf.token_in_form(asked.headers.get(b"content-type", b""), receive)
        if not asked.minted and csrf.proven(self.keys, bound, token):
            return receive
        if asked.identity is None and self._presented(asked):
            raise errors.SignInNeeded()  # a page that outlived its session: say so, rather than suspect an attack
        raise refusal

    def _ui(self, asked: _Asked, actor: Actor | None, token: str) -> Ui:
        locale = _locale(asked)
        i18n.locale_now.set(locale)
        theme = asked.cookies.get(cookies.THEME, "")
        if theme not in cookies.THEMES:
            theme = asked.identity.theme if asked.identity else "auto"
        ui = Ui(locale=locale, theme=theme, csrf=token, path=asked.path, demo=self.settings.demo)
        if actor is not None and asked.is_page:
            ui.actor = person(actor)
            ui.nav = self.nav_of(actor, asked.path)
            ui.unread = asked.identity.unread if asked.identity else 0
        return ui

    def _anonymous_cookie(self, asked: _Asked, content_type: bytes) -> bytes:
        """A visitor's first page brings the cookie that its forms' token is bound to."""
        if not asked.minted or not content_type.startswith(b"text/html"):
            return b""
        return cookies.header_of(cookies.private(self.settings, cookies.ANON, asked.anonymous)).encode()

    async def _touch(self, identity: Identity) -> None:
        """Keeps `seen_at` to the minute, after the answer. A busy database may skip it; a revoked session stays so."""
        try:
            await self.db.write(operations.touch, identity.kind, identity.session_id, clock.now())
        except (errors.Busy, DBAPIError) as fault:
            log.warning("seen_at not written", exc_info=fault)


def person(actor: Actor) -> PersonOnScreen:
    """The signed-in person as the layout shows them, in the language of the request."""
    role = rules.ROLE_NAMES.get(actor.main_role, "")
    return PersonOnScreen(actor.display_name, i18n.gettext(role) if role else "", actor.unit_name, actor.initial)


def _unnameable(path: str) -> bool:
    """Whether no file could have this name: the system would raise instead of not finding it."""
    return "\0" in path or len(path.encode("utf-8", "replace")) > LONGEST_STATIC


def _locale(asked: _Asked) -> str:
    """What was chosen in this browser, else the account's own, else what the browser asks for."""
    chosen = asked.cookies.get(cookies.LOCALE, "")
    if chosen in i18n.LOCALES:
        return chosen
    if asked.identity is not None and asked.identity.locale in i18n.LOCALES:
        return asked.identity.locale
    return _accepted(asked.headers)


def _accepted(asked: dict[bytes, bytes]) -> str:
    """The first of our languages in Accept-Language; Chinese if there is none."""
    for part in asked.get(b"accept-language", b"").decode("latin-1").lower().split(",")[:20]:
        language = part.partition(";")[0].strip()[:2]
        if language in i18n.LOCALES:
            return language
    return "zh"


def _sender(send: Send, *, caching: bytes = NO_STORE, extra: Callable[[bytes], bytes] | None = None) -> Send:
    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            found = headers.guarded(list(message["headers"]), caching if message["status"] < 400 else NO_STORE)
            if extra is not None:
                content_type = next((value for name, value in found if name.lower() == b"content-type"), b"")
                cookie = extra(content_type)
                if cookie:
                    found.append((b"set-cookie", cookie))
            message["headers"] = found
        await send(message)

    return guarded


async def _refuse(scope: Scope, send: Send, refusal: errors.Refusal) -> None:
    request: Request[Any, Any, Any] = Request(scope)
    response = problem(refusal) if wants_json(request) else error_page(request, refusal)
    body = response.content if isinstance(response.content, bytes) else str(response.content).encode()
    kind = "text/html; charset=utf-8" if response.media_type == "text/html" else str(response.media_type)
    found = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
    found += [(name.lower().encode(), str(value).encode()) for name, value in response.headers.items()]
    await send({"type": "http.response.start", "status": refusal.status, "headers": found})
    await send({"type": "http.response.body", "body": body, "more_body": False})

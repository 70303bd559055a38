"""Every route of the live application says who may use it, and answers with the verb that was meant."""

import re

import pytest
from litestar import Litestar, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from audit_app.access.rules import PERMISSIONS
from tests.access.conftest import ClientFor

KNOWN = frozenset().union(*PERMISSIONS.values()) | {"*"}
PUBLIC_READS = {
    "/field/manifest.json", "/sw.js", "/static/{file_path:path}", "/sign-in", "/session/totp",
    "/session/totp/enrolment", "/session/totp/recovery", "/invitation/{token:str}", "/verify/{token:str}",
}  # fmt: skip
PUBLIC_WRITES = {
    ("POST", "/session"), ("POST", "/session/end"), ("POST", "/session/totp"), ("POST", "/session/totp/enrolment"),
    ("POST", "/preferences"), ("POST", "/session/totp/recovery"), ("POST", "/invitation/{token:str}"),
}  # fmt: skip
SAFE = {"GET", "HEAD", "OPTIONS"}


def handlers_of(app: Litestar) -> list[tuple[str, str, HTTPRouteHandler]]:
    found = []
    for route in app.routes:
        assert isinstance(route, HTTPRoute), f"{route.path} is not an HTTP route"
        found += [(m, route.path, h) for m, (h, _) in route.route_handler_map.items() if m != "OPTIONS"]
    return found


def faults(app: Litestar) -> list[str]:
    """The routes that name no permission of the table and are not on the lists above."""
    found = []
    for method, path, handler in handlers_of(app):
        if handler.opt.get("public"):
            listed = path in PUBLIC_READS if method in SAFE else (method, path) in PUBLIC_WRITES
            if not listed:
                found.append(f"{method} {path} is public but not listed")
        elif handler.opt.get("permission") not in KNOWN:
            found.append(f"{method} {path} names {handler.opt.get('permission')!r}")
    return found


def test_every_route_names_a_permission(app: Litestar) -> None:
    assert len(handlers_of(app)) > 50
    assert faults(app) == []


def test_the_lists_name_nothing_that_is_gone(app: Litestar) -> None:
    there = {(m, p) for m, p, _ in handlers_of(app)}
    assert there >= PUBLIC_WRITES
    assert {p for m, p in there if m == "GET"} >= PUBLIC_READS


@pytest.mark.parametrize("opt", [{}, {"permission": "visits.rewrite"}, {"public": True}, {"permission": None}])
def test_a_planted_route_is_seen(app: Litestar, opt: dict[str, object]) -> None:
    @get("/planted", opt=opt)
    async def planted() -> None: ...

    @post("/planted", opt=opt)
    async def planted_too() -> None: ...

    app.register(planted)
    app.register(planted_too)
    assert {line.split()[1] for line in faults(app)} == {"/planted"}
    assert len(faults(app)) == 2


def test_a_route_without_permission_is_closed_to_everybody(app: Litestar, client_for: ClientFor) -> None:
    @get("/planted")
    async def planted() -> None: ...

    app.register(planted)
    assert client_for("admin").get("/planted").status_code == 403
    assert client_for("").get("/planted", headers={"accept": "application/json"}).status_code == 401


def test_verbs_that_share_a_path_all_work(app: Litestar, client_for: ClientFor) -> None:
    """Litestar 2.25 wraps a plain handler twice where two verbs share a path: then each of them is a 500."""
    shared: dict[str, list[str]] = {}
    for method, path, _ in handlers_of(app):
        shared.setdefault(path, []).append(method)
    several = {path: verbs for path, verbs in shared.items() if len(verbs) > 1 and not path.startswith("/static")}
    assert {"/programmes", "/imports", "/api/v1/visits/{visit_id:str}"} <= set(several)
    people = [client_for(who) for who in ("admin", "tester", "reviewer", "province-supervisor", "hr")]
    answered = {}
    for path, verbs in several.items():
        address = re.sub(r"\{[^}]*\}", "0" * 32, path)
        for verb in verbs:
            answered[verb, path] = {person.request(verb, address).status_code for person in people}
    assert {
        key: found for key, found in answered.items() if any(status >= 500 or status == 405 for status in found)
    } == {}


def test_plain_functions_do_not_share_a_path(app: Litestar) -> None:
    """The cause of that fault, seen before it is one: handlers are coroutines."""
    import inspect

    shared: dict[str, list[HTTPRouteHandler]] = {}
    for _, path, handler in handlers_of(app):
        if not path.startswith(("/static", "/schema")):
            shared.setdefault(path, []).append(handler)
    plain = [
        path
        for path, several in shared.items()
        if len(several) > 1 and not all(inspect.iscoroutinefunction(getattr(h.fn, "func", h.fn)) for h in several)
    ]
    assert plain == []

"""Every answer carries the security headers: pages, errors, redirects, files, 404, 405 and 500."""

import re

import httpx
from litestar import Litestar, get
from litestar.routes import HTTPRoute

from audit_app.kit.web import public
from tests.access.conftest import ClientFor

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
    "connect-src 'self'; font-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; object-src 'none'"
)


def check(answer: httpx.Response) -> None:
    found = answer.headers
    where = f"{answer.request.method} {answer.request.url} {answer.status_code}"
    csp = found.get_list("content-security-policy")
    stricter = len(csp) == 1 and "sandbox" in csp[0]  # files that people sent
    assert csp == [CSP] or stricter, where
    assert found.get_list("x-content-type-options") == ["nosniff"], where
    assert found.get_list("cross-origin-opener-policy") == ["same-origin"], where
    assert found.get_list("referrer-policy") in (["same-origin"], ["no-referrer"]), where
    assert found["permissions-policy"] == "camera=(self), microphone=(self), geolocation=(self)", where
    assert "server" not in found, where


def addresses(app: Litestar) -> list[str]:
    return sorted(
        {
            re.sub(r"\{[^}]*\}", "x", r.path_format)
            for r in app.routes
            if isinstance(r, HTTPRoute) and "GET" in r.methods
        }
    )


def test_every_address_for_a_visitor_and_for_people(app: Litestar, client_for: ClientFor) -> None:
    for who in ("", "tester", "admin", "province-supervisor"):
        browser = client_for(who)
        for address in addresses(app):
            answer = browser.get(address)
            check(answer)
            if "text/html" in answer.headers.get("content-type", ""):
                assert answer.headers["cache-control"] == "no-store", address


def test_not_found_wrong_method_refused_and_static(client_for: ClientFor) -> None:
    browser = client_for("")
    for method, address, status in (
        ("GET", "/nowhere", 404),
        ("GET", "/api/v1/nowhere", 404),
        ("GET", "/static/nowhere.css", 404),
        ("GET", "/static/../pyproject.toml", 404),
        ("GET", "/static/css/tokens.css", 200),
        ("GET", "/account", 303),
        ("GET", "/api/v1/session", 401),
        ("POST", "/session", 403),
        ("GET", "/session", 405),
        ("PUT", "/nowhere", 403),
    ):
        answer = browser.request(method, address)
        assert answer.status_code == status, address
        check(answer)


def test_a_bug_carries_them_too(app: Litestar, client_for: ClientFor) -> None:
    @get("/planted-bug", **public())
    async def broken() -> None:
        raise RuntimeError("secret words")

    app.register(broken)
    answer = client_for("").get("/planted-bug")
    assert answer.status_code == 500
    check(answer)
    assert "secret words" not in answer.text

"""Every unsafe route of the live application refuses a request that was not meant, and never breaks over it."""

import re

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from audit_app.access import csrf
from audit_app.access.keys import Keys
from audit_app.settings import Settings
from tests.access.conftest import Browser, ClientFor

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


def unsafe_routes(app: Litestar) -> list[tuple[str, str]]:
    """(method, address) with every path parameter filled in."""
    found = []
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            address = re.sub(r"\{[^}]*\}", "x", route.path_format if "{" in route.path_format else route.path)
            found += [(method, address) for method in UNSAFE if method in route.methods]
    return found


def foreign_token(browser: Browser, keys: Keys) -> bytes:
    """A token that we made, for another session."""
    return csrf.mint(keys, "session:somebody-else").encode()


VARIANTS: dict[str, dict[str, bytes]] = {
    "cross-site": {"sec-fetch-site": b"cross-site"},
    "same-site": {"sec-fetch-site": b"same-site"},
    "foreign origin": {"origin": b"https://evil.example"},
    "null origin": {"origin": b"null"},
    "own host, other scheme": {"origin": b"https://127.0.0.1:8000"},
    "no token": {"x-csrf-token": b""},
    "foreign token": {"x-csrf-token": b"FOREIGN"},
    "non-ASCII token": {"x-csrf-token": "\u00e9\u4e2d".encode()},
    "broken token": {"x-csrf-token": b"\xff\xfe" * 40},
    "strange site": {"sec-fetch-site": b"\xff"},
    "strange origin": {"origin": b"http://[\xff"},
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_each_unsafe_route_refuses(app: Litestar, client_for: ClientFor, keys: Keys, variant: str) -> None:
    routes = unsafe_routes(app)
    assert ("POST", "/session") in routes
    for who in ("admin", "tester"):
        browser = client_for(who)
        headers = dict(VARIANTS[variant])
        if headers.get("x-csrf-token") == b"FOREIGN":
            headers["x-csrf-token"] = foreign_token(browser, keys)
        answers = {route: browser.request(*route, headers=headers).status_code for route in routes}
        assert {route: status for route, status in answers.items() if status != 403} == {}


def test_a_visitors_sign_in_is_guarded_too(client_for: ClientFor, keys: Keys) -> None:
    """Login CSRF: a foreign page must not sign somebody in as somebody else."""
    browser, other = client_for(""), client_for("")
    other.get("/sign-in")
    theirs = csrf.mint(keys, f"anonymous:{other.cookies['mingcha_anon']}")
    assert browser.post("/session", data={"username": "a", "password": "b"}).status_code == 403
    browser.get("/sign-in")
    for token in ("", theirs, "x"):
        answer = browser.post("/session", data={"username": "a", "password": "b", "_csrf": token})
        assert answer.status_code == 403
    mine = csrf.mint(keys, f"anonymous:{browser.cookies['mingcha_anon']}")
    good = {"username": "a", "password": "b", "_csrf": mine}
    assert browser.post("/session", data=good).status_code == 422
    assert browser.post("/session", data=good, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert browser.post("/session", data=good, headers={"origin": "http://127.0.0.1:8000"}).status_code == 422


def test_a_plain_form_carries_the_token_in_its_body(client_for: ClientFor) -> None:
    browser = client_for("reviewer")
    token = browser.headers.pop("x-csrf-token")
    assert browser.post("/preferences", data={"_csrf": token, "theme": "dark"}).status_code == 303
    assert browser.post("/preferences", data={"theme": "dark"}).status_code == 403
    assert browser.post("/preferences", data={"x_csrf": token}).status_code == 403
    field = {"_csrf": (None, token), "theme": (None, "light")}
    assert browser.post("/preferences", files=field).status_code == 303
    assert browser.get("/account").text.count('data-theme="light"') == 1


def test_the_body_that_was_read_ahead_arrives_whole(client_for: ClientFor) -> None:
    """A token in a form with a large rest: the handler still sees all of it."""
    browser = client_for("reviewer")
    token = browser.headers.pop("x-csrf-token")
    data = {"_csrf": token, "filler": "x" * 300_000, "next": "/account?whole=1"}
    assert browser.post("/preferences", data=data).headers["location"] == "/account?whole=1"
    late = {"filler": "x" * 300_000, "_csrf": token}
    assert browser.post("/preferences", data=late).status_code == 403


def test_json_needs_the_header(client_for: ClientFor) -> None:
    browser = client_for("reviewer")
    token = browser.headers.pop("x-csrf-token")
    answer = browser.post("/api/v1/nothing", json={"_csrf": token})
    assert (answer.status_code, answer.headers["content-type"]) == (403, "application/problem+json")
    assert answer.json()["type"] == "urn:mingcha:csrf"


def test_another_name_of_the_loopback_is_ours_only_on_loopback() -> None:
    local = Settings(data_dir=None, database_url="")  # type: ignore[arg-type]
    public = Settings(data_dir=None, database_url="", origin="https://m.example")  # type: ignore[arg-type]
    asked = {b"origin": b"http://localhost:8000", b"host": b"localhost:8000"}
    assert csrf.same_site(asked, local)
    assert not csrf.same_site(asked, public)
    assert not csrf.same_site({b"origin": b"http://evil.example", b"host": b"evil.example"}, local)
    assert csrf.same_site({b"origin": b"https://m.example", b"host": b"x"}, public)

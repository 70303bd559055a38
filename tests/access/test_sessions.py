"""A session is one row: planted, revoked, left idle or disabled, it counts (or not) on the next request."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import col, select

from audit_app.access import cookies, operations
from audit_app.access.keys import Keys
from audit_app.access.middleware import SessionMiddleware
from audit_app.access.models import LoginSession
from audit_app.desk.navigation import nav_of
from audit_app.kit import clock
from audit_app.kit.db import Database
from audit_app.organisation.models import RoleGrant
from audit_app.organisation.queries import grants_of
from audit_app.settings import Settings
from tests import world
from tests.access.conftest import Browser, ClientFor, Clock, account_of, enter, fresh_token
from tests.signing_in import cookies_and_token

Person = Callable[..., str]
ME = "/api/v1/session"


def status(browser: Browser) -> int:
    return browser.get(ME).status_code


def test_a_planted_session_id_is_never_taken_over(client_for: ClientFor, person: Person) -> None:
    person("sun", "supervisor")
    victim, attacker = client_for(""), client_for("")
    for browser in (victim, attacker):
        browser.cookies.set("mingcha", "ATTACKER", domain="127.0.0.1", path="/")
    assert enter(victim, "sun").status_code == 303
    assert "ATTACKER" not in [c.value for c in victim.cookies.jar if c.name == "mingcha"][-1]
    assert status(attacker) == 401


def test_signing_in_anew_changes_the_id_and_ends_the_old_one(client_for: ClientFor, person: Person) -> None:
    person("sun", "supervisor")
    browser, copy = client_for(""), client_for("")
    enter(browser, "sun")
    copy.cookies.update(browser.cookies)
    assert status(copy) == 200
    token = browser.get(ME).json()["csrf"]
    first = browser.cookies["mingcha"]
    browser.post("/session", data={"_csrf": token, "username": "sun", "password": "violet-harbour-quilt-7"})
    assert browser.cookies["mingcha"] != first
    assert (status(browser), status(copy)) == (200, 401)


def test_after_signing_out_the_cookie_is_worth_nothing(client_for: ClientFor) -> None:
    browser = client_for("reviewer")
    kept = dict(browser.cookies)
    assert browser.post("/session/end").headers["location"] == "/sign-in"
    browser.cookies.update(kept)
    assert status(browser) == 401


@pytest.mark.data
def test_a_request_under_way_does_not_bring_a_session_back(
    db: Database, settings: Settings, keys: Keys, hands: Clock
) -> None:
    """The request began before the sign-out and ends after it, and it owes the minute's `seen_at`."""
    jar, _token = cookies_and_token(db, settings, keys, world.account_id("reviewer"))
    hands.move(minutes=2)
    seen: list[Any] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        identity = scope["state"]["identity"]
        seen.append(identity)
        if identity is not None:
            await db.write(operations.sign_out, identity.account_id, identity.session_id, clock.now())

    middleware = SessionMiddleware(application, db=db, settings=settings, keys=keys, grants_of=grants_of, nav_of=nav_of)
    header = "; ".join(f"{name}={value}" for name, value in jar.items()).encode()
    scope = {"type": "http", "method": "GET", "path": "/x", "headers": [(b"cookie", header)]}

    async def ask() -> None:
        await middleware({**scope, "state": {}}, None, None)  # type: ignore[arg-type]

    asyncio.run(ask())
    assert seen[0].stale
    asyncio.run(ask())
    assert seen[1] is None


def test_a_disabled_account_is_out_on_the_next_request(client_for: ClientFor, db: Database) -> None:
    browser = client_for("reviewer")
    assert status(browser) == 200
    db.write_now(lambda session: setattr(account_of(session, "reviewer"), "active", False))
    assert status(browser) == 401
    page = browser.get("/account")
    assert (page.status_code, page.headers["location"]) == (303, "/sign-in?next=%2Faccount")


def test_a_revoked_role_counts_on_the_next_request(client_for: ClientFor, db: Database) -> None:
    browser = client_for("reviewer")
    assert browser.get(ME).json()["roles"] == ["reviewer"]

    def revoke(session: Any) -> None:
        for grant in session.exec(select(RoleGrant).where(RoleGrant.account_id == world.account_id("reviewer"))):
            grant.revoked_at = world.NOW

    db.write_now(revoke)
    assert browser.get(ME).json()["roles"] == []


def test_a_role_that_needs_the_code_ends_a_session_without_it(
    client_for: ClientFor, person: Person, db: Database
) -> None:
    account_id = person("sun", "supervisor")
    browser = client_for("")
    enter(browser, "sun")
    assert status(browser) == 200
    grant = RoleGrant(account_id=account_id, role="admin", unit_code="36", granted_at=world.NOW)
    db.write_now(lambda session: session.add(grant))
    assert status(browser) == 401


def test_a_desk_left_idle_for_half_an_hour_is_closed(client_for: ClientFor, hands: Clock) -> None:
    browser = client_for("reviewer")
    hands.move(minutes=29)
    assert status(browser) == 200
    hands.move(minutes=29)
    assert status(browser) == 200
    hands.move(minutes=30)
    assert status(browser) == 401


def test_a_desk_session_ends_after_twelve_hours_of_work(client_for: ClientFor, hands: Clock) -> None:
    browser = client_for("reviewer")
    for _ in range(35):
        hands.move(minutes=20)
        assert status(browser) == 200
    hands.move(minutes=20)
    assert status(browser) == 401


def test_a_phone_session_lasts_fourteen_days_on_its_own_device(client_for: ClientFor, hands: Clock) -> None:
    phone, other = client_for("tester"), client_for("")
    hands.move(days=13, hours=23)
    assert status(phone) == 200
    other.cookies.set("mingcha_field", phone.cookies["mingcha_field"])
    assert status(other) == 401
    other.cookies.set("mingcha_device", "another-device")
    assert status(other) == 401
    hands.move(hours=2)
    assert status(phone) == 401


def test_a_phone_session_does_field_things_only(client_for: ClientFor, db: Database) -> None:
    phone = client_for("tester")
    for role in ("supervisor", "admin"):
        grant = RoleGrant(account_id=world.account_id("tester"), role=role, unit_code="36", granted_at=world.NOW)
        db.write_now(lambda session, grant=grant: session.add(grant))
    assert sorted(phone.get(ME).json()["roles"]) == ["admin", "supervisor", "tester"]
    assert phone.get("/schema/openapi.json").status_code in (403, 404)
    assert phone.post("/account/tokens", data={"name": "x"}).status_code == 403


def test_seen_is_written_once_a_minute(client_for: ClientFor, db: Database, hands: Clock) -> None:
    def seen() -> Any:
        mine = select(LoginSession.seen_at).where(col(LoginSession.account_id) == world.account_id("reviewer"))
        return db.read_now(lambda session: session.exec(mine).one())

    browser = client_for("reviewer")
    hands.move(seconds=59)
    browser.get(ME)
    assert seen() == world.NOW
    hands.move(seconds=1)
    browser.get(ME)
    assert seen() == hands.now


def test_one_ends_the_own_sessions_elsewhere_and_nobody_elses(client_for: ClientFor, db: Database) -> None:
    here, elsewhere, stranger = client_for("reviewer"), client_for("reviewer"), client_for("hr")

    def id_of(browser: Browser) -> str:
        secret = cookies.hashed(browser.cookies["mingcha"])
        return db.read_now(lambda s: s.exec(select(LoginSession.id).where(LoginSession.token_hash == secret)).one())

    assert here.post(f"/account/sessions/{id_of(stranger)}/revocation").status_code == 404
    assert here.post(f"/account/sessions/{id_of(elsewhere)}/revocation").status_code == 303
    assert (status(here), status(elsewhere), status(stranger)) == (200, 401, 200)


def test_a_form_that_outlived_its_session_is_told_to_sign_in(client_for: ClientFor, hands: Clock) -> None:
    browser = client_for("reviewer")
    hands.move(minutes=31)
    assert browser.post("/account/tokens", data={"name": "x"}).status_code == 401


def test_sessions_are_stored_as_hashes(client_for: ClientFor, person: Person, db: Database) -> None:
    person("sun", "supervisor")
    browser = client_for("")
    enter(browser, "sun")
    rows = db.read_now(lambda session: [row.model_dump_json() for row in session.exec(select(LoginSession))])
    assert browser.cookies["mingcha"] not in "".join(rows)
    assert browser.cookies["mingcha_device"] not in "".join(rows)


def test_the_visitors_form_token_changes_with_the_browser(client_for: ClientFor) -> None:
    one, two = client_for(""), client_for("")
    assert fresh_token(one) == fresh_token(one) != fresh_token(two)


@pytest.mark.data
def test_what_is_long_over_is_forgotten(db: Database, hands: Clock) -> None:
    for kind in ("desk", "field"):
        db.write_now(operations.open_session, world.account_id("tester"), kind, "device", hands.now)
    hands.move(days=31)
    db.write_now(operations.forget_old, hands.now)
    kinds = db.read_now(lambda session: [row.kind for row in session.exec(select(LoginSession))])
    assert kinds == ["field"]


def test_a_database_out_of_reach_is_a_503_with_all_headers(
    client_for: ClientFor, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = client_for("reviewer")

    def gone(*_args: object) -> None:
        raise OperationalError("SELECT", {}, Exception("connection refused"))

    monkeypatch.setattr("audit_app.access.identity.queries.credential", lambda *args, **kwargs: gone())
    for address, kind in ((ME, "application/problem+json"), ("/account", "text/html; charset=utf-8")):
        answer = browser.get(address)
        assert (answer.status_code, answer.headers["content-type"]) == (503, kind)
        assert answer.headers["retry-after"] == "2"
        assert "content-security-policy" in answer.headers

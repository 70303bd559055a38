"""Tokens for programs: hashed, named, for 90 days, revocable, and never able to decide, publish or grant."""

import pytest
from sqlmodel import select

from audit_app.access.models import ApiToken
from audit_app.access.rules import NOT_BY_TOKEN, PERMISSIONS, Actor, Grant
from audit_app.kit.db import Database
from tests.access.conftest import Browser, ClientFor, Clock, account_of

ME = "/api/v1/session"


def made(browser: Browser, name: str = "payroll") -> str:
    page = browser.post("/account/tokens", data={"name": name})
    assert page.status_code == 201
    return page.text.split('id="new-token">')[1].split("<")[0]


def program(client_for: ClientFor, secret: str) -> Browser:
    client = client_for("")
    del client.headers["sec-fetch-site"]
    client.headers["authorization"] = f"Bearer {secret}"
    return client


def test_a_token_works_until_it_is_revoked(client_for: ClientFor, db: Database) -> None:
    desk = client_for("hr")
    secret = made(desk)
    caller = program(client_for, secret)
    assert caller.get(ME).json()["username"] == "hr"
    page = desk.get("/account").text
    assert "payroll" in page
    assert secret not in page
    row = db.read_now(lambda session: session.exec(select(ApiToken)).one())
    assert secret not in row.model_dump_json()
    assert client_for("reviewer").post(f"/account/tokens/{row.id}/revocation").status_code == 404
    assert desk.post(f"/account/tokens/{row.id}/revocation").status_code == 303
    assert caller.get(ME).status_code == 401


def test_a_token_ends_after_ninety_days(client_for: ClientFor, hands: Clock) -> None:
    caller = program(client_for, made(client_for("hr")))
    hands.move(days=89, hours=23)
    assert caller.get(ME).status_code == 200
    hands.move(hours=1)
    assert caller.get(ME).status_code == 401


def test_a_token_of_a_disabled_account_is_nothing(client_for: ClientFor, db: Database) -> None:
    caller = program(client_for, made(client_for("hr")))
    db.write_now(lambda session: setattr(account_of(session, "hr"), "active", False))
    assert caller.get(ME).status_code == 401


@pytest.mark.parametrize("role", sorted(PERMISSIONS))
def test_a_token_never_carries_what_needs_a_person(role: str) -> None:
    by_token = Actor("a", "a", "a", (Grant(role, "36", "36/"),), via="token")
    assert not by_token.permissions & NOT_BY_TOKEN
    for forbidden in NOT_BY_TOKEN:
        assert not by_token.may(forbidden)
        assert by_token.paths(forbidden) == ()


def test_a_token_looks_after_no_account(client_for: ClientFor) -> None:
    caller = program(client_for, made(client_for("hr")))
    assert caller.get("/account").status_code == 403
    assert caller.post("/account/tokens", data={"name": "more"}).status_code == 403
    assert caller.post("/account/password", data={}).status_code == 403


@pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer ", "Bearer", "Basic aHI6eA==", "Bearer \u00e9"])
def test_a_bad_token_is_not_made_good_by_a_cookie(client_for: ClientFor, header: str) -> None:
    browser = client_for("hr")
    assert browser.get(ME, headers={"authorization": header.encode("latin-1")}).status_code == 401


def test_a_session_cookie_is_no_token_and_a_token_no_cookie(client_for: ClientFor) -> None:
    desk = client_for("hr")
    assert program(client_for, desk.cookies["mingcha"]).get(ME).status_code == 401
    browser = client_for("")
    browser.cookies.set("mingcha", made(desk))
    assert browser.get(ME).status_code == 401


@pytest.mark.parametrize("name", ["", "   ", "x" * 81])
def test_a_token_needs_a_name(client_for: ClientFor, name: str) -> None:
    assert client_for("hr").post("/account/tokens", data={"name": name}).status_code == 422

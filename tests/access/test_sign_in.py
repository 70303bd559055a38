"""Name and password: who gets in, where to, what others learn from trying."""

from collections.abc import Callable

import pytest
from litestar.testing import TestClient
from sqlmodel import select

from audit_app.access import passwords
from audit_app.access.demo import PASSWORD as DEMO_PASSWORD
from audit_app.access.keys import Keys
from audit_app.app import build
from audit_app.kit.db import Database
from audit_app.settings import Settings
from audit_app.trail.models import TrailLine
from tests.access.conftest import ClientFor, account_of, enter, fresh_token

Person = Callable[..., str]


def acts(db: Database) -> list[str]:
    return db.read_now(lambda session: [line.act for line in session.exec(select(TrailLine).order_by(TrailLine.id))])


def test_the_right_password_opens_a_desk_session(client_for: ClientFor, person: Person, db: Database) -> None:
    person("sun", "supervisor")
    browser = client_for("")
    answer = enter(browser, "sun")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("mingcha="))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert browser.get("/api/v1/session").json()["username"] == "sun"
    assert acts(db)[-1] == "sign_in.done"


def test_an_assessor_gets_a_phone_session(client_for: ClientFor, person: Person) -> None:
    person("moon", "tester")
    browser = client_for("")
    assert enter(browser, "moon", next="/scorecards").headers["location"] == "/field"
    assert "mingcha_field" in browser.cookies
    assert "mingcha" not in browser.cookies


def test_over_tls_the_cookies_are_host_bound(db: Database, tmp_path, keys: Keys, person: Person) -> None:
    person("sun", "supervisor")
    origin = "https://mingcha.example"
    secure = Settings(data_dir=tmp_path, database_url=db.url, origin=origin)
    with TestClient(build(secure, db, keys), base_url=origin) as browser:
        browser.follow_redirects = False
        answer = enter(browser, "sun")
    session = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("__Host-mingcha="))
    assert "Secure" in session
    assert "Path=/" in session
    assert "Domain" not in session


def test_a_wrong_password_is_said_at_its_place_and_the_name_is_kept(client_for: ClientFor, person: Person) -> None:
    person("sun", "supervisor")
    answer = enter(client_for(""), "sun", "wrong-one")
    assert answer.status_code == 422
    assert 'value="sun"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "wrong-one" not in answer.text


def test_a_known_and_an_unknown_name_look_and_cost_the_same(
    client_for: ClientFor, person: Person, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    person("known", "supervisor")
    person("resting", "supervisor")
    db.write_now(lambda session: setattr(account_of(session, "resting"), "active", False))
    checked: list[str] = []

    class Counting:
        def hash(self, password: str) -> str:
            return real.hash(password)

        def verify(self, stored: str, password: str) -> bool:
            checked.append(stored)
            return bool(real.verify(stored, password))

    real = passwords._hasher
    monkeypatch.setattr(passwords, "_hasher", Counting())
    bodies = []
    for name in ("known", "nobody", "resting"):
        browser = client_for("")
        answer = enter(browser, name, "wrong-one")
        token = answer.text.split('name="_csrf" value="')[1].split('"')[0]
        bodies.append((answer.status_code, answer.text.replace(name, "NAME").replace(token, "TOKEN")))
    assert bodies[0] == bodies[1] == bodies[2]
    assert len(checked) == 3
    assert enter(client_for(""), "resting").status_code == 422  # the right password of a disabled account


@pytest.mark.parametrize(
    "wanted",
    ["//evil.example/", "https://evil.example/", "/\\evil.example", "/x\nset-cookie: a=b", "javascript:alert(1)"],
)
def test_signing_in_never_leads_to_another_site(client_for: ClientFor, person: Person, wanted: str) -> None:
    person("sun", "supervisor")
    browser = client_for("")
    assert enter(browser, "sun", next=wanted).headers["location"] == "/"
    assert browser.get("/sign-in", params={"next": wanted}).headers["location"] == "/"
    changed = browser.post(
        "/preferences", data={"next": wanted, "_csrf": browser.get("/api/v1/session").json()["csrf"]}
    )
    assert changed.headers["location"] == "/"


def test_one_returns_to_where_one_was_sent_from(client_for: ClientFor, person: Person) -> None:
    person("sun", "supervisor")
    assert enter(client_for(""), "sun", next="/programmes?level=city").headers["location"] == "/programmes?level=city"


@pytest.mark.parametrize("password", ["x" * 1025, "\u5b57" * 400, ""])
def test_an_endless_or_empty_password_is_not_hashed_into(client_for: ClientFor, person: Person, password: str) -> None:
    person("sun", "supervisor")
    assert enter(client_for(""), "sun", password).status_code == 422


@pytest.mark.data
def test_strange_input_is_refused_not_broken(client_for: ClientFor) -> None:
    browser = client_for("")
    for name in ("\x00", "a" * 5000, "\uff46\uff55\uff4c\uff4c", "'; --", "\U0001f600"):
        assert enter(browser, name, "\x00").status_code == 422
    form = {"content-type": "application/x-www-form-urlencoded", "x-csrf-token": fresh_token(browser)}
    for body in (b"username=%ff%fe&password=%00", b"username", b"", b"=&&&=", b"username=a&username=b&password=c"):
        assert browser.post("/session", content=body, headers=form).status_code == 422
    parts = {"content-type": "multipart/form-data; boundary=x", "x-csrf-token": fresh_token(browser)}
    assert browser.post("/session", content=b"--x\r\nnonsense", headers=parts).status_code in (400, 422)
    assert browser.post("/session/end%00", headers=form).status_code == 404
    assert browser.get("/sign-in?next=%00").status_code == 404


def test_demonstration_accounts_are_offered_in_the_demonstration_only(
    client_for: ClientFor, person: Person, db: Database, tmp_path, keys: Keys
) -> None:
    db.write_now(lambda session: setattr(account_of(session, "hr"), "demo", True))
    db.write_now(lambda session: setattr(account_of(session, "hr"), "password_hash", passwords.hash_now(DEMO_PASSWORD)))
    assert DEMO_PASSWORD not in client_for("").get("/sign-in").text
    demo = Settings(data_dir=tmp_path, database_url=db.url, demo=True)
    with TestClient(build(demo, db, keys), base_url="http://127.0.0.1:8000") as browser:
        browser.follow_redirects = False
        page = browser.get("/sign-in").text
        assert 'value="hr"' in page
        assert 'value="admin"' not in page  # that account exists, but is no demonstration account
        assert enter(browser, "hr", DEMO_PASSWORD).headers["location"] == "/"  # no one-time code asked
    assert "/session/totp" in enter(client_for(""), "hr", DEMO_PASSWORD).headers["location"]


def test_the_page_speaks_the_browsers_language_and_remembers_the_choice(client_for: ClientFor) -> None:
    browser = client_for("")
    assert 'lang="zh-CN"' in browser.get("/sign-in", headers={"accept-language": "fr"}).text
    assert 'lang="en"' in browser.get("/sign-in", headers={"accept-language": "fr, en-GB;q=0.8, zh;q=0.5"}).text
    token = browser.get("/sign-in").text.split('name="_csrf" value="')[1].split('"')[0]
    answer = browser.post("/preferences", data={"_csrf": token, "locale": "en", "theme": "dark", "next": "/sign-in"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    page = browser.get("/sign-in").text
    assert 'lang="en"' in page
    assert 'data-theme="dark"' in page
    browser.post("/preferences", data={"_csrf": token, "locale": "xx", "theme": "<b>"})
    assert 'data-theme="dark"' in browser.get("/sign-in").text


def test_a_choice_made_signed_in_stays_with_the_account(client_for: ClientFor, db: Database) -> None:
    browser = client_for("reviewer")
    browser.post("/preferences", data={"locale": "zh", "theme": "light"})
    kept = db.read_now(lambda session: (account_of(session, "reviewer").locale, account_of(session, "reviewer").theme))
    assert kept == ("zh", "light")

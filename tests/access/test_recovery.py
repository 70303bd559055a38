"""Recovery codes, and a code generator that the owner sets up or changes by himself."""

from collections.abc import Callable

import pytest

from audit_app.access import recovery
from audit_app.kit.db import Database
from tests.access.conftest import PASSWORD, Browser, ClientFor, Clock, account_of, enter, fresh_token
from tests.access.test_totp import ME, code_at, enrolled

Person = Callable[..., str]
RECOVERY = "/session/totp/recovery"


def signed_in(browser: Browser) -> Browser:
    browser.headers["x-csrf-token"] = browser.get(ME).json()["csrf"]
    return browser


def codes_of(browser: Browser, hands: Clock, secret: str) -> list[str]:
    """Ten codes, after a fresh one of the generator."""
    hands.move(seconds=30)
    page = browser.post("/account/recovery-codes", data={"proof": code_at(secret, hands)})
    assert page.status_code == 201
    return [part.split("<")[0] for part in page.text.split('<li><code class="code">')[1:]]


def by_code(browser: Browser, code: str, name: str = "sun") -> int:
    enter(browser, name)
    data = {"_csrf": fresh_token(browser, RECOVERY), "code": code}
    return browser.post(RECOVERY, data=data).status_code


def test_each_code_lets_in_once(client_for: ClientFor, person: Person, hands: Clock, db: Database) -> None:
    person("sun", "hr")
    browser = client_for("")
    secret = enrolled(browser, hands)
    codes = codes_of(signed_in(browser), hands, secret)
    assert len(set(codes)) == 10
    again = client_for("")
    assert by_code(again, codes[0].lower().replace("-", " ")) == 303
    assert again.get(ME).status_code == 200
    assert by_code(client_for(""), codes[0]) == 422
    assert "9 left" in browser.get("/account").text
    fresh = codes_of(browser, hands, secret)
    assert by_code(client_for(""), codes[1]) == 422, "new codes kill the old ones"
    assert by_code(client_for(""), fresh[0]) == 303
    stored = db.read_now(
        lambda session: session.connection().exec_driver_sql("SELECT code_hash FROM recovery_code").all()
    )
    assert not [code for code in fresh if any(code in row[0] or code.replace("-", "") in row[0] for row in stored)]


def test_an_unlocked_screen_makes_no_codes(client_for: ClientFor, person: Person, hands: Clock, db: Database) -> None:
    """Neither without a proof nor by the password nor by a code that was used: it would be a generator of one's own."""
    person("sun", "hr")
    browser = client_for("")
    secret = enrolled(browser, hands)
    used = code_at(secret, hands)
    signed_in(browser)
    for proof in ("", PASSWORD, used):
        answer = browser.post("/account/recovery-codes", data={"proof": proof})
        assert answer.status_code == 422, proof
        assert 'id="f-proof-error"' in answer.text
        assert 'class="code"' not in answer.text
    made = db.read_now(lambda session: session.connection().exec_driver_sql("SELECT * FROM recovery_code").all())
    assert made == []
    assert len(codes_of(browser, hands, secret)) == 10


def test_codes_are_worth_nothing_to_somebody_else(client_for: ClientFor, person: Person, hands: Clock) -> None:
    for name in ("sun", "moon"):
        person(name, "hr")
    browser = client_for("")
    secret = enrolled(browser, hands)
    code = codes_of(signed_in(browser), hands, secret)[0]
    enrolled(client_for(""), hands, "moon")
    assert by_code(client_for(""), code, "moon") == 422


def test_tries_are_counted_with_those_of_one_time_codes(client_for: ClientFor, person: Person, hands: Clock) -> None:
    person("sun", "hr")
    browser = client_for("")
    secret = enrolled(browser, hands)
    code = codes_of(signed_in(browser), hands, secret)[0]
    assert [by_code(client_for(""), "WRONG") for _ in range(6)] == [422] * 5 + [429]
    assert by_code(client_for(""), code) == 429
    hands.move(minutes=6)
    assert by_code(client_for(""), code) == 303


def test_without_a_generator_there_are_no_codes(client_for: ClientFor, person: Person) -> None:
    person("sun", "supervisor")
    browser = client_for("")
    enter(browser, "sun")
    assert signed_in(browser).post("/account/recovery-codes").status_code == 403
    assert client_for("").get(RECOVERY).headers["location"] == "/sign-in"


def set_generator(browser: Browser, hands: Clock, present: str) -> tuple[int, str]:
    page = browser.get("/account/totp").text
    sealed = page.split('name="sealed" value="')[1].split('"')[0]
    secret = page.split('id="totp-secret">')[1].split("<")[0].replace(" ", "")
    data = {"sealed": sealed, "code": code_at(secret, hands), "present": present}
    return browser.post("/account/totp", data=data).status_code, secret


def test_whoever_need_not_may_set_one_up(client_for: ClientFor, person: Person, hands: Clock, db: Database) -> None:
    person("sun", "supervisor")
    browser, other = client_for(""), client_for("")
    for one in (browser, other):
        enter(one, "sun")
    signed_in(browser)
    assert set_generator(browser, hands, "wrong")[0] == 422
    status, secret = set_generator(browser, hands, PASSWORD)
    assert status == 303
    assert (browser.get(ME).status_code, other.get(ME).status_code) == (200, 401)
    assert secret not in str(db.read_now(account_of, "sun"))
    assert enter(client_for(""), "sun").headers["location"] == "/session/totp", "from now on it is asked for"


@pytest.mark.parametrize("by", ["generator", "recovery"])
def test_changing_the_generator_needs_the_old_one(client_for: ClientFor, person: Person, hands: Clock, by: str) -> None:
    person("sun", "hr")
    browser = client_for("")
    old = enrolled(browser, hands)
    code = codes_of(signed_in(browser), hands, old)[0]
    hands.move(minutes=2)
    assert set_generator(browser, hands, PASSWORD)[0] == 422
    status, new = set_generator(browser, hands, code_at(old, hands) if by == "generator" else code)
    assert status == 303
    assert new != old
    assert by_code(client_for(""), code) == 422, "the old codes are gone"
    hands.move(minutes=6)
    again = client_for("")
    enter(again, "sun")
    token = fresh_token(again, "/session/totp")
    assert again.post("/session/totp", data={"_csrf": token, "code": code_at(old, hands)}).status_code == 422
    assert again.post("/session/totp", data={"_csrf": token, "code": code_at(new, hands)}).status_code == 303


def test_the_last_tries_to_sign_in_are_shown(client_for: ClientFor, person: Person, hands: Clock) -> None:
    person("sun", "supervisor")
    enter(client_for(""), "sun", "wrong")
    hands.move(minutes=1)
    browser = client_for("")
    enter(browser, "sun")
    page = browser.get("/account").text
    shown = page.split("Last sign-ins")[1]
    assert shown.index("signed in") < shown.index("refused")


def test_codes_are_80_random_bits() -> None:
    code = recovery.fresh_code()
    assert len(code.replace("-", "")) == 16
    assert set(code) <= set(recovery.LETTERS) | {"-"}
    assert len(recovery.LETTERS) == len(set(recovery.LETTERS)) == 32

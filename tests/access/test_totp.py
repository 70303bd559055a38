"""The second factor: asked of the roles that need it, enrolled at the first sign-in, each code good once."""

from collections.abc import Callable

import pyotp
import pytest

from audit_app.access import operations, totp
from audit_app.access.keys import Keys
from audit_app.access.rules import TOTP_ROLES
from audit_app.kit.db import Database
from tests import world
from tests.access.conftest import Browser, ClientFor, Clock, account_of, enter, fresh_token

Person = Callable[..., str]
ME = "/api/v1/session"


def enrolment(browser: Browser) -> tuple[str, str, str]:
    """Token, sealed secret and secret of the enrolment page."""
    page = browser.get("/session/totp/enrolment").text
    hidden = {name: page.split(f'name="{name}" value="')[1].split('"')[0] for name in ("_csrf", "sealed")}
    return hidden["_csrf"], hidden["sealed"], page.split('id="totp-secret">')[1].split("<")[0].replace(" ", "")


def code_at(secret: str, hands: Clock, steps: int = 0) -> str:
    return pyotp.HOTP(secret).at(int(hands.now.timestamp()) // 30 + steps)


def enrolled(browser: Browser, hands: Clock, name: str = "sun") -> str:
    """Signs in for the first time and enrols; the secret."""
    enter(browser, name)
    token, sealed, secret = enrolment(browser)
    data = {"_csrf": token, "sealed": sealed, "code": code_at(secret, hands)}
    assert browser.post("/session/totp/enrolment", data=data).headers["location"] == "/"
    return secret


@pytest.mark.parametrize("role", sorted(TOTP_ROLES))
def test_these_roles_stop_before_the_code(client_for: ClientFor, person: Person, role: str) -> None:
    person("sun", role)
    browser = client_for("")
    assert enter(browser, "sun", next="/account").headers["location"] == "/session/totp?next=%2Faccount"
    assert browser.get(ME).status_code == 401
    assert browser.get("/account").status_code == 303
    assert browser.get("/sign-in").headers["location"] == "/session/totp"
    assert browser.get("/session/totp").headers["location"] == "/session/totp/enrolment"


@pytest.mark.parametrize("role", ["supervisor", "outlet_manager", "staff", "tester"])
def test_other_roles_do_not(client_for: ClientFor, person: Person, role: str) -> None:
    person("sun", role)
    browser = client_for("")
    enter(browser, "sun")
    assert browser.get(ME).status_code == 200


def test_enrolling_opens_the_session_under_a_new_id(client_for: ClientFor, person: Person, hands: Clock) -> None:
    person("sun", "hr")
    browser, copy = client_for(""), client_for("")
    enter(browser, "sun")
    half = browser.cookies["mingcha"]
    token, sealed, secret = enrolment(browser)
    wrong = browser.post("/session/totp/enrolment", data={"_csrf": token, "sealed": sealed, "code": "000000"})
    assert wrong.status_code == 422
    assert sealed in wrong.text  # the same picture again, so that what was scanned stays right
    data = {"_csrf": token, "sealed": sealed, "code": " ".join(code_at(secret, hands))}
    assert browser.post("/session/totp/enrolment", data=data).status_code == 303
    assert browser.cookies["mingcha"] != half
    assert browser.get(ME).json()["username"] == "sun"
    copy.cookies.set("mingcha", half)
    assert copy.get(ME).status_code == 401
    assert copy.get("/session/totp").headers["location"] == "/sign-in"


def test_a_code_counts_once_and_one_step_beside(client_for: ClientFor, person: Person, hands: Clock) -> None:
    person("sun", "hr")
    secret = enrolled(client_for(""), hands)

    def attempt(code: str) -> int:
        browser = client_for("")
        enter(browser, "sun")
        data = {"_csrf": fresh_token(browser, "/session/totp"), "code": code}
        answer = browser.post("/session/totp", data=data)
        return 200 if answer.status_code == 303 and browser.get(ME).status_code == 200 else answer.status_code

    assert attempt(code_at(secret, hands)) == 422  # used at enrolment
    assert attempt(code_at(secret, hands, 1)) == 200
    assert attempt(code_at(secret, hands, 1)) == 422
    hands.move(minutes=10)
    assert attempt(code_at(secret, hands, -2)) == 422
    assert attempt(code_at(secret, hands, 2)) == 422
    assert attempt(code_at(secret, hands, -1)) == 200
    assert attempt(code_at(secret, hands)) == 200


def test_five_tries_in_five_minutes(client_for: ClientFor, person: Person, hands: Clock) -> None:
    person("sun", "hr")
    secret = enrolled(client_for(""), hands)
    browser = client_for("")
    enter(browser, "sun")
    token = fresh_token(browser, "/session/totp")
    answers = [browser.post("/session/totp", data={"_csrf": token, "code": f"{n:06}"}).status_code for n in range(7)]
    assert answers == [422] * 5 + [429] * 2
    hands.move(seconds=30)
    assert browser.post("/session/totp", data={"_csrf": token, "code": code_at(secret, hands)}).status_code == 429
    hands.move(minutes=5)
    assert browser.post("/session/totp", data={"_csrf": token, "code": code_at(secret, hands)}).status_code == 303


@pytest.mark.parametrize(
    "code",
    ["", "12345", "1234567", "abcdef", "\u0661\u0662\u0663\u0664\u0665\u0666", "\uff11\uff12\uff13\uff14\uff15\uff16"],
)
def test_only_six_ascii_digits_are_a_code(code: str) -> None:
    assert totp.matching_step(totp.new_seed(), code, world.NOW) is None


def test_a_half_open_sign_in_ends_after_ten_minutes(client_for: ClientFor, person: Person, hands: Clock) -> None:
    person("sun", "hr")
    browser = client_for("")
    enter(browser, "sun")
    token = fresh_token(browser, "/session/totp/enrolment")
    hands.move(minutes=10)
    assert browser.post("/session/totp", data={"_csrf": token, "code": "123456"}).status_code == 401


def test_nobody_enrols_with_anothers_secret_or_twice(
    client_for: ClientFor, person: Person, hands: Clock, keys: Keys, db: Database
) -> None:
    other, mine = person("moon", "hr"), person("sun", "hr")
    browser = client_for("")
    enter(browser, "sun")
    token, _sealed, _secret = enrolment(browser)
    seed = totp.new_seed()
    for sealed in (totp.sealed(keys, seed, other), "", "AAAA", "\u00e9"):
        data = {"_csrf": token, "sealed": sealed, "code": code_at(seed, hands)}
        assert browser.post("/session/totp/enrolment", data=data).headers["location"] == "/session/totp"
    assert browser.get(ME).status_code == 401
    secret = enrolled(client_for(""), hands)
    again = {"_csrf": token, "sealed": totp.sealed(keys, seed, mine), "code": code_at(seed, hands)}
    assert browser.post("/session/totp/enrolment", data=again).headers["location"] == "/session/totp"
    stored = db.read_now(lambda session: account_of(session, "sun").totp_seed) or ""
    assert secret not in stored
    assert totp.opened(keys, stored, mine) == secret


def test_signing_out_in_between_wins(client_for: ClientFor, person: Person, hands: Clock, db: Database) -> None:
    account_id = person("sun", "hr")
    half = db.write_now(operations.open_session, account_id, "pending", "device", hands.now)
    db.write_now(operations.sign_out, account_id, half.id, hands.now)
    with pytest.raises(operations.Conflict):
        db.write_now(operations.pass_totp, account_id, half.id, 1, "device", hands.now)


def test_the_picture_says_the_secret() -> None:
    picture = totp.picture("otpauth://totp/x")
    assert picture.size > 29
    assert set(picture.path) <= set("Mhvz- 0123456789")

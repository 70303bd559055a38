"""The own account page and the password."""

from collections.abc import Callable

import pytest

from audit_app.access import passwords
from tests.access.conftest import PASSWORD, ClientFor, enter

Person = Callable[..., str]
NEW = "saffron lantern orbit 42"


def change(current: str = PASSWORD, new: str = NEW, again: str | None = None) -> dict[str, str]:
    return {"current_password": current, "new_password": new, "new_password_again": new if again is None else again}


def test_a_new_password_ends_all_other_sign_ins(client_for: ClientFor, person: Person) -> None:
    person("sun", "supervisor")
    here, elsewhere = client_for(""), client_for("")
    for browser in (here, elsewhere):
        enter(browser, "sun")
    here.headers["x-csrf-token"] = here.get("/api/v1/session").json()["csrf"]
    assert here.post("/account/password", data=change()).headers["location"] == "/account?saved=password"
    assert here.get("/api/v1/session").status_code == 200
    assert elsewhere.get("/api/v1/session").status_code == 401
    assert enter(client_for(""), "sun").status_code == 422
    assert enter(client_for(""), "sun", NEW).status_code == 303


@pytest.mark.parametrize(
    ("form", "field"),
    [
        (change(current="wrong"), "current_password"),
        (change(new="short"), "new_password"),
        (change(new="password123"), "new_password"),
        (change(new="sun-supervisor"), "new_password"),
        (change(new="mingcha12345"), "new_password"),
        (change(new="x" * 2000), "new_password"),
        (change(again="something else"), "new_password_again"),
        ({}, "current_password"),
    ],
)
def test_faults_stand_at_their_place(client_for: ClientFor, person: Person, form: dict[str, str], field: str) -> None:
    person("sun", "supervisor")
    browser = client_for("")
    enter(browser, "sun")
    browser.headers["x-csrf-token"] = browser.get("/api/v1/session").json()["csrf"]
    answer = browser.post("/account/password", data=form)
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in answer.text
    assert enter(client_for(""), "sun").status_code == 303


def test_a_strong_password_has_no_faults_and_is_hashed_as_decided() -> None:
    assert passwords.faults(NEW) == []
    assert passwords.hash_now(NEW).startswith("$argon2id$v=19$m=47104,t=1,p=1$")


def test_the_page_names_roles_and_scope(client_for: ClientFor) -> None:
    page = client_for("outlet-manager").get("/account").text
    assert "Outlet manager" in page
    assert "Bell County" in page
    assert "one touchpoint" in page
    assert client_for("").get("/account").headers["location"].startswith("/sign-in")

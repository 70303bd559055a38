"""Somebody new comes in by a link: once, within seven days, with a password that is not easily guessed."""

from datetime import timedelta

import pytest
from sqlmodel import select

from audit_app.access import passwords
from audit_app.access.models import Account
from audit_app.accounts.models import Invitation
from audit_app.kit import clock
from audit_app.kit.db import Database
from tests import world
from tests.access.conftest import Clock, enter, hands  # noqa: F401
from tests.accounts.conftest import REASON, form, path_of

PASSWORD = "saffron lantern orbit 42"
NEW = {"username": "13900000001", "display_name": "Meadow"}


def link_in(text: str) -> str:
    return "/invitation/" + text.split("/invitation/")[1].split("<")[0]


def choose(browser, path: str, password: str = PASSWORD, again: str | None = None):  # type: ignore[no-untyped-def]
    token = browser.get(path).text.split('name="_csrf" value="')[1].split('"')[0]
    data = {"_csrf": token, "new_password": password, "new_password_again": password if again is None else again}
    return browser.post(path, data=data)


def test_from_the_link_to_the_first_page(admin, client_for, db: Database) -> None:  # type: ignore[no-untyped-def]
    answer = admin.post("/accounts", data={**NEW, **form("supervisor", "360102")})
    assert answer.status_code == 201
    path = link_in(answer.text)
    assert path not in admin.get("/accounts").text, "told once"
    browser = client_for("")
    assert "Meadow" in browser.get(path).text
    assert choose(browser, path).headers["location"] == "/"
    assert browser.get("/programmes").status_code == 200
    assert choose_again(client_for(""), path) == 404
    assert enter(client_for(""), "13900000001", PASSWORD).status_code == 303


def choose_again(browser, path: str) -> int:  # type: ignore[no-untyped-def]
    return browser.get(path).status_code


def test_a_role_that_demands_it_goes_on_to_the_code_generator(alone, client_for) -> None:  # type: ignore[no-untyped-def]
    answer = alone.post("/accounts", data={**NEW, **form("hr", "36", reason=REASON)})
    browser = client_for("")
    assert choose(browser, link_in(answer.text)).headers["location"] == "/session/totp"
    assert browser.get("/scorecards").status_code == 303
    assert browser.get("/session/totp").headers["location"] == "/session/totp/enrolment"


def test_a_guarded_first_role_waits_and_the_account_can_do_nothing(admin, client_for) -> None:  # type: ignore[no-untyped-def]
    answer = admin.post("/accounts", data={**NEW, **form("hr", "36", reason=REASON)})
    assert "waits for a second administrator" in answer.text
    browser = client_for("")
    choose(browser, link_in(answer.text))
    assert browser.get("/scorecards").status_code == 403


@pytest.mark.parametrize("password", ["short", "password123", "13900000001", "Meadow2026", "mingcha10000", "x" * 2000])
def test_weak_passwords_are_refused_in_place(admin, client_for, password: str) -> None:  # type: ignore[no-untyped-def]
    path = link_in(admin.post("/accounts", data={**NEW, **form("supervisor", "360102")}).text)
    browser = client_for("")
    answer = choose(browser, path, password)
    assert answer.status_code == 422
    assert 'id="f-new_password-error"' in answer.text
    assert choose(browser, path, PASSWORD, again="something else").status_code == 422
    assert choose(browser, path).status_code == 303


def test_links_end(admin, client_for, hands: Clock, db: Database) -> None:  # type: ignore[no-untyped-def]  # noqa: F811
    first = link_in(admin.post("/accounts", data={**NEW, **form("supervisor", "360102")}).text)
    key = db.read_now(lambda session: session.exec(select(Account.id).where(Account.username == NEW["username"])).one())
    second = link_in(admin.post(f"/accounts/{key}/invitations").text)
    browser = client_for("")
    assert [browser.get(path).status_code for path in (first, second)] == [404, 200], "re-issued: the old one is dead"
    open_one = db.read_now(
        lambda session: session.exec(select(Invitation.id).where(Invitation.withdrawn_at == None)).one()  # noqa: E711
    )
    assert admin.post(f"/accounts/{key}/invitations/{open_one}/withdrawal").status_code == 303
    assert admin.post(f"/accounts/{key}/invitations/{open_one}/withdrawal").status_code == 404
    assert browser.get(second).status_code == 404
    third = link_in(admin.post(f"/accounts/{key}/invitations").text)
    hands.move(days=7)
    assert client_for("").get(third).status_code == 404
    gone, invented = (client_for("").get(path).text.split("<main")[1] for path in (third, "/invitation/invented"))
    assert gone == invented


def test_a_link_resets_the_password_but_not_the_second_factor(admin, client_for, db: Database) -> None:  # type: ignore[no-untyped-def]
    person = client_for("staff")
    path = link_in(admin.post(path_of("staff", "/invitations")).text)
    assert person.get("/api/v1/session").status_code == 200, "until it is used nothing changes"
    choose(client_for(""), path)
    assert person.get("/api/v1/session").status_code == 401


def test_somebody_who_decides_about_pay_gets_a_link_from_two(admin, second, acts, db) -> None:  # type: ignore[no-untyped-def]
    from audit_app.accounts.models import Proposal

    assert admin.post(path_of("hr", "/invitations")).status_code == 422
    for verb in ("/invitations", "/totp/reset"):
        asked = admin.post(path_of("hr", verb), data={"reason": REASON})
        assert asked.headers["location"].endswith("saved=waiting")
    link, totp = db.read_now(lambda session: session.exec(select(Proposal.id).order_by(Proposal.id)).all())
    shown = second.post(f"/account-proposals/{link}/confirmation")
    assert shown.status_code == 201
    assert "/invitation/" in shown.text
    assert second.post(f"/account-proposals/{totp}/confirmation").status_code == 303
    assert ("account.totp_reset", world.account_id("admin-second")) in acts("hr")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"username": "staff"}, "username"),
        ({"username": ""}, "username"),
        ({"display_name": ""}, "display_name"),
        ({"role": "tester"}, "role"),
        ({"unit": "35"}, "unit"),
    ],
)
def test_faults_of_the_form(admin, db: Database, change: dict[str, str], field: str) -> None:  # type: ignore[no-untyped-def]
    answer = admin.post("/accounts", data={**NEW, **form("supervisor", "360102"), **change})
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in answer.text
    assert not db.read_now(lambda session: session.exec(select(Invitation)).all())


def test_an_account_without_a_password_lets_nobody_in(admin, client_for) -> None:  # type: ignore[no-untyped-def]
    admin.post("/accounts", data={**NEW, **form("supervisor", "360102")})
    for guess in ("", "nobody has this password", "!"):
        assert enter(client_for(""), NEW["username"], guess).status_code == 422
    assert passwords.verify_now(None, "nobody has this password") is False
    assert clock.now() - world.NOW < timedelta(days=1)

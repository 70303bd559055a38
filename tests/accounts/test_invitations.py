"""Somebody new comes in by a link: once, within seven days, with a password that is not easily guessed."""

from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlmodel import select

from audit_app import cli
from audit_app.access import passwords
from audit_app.access.models import Account
from audit_app.accounts.models import Invitation, Proposal
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


def test_a_guarded_first_role_waits_and_its_link_is_for_whoever_confirms(admin, second, client_for, db) -> None:  # type: ignore[no-untyped-def]
    answer = admin.post("/accounts", data={**NEW, **form("hr", "36", reason=REASON)})
    assert answer.headers["location"].endswith("?saved=waiting")
    here = answer.headers["location"].partition("?")[0]
    assert "/invitation/" not in admin.get(answer.headers["location"]).text
    early = admin.post(f"{here}/invitations", data={"reason": REASON})
    assert early.headers["location"].endswith("?saved=waiting"), "nor does the one who asked get a link by itself"
    first = db.read_now(lambda session: session.exec(select(Proposal.id).where(Proposal.kind == "invite")).one())
    shown = second.post(f"/account-proposals/{first}/confirmation")
    assert shown.status_code == 201
    assert choose(client_for(""), link_in(shown.text)).headers["location"] == "/session/totp"


def test_a_first_role_turned_down_leaves_an_account_that_is_found(admin, second, client_for, db) -> None:  # type: ignore[no-untyped-def]
    """It has neither role nor link; its administrators still see it and can let its owner in."""
    here = (
        admin.post("/accounts", data={**NEW, **form("hr", "36", reason=REASON)}).headers["location"].partition("?")[0]
    )
    proposal = db.read_now(lambda session: session.exec(select(Proposal.id)).one())
    assert second.post(f"/account-proposals/{proposal}/refusal").status_code == 303
    assert here in second.get("/accounts").text
    assert client_for("outsider-admin").get(here).status_code == 404
    assert admin.post(f"{here}/invitations").status_code == 201


def test_links_made_before_a_guarded_role_are_dead(admin, second, alone_later, client_for, db) -> None:  # type: ignore[no-untyped-def]
    """Whoever handed a link out must not come in by it as what the person has become since."""
    before = link_in(admin.post(path_of("staff", "/invitations")).text)
    admin.post(path_of("staff", "/grants"), data=form("hr", "36", reason=REASON))
    assert client_for("").get(before).status_code == 200
    proposal = db.read_now(lambda session: session.exec(select(Proposal.id)).one())
    assert second.post(f"/account-proposals/{proposal}/confirmation").status_code == 303
    assert client_for("").get(before).status_code == 404
    alone_later()
    before = link_in(admin.post(path_of("inspector", "/invitations")).text)
    assert admin.post(path_of("inspector", "/grants"), data=form("hr", "36", reason=REASON)).status_code == 303
    assert client_for("").get(before).status_code == 404


def test_a_link_for_somebody_whose_roles_have_all_ended(admin, roles) -> None:  # type: ignore[no-untyped-def]
    for grant, _role, _unit in roles("staff"):
        assert admin.post(path_of("staff", f"/grants/{grant}/end")).status_code == 303
    assert admin.post(path_of("staff", "/invitations")).status_code == 201


@pytest.mark.parametrize("option", [[], ["--second-factor"]])
def test_at_the_machine_somebody_is_let_in_again(client_for, acts, db: Database, tmp_path, option) -> None:  # type: ignore[no-untyped-def]
    environment = {"AUDIT_DATABASE_URL": db.url, "AUDIT_DATA_DIR": str(tmp_path), "AUDIT_DEMO": ""}
    answer = CliRunner().invoke(cli.main, ["rescue", "admin-second", *option], env=environment)
    assert answer.exit_code == 0, answer.output
    assert choose(client_for(""), "/invitation/" + answer.output.strip().split("/invitation/")[1]).status_code == 303
    done = [act for act, by in acts("admin-second") if by is None]
    assert done == ["account.rescued", *(["account.totp_reset"] if option else []), "invitation.made"]
    assert CliRunner().invoke(cli.main, ["rescue", "nobody"], env=environment).exit_code == 1


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

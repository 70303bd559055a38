"""The list and one account: whom an administrator sees, by what name, and what shuts somebody out."""

from collections.abc import Callable

import pytest

from audit_app.access.models import Account
from audit_app.access.operations import TAKEN, create_account
from audit_app.access.rules import Actor
from audit_app.accounts.queries import people
from audit_app.accounts.rules import Filters
from audit_app.kit.db import Database
from audit_app.kit.errors import Invalid
from audit_app.organisation.queries import grants_of
from tests import world
from tests.accounts.conftest import ClientFor, form, path_of
from tests.counting import statements

Acts = Callable[[str], list[tuple[str, str | None]]]


def test_three_people_and_an_account(client_for: ClientFor) -> None:
    assert client_for("admin").get(path_of("staff")).status_code == 200
    assert client_for("admin-second").get(path_of("staff")).status_code == 200
    assert client_for("outsider-admin").get(path_of("staff")).status_code == 404
    assert client_for("hr").get(path_of("staff")).status_code == 403


def test_a_tester_is_a_code(admin, db: Database) -> None:  # type: ignore[no-untyped-def]
    """Neither name nor sign-in name, on no page and by no search; the code finds the account."""
    hidden = ("Tester 2", "tester-2")
    for path in ("/accounts", "/accounts?role=tester", "/accounts?q=0318", path_of("tester-2")):
        text = admin.get(path).text
        assert "0318" in text, path
        assert not [word for word in hidden if f">{word}<" in text or f" {word} " in text], path
    for words in ("tester-2", "Tester"):
        assert world.account_id("tester-2") not in admin.get(f"/accounts?q={words}").text
    assert world.account_id("inspector") in admin.get("/accounts?q=Inspector").text, "an employee has a name"
    assert admin.post(path_of("tester-2", "/invitations"), data={"reason": "forgotten"}).status_code == 403


def test_who_asks_for_taken_names_is_noted_and_stopped(admin, second, acts) -> None:  # type: ignore[no-untyped-def]
    """That a name is taken says who has an account here, testers among them; a name that is free costs nothing."""
    new = {"display_name": "Meadow", **form("supervisor", "3601")}
    for number in range(11):
        made = admin.post("/accounts", data={**new, "username": f"1390000{number:04}"})
        assert made.status_code == 201, number
    for _ in range(10):
        refused = admin.post("/accounts", data={**new, "username": "tester-2"})
        assert refused.status_code == 422
        assert "This sign-in name is taken." in refused.text
    assert acts("tester-2") == [("account.name_refused", world.account_id("admin"))] * 10
    for name in ("tester-2", "free-name"):
        stopped = admin.post("/accounts", data={**new, "username": name})
        assert stopped.status_code == 429
        assert "Too many attempts." in stopped.text
        assert "is taken" not in stopped.text
    assert second.post("/accounts", data={**new, "username": "free-name"}).status_code == 201


@pytest.mark.data
def test_a_name_taken_in_the_same_moment(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one has written it after this one had looked."""
    monkeypatch.setattr("audit_app.access.queries.password_of", lambda session, username: None)
    with pytest.raises(Invalid) as refused:
        db.write_now(create_account, "staff", "Meadow", "", world.NOW)
    assert refused.value.fields == [TAKEN]


def test_filters(admin) -> None:  # type: ignore[no-untyped-def]
    """By role, by unit, by state; what is unknown counts as not chosen."""

    def found(query: str) -> set[str]:
        text = admin.get(f"/accounts?{query}").text
        return {name for name, *_ in world.CAST if f'/accounts/{world.account_id(name)}"' in text}

    everybody = found("")
    assert {"staff", "admin", "auditor"} <= everybody
    assert not [name for name in everybody if name.startswith("outsider")]
    assert found("role=hr") == {"hr", "hr-second"}
    assert found("unit=3602") == {"city-supervisor-2"}
    assert found("q=hr-sec") == {"hr-second"}
    assert found("state=disabled") == set()
    admin.post(path_of("staff", "/suspension"))
    assert found("state=disabled") == {"staff"}
    assert found("role=king") == everybody
    assert "Nothing fits" in admin.get("/accounts?unit=nowhere").text
    assert "Nothing fits" in admin.get("/accounts?q=zzz").text
    assert admin.get("/accounts?after=x").status_code == 400


def test_a_disabled_account_is_out_at_the_next_request(admin, client_for: ClientFor, acts: Acts) -> None:  # type: ignore[no-untyped-def]
    person = client_for("hr")
    assert person.get("/scorecards").status_code == 200
    assert admin.post(path_of("hr", "/suspension")).status_code == 303
    assert person.get("/api/v1/session").status_code == 401
    assert admin.post(path_of("hr", "/suspension")).status_code == 409
    assert admin.post(path_of("hr", "/reinstatement")).status_code == 303
    assert person.get("/api/v1/session").status_code == 401, "what ended stays ended"
    assert [act for act, _ in acts("hr")][-2:] == ["account.disabled", "account.enabled"]


def test_sessions_and_tokens_of_somebody_else(admin, client_for: ClientFor, acts: Acts) -> None:  # type: ignore[no-untyped-def]
    one, other = client_for("hr"), client_for("hr")
    one.post("/account/tokens", data={"name": "payroll"})
    page = admin.get(path_of("hr")).text
    assert "payroll" in page
    sessions = [part.split("/revocation")[0] for part in page.split("/sessions/")[1:] if "/revocation" in part[:60]]
    token = page.split("/tokens/")[1].split("/revocation")[0]
    assert admin.post(path_of("hr", f"/tokens/{token}/revocation")).status_code == 303
    assert admin.post(path_of("hr", f"/tokens/{token}/revocation")).status_code == 404
    assert admin.post(path_of("staff", f"/sessions/{sessions[0]}/revocation")).status_code == 404
    assert admin.post(path_of("hr", f"/sessions/{sessions[0]}/revocation")).status_code == 303
    assert sorted(c.get("/api/v1/session").status_code for c in (one, other)) == [200, 401]
    assert admin.post(path_of("hr", "/sessions/revocation")).status_code == 303
    assert {c.get("/api/v1/session").status_code for c in (one, other)} == {401}
    assert ("account.sessions_ended", world.account_id("admin")) in acts("hr")


@pytest.mark.parametrize("verb", ["/suspension", "/sessions/revocation", "/totp/reset", "/invitations"])
def test_nobody_administers_himself(admin, verb: str) -> None:  # type: ignore[no-untyped-def]
    assert admin.post(path_of("admin", verb), data={"reason": "because I can"}).status_code == 403
    assert admin.get("/api/v1/session").status_code == 200


def test_a_token_administers_nothing(admin, client_for: ClientFor) -> None:  # type: ignore[no-untyped-def]
    page = admin.post("/account/tokens", data={"name": "script"}).text
    secret = page.split('id="new-token">')[1].split("<")[0]
    visitor = client_for("")
    visitor.headers["authorization"] = f"Bearer {secret}"
    assert visitor.get("/accounts").status_code == 403
    assert visitor.post(path_of("staff", "/suspension")).status_code == 403


def test_looking_is_a_line_on_the_trail(admin, acts: Acts) -> None:  # type: ignore[no-untyped-def]
    admin.get(path_of("staff"))
    assert ("account.viewed", world.account_id("admin")) in acts("staff")
    admin.get(path_of("admin"))
    assert acts("admin") == [], "one's own is no look at somebody else's data"


@pytest.mark.data
def test_statements_do_not_grow_with_the_accounts(db: Database) -> None:
    """The list costs the same for 30 and for 400 accounts, and pages through all of them once."""

    def ask(filters: Filters) -> tuple[people.PeopleScreen, int]:
        actor = db.read_now(lambda session: Actor("acc-admin", "admin", "", grants_of(session, "acc-admin")))
        with statements(db) as ran:
            screen = db.read_now(people.people, actor, filters, world.NOW)
        return screen, len(ran)

    few, small = ask(Filters())

    def more(session) -> None:  # type: ignore[no-untyped-def]
        for n in range(120):
            session.add(Account(id=f"more-{n:03}", username=f"more-{n}", display_name="M", password_hash="-",
                                created_at=world.NOW))  # fmt: skip
            session.flush()
            session.add(
                world.RoleGrant(account_id=f"more-{n:03}", role="staff", unit_code="360102", granted_at=world.NOW)
            )

    db.write_now(more)
    seen, marker, large = [], "", 0
    while True:
        screen, large = ask(Filters(after=marker))
        seen += [row.id for row in screen.page.rows]
        marker = screen.page.next
        if not marker:
            break
    assert large == small
    assert len(seen) == len(set(seen)) == len(few.page.rows) + 120

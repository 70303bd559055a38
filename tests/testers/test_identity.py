"""Who a tester is: looked up by the programme office alone, or by an administrator with a second person's permit."""

from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest
from litestar.testing import TestClient
from sqlmodel import select

from audit_app.access import passwords, totp
from audit_app.access.keys import Keys
from audit_app.access.models import Account
from audit_app.kit import clock
from audit_app.kit.db import Database, Session
from audit_app.organisation.models import RoleGrant
from audit_app.testers import operations, queries
from audit_app.testers.models import IdentityLook, IdentityPermit
from audit_app.trail.models import TrailLine
from tests import world
from tests.reporting.made import actor

Open = Callable[[str], TestClient]
NAME = "Zhuque the tester"
SAID = {"reason": "The outlet says that she is the sister of an employee", "proof": world.PASSWORD}
OFFICE, SECOND = "programme-office", "programme-office-second"


@pytest.fixture(autouse=True, scope="module")
def hashed() -> str:
    return passwords.hash_now(world.PASSWORD)


@pytest.fixture(autouse=True)
def people(db: Database, hashed: str) -> None:
    def prepare(session: Session) -> None:
        session.get_one(Account, world.account_id("tester")).display_name = NAME
        for username in (OFFICE, SECOND, "admin", "outsider-admin"):
            session.get_one(Account, world.account_id(username)).password_hash = hashed

    db.write_now(prepare)


def looks(db: Database) -> list[IdentityLook]:
    return list(db.read_now(lambda s: s.scalars(select(IdentityLook)).all()))


def lines(db: Database, act: str) -> list[TrailLine]:
    return list(db.read_now(lambda s: s.scalars(select(TrailLine).where(TrailLine.act == act)).all()))


def test_the_office_looks_a_name_up(client_for: Open, db: Database) -> None:
    office = client_for(OFFICE)
    assert "0317" in office.get("/testers").text
    for page in ("/testers", "/testers?q=03", "/testers/0317"):
        assert NAME not in office.get(page).text
    told = office.post("/testers/0317/identity", data=SAID)
    assert told.status_code == 200
    assert NAME in told.text
    assert told.headers["cache-control"] == "no-store"
    assert NAME not in office.get("/testers/0317").text, "told once"
    (look,), (line,) = looks(db), lines(db, "identity.looked_up")
    assert (look.reason, look.account_id, look.permit_id) == (SAID["reason"], world.account_id(OFFICE), None)
    assert (line.actor_id, line.subject_id, line.detail) == (world.account_id(OFFICE), "ass-tester", {"look": look.id})
    assert SAID["reason"] in office.get("/testers/0317").text


@pytest.mark.parametrize("change", [{"proof": "not-my-password"}, {"proof": ""}, {"reason": " "}, {"reason": "why"}])
def test_neither_without_a_reason_nor_without_a_proof(client_for: Open, db: Database, change: dict[str, str]) -> None:
    answer = client_for(OFFICE).post("/testers/0317/identity", data={**SAID, **change})
    assert answer.status_code == 422
    assert NAME not in answer.text
    assert looks(db) == []


def test_tries_are_counted(client_for: Open, db: Database) -> None:
    office = client_for(OFFICE)
    for _ in range(5):
        office.post("/testers/0317/identity", data={**SAID, "proof": "wrong"})
    answer = office.post("/testers/0317/identity", data=SAID)
    assert answer.status_code == 422
    assert "Too many attempts" in answer.text
    assert looks(db) == []


def test_with_a_generator_its_code_is_asked_for(client_for: Open, db: Database, keys: Keys) -> None:
    seed, key = totp.new_seed(), world.account_id(OFFICE)

    def enrol(session: Session) -> None:
        session.get_one(Account, key).totp_seed = totp.sealed(keys, seed, key)

    db.write_now(enrol)
    office, code = client_for(OFFICE), pyotp.TOTP(seed).at(clock.now())
    assert "one-time-code" in office.get("/testers/0317").text
    assert office.post("/testers/0317/identity", data=SAID).status_code == 422, "no password instead"
    assert NAME in office.post("/testers/0317/identity", data={**SAID, "proof": code}).text
    assert office.post("/testers/0317/identity", data={**SAID, "proof": code}).status_code == 422, "a code counts once"
    assert len(looks(db)) == 1


def test_what_the_form_lacks_costs_no_code(client_for: Open, db: Database, keys: Keys) -> None:
    """A one-time code is good once: it is not spent on a short reason or an unknown tester."""
    seed, key = totp.new_seed(), world.account_id("admin")

    def enrol(session: Session) -> None:
        for who in (key, world.account_id(OFFICE)):
            known = session.get_one(Account, who)
            known.totp_seed, known.totp_enrolled_at = totp.sealed(keys, seed, who), world.NOW

    db.write_now(enrol)
    said = {**SAID, "proof": pyotp.TOTP(seed).at(clock.now())}
    office, admin = client_for(OFFICE), client_for("admin")
    assert office.post("/testers/0317/identity", data={**said, "reason": "why"}).status_code == 422
    assert office.post("/testers/0317/identity", data=said).status_code == 200
    for change in ({"reason": "why"}, {"code": "9001"}):
        assert admin.post("/identity-permits", data={"code": "0317", **said, **change}).status_code == 422
    assert admin.post("/identity-permits", data={"code": "0317", **said}).status_code == 303


def test_nobody_else_looks_up(client_for: Open, db: Database) -> None:
    for who in ("admin", "province-supervisor", "reviewer", "hr", "outlet-manager", "tester"):
        assert client_for(who).get("/testers").status_code == 403
        assert client_for(who).get("/testers/0317").status_code == 403
        assert client_for(who).post("/testers/0317/identity", data=SAID).status_code == 403
    office = client_for(OFFICE)
    for code in ("9001", "0201", "0000"):  # another province; an inspector; nobody
        assert office.get(f"/testers/{code}").status_code == 404
        assert office.post(f"/testers/{code}/identity", data=SAID).status_code == 404
    assert looks(db) == []


def test_a_token_opens_no_name(client_for: Open, db: Database) -> None:
    made = client_for(OFFICE).post("/account/tokens", data={"name": "mine"}).text
    secret = made[made.index("mct_") :].split("<")[0].split('"')[0]
    visitor = client_for("")
    for page in ("/testers", "/testers/0317", "/identity-permits"):
        assert visitor.get(page, headers={"authorization": f"Bearer {secret}"}).status_code == 403


def ask(client_for: Open) -> str:
    answer = client_for("admin").post("/identity-permits", data={**SAID, "code": "0317"})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_two_people_and_one_hour(client_for: Open, db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    here, admin = ask(client_for), client_for("admin")
    assert admin.post(f"{here}/identity").status_code == 409, "nobody has agreed"
    assert admin.post(f"{here}/decision", data={"decision": "granted", **SAID}).status_code == 403
    office = client_for(SECOND)
    assert here in office.get("/identity-permits").text
    assert office.post(f"{here}/decision", data={"decision": "granted", "proof": "no"}).status_code == 422
    assert office.post(f"{here}/decision", data={"decision": "granted", **SAID}).status_code == 303
    assert office.post(f"{here}/decision", data={"decision": "refused", **SAID}).status_code == 409
    assert NAME not in admin.get(here).text
    for proof in ({}, {"proof": "not-my-password"}):  # an unlocked screen is told nothing
        refused = admin.post(f"{here}/identity", data=proof)
        assert refused.status_code == 422
        assert 'id="f-proof-error"' in refused.text
        assert NAME not in refused.text
    assert looks(db) == []
    assert NAME in admin.post(f"{here}/identity", data=SAID).text
    assert NAME in admin.post(f"{here}/identity", data=SAID).text
    assert len(lines(db, "identity.looked_up")) == len(looks(db)) == 2, "each look by itself"
    assert office.post(f"{here}/identity").status_code == 403
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=1))
    # The session is over, too: the browser of a new one.
    assert client_for("admin").post(f"{here}/identity").status_code == 409, "over, whether or not anybody noted it"
    assert db.write_now(operations.end_overdue, clock.now()) == 1
    assert db.write_now(operations.end_overdue, clock.now()) == 0
    wanted = select(TrailLine.act).where(TrailLine.subject_kind == "identity_permit").order_by(TrailLine.id)
    acts = list(db.read_now(lambda s: s.scalars(wanted).all()))
    assert acts == ["identity.asked", "identity.granted", "identity.ended"]


def test_a_refusal_opens_nothing(client_for: Open, db: Database) -> None:
    here = ask(client_for)
    assert client_for(OFFICE).post(f"{here}/decision", data={"decision": "refused", **SAID}).status_code == 303
    assert client_for("admin").post(f"{here}/identity").status_code == 409
    assert looks(db) == []


def test_nobody_answers_the_own_request(client_for: Open, db: Database) -> None:
    """Both roles in one hand are still one person."""
    grant = RoleGrant(account_id=world.account_id("admin"), role="programme_office", unit_code="36",
                      granted_at=world.NOW)  # fmt: skip
    db.write_now(lambda session: session.add(grant))
    here, admin = ask(client_for), client_for("admin")
    answer = admin.post(f"{here}/decision", data={"decision": "granted", **SAID})
    assert answer.status_code == 403
    permit = db.read_now(lambda s: s.scalars(select(IdentityPermit)).one())
    assert permit.status == "asked"
    assert db.read_now(lambda s: queries.open_permits(s, actor(s, "admin"), world.NOW)) == 0
    assert db.read_now(lambda s: queries.open_permits(s, actor(s, OFFICE), world.NOW + timedelta(minutes=1))) == 1


def test_a_permit_is_given_back(client_for: Open) -> None:
    here = ask(client_for)
    client_for(OFFICE).post(f"{here}/decision", data={"decision": "granted", **SAID})
    assert client_for("outsider-admin").post(f"{here}/end").status_code == 404
    assert client_for("admin").post(f"{here}/end").status_code == 303
    assert client_for("admin").post(f"{here}/identity").status_code == 409


def test_a_request_names_a_tester_of_the_own_area(client_for: Open) -> None:
    for code in ("9001", "0201", "x"):
        answer = client_for("admin").post("/identity-permits", data={**SAID, "code": code})
        assert answer.status_code == 422
        assert "There is no such tester here." in answer.text

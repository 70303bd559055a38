"""What a stranger's tries, texts and old keys can do to others: nothing."""

import logging
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import select

from audit_app.access import operations, rules
from audit_app.access.models import RateBucket
from audit_app.kit.db import Database, Session
from audit_app.organisation.models import RoleGrant
from audit_app.standards.queries import sheet_for
from audit_app.visits.models import Visit, VisitNote
from tests import world
from tests.access.conftest import ClientFor, add_person
from tests.access.test_tokens import made, program
from tests.reporting import made as visits

FORM = "/field/assignments/as-hall/form"


def buckets(db: Database) -> dict[str, int]:
    rows = db.read_now(lambda session: session.exec(select(RateBucket)).all())
    return {row.key.partition(":")[0]: row.count for row in rows}


def attempts(db: Database, count: int, address: Callable[[int], str]) -> list[int]:
    """Tries to sign in as many people from an address each; the seconds each has to wait."""

    def one(session: Session, n: int) -> int:
        return operations.start_attempt(session, f"person-{n}", address(n), "", world.NOW).wait

    return [db.write_now(one, n) for n in range(count)]


@pytest.mark.data
def test_one_address_cannot_fill_the_bucket_of_all(db: Database) -> None:
    """Else a thousand refused tries of one machine keep everybody out who has no known device."""
    waits = attempts(db, 40, lambda n: "203.0.113.7")
    assert waits.count(0) == 10
    assert buckets(db)["all"] == 10


def test_the_addresses_of_one_ipv6_network_are_one(db: Database) -> None:
    assert attempts(db, 12, lambda n: f"2001:db8:1:2::{n:x}").count(0) == 10
    assert attempts(db, 12, lambda n: f"2001:db8:1:{n + 3:x}::1").count(0) == 12


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"), ("::ffff:203.0.113.7", "203.0.113.7"), ("2001:db8::1", "2001:db8::/64"),
        ("fe80::1%eth0", "fe80::/64"), ("testclient", "testclient"), ("", ""),
    ],
)  # fmt: skip
def test_networks(address: str, network: str) -> None:
    assert rules.network_of(address) == network


def test_a_token_made_without_the_code_gets_no_role_that_needs_it(client_for: ClientFor, db: Database) -> None:
    """A token made before its owner had a second factor must not become a way round it."""
    account_id = db.write_now(add_person, "sun", "supervisor")

    def token(session: Session) -> str:
        found = visits.actor(session, "hr")
        owner = type(found)(account_id, "sun", "Sun", (), via="desk")
        return operations.make_token(session, owner, "old", world.NOW).secret

    caller = program(client_for, db.write_now(token))
    assert caller.get("/api/v1/session").status_code == 200
    grant = RoleGrant(account_id=account_id, role="hr", unit_code="36", granted_at=world.NOW)
    db.write_now(lambda session: session.add(grant))
    assert caller.get("/api/v1/scorecards").status_code == 401
    assert program(client_for, made(client_for("hr"))).get("/api/v1/scorecards").status_code == 200


def test_the_form_shows_no_questions_about_another_visit(client_for: ClientFor, db: Database) -> None:
    """The visit's id comes out of the form: somebody else's must not bring that visit's notes with it."""
    key = visits.make(db, visits.Plan())[0]

    def ask(session: Session) -> None:
        visit = session.get_one(Visit, key)
        for one in list(sheet_for(session, visit.checklist_version_id).items())[:3]:
            session.add(
                VisitNote(
                    visit_id=key, revision=visit.revision, item_id=one.id, note="CANARY question",
                    created_by=world.account_id("reviewer"), created_at=world.NOW,
                )
            )  # fmt: skip

    db.write_now(ask)
    answer = client_for("tester").post(FORM, data={"visit_id": key, "revision": "1"})
    assert answer.status_code in (404, 409, 422)
    assert "CANARY" not in answer.text


@pytest.mark.data
def test_no_text_breaks_a_database(client_for: ClientFor) -> None:
    """PostgreSQL takes no NUL, and both would keep what no page can show."""
    tester, hr = client_for("tester"), client_for("hr")
    for note in ("a\\u0000b", "a\\u001bb", "a\\u0008b"):
        body = f'{{"reason": "time", "note": "{note}"}}'.encode()
        asked = tester.post(
            "/api/v1/assignments/as-offered/decline", content=body, headers={"content-type": "application/json"}
        )
        assert asked.status_code == 422, note
        assert asked.json()["errors"][0]["path"] == "note"
    for field in ("q", "unit", "period", "x"):
        asked = hr.post("/report-runs", data={field: "a\0b"})
        assert asked.status_code == 400, field


@pytest.mark.data
def test_the_text_of_a_database_fault_tells_no_values(db: Database, caplog: pytest.LogCaptureFixture) -> None:
    """It goes to the log: hashes, names and notes must not."""
    grant = {"id": "x", "account_id": "SECRET-7f3a", "role": "hr", "unit_code": "36", "granted_at": world.NOW}
    caplog.set_level(logging.DEBUG)
    with pytest.raises(sa.exc.DBAPIError) as fault:
        db.write_now(lambda session: session.connection().execute(sa.insert(RoleGrant.__table__), grant))  # type: ignore[attr-defined]
    assert "parameters hidden" in str(fault.value)
    assert "SECRET-7f3a" not in str(fault.value).replace(str(fault.value.orig), "")


def test_a_window_opens_again(db: Database) -> None:
    """What was refused in the narrow bucket costs nothing later."""
    attempts(db, 40, lambda n: "203.0.113.7")

    def later(session: Session) -> int:
        when = world.NOW + timedelta(minutes=5)
        return operations.start_attempt(session, "person-1", "203.0.113.7", "", when).wait

    assert db.write_now(later) == 0

"""The home page: only what the person has to do now, and only of what they may know."""

from collections.abc import Callable
from datetime import timedelta

from litestar.testing import TestClient
from sqlmodel import select

from audit_app.accounts.models import Invitation
from audit_app.analytics import operations as analytics
from audit_app.kit.db import Database, Session
from audit_app.personal import operations as personal
from audit_app.personal.rules import Question
from audit_app.planning.models import Assignment, Programme
from audit_app.visits.models import Visit
from tests import world
from tests.counting import statements
from tests.reporting import made

Open = Callable[[str], TestClient]


def test_a_planner_sees_drafts_and_a_lower_unit_does_not(client_for: Open, db: Database) -> None:
    def draft(session: Session) -> None:
        session.get_one(Assignment, "as-hall").status = "draft"

    db.write_now(draft)
    assert "1 job is still a draft" in client_for("province-supervisor").get("/").text
    for who in ("city-supervisor", "county-supervisor", "outsider"):
        assert "still a draft" not in client_for(who).get("/").text


def test_declined_and_expired_jobs_are_named_apart(client_for: Open, db: Database) -> None:
    def lose(session: Session) -> None:
        session.get_one(Assignment, "as-hall").status = "declined"
        session.get_one(Assignment, "as-tester-2").status = "expired"

    db.write_now(lose)
    page = client_for("province-supervisor").get("/").text
    assert "1 job was declined" in page
    assert "1 job expired" in page


def test_whoever_only_scores_goes_to_the_field_app(client_for: Open) -> None:
    answer = client_for("tester").get("/")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/field"


def test_a_visitor_signs_in_first(client_for: Open) -> None:
    assert client_for("").get("/").headers["location"].startswith("/sign-in")


def test_the_notice_tells_nothing_of_its_programme(client_for: Open, db: Database) -> None:
    names = db.read_now(lambda s: [(p.id, p.name) for p in s.scalars(select(Programme)).all()])
    for who in ("staff", "outlet-manager", "team-lead"):
        page = client_for(who).get("/").text
        assert "Visits will take place." in page
        for key, name in names:
            assert key not in page
            assert name not in page
    assert "Visits will take place." not in client_for("hr").get("/").text


def test_the_menu_holds_only_what_one_may_open(client_for: Open) -> None:
    for who in ("reviewer", "hr", "admin", "province-supervisor", "outlet-manager", "staff"):
        client = client_for(who)
        page = client.get("/").text
        for path in ("/programmes", "/assignments", "/reviews", "/imports", "/scorecards", "/checklists"):
            if f'href="{path}"' in page:
                assert client.get(path).status_code == 200, (who, path)
            else:
                assert client.get(path).status_code == 403, (who, path)


def test_each_role_is_told_its_own_work(client_for: Open, db: Database) -> None:
    """A new result for the person scored, a question for who answers it, an overdue hall for who plans; no more."""
    [visit] = made.make(db, made.Plan(staff="bell-1", started_at=world.NOW - timedelta(days=44)))
    analytics.rebuild(db)

    def ask(session: Session) -> None:
        outward = session.get_one(Visit, visit).outward_id or ""
        personal.ask(session, made.actor(session, "staff"), outward, Question("Why?"), world.NOW)

    db.write_now(ask)
    said = {
        "1 result of yours is new": {"staff"},
        "1 question about a result waits for your answer": {"county-supervisor"},
        "1 touchpoint is overdue for an inspection": {"county-supervisor", "city-supervisor", "province-supervisor"},
    }
    people = ("staff", "staff-2", "county-supervisor", "county-supervisor-2", "city-supervisor", "province-supervisor",
              "reviewer", "outlet-manager", "hr", "admin", "outsider")  # fmt: skip
    pages = {who: client_for(who).get("/").text for who in people}
    for text, wanted in said.items():
        assert {who for who in people if text in pages[who]} == wanted, text
    assert "Nothing waits for you" in pages["admin"]


def test_the_home_page_asks_as_much_however_much_there_is(client_for: Open, db: Database) -> None:
    def asked(who: str) -> int:
        client = client_for(who)
        with statements(db) as seen:
            client.get("/")
        return sum(text.startswith("SELECT") for text in seen)

    people = ("province-supervisor", "reviewer", "staff", "outlet-manager", "hr", "admin")
    before = [asked(who) for who in people]
    made.make(db, *[made.Plan(staff="bell-1", started_at=world.NOW - timedelta(days=n)) for n in (9, 15, 44)])
    analytics.rebuild(db)
    assert [asked(who) for who in people] == before
    assert max(before) <= 14


def test_an_administrator_is_told_of_open_invitations(client_for: Open, db: Database) -> None:
    def invite(session: Session) -> None:
        for n, (who, used) in enumerate((("admin", None), ("admin", world.NOW), ("outsider-admin", None))):
            session.add(Invitation(account_id=world.account_id("staff"), unit_code="36", token_hash=f"{n}",
                                   created_by=world.account_id(who), created_at=world.NOW,
                                   expires_at=world.NOW + timedelta(days=1), used_at=used))  # fmt: skip

    db.write_now(invite)
    assert "1 invitation of yours has not been used yet" in client_for("admin").get("/").text
    assert "of yours" not in client_for("admin-second").get("/").text

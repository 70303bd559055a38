"""The home page: only what the person has to do now, and only of what they may know."""

from collections.abc import Callable

from litestar.testing import TestClient
from sqlmodel import select

from audit_app.kit.db import Database, Session
from audit_app.planning.models import Assignment, Programme

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

"""Dated moves and merged doubles: results stay where they were, the old code keeps finding the new entry."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from litestar.testing import TestClient
from sqlmodel import select

from audit_app.kit.db import Database, Session
from audit_app.kit.errors import Conflict, Invalid, NotFound
from audit_app.organisation import changes, operations, people
from audit_app.organisation.models import PlacementMove, RoleGrant, Shift, StaffMember, Team, Touchpoint
from audit_app.organisation.reading import read_table
from audit_app.personal.queries import results
from audit_app.planning import operations as planning
from audit_app.planning.models import Assignment
from audit_app.reporting.models import Scorecard
from audit_app.review.queries.subjects import people_at
from audit_app.trail.models import TrailLine
from audit_app.visits.models import Visit
from tests import world
from tests.reporting import made

Open = Callable[[str], TestClient]
TODAY = date(2026, 11, 24)


def plan(db: Database, kind: str, key: str, to: str, on: date, who: str = "admin") -> str:
    return db.write_now(lambda s: changes.plan_move(s, made.actor(s, who), kind, key, to, on, world.NOW))


@pytest.mark.data
def test_a_move_takes_place_on_its_day(db: Database) -> None:
    plan(db, "staff", "bell-1", "JZ0002", TODAY + timedelta(days=3))

    def place() -> str:
        return db.read_now(lambda s: s.get_one(StaffMember, "bell-1").touchpoint_id)

    assert place() == "hall-bell"
    assert db.write_now(changes.carry_out_due, world.NOW + timedelta(days=2)) == 0
    assert db.write_now(changes.carry_out_due, world.NOW + timedelta(days=3)) == 1
    assert place() == "hall-drum"
    assert db.write_now(changes.carry_out_due, world.NOW + timedelta(days=3)) == 0
    acts = db.read_now(lambda s: [line.act for line in s.scalars(select(TrailLine)) if line.act.startswith("staff.")])
    assert sorted(acts) == ["staff.move_planned", "staff.moved"]


def test_results_stay_where_they_were(db: Database) -> None:
    """A hall changes its county and a person the hall: visit, card and own result keep place and figures."""
    [visit] = made.make(db, made.Plan(staff="bell-1"))

    def seen(session: Session) -> tuple[str, str, str, str, int]:
        found = session.get_one(Visit, visit)
        cards = session.scalars(select(Scorecard).where(Scorecard.touchpoint_id == "hall-bell")).all()
        own = results.own_results(session, made.actor(session, "staff"), "")
        return found.unit_path, found.touchpoint_id, own.rows[0].touchpoint, cards[0].unit_path, own.rows[0].person or 0

    before = db.read_now(seen)
    plan(db, "touchpoint", "hall-bell", "360103", TODAY)
    plan(db, "staff", "bell-1", "JZ0002", TODAY)
    assert db.read_now(lambda s: s.get_one(Touchpoint, "hall-bell").unit_path) == "36/3601/360103/"
    assert db.read_now(seen) == before


def test_what_a_move_refuses(db: Database) -> None:
    for to, on, code in (
        ("JZ0001", TODAY, "same"),
        ("JZ0002", TODAY - timedelta(days=1), "past"),
        ("FZ0001", TODAY, "choice"),
        ("X", TODAY, "choice"),
    ):
        with pytest.raises(Invalid) as refusal:
            plan(db, "staff", "bell-1", to, on)
        assert refusal.value.fields[0].code == code
    move = plan(db, "staff", "bell-1", "JZ0002", TODAY + timedelta(days=3))
    with pytest.raises(Conflict):
        plan(db, "staff", "bell-1", "JZ0003", TODAY + timedelta(days=4))
    for who in ("outsider-admin", "county-supervisor"):
        with pytest.raises(NotFound):
            plan(db, "staff", "bell-1", "JZ0002", TODAY, who)
        with pytest.raises(NotFound):
            db.write_now(lambda s, who=who: changes.cancel_move(s, made.actor(s, who), move, world.NOW))
    db.write_now(lambda s: changes.cancel_move(s, made.actor(s, "admin"), move, world.NOW))
    assert db.write_now(changes.carry_out_due, world.NOW + timedelta(days=9)) == 0
    with pytest.raises(Conflict):
        db.write_now(lambda s: changes.cancel_move(s, made.actor(s, "admin"), move, world.NOW))


def test_merging_two_entries_of_a_person(client_for: Open, db: Database) -> None:
    [visit] = made.make(db, made.Plan(staff="bell-3"))
    key = db.read_now(lambda s: s.get_one(Visit, visit).outward_id or "")

    def shifts() -> int:
        return db.read_now(lambda s: len(s.scalars(select(Shift).where(Shift.staff_id == "bell-1")).all()))

    def double(session: Session) -> None:
        start = world.NOW + timedelta(days=30)
        taken = session.scalars(select(Shift).where(Shift.staff_id == "bell-1")).first()
        assert taken is not None
        for at in (start, taken.starts_at):
            session.add(Shift(staff_id="bell-3", touchpoint_id="hall-bell", desk="9", starts_at=at,
                              ends_at=at + timedelta(hours=8)))  # fmt: skip

    db.write_now(double)
    before, admin = shifts(), client_for("admin")
    preview = admin.get("/staff/bell-3/merger?into=S1001")
    assert "Bell Staff 1" in preview.text
    assert db.read_now(lambda s: s.get_one(StaffMember, "bell-3").merged_into) is None
    assert admin.post("/staff/bell-3/merger", data={"into": "S1001"}).headers["location"] == "/staff/bell-1"
    assert shifts() == before + 1
    assert admin.get("/staff/bell-3").headers["location"] == "/staff/bell-1"
    found = admin.get("/staff?q=S1003").text
    assert "Bell Staff 1" in found
    assert "Bell Staff 3" not in found
    assert client_for("staff").get(f"/my-results/{key}").status_code == 200
    assert client_for("staff").get(f"/results/{key}/appeal").status_code == 200
    visited = db.read_now(lambda s: s.get_one(Visit, visit))
    assert "bell-3" not in {one.staff_id for one in db.read_now(people_at, visited)}
    with pytest.raises(Invalid):
        plan(db, "staff", "bell-3", "JZ0002", TODAY)
    assert admin.post("/staff/bell-3/merger", data={"into": "S1002"}).status_code == 422
    assert "merged already" in admin.get("/staff/bell-2/merger?into=S1003").text


def test_merging_two_touchpoints(client_for: Open, db: Database) -> None:
    [visit] = made.make(db, made.Plan("hall-bell-2", who="tester"))
    admin = client_for("admin")
    assert "same kind" in admin.get("/touchpoints/hall-bell-2/merger?into=JZ1001").text
    assert "no entry with this code" in admin.get("/touchpoints/hall-bell-2/merger?into=FZ0001").text
    answer = admin.post("/touchpoints/hall-bell-2/merger", data={"into": "JZ0001"})
    assert answer.headers["location"] == "/touchpoints/hall-bell"
    assert admin.get("/touchpoints/hall-bell-2").headers["location"] == "/touchpoints/hall-bell"
    for asked in ("JZ0004", "Market"):
        listed = admin.get(f"/organisation?q={asked}").text
        assert "Bell Road Hall" in listed, asked
        assert "Bell Market Hall" not in listed, asked
    assert db.read_now(lambda s: s.get_one(Visit, visit).touchpoint_id) == "hall-bell-2"
    assert "JZ0004" in admin.get("/touchpoints/hall-bell").text


def test_who_was_to_move_to_a_double_comes_to_the_entry_kept(db: Database) -> None:
    plan(db, "staff", "drum-1", "JZ0004", TODAY + timedelta(days=2))
    db.write_now(lambda s: changes.merge(s, made.actor(s, "admin"), "touchpoint", "hall-bell-2", "JZ0001", world.NOW))
    db.write_now(changes.carry_out_due, world.NOW + timedelta(days=2))
    assert db.read_now(lambda s: s.get_one(StaffMember, "drum-1").touchpoint_id) == "hall-bell"


def test_open_jobs_and_roles_pass_to_the_entry_kept(db: Database) -> None:
    """Unseen by whoever merges; finished jobs and past results stay. The manager of the double manages both."""

    def prepare(session: Session) -> None:
        session.add(RoleGrant(account_id="acc-outlet-manager-2", role="outlet_manager", unit_code="360102",
                              touchpoint_id="hall-bell-2", granted_at=world.NOW))  # fmt: skip
        session.add(Team(id="team-bell", code="TB", name="Desk", touchpoint_id="hall-bell-2"))
        session.flush()
        session.add(RoleGrant(account_id="acc-inspector", role="team_lead", unit_code="360102", team_id="team-bell",
                              touchpoint_id="hall-bell-2", granted_at=world.NOW))  # fmt: skip
        done = session.get_one(Assignment, "as-hall").model_dump() | {"id": "as-done", "status": "done"}
        session.add(Assignment(**done))

    db.write_now(prepare)
    db.write_now(lambda s: changes.merge(s, made.actor(s, "admin"), "touchpoint", "hall-bell-2", "JZ0001", world.NOW))
    assert db.write_now(planning.follow_merger, "hall-bell-2", world.NOW) == 1
    assert db.write_now(planning.follow_merger, "hall-bell-2", world.NOW) == 0
    assert db.write_now(planning.follow_merger, "hall-bell", world.NOW) == 0  # it was not merged away

    def place(key: str) -> str:
        return db.read_now(lambda s: s.get_one(Assignment, key).touchpoint_id)

    assert (place("as-hall"), place("as-done"), place("as-offered")) == ("hall-bell", "hall-bell-2", "outlet-bell")
    manages = db.read_now(
        lambda s: {g.touchpoint_id for g in made.actor(s, "outlet-manager-2").grants if g.role == "outlet_manager"}
    )
    assert manages == {"hall-drum", "hall-bell-2", "hall-bell"}
    assert db.read_now(lambda s: len(people.roles_at(s, "hall-bell"))) == 5  # nobody twice, the team's lead came along
    assert [g.role for g in db.read_now(people.roles_at, "hall-bell-2")] == ["outlet_manager"]


def test_files_that_name_a_double(db: Database) -> None:
    """They change nothing of it; where it only stands for the place or the person, the entry kept is meant."""
    for kind, gone, kept in (("touchpoint", "hall-bell-2", "JZ0001"), ("staff", "bell-3", "S1001")):
        db.write_now(lambda s, k=kind, g=gone, to=kept: changes.merge(s, made.actor(s, "admin"), k, g, to, world.NOW))

    def taken_in(kind: str, text: str) -> list[tuple[str, list[str]]]:
        table = read_table(kind, "a.csv", text.encode())
        report = db.read_now(operations.check, None, table)
        if not any(line.faults for line in report.lines):
            db.write_now(operations.import_table, table, world.NOW)
        return [(line.verdict, [fault.code for fault in line.faults]) for line in report.lines]

    place = "code,name,kind,tier,unit_code,active\nJZ0004,Again,hall,2,360102,yes\n"
    assert taken_in("touchpoints", place) == [("wrong", ["merged"])]
    head = "code,name,touchpoint_code,joined_on\n"
    assert taken_in("staff", f"{head}S1003,Bell Staff 3,JZ0001,2024-01-01\n") == [("wrong", ["merged"])]
    assert taken_in("staff", f"{head}S1777,New,JZ0004,2024-01-01\n") == [("new", [])]
    shift = "staff_code,date,starts,ends,touchpoint_code\nS1003,2026-12-24,09:00,17:00,JZ0004\n"
    assert taken_in("rosters", shift) == [("new", [])]

    def held(session: Session) -> tuple[str, set[str]]:
        new = session.scalars(select(StaffMember).where(StaffMember.code == "S1777")).one()
        return new.touchpoint_id, set(session.scalars(select(Shift.touchpoint_id).where(Shift.staff_id == "bell-1")))

    assert db.read_now(held)[0] == "hall-bell"
    assert db.read_now(held)[1] == {"hall-bell"}


def test_a_look_at_a_person_leaves_a_line(client_for: Open, db: Database) -> None:
    client_for("county-supervisor").get("/staff/bell-1")
    client_for("county-supervisor-2").get("/staff/bell-1")
    looks = select(TrailLine.actor_id).where(TrailLine.act == "staff.viewed", TrailLine.subject_id == "bell-1")
    assert db.read_now(lambda s: s.scalars(looks).all()) == [world.account_id("county-supervisor")]


def test_a_county_does_not_read_where_somebody_came_from(client_for: Open, db: Database) -> None:
    plan(db, "staff", "bell-1", "JZ0002", TODAY)
    text = client_for("county-supervisor-2").get("/staff/bell-1").text
    assert "Drum Tower Hall" in text
    assert "Bell Road Hall" not in text


def test_two_accounts_are_not_merged(db: Database) -> None:
    def look(session: Session) -> people.Merger:
        return people.merger(session, made.actor(session, "admin"), "staff", "bell-2", "S1001")

    assert db.read_now(look).refusal == "two_accounts"


def test_who_sees_which_staff(client_for: Open, db: Database) -> None:
    county, other = client_for("county-supervisor"), client_for("county-supervisor-2")
    assert "Bell Staff 1" in county.get("/staff").text
    assert "Bell Staff 1" not in other.get("/staff").text
    assert "Plan the move" not in county.get("/staff/bell-1").text
    assert "Plan the move" in client_for("admin").get("/staff/bell-1").text
    assert other.get("/staff?unit=360102").status_code == 404

    def leave(session: Session) -> None:
        session.get_one(StaffMember, "bell-2").left_on = TODAY

    db.write_now(leave)
    assert "Bell Staff 2" not in county.get("/staff").text
    assert "Bell Staff 2" in county.get("/staff?state=left").text
    assert "Bell Staff 1" not in county.get("/staff?state=left").text


def test_open_and_closed_touchpoints(client_for: Open, db: Database) -> None:
    def close(session: Session) -> None:
        session.get_one(Touchpoint, "hall-drum").active = False

    db.write_now(close)
    admin = client_for("admin")
    assert "Drum Tower Hall" not in admin.get("/organisation?state=open").text
    assert "Drum Tower Hall" in admin.get("/organisation?state=closed").text
    assert "Bell Road Hall" not in admin.get("/organisation?state=closed").text


def test_the_whole_report_of_an_import(client_for: Open) -> None:
    admin = client_for("admin")
    file = {
        "file": (
            "a.csv",
            b"code,name,level,parent_code\n3601029,Planted,town,360102\nx y,Bad,town,360102\n",
            "text/csv",
        )
    }
    run = admin.post("/imports", data={"kind": "units"}, files=file).headers["location"]
    text = admin.get(f"{run}/report").content.decode("utf-8-sig")
    assert [row.split(",")[1].strip('"') for row in text.splitlines()[1:]] == ["New", "Wrong"]
    assert client_for("outsider-admin").get(f"{run}/report").status_code == 404


def test_a_move_shows_on_the_page_and_can_be_taken_back(client_for: Open, db: Database) -> None:
    admin, day = client_for("admin"), (TODAY + timedelta(days=5)).isoformat()
    wrong = admin.post("/staff/bell-1/moves", data={"to": "nowhere", "on": day})
    assert wrong.status_code == 422
    assert "There is no such place" in wrong.text
    assert admin.post("/staff/bell-1/moves", data={"to": "JZ0002", "on": day}).status_code == 303
    assert "Bell Road Hall → Drum Tower Hall" in admin.get("/staff/bell-1").text
    key = db.read_now(lambda s: s.scalars(select(PlacementMove.id)).one())
    assert admin.post(f"/moves/{key}/cancellation").headers["location"] == "/staff/bell-1"
    assert "Cancelled" in admin.get("/staff/bell-1").text

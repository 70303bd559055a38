"""Files into both databases: once, again, and when something has changed in between."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from audit_app.access.rules import Actor
from audit_app.kit.db import Database
from audit_app.kit.errors import Conflict, NotFound
from audit_app.organisation import operations, queries
from audit_app.organisation.models import ImportRun, OrgUnit, Shift, StaffMember, Team, Touchpoint
from audit_app.organisation.reading import read_table
from audit_app.organisation.rules import Report
from audit_app.trail.models import TrailLine
from tests import world
from tests.organisation import files
from tests.world import NOW

DIVISIONS = Path(__file__).resolve().parents[2] / "audit_app" / "demo" / "data" / "jiangxi_divisions.csv"

pytestmark = pytest.mark.data


def who(db: Database, username: str) -> Actor:
    key = world.account_id(username)
    return Actor(key, username, username, db.read_now(queries.grants_of, key))


def dry_run(db: Database, actor: Actor, kind: str, text: str) -> str:
    report = db.read_now(operations.check, actor, read_table(kind, f"{kind}.csv", text.encode()))
    return db.write_now(operations.keep, actor, report, NOW)


def count(session: Session, model: type) -> int:
    return session.scalar(select(sa.func.count()).select_from(model)) or 0


def one(db: Database, model: type, code: str) -> object:
    return db.read_now(lambda s: s.scalars(select(model).where(model.code == code)).one())  # type: ignore[attr-defined]


def test_the_real_divisions_twice(db: Database, tmp_path: Path) -> None:
    text = (
        DIVISIONS.read_text("utf-8").replace("36,江西省,province,\n", "").replace("\n36", "\n86").replace(",36", ",86")
    )
    file = tmp_path / "divisions.csv"
    file.write_text(
        text.replace("code,name,level,parent_code\n", "code,name,level,parent_code\n86,江西省,province,\n"), "utf-8"
    )
    before = db.read_now(count, OrgUnit)
    seen = db.read_now(count, TrailLine)
    first = operations.import_file(db, "units", file, apply_it=True, now=NOW)
    assert first.counts == {"new": 1879, "changed": 0, "unchanged": 0, "wrong": 0}
    assert db.read_now(count, OrgUnit) == before + 1879
    town = one(db, OrgUnit, "860102002")
    assert isinstance(town, OrgUnit)
    assert (town.path, town.level, town.parent_code) == ("86/8601/860102/860102002/", "town", "860102")
    second = operations.import_file(db, "units", file, apply_it=True, now=NOW)
    assert second.counts == {"new": 0, "changed": 0, "unchanged": 1879, "wrong": 0}
    assert db.read_now(count, OrgUnit) == before + 1879
    lines = db.read_now(lambda s: s.scalars(select(TrailLine).order_by(col(TrailLine.id))).all())[seen:]
    assert [(line.act, line.detail["new"], line.detail["unchanged"]) for line in lines] == [
        ("import.applied", 1879, 0),
        ("import.applied", 0, 1879),
    ]


STAFF = (
    "code,name,touchpoint_code,team_code,team_name,badge,agent_no,job,joined_on\n"
    "S1001,Bell Staff One,JZ0001,,,B1,,Clerk,2024-01-08\n"
    "S9001,Agent 1,JZ9001,T1,Team One,,802,,2024-01-08\n"
    "S9002,Agent 2,JZ9001,T2,,,801,,2024-01-08\n"
    "S9009,Agent 9,JZ9001,T7,Night,,809,,2026-11-01\n"
)
ROSTER = (
    "staff_code,date,starts,ends,desk,touchpoint_code\n"
    "S1001,2026-11-24,09:30,18:00,3,\n"
    "S9009,2026-11-24,22:00,06:00,,\n"
    "S1003,2026-11-25,09:00,17:00,2,JZ0004\n"
)


@pytest.mark.parametrize(
    ("kind", "text", "new", "changed"),
    [
        ("units", files.UNITS, 1, 0),
        ("touchpoints", files.TOUCHPOINTS, 1, 1),
        ("staff", STAFF, 1, 3),
        ("rosters", ROSTER, 2, 1),
    ],
)
def test_each_kind_once_and_again(db: Database, kind: str, text: str, new: int, changed: int) -> None:
    admin = who(db, "admin")
    if kind == "rosters":
        db.write_now(operations.import_table, read_table("staff", "s.csv", STAFF.encode()), NOW)
    run_id = dry_run(db, admin, kind, text)
    report = db.read_now(queries.run_report, admin, run_id)
    assert (report.counts["new"], report.counts["changed"], report.counts["wrong"]) == (new, changed, 0)
    assert db.write_now(operations.apply, admin, run_id, False, NOW) == report.counts
    again = db.read_now(operations.check, admin, read_table(kind, "a.csv", text.encode()))
    assert again.counts["unchanged"] == len(again.lines)
    row = db.read_now(queries.run, admin, run_id)
    assert (row.status, row.applied_at) == ("applied", NOW)
    with pytest.raises(Conflict) as refused:
        db.write_now(operations.apply, admin, run_id, False, NOW)
    assert refused.value.code in ("data-changed", "state-changed")


def test_what_staff_and_rosters_write(db: Database) -> None:
    for kind, text in (("staff", STAFF), ("rosters", ROSTER)):
        db.write_now(operations.import_table, read_table(kind, "a.csv", text.encode()), NOW)
    renamed, swapped, agent = (one(db, StaffMember, code) for code in ("S1001", "S9001", "S9009"))
    assert isinstance(renamed, StaffMember)
    assert isinstance(swapped, StaffMember)
    assert isinstance(agent, StaffMember)
    assert (renamed.name, renamed.id, renamed.account_id) == ("Bell Staff One", "bell-1", world.account_id("staff"))
    assert (swapped.agent_no, agent.agent_no) == ("802", "809")
    team, old = one(db, Team, "T7"), one(db, Team, "T1")
    assert isinstance(team, Team)
    assert isinstance(old, Team)
    assert (team.name, agent.team_id, old.name) == ("Night", team.id, "Team One")
    night = db.read_now(lambda s: s.scalars(select(Shift).where(Shift.staff_id == agent.id)).one())
    assert (night.ends_at - night.starts_at).total_seconds() == 8 * 3600
    moved = db.read_now(lambda s: s.scalars(select(Shift).where(Shift.staff_id == "bell-1", Shift.desk == "3")).all())
    assert len(moved) == 1
    assert moved[0].starts_at.hour == 1
    assert moved[0].starts_at.minute == 30


def test_wrong_rows_stop_the_application_unless_left_out(db: Database) -> None:
    admin = who(db, "admin")
    run_id = dry_run(db, admin, "touchpoints", files.TOUCHPOINTS + "JZ0101,Nowhere,hall,1,999,,,,,,,\n")
    with pytest.raises(Conflict) as refused:
        db.write_now(operations.apply, admin, run_id, False, NOW)
    assert refused.value.code == "wrong-rows"
    before = db.read_now(count, Touchpoint)
    counts = db.write_now(operations.apply, admin, run_id, True, NOW)
    assert counts["wrong"] == 1
    assert db.read_now(count, Touchpoint) == before + 1
    hall = one(db, Touchpoint, "JZ0100")
    assert isinstance(hall, Touchpoint)
    assert (hall.tier, hall.unit_path, hall.opens, len(hall.id)) == (3, "36/3601/360103/", "08:30", 32)


def test_a_dry_run_that_is_out_of_date_is_refused_and_made_anew(db: Database) -> None:
    admin = who(db, "admin")
    run_id = dry_run(db, admin, "touchpoints", files.TOUCHPOINTS)
    other = files.TOUCHPOINTS.replace("2 Long Street", "3 Short Street")
    db.write_now(operations.import_table, read_table("touchpoints", "b.csv", other.encode()), NOW)
    with pytest.raises(Conflict) as refused:
        db.write_now(operations.apply, admin, run_id, False, NOW)
    assert refused.value.code == "data-changed"
    db.write_now(operations.recheck, admin, run_id)
    fresh = db.read_now(queries.run_report, admin, run_id)
    assert (fresh.counts["changed"], fresh.counts["unchanged"]) == (1, 1)
    assert fresh.lines[0].changes[0].old == "3 Short Street"
    db.write_now(operations.apply, admin, run_id, False, NOW)


def test_an_application_that_fails_leaves_nothing(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    admin = who(db, "admin")
    run_id = dry_run(db, admin, "touchpoints", files.TOUCHPOINTS)
    before = db.read_now(count, Touchpoint)

    def broken(*_: object, **__: object) -> str:
        raise RuntimeError("the trail is gone")

    monkeypatch.setattr(operations, "record", broken)
    with pytest.raises(RuntimeError):
        db.write_now(operations.apply, admin, run_id, False, NOW)
    assert db.read_now(count, Touchpoint) == before
    assert db.read_now(queries.run, admin, run_id).status == "checked"


def test_imports_are_seen_by_their_owner_and_by_whoever_administers_the_whole_area(db: Database) -> None:
    admin, outsider, supervisor = (who(db, name) for name in ("admin", "outsider-admin", "province-supervisor"))
    run_id = dry_run(db, admin, "units", files.UNITS)
    assert [row.id for row in db.read_now(queries.runs, admin).rows] == [run_id]
    assert db.read_now(queries.runs, outsider).rows == []
    for stranger in (outsider, supervisor):
        with pytest.raises(NotFound):
            db.read_now(queries.run, stranger, run_id)
        with pytest.raises(NotFound):
            db.write_now(operations.apply, stranger, run_id, True, NOW)


def test_the_number_of_statements_does_not_grow_with_the_file(db: Database) -> None:
    def statements(rows: int, offset: int) -> int:
        text = "code,name,kind,tier,unit_code\n" + "".join(
            f"X{offset + n},Hall {n},hall,2,360102\n" for n in range(rows)
        )
        table = read_table("touchpoints", "a.csv", text.encode())
        seen = 0

        def counted(*_: object) -> None:
            nonlocal seen
            seen += 1

        sa.event.listen(db.engine, "before_cursor_execute", counted)
        report: Report = db.write_now(operations.import_table, table, NOW)
        sa.event.remove(db.engine, "before_cursor_execute", counted)
        assert report.counts["new"] == rows
        return seen

    assert statements(3, 0) == statements(400, 1000)


def test_a_run_keeps_its_report_small(db: Database) -> None:
    admin = who(db, "admin")
    run_id = dry_run(db, admin, "units", files.UNITS)
    stored = db.read_now(lambda s: s.get_one(ImportRun, run_id))
    assert stored.report["columns"] == ["code", "name", "level", "parent_code"]
    assert stored.counts == {"new": 1, "changed": 0, "unchanged": 1, "wrong": 0}

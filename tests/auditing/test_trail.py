"""The trail page: who sees which line, search, files and verification."""

import csv
import io
from datetime import timedelta

import openpyxl
import pytest
import sqlalchemy as sa
from sqlmodel import select

from audit_app.access.rules import Actor
from audit_app.auditing.models import VerificationRun
from audit_app.auditing.queries import lines
from audit_app.auditing.rules import Filters
from audit_app.jobs.inline import Inline
from audit_app.kit.blobs import Blobs
from audit_app.kit.db import Database, Session
from audit_app.organisation.queries import grants_of
from audit_app.planning.models import Assignment
from audit_app.reactions import registry, relay
from audit_app.trail.models import TrailLine
from audit_app.trail.operations import record
from tests import world
from tests.counting import statements

A, T = world.account_id, timedelta(minutes=1)


def add(
    db: Database, act: str, by: str | None, kind: str, key: str, unit: str | None = None, minutes: int = 0, **detail
):  # type: ignore[no-untyped-def]
    def write(session: Session) -> str:
        return record(
            session, act, actor_id=A(by) if by else None, subject_kind=kind, subject_id=key, unit_path=unit,
            now=world.NOW - minutes * T, detail=detail,
        )  # fmt: skip

    return db.write_now(write)


@pytest.fixture
def lined(db: Database) -> dict[str, str]:
    """A line of each kind that matters, by name."""
    return {
        "sign-in": add(db, "sign_in.done", "staff", "session", "s1", minutes=1),
        "tester's sign-in": add(db, "sign_in.done", "tester-2", "session", "s2", minutes=2),
        "look": add(db, "account.viewed", "admin", "account", A("tester-2"), minutes=3),
        "download": add(db, "scorecard.downloaded", "hr", "scorecard", "c1", "36/3601/360102/", 4, edition="hr"),
        "import": add(db, "import.applied", None, "import_run", "i1", minutes=5),
        "overt": add(db, "assignment.accepted", "inspector", "assignment", "as-overt", "36/3601/360102/", 6),
        "covert": add(db, "assignment.accepted", "tester", "assignment", "as-hall", "36/3601/360102/", 7),
        "covert round": add(db, "round.published", "province-supervisor", "round", "round-covert", "36/", 8),
        "elsewhere": add(db, "sign_in.done", "outsider", "session", "s3", minutes=9),
        "far card": add(db, "scorecard.downloaded", "outsider-hr", "scorecard", "c2", "35/3501/350102/", 10),
        "unheard of": add(db, "secret.kept", "admin", "secret", "x", "36/", 11),
    }


def seen(db: Database, username: str, **filters: str) -> list[str]:
    actor = db.read_now(lambda s: Actor(A(username), username, "", grants_of(s, A(username))))
    return [line.id for line in db.read_now(lines.lines, actor, Filters(**filters), "", 50).rows]  # type: ignore[arg-type]


def names(found: list[str], lined: dict[str, str]) -> list[str]:
    by_id = {key: name for name, key in lined.items()}
    return [by_id[key] for key in found if key in by_id]


@pytest.mark.data
def test_which_lines_an_auditor_sees(db: Database, lined: dict[str, str]) -> None:
    """Newest first; nothing of the other province, of unreleased covert work, of kinds that nobody has judged."""
    ours = ["sign-in", "tester's sign-in", "look", "download", "import", "overt"]
    assert names(seen(db, "auditor"), lined) == ours
    assert names(seen(db, "outsider-auditor"), lined) == ["import", "elsewhere", "far card"]

    def narrow(session: Session) -> None:
        grant = session.exec(select(world.RoleGrant).where(world.RoleGrant.account_id == A("auditor"))).one()
        grant.unit_code = "360103"
        session.add(grant)

    db.write_now(narrow)
    assert names(seen(db, "auditor"), lined) == [], "another county sees none of it"


def test_covert_work_appears_with_its_release(db: Database, lined: dict[str, str]) -> None:
    assert "covert" not in names(seen(db, "auditor"), lined)
    shown = sa.update(Assignment).where(Assignment.id == "as-hall").values(visible_at=world.NOW)  # type: ignore[arg-type]
    db.write_now(lambda session: session.execute(shown))
    found = names(seen(db, "auditor"), lined)
    assert "covert" in found
    assert "covert round" not in found, "the plan itself stays with its planners"


def test_a_holder_of_covert_plan_sees_it_before(db: Database, lined: dict[str, str]) -> None:
    grant = world.RoleGrant(account_id=A("auditor"), role="covert_planner", unit_code="36", granted_at=world.NOW)
    db.write_now(lambda session: session.add(grant))
    assert {"covert", "covert round"} <= set(names(seen(db, "auditor"), lined))


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        ({"act": "sign_in.done"}, ["sign-in", "tester's sign-in"]),
        ({"kind": "scorecard"}, ["download"]),
        ({"kind": "import_run", "what": "i1"}, ["import"]),
        ({"unit": "360102"}, ["download", "overt"]),
        ({"unit": "3602"}, []),
        ({"unit": "35"}, []),
        ({"who": "Staff"}, ["sign-in"]),
        ({"who": "hr"}, ["download"]),
        ({"who": "0318"}, ["tester's sign-in"]),
        ({"who": "tester-2"}, []),
        ({"who": "inspector"}, []),  # at work an assessor is nobody
        ({"who": "0317"}, []),
        ({"act": "no.such"}, ["sign-in", "tester's sign-in", "look", "download", "import", "overt"]),
    ],
)
def test_search(client_for, lined, filters: dict[str, str], wanted: list[str]) -> None:  # type: ignore[no-untyped-def]
    page = client_for("auditor").get("/trail", params=filters).text
    assert [name for name, key in lined.items() if f"/trail/lines/{key}" in page] == wanted


def test_days_are_those_of_shanghai(client_for, db: Database) -> None:  # type: ignore[no-untyped-def]
    late = add(db, "sign_in.done", "staff", "session", "s9", minutes=10 * 60 + 1)  # 23:59 of the day before
    auditor = client_for("auditor")
    assert late in auditor.get("/trail?since=2026-11-23&until=2026-11-23").text
    assert late not in auditor.get("/trail?since=2026-11-24&until=2026-11-24").text


def test_no_name_of_a_tester_and_no_code_beside_work(client_for, db: Database, lined) -> None:  # type: ignore[no-untyped-def]
    auditor = client_for("auditor")
    text = auditor.get("/trail").text + auditor.get(f"/trail/lines/{lined['look']}").text
    text += auditor.get("/trail.csv").text
    assert "0318" in text
    assert ">Tester 2<" not in text
    assert "Tester 2," not in text
    for word in ("tester-2", "0201", "Inspector,"):
        assert word not in text.replace(A("tester-2"), ""), word
    page = auditor.get(f"/trail/lines/{lined['overt']}").text
    assert "Assessor" in page
    assert A("inspector") not in page


def test_three_people_and_a_line(client_for, lined) -> None:  # type: ignore[no-untyped-def]
    path = f"/trail/lines/{lined['download']}"
    assert client_for("auditor").get(path).status_code == 200
    assert client_for("outsider-auditor").get(path).status_code == 404
    assert client_for("admin").get(path).status_code == 403
    assert client_for("auditor").get(f"/trail/lines/{lined['covert']}").status_code == 404


def test_pages_follow_each_other_without_gap(client_for, db: Database) -> None:  # type: ignore[no-untyped-def]
    keys = [add(db, "sign_in.done", "staff", "session", f"p{n}", minutes=n % 7) for n in range(120)]
    auditor, found, path = client_for("auditor"), [], "/trail?who=Staff"
    while path:
        text = auditor.get(path).text
        found += [part.split('"')[0] for part in text.split("/trail/lines/")[1:]]
        path = text.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&") if 'rel="next"' in text else ""
    assert sorted(found) == sorted(keys)
    assert len(found) == len(set(found))


def test_files_hold_the_search_and_are_a_line_themselves(client_for, db: Database, lined) -> None:  # type: ignore[no-untyped-def]
    add(db, "sign_in.done", "hr", "session", "=HYPERLINK(1)", minutes=12)
    auditor = client_for("auditor")
    answer = auditor.get("/trail.csv?act=sign_in.done")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0][:3] == ["When it was", "Act", "Who"]
    assert {row[1] for row in rows[1:]} == {"Somebody signed in"}
    assert not [cell for row in rows for cell in row if cell.startswith("=")]
    sheet = openpyxl.load_workbook(io.BytesIO(auditor.get("/trail.xlsx?act=sign_in.done").content)).active
    assert [[str(c.value or "") for c in row] for row in sheet.iter_rows(max_col=3)] == [row[:3] for row in rows]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}, "no formula"
    made = db.read_now(lambda s: s.exec(select(TrailLine).where(TrailLine.act == "trail.exported")).all())
    assert [(line.actor_id, line.detail["format"], line.detail["filters"]) for line in made] == [
        (A("auditor"), "csv", {"act": "sign_in.done"}),
        (A("auditor"), "xlsx", {"act": "sign_in.done"}),
    ]


def test_a_name_that_was_typed_never_gets_on_the_trail(client_for, db: Database, lined) -> None:  # type: ignore[no-untyped-def]
    client_for("auditor").get("/trail.csv?who=Meadow")
    [made] = db.read_now(lambda s: s.exec(select(TrailLine).where(TrailLine.act == "trail.exported")).all())
    assert made.detail["filters"] == {"who": True}


def test_a_file_in_chinese(client_for, lined) -> None:  # type: ignore[no-untyped-def]
    auditor = client_for("auditor")
    auditor.cookies.set("mingcha_locale", "zh")
    text = auditor.get("/trail.csv").content.decode("utf-8-sig")
    assert "Somebody signed in" not in text
    workbook = openpyxl.load_workbook(io.BytesIO(auditor.get("/trail.xlsx").content))
    assert workbook.active["A1"].value == text.split('"')[1]


def work(settings, db: Database) -> None:  # type: ignore[no-untyped-def]
    queue = Inline(settings, db, Blobs(settings.data_dir / "blobs"), registry())
    relay(settings, db, queue).once()
    queue.drain()


def test_verifying_from_the_page(client_for, settings, db: Database, lined) -> None:  # type: ignore[no-untyped-def]
    auditor = client_for("auditor")
    work(settings, db)
    path = auditor.post("/trail/verifications").headers["location"]
    assert 'hx-trigger="every 1s"' in auditor.get(path).text
    work(settings, db)
    page = auditor.get(path + "/progress").text
    assert "hx-trigger" not in page
    assert "Every line has its hash" in page
    assert client_for("outsider-auditor").get(path).status_code == 404
    run = db.read_now(lambda s: s.exec(select(VerificationRun)).one())
    assert run.status == "whole"
    assert run.done == run.total > len(lined)
    acts = db.read_now(lambda s: s.exec(select(TrailLine.act).where(TrailLine.subject_id == run.id)).all())
    assert acts == ["verification.started", "verification.whole"]


def test_a_changed_line_is_found_from_the_page(client_for, settings, db: Database, lined) -> None:  # type: ignore[no-untyped-def]
    work(settings, db)

    def tamper(session: Session) -> None:
        session.connection().exec_driver_sql("DROP TRIGGER trail_line_no_update")
        changed = sa.update(TrailLine).where(TrailLine.id == lined["download"])  # type: ignore[arg-type]
        session.execute(changed.values(subject_id="c9"))

    db.write_now(tamper)
    auditor = client_for("auditor")
    path = auditor.post("/trail/verifications").headers["location"]
    work(settings, db)
    page = auditor.get(path).text
    assert "A line was changed" in page
    assert db.read_now(lambda s: s.exec(select(VerificationRun.status)).one()) == "broken"


def test_an_auditor_changes_nothing_else(client_for, app) -> None:  # type: ignore[no-untyped-def]
    """Of all routes that write, an auditor may use those of every signed-in person and the verification."""
    from audit_app.access.rules import PERMISSIONS
    from tests.architecture.test_routes import SAFE, handlers_of

    assert PERMISSIONS["auditor"] == {"trail.read"}
    own = {p for m, p, h in handlers_of(app) if m not in SAFE and h.opt.get("permission") == "trail.read"}
    assert own == {"/trail/verifications"}


@pytest.mark.data
def test_statements_do_not_grow_with_the_lines(db: Database, lined) -> None:  # type: ignore[no-untyped-def]
    actor = db.read_now(lambda s: Actor(A("auditor"), "auditor", "", grants_of(s, A("auditor"))))

    def count() -> int:
        with statements(db) as ran:
            db.read_now(lines.trail, actor, Filters(), "")
        return len(ran)

    few = count()
    for n in range(60):
        add(db, "sign_in.done", world.CAST[n % 20][0], "session", f"m{n}", minutes=n)
    assert count() == few

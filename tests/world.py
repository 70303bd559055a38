"""The named cast. Small, fixed, built by tables rather than screens; every permission test names its people from here.

Two provinces; in ours two cities, three counties. For each place an owner, a colleague beside it, and `outsider`, who
works in the other province and must see nothing of ours.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from litestar import Litestar
from litestar.testing import TestClient
from sqlmodel import Session, select

from audit_app.access.keys import Keys
from audit_app.access.models import Account
from audit_app.kit.db import Database
from audit_app.organisation.models import OrgUnit, RoleGrant, Shift, StaffMember, Team, Touchpoint
from audit_app.planning.models import Assignment, Programme, Round
from audit_app.settings import Settings
from audit_app.standards.models import ChecklistVersion
from audit_app.standards.operations import load_library
from audit_app.testers.models import Assessor, Qualification

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai, a Tuesday

UNITS = [
    ("36", "Jiangzhou", "province", None),
    ("3601", "North City", "city", "36"),
    ("360102", "Bell County", "county", "3601"),
    ("360102001", "Bell Town", "town", "360102"),
    ("360103", "Drum County", "county", "3601"),
    ("3602", "South City", "city", "36"),
    ("360202", "Reed County", "county", "3602"),
    ("35", "Elsewhere", "province", None),
    ("3501", "Far City", "city", "35"),
    ("350102", "Far County", "county", "3501"),
]

# id, code, kind, name, tier, unit
TOUCHPOINTS = [
    ("hall-bell", "JZ0001", "hall", "Bell Road Hall", 1, "360102"),
    ("hall-bell-2", "JZ0004", "hall", "Bell Market Hall", 2, "360102"),
    ("hall-drum", "JZ0002", "hall", "Drum Tower Hall", 2, "360103"),
    ("hall-reed", "JZ0003", "hall", "Reed Lake Hall", 3, "360202"),
    ("outlet-bell", "JZ1001", "outlet", "Bell Town Outlet", None, "360102001"),
    ("agent-drum", "JZ2001", "agent", "Drum Payment Agent", None, "360103"),
    ("hotline", "JZ9001", "hotline", "Jiangzhou Hotline", None, "36"),
    ("hall-far", "FZ0001", "hall", "Far Hall", 1, "350102"),
]

# username, role, unit, touchpoint, team
CAST = [
    ("tester", "tester", "36", None, None),
    ("tester-2", "tester", "36", None, None),
    ("tester-far", "tester", "35", None, None),
    ("chief-tester", "chief_tester", "36", None, None),
    ("inspector", "inspector", "36", None, None),
    ("county-supervisor", "supervisor", "360102", None, None),
    ("county-supervisor-2", "supervisor", "360103", None, None),
    ("city-supervisor", "supervisor", "3601", None, None),
    ("city-supervisor-2", "supervisor", "3602", None, None),
    ("province-supervisor", "supervisor", "36", None, None),
    ("reviewer", "reviewer", "36", None, None),
    ("reviewer-2", "reviewer", "36", None, None),
    ("panel-city", "appeal_panel", "3601", None, None),
    ("panel-city-second", "appeal_panel", "3601", None, None),
    ("panel-province", "appeal_panel", "36", None, None),
    ("panel-province-second", "appeal_panel", "36", None, None),
    ("outlet-manager", "outlet_manager", "360102", "hall-bell", None),
    ("outlet-manager-2", "outlet_manager", "360103", "hall-drum", None),
    ("team-lead", "team_lead", "36", "hotline", "team-1"),
    ("team-lead-2", "team_lead", "36", "hotline", "team-2"),
    ("staff", "staff", "360102", "hall-bell", None),
    ("staff-2", "staff", "360102", "hall-bell", None),
    ("hr", "hr", "36", None, None),
    ("hr-second", "hr", "36", None, None),
    ("auditor", "auditor", "36", None, None),
    ("programme-office", "programme_office", "36", None, None),
    ("programme-office-second", "programme_office", "36", None, None),
    ("admin", "admin", "36", None, None),
    ("admin-second", "admin", "36", None, None),
    ("outsider", "supervisor", "35", None, None),
    ("outsider-reviewer", "reviewer", "35", None, None),
    ("outsider-hr", "hr", "35", None, None),
    ("outsider-admin", "admin", "35", None, None),
    ("outsider-auditor", "auditor", "35", None, None),
]
COVERT_PLANNERS = {"province-supervisor": "36", "city-supervisor": "3601", "outsider": "35"}
ASSESSORS = {
    # username: code, tier, home county, works for
    "tester": ("0317", "tester", "360202", "36"),
    "tester-2": ("0318", "tester", "360103", "36"),
    "tester-far": ("9001", "tester", "350102", "35"),
    "chief-tester": ("0101", "chief_tester", "360202", "36"),
    "inspector": ("0201", "inspector", None, "36"),
}
PASSWORD = "correct-horse-battery-9"
PASSWORD_HASH = "not-a-hash"  # nobody of the cast signs in by password unless a test sets one


def account_id(username: str) -> str:
    return f"acc-{username}"


def assessor_id(username: str) -> str:
    return f"ass-{username}"


def build(session: Session, now: datetime = NOW) -> None:
    """Fills an empty database with the whole cast. Tests inside one process run at NOW (see conftest.frozen_clock);
    a server in its own process has the real clock and gets a world built for that."""
    start = now - timedelta(days=200)
    _units(session)
    _accounts(session, start)
    _touchpoints(session)
    _staff(session, now)
    _grants(session, start)
    load_library(session, start, None)
    session.flush()
    _assessors(session)
    _planning(session, now, start)


def _units(session: Session) -> None:
    paths: dict[str, str] = {}
    for code, name, level, parent in UNITS:
        paths[code] = (paths[parent] if parent else "") + code + "/"
        session.add(OrgUnit(code=code, name=name, level=level, parent_code=parent, path=paths[code]))
        session.flush()


def _accounts(session: Session, start: datetime) -> None:
    for username, *_ in CAST:
        name = username.replace("-", " ").title()
        session.add(
            Account(
                id=account_id(username), username=username, display_name=name, password_hash=PASSWORD_HASH,
                locale="en", demo=False, totp_seed=None, totp_enrolled_at=start, created_at=start,
            )
        )  # fmt: skip
    session.flush()


def _touchpoints(session: Session) -> None:
    for key, code, kind, name, tier, unit in TOUCHPOINTS:
        path = session.get_one(OrgUnit, unit).path
        session.add(
            Touchpoint(
                id=key, code=code, kind=kind, name=name, tier=tier, unit_code=unit, unit_path=path,
                hotline_number="10000" if kind == "hotline" else None, address="1 Long Street",
                lat="28.6800", lon="115.8900", datum="WGS-84",
            )
        )  # fmt: skip
    session.flush()
    for n in (1, 2, 3):
        session.add(Team(id=f"team-{n}", code=f"T{n}", name=f"Team {n}", touchpoint_id="hotline"))
    session.flush()


def _staff(session: Session, now: datetime) -> None:
    joined = date(2024, 1, 8)
    for n in (1, 2, 3):
        session.add(
            StaffMember(
                id=f"bell-{n}", code=f"S100{n}", name=f"Bell Staff {n}", touchpoint_id="hall-bell", badge=f"B{n}",
                joined_on=joined, account_id=account_id({1: "staff", 2: "staff-2"}[n]) if n < 3 else None,
            )
        )  # fmt: skip
        session.add(
            StaffMember(
                id=f"agent-{n}", code=f"S900{n}", name=f"Agent {n}", touchpoint_id="hotline", team_id=f"team-{n}",
                agent_no=f"80{n}", joined_on=joined,
            )
        )  # fmt: skip
        session.add(StaffMember(id=f"drum-{n}", code=f"S200{n}", name=f"Drum Staff {n}", touchpoint_id="hall-drum",
                                badge=f"D{n}", joined_on=joined))  # fmt: skip
    session.flush()
    for days in range(-30, 15):
        day = now - timedelta(hours=1) + timedelta(days=days)
        for n in (1, 2):
            session.add(Shift(staff_id=f"bell-{n}", touchpoint_id="hall-bell", desk=str(n), starts_at=day,
                              ends_at=day + timedelta(hours=9)))  # fmt: skip
    session.flush()


def _grants(session: Session, start: datetime) -> None:
    for username, role, unit, touchpoint, team in CAST:
        session.add(RoleGrant(account_id=account_id(username), role=role, unit_code=unit, touchpoint_id=touchpoint,
                              team_id=team, granted_at=start))  # fmt: skip
    for username, unit in COVERT_PLANNERS.items():
        session.add(RoleGrant(account_id=account_id(username), role="covert_planner", unit_code=unit, granted_at=start))
    session.flush()


def _assessors(session: Session) -> None:
    checklists = sorted(set(session.scalars(select(ChecklistVersion.checklist_id)).all()))
    for username, (code, tier, home, unit) in ASSESSORS.items():
        session.add(Assessor(id=assessor_id(username), account_id=account_id(username), code=code, tier=tier,
                             home_county=home, unit_code=unit))  # fmt: skip
        session.flush()
        for checklist in checklists:
            session.add(Qualification(assessor_id=assessor_id(username), checklist_id=checklist,
                                      valid_until=date(2099, 12, 31)))  # fmt: skip
    session.flush()


def version_of(session: Session, checklist_id: str) -> str:
    """The id of the published version of a checklist of the library."""
    return session.scalars(
        select(ChecklistVersion.id).where(
            ChecklistVersion.checklist_id == checklist_id, ChecklistVersion.status == "published"
        )
    ).one()


PROGRAMMES: list[dict[str, Any]] = [
    {"id": "prog-covert", "name": "Covert hall visits", "unit_code": "36", "unit_path": "36/", "level": "province",
     "kind": "routine", "manner": "covert", "touchpoint_kinds": ["hall", "outlet", "agent"],
     "checklist_ids": ["own-hall-flagship", "own-hall-basic", "outlet-partner", "payment-agent"]},
    {"id": "prog-overt", "name": "City inspection", "unit_code": "3601", "unit_path": "36/3601/", "level": "city",
     "kind": "routine", "manner": "overt", "touchpoint_kinds": ["hall"],
     "checklist_ids": ["own-hall-overt", "own-hall-flagship", "own-hall-basic"]},
    {"id": "prog-hotline", "name": "Hotline mystery calls", "unit_code": "36", "unit_path": "36/", "level": "province",
     "kind": "routine", "manner": "covert", "touchpoint_kinds": ["hotline"], "checklist_ids": ["hotline-mystery"]},
]  # fmt: skip

# id, round, touchpoint, path, assessor, checklist, status
ASSIGNMENTS = [
    ("as-hall", "round-covert", "hall-bell-2", "36/3601/360102/", "tester", "own-hall-flagship", "accepted"),
    ("as-offered", "round-covert", "outlet-bell", "36/3601/360102/360102001/", "tester", "outlet-partner", "offered"),
    ("as-tester-2", "round-covert", "hall-drum", "36/3601/360103/", "tester-2", "own-hall-flagship", "accepted"),
    ("as-chief", "round-covert", "hall-bell", "36/3601/360102/", "chief-tester", "own-hall-flagship", "accepted"),
    ("as-overt", "round-overt", "hall-bell", "36/3601/360102/", "inspector", "own-hall-overt", "accepted"),
    ("as-call", "round-hotline", "hotline", "36/", "inspector", "hotline-mystery", "accepted"),
]


def _planning(session: Session, now: datetime, start: datetime) -> None:
    by = account_id("province-supervisor")
    for values in PROGRAMMES:
        session.add(
            Programme(
                **values, for_incentives=True, purpose="Incentive review", notice="Visits will take place.",
                notice_at=now - timedelta(days=60), fewest_eligible=1, fewer_reason="trial", created_by=by,
                created_at=start,
            )
        )  # fmt: skip
    session.flush()
    first, end = (now - timedelta(days=45)).date(), (now + timedelta(days=45)).date()
    for name in ("covert", "overt", "hotline"):
        session.add(
            Round(
                id=f"round-{name}", programme_id=f"prog-{name}", name="2026 Q4", starts_on=first, ends_on=end,
                status="published", published_at=now - timedelta(days=50), created_by=by,
                created_at=now - timedelta(days=55),
            )
        )  # fmt: skip
    session.flush()
    for key, round_id, touchpoint, path, who, checklist, status in ASSIGNMENTS:
        session.add(
            Assignment(
                id=key, round_id=round_id, touchpoint_id=touchpoint, unit_path=path, assessor_id=assessor_id(who),
                checklist_version_id=version_of(session, checklist), window_start=now - timedelta(days=5),
                window_end=now + timedelta(days=9), respond_by=now + timedelta(days=2), status=status,
                status_at=now - timedelta(days=4), created_by=by, created_at=now - timedelta(days=6),
            )
        )  # fmt: skip
    session.flush()


def sign_in(client: TestClient[Litestar], db: Database, settings: Settings, keys: Keys, username: str) -> None:
    """Signs a member of the cast in without the password page, second factor passed, CSRF header set."""
    from tests.signing_in import cookies_and_token

    cookies, token = cookies_and_token(db, settings, keys, account_id(username))
    client.cookies.update(cookies)
    client.headers["x-csrf-token"] = token

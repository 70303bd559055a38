"""Who takes part: the demonstration accounts, thirty testers, two inspectors, and what each may do."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from audit_app.access.demo import DEMO_ACCOUNTS, PASSWORD
from audit_app.access.models import Account
from audit_app.access.passwords import hash_now
from audit_app.access.rules import Actor
from audit_app.demo.material import Names, chance, read
from audit_app.kit import clock
from audit_app.kit.db import Session
from audit_app.organisation import queries
from audit_app.organisation.models import OrgUnit, RoleGrant, StaffMember, Team, Touchpoint
from audit_app.standards.models import Checklist
from audit_app.testers.models import Assessor, Qualification

TESTERS, CHIEFS = 30, 4
COUNTY = "360102"
SECOND = "reviewer-second"
MANAGED_HALL = "YT002"

# sign-in name → (role, unit, also covert planner)
GRANTS = {
    "tester": ("tester", "36", False),
    "chief-tester": ("chief_tester", "36", False),
    "inspector": ("inspector", "36", False),
    "county-supervisor": ("supervisor", COUNTY, False),
    "city-supervisor": ("supervisor", "3601", True),
    "province-supervisor": ("supervisor", "36", True),
    "reviewer": ("reviewer", "36", False),
    "panel-city": ("appeal_panel", "3601", False),
    "panel-city-second": ("appeal_panel", "3601", False),
    "panel-province": ("appeal_panel", "36", False),
    "panel-province-second": ("appeal_panel", "36", False),
    "outlet-manager": ("outlet_manager", COUNTY, False),
    "team-lead": ("team_lead", "36", False),
    "staff": ("staff", COUNTY, False),
    "hr": ("hr", "36", False),
    "hr-second": ("hr", "36", False),
    "auditor": ("auditor", "36", False),
    "programme-office": ("programme_office", "36", False),
    "programme-office-second": ("programme_office", "36", False),
    "admin": ("admin", "36", False),
}


@dataclass(frozen=True)
class Walker:
    """An assessor as the itinerary needs one."""

    id: str
    account_id: str
    username: str
    tier: str
    home_path: str


def account_id(session: Session, username: str) -> str:
    return session.execute(sa.select(Account.id).where(Account.username == username)).scalar_one()  # type: ignore[call-overload, no-any-return]


def actor(session: Session, username: str) -> Actor:
    """The person as an actor, for operations that ask who acts."""
    key = account_id(session, username)
    return Actor(key, username, username, queries.grants_of(session, key), demo=True)


def build_accounts(session: Session, start: datetime) -> None:
    """All accounts with one password, hashed once: it is printed on the sign-in page."""
    people, names, shared = read("people")["accounts"], Names(chance("testers-names")), hash_now(PASSWORD)
    known = [name for name, _role in DEMO_ACCOUNTS]
    others = [f"tester-{n:02}" for n in range(2, TESTERS - CHIEFS + 1)]
    others += [f"chief-tester-{n}" for n in range(2, CHIEFS + 1)] + ["inspector-2"]
    for username in [*known, *others]:
        session.add(Account(username=username, display_name=people.get(username) or names.next(), password_hash=shared,
                            demo=True, created_at=start))  # fmt: skip
        session.flush()


def build_grants(session: Session, start: datetime) -> None:
    """Roles with their scope; outlet manager and staff member belong to the same hall, the team lead to a team."""
    by = account_id(session, "admin")
    hall = session.scalars(sa.select(Touchpoint).where(Touchpoint.code == MANAGED_HALL)).one()  # type: ignore[arg-type]
    team = session.scalars(sa.select(Team).order_by(Team.code)).first()
    for account in session.scalars(sa.select(Account).where(Account.username != SECOND)).all():  # type: ignore[arg-type]
        role, unit, covert = GRANTS.get(account.username) or (
            account.username.rsplit("-", 1)[0].replace("-", "_"),
            "36",
            False,
        )
        grant = RoleGrant(account_id=account.id, role=role, unit_code=unit, granted_at=start, granted_by=by)
        if role in ("outlet_manager", "staff"):
            grant.touchpoint_id = hall.id
        if role == "team_lead" and team:
            grant.touchpoint_id, grant.team_id = team.touchpoint_id, team.id
        session.add(grant)
        if covert:
            session.add(
                RoleGrant(account_id=account.id, role="covert_planner", unit_code=unit, granted_at=start, granted_by=by)
            )
    mine = account_id(session, "staff")
    first = session.scalars(
        sa.select(StaffMember).where(StaffMember.touchpoint_id == hall.id).order_by(StaffMember.code).offset(1)  # type: ignore[arg-type]
    ).first()
    if first:
        first.account_id, first.name = mine, read("people")["accounts"]["staff"]
        session.add(first)
    session.flush()


def build_second_reviewer(session: Session, start: datetime) -> None:
    """Once the past is reviewed by one, there is another to confirm large changes and voids."""
    by, key = account_id(session, "admin"), account_id(session, SECOND)
    session.add(RoleGrant(account_id=key, role="reviewer", unit_code="36", granted_at=start, granted_by=by))
    session.flush()


def build_assessors(session: Session, now: datetime) -> list[Walker]:
    """Thirty testers of whom four chief, and two inspectors; all certified for every checklist for a year to come."""
    rng, until = chance("assessors"), clock.local_date(now) + timedelta(days=330)
    counties = session.execute(
        sa.select(OrgUnit.code, OrgUnit.path).where(OrgUnit.level == "county").order_by(OrgUnit.code)  # type: ignore[call-overload]
    ).all()
    near = [row for row in counties if row.path.startswith("36/3601/") and row.code != COUNTY]
    checklists = session.scalars(sa.select(Checklist.id).order_by(Checklist.id)).all()  # type: ignore[call-overload]
    walkers = []
    accounts = session.scalars(sa.select(Account).order_by(Account.username)).all()
    for account in accounts:
        tier = next((t for t in ("chief-tester", "tester", "inspector") if account.username.startswith(t)), None)
        if tier is None:
            continue
        home = None if tier == "inspector" else rng.choice(near if rng.random() < 0.7 else counties)
        code = f"{rng.randint(1, 9999):04}"
        row = Assessor(account_id=account.id, code=code, tier=tier.replace("-", "_"), unit_code="36",
                       home_county=home.code if home else None)  # fmt: skip
        session.add(row)
        session.flush()
        for checklist in checklists:
            session.add(Qualification(assessor_id=row.id, checklist_id=checklist, valid_until=until))
        walkers.append(Walker(row.id, account.id, account.username, row.tier, home.path if home else ""))
    session.flush()
    return walkers

"""Accounts beyond the demonstration's own: testers, inspectors, reviewers, and a supervisor for every unit."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from audit_app.access.models import Account
from audit_app.demo.cast import Walker
from audit_app.demo.full.ledger import insert, stamped
from audit_app.demo.full.sizes import INSPECTORS_PER_CITY, REVIEWERS, Sizes
from audit_app.demo.material import Names, chance
from audit_app.kit import clock
from audit_app.kit.db import Session
from audit_app.organisation.models import OrgUnit, RoleGrant
from audit_app.standards.models import Checklist
from audit_app.testers.models import Assessor, Qualification

PROVINCE = "36"


def build(session: Session, sizes: Sizes, at: datetime) -> None:
    """Everybody with the password of the demonstration; assessors are certified for every checklist."""
    _Registry(session, at).fill(sizes)


class _Registry:
    def __init__(self, session: Session, at: datetime) -> None:
        self.session, self.at, self.start = session, at, at - timedelta(days=420)
        self.rng, self.names = chance("full-people"), Names(chance("full-people-names"))
        known = session.execute(sa.select(col(Account.username), col(Account.display_name), col(Account.password_hash)))
        self.shared = ""
        self.known: set[str] = set()
        for username, name, stored in known:
            self.known.add(username)
            self.names.used.add(name)
            self.shared = stored if username == "tester" else self.shared
        units = sa.select(col(OrgUnit.code), col(OrgUnit.level)).where(col(OrgUnit.level).in_(("city", "county")))
        self.units = [(row.code, row.level) for row in session.execute(units.order_by(col(OrgUnit.code)))]
        self.codes = set(session.scalars(sa.select(col(Assessor.code))))
        self.rows: dict[Any, list[dict[str, Any]]] = {}

    def fill(self, sizes: Sizes) -> None:
        cities = [code for code, level in self.units if level == "city"]
        self._assessors("tester", "tester-{:03}", sizes.testers)
        self._assessors("chief_tester", "chief-tester-{:02}", sizes.chiefs)
        self._assessors("inspector", "inspector-{:02}", INSPECTORS_PER_CITY * len(cities) if sizes.scale >= 1 else 4)
        for n in range(2, REVIEWERS + 1):
            self._account(f"reviewer-{n:02}", "reviewer", PROVINCE)
        for code, _level in self.units:
            self._account(f"supervisor-{code}", "supervisor", code)
        for model in (Account, RoleGrant, Assessor, Qualification):
            insert(self.session, model, self.rows.get(model, []))

    def _add(self, model: Any, row: dict[str, Any]) -> None:
        self.rows.setdefault(model, []).append(row)

    def _account(self, username: str, role: str, unit: str) -> str:
        key = stamped(self.rng, self.start)
        self._add(Account, {"id": key, "username": username, "display_name": self.names.next(), "demo": True,
                            "password_hash": self.shared, "created_at": self.start})  # fmt: skip
        self._add(RoleGrant, {"id": stamped(self.rng, self.start), "account_id": key, "role": role, "unit_code": unit,
                              "granted_at": self.start})  # fmt: skip
        return key

    def _assessors(self, tier: str, pattern: str, total: int) -> None:
        held = self.session.scalar(sa.select(sa.func.count()).where(col(Assessor.tier) == tier)) or 0
        counties = [code for code, level in self.units if level == "county"]
        checklists = self.session.scalars(sa.select(col(Checklist.id)).order_by(col(Checklist.id))).all()
        until = clock.local_date(self.at) + timedelta(days=300)
        for n in range(held + 1, total + 1):
            account, key = self._account(pattern.format(n), tier, PROVINCE), stamped(self.rng, self.start)
            home = None if tier == "inspector" else counties[n % len(counties)]
            self._add(Assessor, {"id": key, "account_id": account, "code": self._code(), "tier": tier,
                                 "unit_code": PROVINCE, "home_county": home})  # fmt: skip
            for checklist in checklists:
                self._add(Qualification, {"assessor_id": key, "checklist_id": checklist, "valid_until": until})

    def _code(self) -> str:
        while (code := f"{self.rng.randint(1, 9999):04}") in self.codes:
            pass
        self.codes.add(code)
        return code


def walkers(session: Session) -> list[Walker]:
    """All assessors, those of the small demonstration included."""
    rows = session.execute(
        sa.select(col(Assessor.id), col(Account.id), col(Account.username), col(Assessor.tier), col(OrgUnit.path))
        .join(Account, col(Account.id) == Assessor.account_id)
        .join(OrgUnit, col(OrgUnit.code) == Assessor.home_county, isouter=True)
        .order_by(col(Account.username))
    )
    return [Walker(key, account, username, tier, path or "") for key, account, username, tier, path in rows]


def reviewers(session: Session) -> list[str]:
    """Accounts that review, by name."""
    rows = session.scalars(
        sa.select(col(Account.id))
        .join(RoleGrant, col(RoleGrant.account_id) == Account.id)
        .where(col(RoleGrant.role) == "reviewer")
        .order_by(col(Account.username))
    )
    return list(dict.fromkeys(rows))

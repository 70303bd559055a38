"""A year of programmes: the province's own, each city's monthly and each county's two-monthly one, with all rounds."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from audit_app.access.models import Account
from audit_app.demo.full.ledger import insert, stamped
from audit_app.demo.material import chance, read
from audit_app.demo.plans import periods, round_name
from audit_app.kit import clock
from audit_app.kit.db import Session
from audit_app.organisation.models import OrgUnit
from audit_app.planning.models import Programme, Round

BACK = 372  # days: the year of visits and the days in which a job may have been given out
HALLS = ["own-hall-flagship", "own-hall-basic"]
SHAPES: dict[str, dict[str, Any]] = {
    "covert": {"months": 3, "manner": "covert", "kinds": ["hall", "outlet", "agent"], "incentives": True,
               "checklists": [*HALLS, "outlet-partner", "payment-agent"]},
    "hotline": {"months": 3, "manner": "covert", "kinds": ["hotline"], "incentives": True,
                "checklists": ["hotline-mystery"]},
    "city": {"months": 1, "manner": "overt", "kinds": ["hall"], "incentives": True, "checklists": ["own-hall-overt"]},
    "county": {"months": 2, "manner": "overt", "kinds": ["hall"], "incentives": False,
               "checklists": ["own-hall-overt"]},
}  # fmt: skip


@dataclass(frozen=True)
class Open:
    """A programme as the visits need it: `key` is `covert`, `hotline` or the code of the unit that owns it."""

    id: str
    key: str
    manner: str
    author_id: str
    rounds: tuple[tuple[date, date, str], ...]

    def round_on(self, day: date) -> str:
        return next(key for first, end, key in self.rounds if first <= day < end)


def build(session: Session, at: datetime) -> None:
    units = session.execute(sa.select(OrgUnit).where(col(OrgUnit.level) != "town").order_by(col(OrgUnit.code)))
    authors = dict(session.execute(sa.select(col(Account.username), col(Account.id))).all())
    rng, today = chance("full-programmes"), clock.local_date(at)
    begun = at - timedelta(days=BACK + 30)
    programmes: list[dict[str, Any]] = []
    rounds: list[dict[str, Any]] = []
    for unit in units.scalars():
        author = authors[f"supervisor-{unit.code}" if unit.level != "province" else "province-supervisor"]
        for shape in ("covert", "hotline") if unit.level == "province" else (unit.level,):
            words, form = read("full")["programmes"][shape], SHAPES[shape]
            key = stamped(rng, begun)
            programmes.append({
                "id": key, "name": words["name"].format(unit=unit.name), "unit_code": unit.code,
                "unit_path": unit.path, "level": unit.level, "kind": "routine", "manner": form["manner"],
                "touchpoint_kinds": form["kinds"], "checklist_ids": form["checklists"], "purpose": words["purpose"],
                "for_incentives": form["incentives"], "notice": words["notice"], "notice_at": begun,
                "created_by": author, "created_at": begun,
            })  # fmt: skip
            for first, end in periods(today, form["months"], BACK):
                opened = clock.at_local(first - timedelta(days=4), 10)
                rounds.append({
                    "id": stamped(rng, opened), "programme_id": key, "name": round_name(first, end, form["months"]),
                    "starts_on": first, "ends_on": end, "status": "published" if end > today else "closed",
                    "published_at": opened, "created_by": author, "created_at": opened - timedelta(days=2),
                })  # fmt: skip
    insert(session, Programme, programmes)
    insert(session, Round, rounds)


def opened(session: Session, at: datetime) -> dict[str, Open]:
    """What :func:`build` has made, by key."""
    begun = at - timedelta(days=BACK + 30)
    rounds: dict[str, list[tuple[date, date, str]]] = {}
    for row in session.execute(sa.select(Round).order_by(col(Round.starts_on))).scalars():
        rounds.setdefault(row.programme_id, []).append((row.starts_on, row.ends_on, row.id))
    found = {}
    for row in session.execute(sa.select(Programme).where(col(Programme.created_at) == begun)).scalars():
        shape = "hotline" if row.touchpoint_kinds == ["hotline"] else "covert"
        key = shape if row.level == "province" else row.unit_code
        found[key] = Open(row.id, key, row.manner, row.created_by, tuple(rounds.get(row.id, ())))
    return found

"""Towns, halls, outlets, agents, hotlines and everybody who works there, through the import like any file."""

import csv
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlmodel import col

from audit_app.demo.full.sizes import HOTLINES, TIERS, Sizes
from audit_app.demo.material import DATA, Names, chance, read
from audit_app.demo.places import Row, bring_in, located, spot
from audit_app.kit.db import Session
from audit_app.organisation.models import OrgUnit, StaffMember, Touchpoint

HALL_STAFF = {1: 40, 2: 22, 3: 12}
OUTLET_STAFF, TEAM_STAFF = 3, 20
BASIC_CHANCE = 0.75  # of an outlet's staff that everybody is there, else one less


def divisions() -> list[dict[str, str]]:
    """The whole province down to its towns."""
    with (DATA / "jiangxi_divisions.csv").open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def build_towns(session: Session, now: datetime) -> None:
    known = set(session.scalars(sa.select(col(OrgUnit.code))))
    rows: list[Row] = [dict(row) for row in divisions() if row["code"] not in known]
    if rows:
        bring_in(session, "units", rows, now)


def build_touchpoints(session: Session, sizes: Sizes, now: datetime) -> None:
    """What is missing of each kind; names are unique, codes go on where the small demonstration ends."""
    rows = list(_Surveyor(session, sizes).rows())
    for start in range(0, len(rows), 20_000):
        bring_in(session, "touchpoints", rows[start : start + 20_000], now)


class _Surveyor:
    """Finds places for touchpoints."""

    def __init__(self, session: Session, sizes: Sizes) -> None:
        self.sizes, self.words, self.rng = sizes, read("full"), chance("full-places")
        units = divisions()
        self.names = {row["code"]: row["name"] for row in units}
        self.counties = [row["code"] for row in units if row["level"] == "county"]
        self.towns = [row for row in units if row["level"] == "town"]
        kinds = session.execute(sa.select(col(Touchpoint.kind), col(Touchpoint.tier), col(Touchpoint.name)))
        self.held: Counter[str | int] = Counter()
        self.taken: set[str] = set()
        for kind, tier, name in kinds:
            self.held[kind] += 1
            self.held[tier or 0] += 1
            self.taken.add(name)

    def rows(self) -> Iterator[Row]:
        yield from self._halls()
        yield from self._small("outlet", "WD", self.sizes.outlets, closes="19:00")
        yield from self._small("agent", "DB", self.sizes.agents, opens="08:30", closes="20:30")
        for code, name, number in self.words["hotlines"][: HOTLINES - self.held["hotline"]]:
            yield spot(
                code=code, name=name, kind="hotline", unit_code="36", hotline_number=number, opens="00:00",
                closes="23:59",
            )  # fmt: skip

    def _halls(self) -> Iterator[Row]:
        """A large one in each city's first county, one at least in each county, the rest where the cities are."""
        first = [code for code in self.counties if code.endswith("02") and not code.startswith("3601")]
        others = [code for code in self.counties if code not in first and not code.startswith("3601")]
        spots = (first + others + first * 3)[: max(0, self.sizes.halls - self.held["hall"])]
        left = {n: max(0, total - self.held[n]) for n, total in enumerate(TIERS, 1)}
        for n, county in enumerate(spots, self.held["hall"] + 1):
            tier = next((t for t in (1, 2, 3) if left[t] > 0), 3)
            left[tier] -= 1
            hours = {"opens": "08:30", "closes": "20:00"} if tier == 1 else {}
            name = self._name("hall", county, self.names[county])
            yield self._placed(code=f"YT{n:03}", name=name, kind="hall", tier=tier, unit_code=county, **hours)

    def _small(self, kind: str, letters: str, total: int, **hours: str) -> Iterator[Row]:
        """One a town first, then wherever it falls."""
        towns = [town for town in self.towns if not town["code"].startswith("3601")]
        self.rng.shuffle(towns)
        for n in range(self.held[kind], total):
            town = towns.pop() if towns else self.rng.choice(self.towns)
            county = self.names[town["parent_code"]]
            name = self._name(kind, town["code"], county + town["name"])
            yield self._placed(code=f"{letters}{n + 1:04}", name=name, kind=kind, unit_code=town["code"], **hours)

    def _name(self, kind: str, code: str, place: str) -> str:
        for n in range(100):
            street = self.rng.choice(self.words["streets"]) + (str(n) if n > 20 else "")
            name = str(self.words[kind].format(county=place, town=place, street=street))
            if name not in self.taken:
                self.taken.add(name)
                return name
        raise LookupError(code)

    def _placed(self, **cells: object) -> Row:
        street = {"street": self.rng.choice(self.words["streets"]), "n": self.rng.randint(1, 299)}
        row = spot(address=self.words["number"].format(**street), **cells)
        centre = self.words["centres"][str(row["unit_code"])[:4]]
        located(row, self.rng.uniform(-0.5, 0.5), self.rng.uniform(-0.6, 0.6), centre)
        return row


def build_staff(session: Session, sizes: Sizes, today: date, now: datetime) -> None:
    """Halls and outlets first, then the hotlines' teams until the number is reached."""
    rows = _Recruiter(session, sizes, today).rows()
    for start in range(0, len(rows), 10_000):
        bring_in(session, "staff", rows[start : start + 10_000], now)


class _Recruiter:
    def __init__(self, session: Session, sizes: Sizes, today: date) -> None:
        self.rng, self.names, self.jobs = chance("full-staff"), Names(chance("full-names")), read("people")["jobs"]
        self.today = today
        self.names.used.update(session.scalars(sa.select(col(StaffMember.name))))
        self.held = session.scalar(sa.select(sa.func.count()).select_from(StaffMember)) or 0
        self.wanted = max(0, sizes.staff - self.held)
        staffed = sa.select(col(StaffMember.touchpoint_id)).distinct()
        self.places: Sequence[Touchpoint] = session.scalars(
            sa.select(Touchpoint)
            .where(sa.or_(col(Touchpoint.id).not_in(staffed), col(Touchpoint.kind) == "hotline"))
            .order_by(col(Touchpoint.code))
        ).all()

    def rows(self) -> list[Row]:
        made: list[Row] = []
        for place in self.places:
            if place.kind == "hall":
                for n in range(HALL_STAFF[place.tier or 3] - self.rng.randint(0, 2)):
                    job = self.jobs["manager"] if n == 0 else self.rng.choice(self.jobs["hall"])
                    made.append(self._row(len(made), place, job, badge=f"{place.code[2:]}{n + 1:02}"))
            elif place.kind == "outlet":
                for n in range(OUTLET_STAFF - (self.rng.random() > BASIC_CHANCE)):
                    made.append(self._row(len(made), place, self.jobs["outlet"][min(n, 1)]))
        made = made[: self.wanted]
        lines = [place for place in self.places if place.kind == "hotline"]
        for n in range(self.wanted - len(made)):
            made.append(self._agent(len(made), n, lines))
        return made

    def _agent(self, count: int, n: int, lines: Sequence[Touchpoint]) -> Row:
        """Teams in turn of the lines, half of them of the first."""
        team = n // TEAM_STAFF
        place = lines[0] if team % 2 else lines[(team // 2) % len(lines)]
        cells = {"team_code": f"BQ{team + 1:03}", "team_name": read("full")["team"].format(n=team + 11)}
        return self._row(count, place, self.jobs["agent"], agent_no=str(20001 + n), **cells)

    def _row(self, count: int, place: Touchpoint, job: str, **cells: object) -> Row:
        empty = dict.fromkeys(("team_code", "team_name", "badge", "agent_no"), "")
        joined = self.today - timedelta(days=self.rng.randint(20, 4000))
        who = {"code": f"YG{self.held + count + 1:05}", "name": self.names.next(), "touchpoint_code": place.code}
        return {**who, **empty, "job": job, "joined_on": joined, **cells}


def spread(rng: random.Random, n: int, of: int, days: int) -> int:
    """Which of so many days the n-th of some visits falls on, so that they lie evenly."""
    return min(days - 1, int((n + rng.random()) / of * days))

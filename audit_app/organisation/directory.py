"""The tree of units and the touchpoints in it, as screens. Nothing here knows of visits: a covert one must not show."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from audit_app.access.rules import Actor
from audit_app.kit import clock
from audit_app.kit.db import Session
from audit_app.kit.errors import NotFound
from audit_app.kit.paging import PageOf, keyset, page_of
from audit_app.kit.search import matches
from audit_app.organisation.models import OrgUnit, Shift, StaffMember, Team, Touchpoint
from audit_app.organisation.people import Changes, changes
from audit_app.organisation.rules import TOUCHPOINT_KINDS
from audit_app.organisation.scope import seen_touchpoint, touchpoints_visible_to, under, units_visible_to

_select: Any = sa.select  # the columns of a table class are typed as their values

PAGE = 50
MOST_STAFF = 200
TREE_LEVELS = ("province", "city", "county")
READ = "organisation.read"


_RANK = sa.case(
    *[(col(Touchpoint.kind) == kind, n) for n, kind in enumerate(TOUCHPOINT_KINDS)], else_=len(TOUCHPOINT_KINDS)
)


@dataclass(frozen=True)
class Filters:
    """What the person asked for."""

    unit: str = ""
    kind: str = ""
    tier: str = ""
    state: str = ""  # open | closed
    q: str = ""
    after: str = ""


@dataclass(frozen=True)
class Node:
    """A line of the tree. `open`: its children follow."""

    code: str
    name: str
    depth: int
    count: int
    open: bool
    chosen: bool
    leaf: bool
    aside: bool  # neither above nor under the chosen one: left out on a phone


@dataclass(frozen=True)
class TouchpointRow:
    id: str
    code: str
    name: str
    kind: str
    tier: int | None
    place: str
    active: bool


@dataclass(frozen=True)
class DirectoryScreen:
    filters: Filters
    unit_name: str
    tree: list[Node]
    kinds: dict[str, int]  # touchpoints of the subtree by kind
    found: int
    page: PageOf[TouchpointRow]
    may_import: bool

    @property
    def total(self) -> int:
        return sum(self.kinds.values())


@dataclass(frozen=True)
class UnitRow:
    code: str
    name: str
    level: str
    path: str


def directory(session: Session, actor: Actor, filters: Filters) -> DirectoryScreen:
    """The tree with the chosen unit open, and a page of the touchpoints under it. NotFound for an unseen unit."""
    units = _units(session, actor)
    chosen = _chosen(units, filters.unit)
    path = chosen.path if chosen else None
    inside = under(col(Touchpoint.unit_path), path) if path else seen_touchpoint(actor, READ)
    here = sa.and_(inside, col(Touchpoint.merged_into).is_(None))
    tree = _tree(units, _counts(session, actor), path or "")
    kinds = dict.fromkeys(TOUCHPOINT_KINDS, 0)
    for kind, count in session.execute(
        _select(Touchpoint.kind, sa.func.count()).where(here).group_by(col(Touchpoint.kind))
    ):
        kinds[kind] = count
    wanted = [here, *_wanted(filters)]
    found = session.scalar(select(sa.func.count()).select_from(Touchpoint).where(*wanted)) or 0
    page = _page(session, wanted, filters.after)
    return DirectoryScreen(
        filters, chosen.name if chosen else "", tree, kinds, found, page, actor.may("organisation.import")
    )


def _units(session: Session, actor: Actor) -> list[UnitRow]:
    u = OrgUnit
    seen = units_visible_to(actor).where(col(u.level).in_(TREE_LEVELS), col(u.active)).order_by(col(u.path))
    rows = session.connection().execute(seen.with_only_columns(col(u.code), col(u.name), col(u.level), col(u.path)))
    return [UnitRow(*row) for row in rows]


def _chosen(units: list[UnitRow], code: str) -> UnitRow | None:
    if not code:
        return units[0] if units else None
    found = next((unit for unit in units if unit.code == code), None)
    if found is None:
        raise NotFound
    return found


def _counts(session: Session, actor: Actor) -> dict[str, int]:
    rows = session.execute(
        _select(Touchpoint.unit_path, sa.func.count())
        .where(seen_touchpoint(actor, READ), col(Touchpoint.merged_into).is_(None))
        .group_by(col(Touchpoint.unit_path))
    )
    counts: dict[str, int] = {}
    for path, count in rows:
        parts = path.rstrip("/").split("/")
        for depth in range(1, len(parts) + 1):
            above = "/".join(parts[:depth]) + "/"
            counts[above] = counts.get(above, 0) + count
    return counts


def _tree(units: list[UnitRow], counts: dict[str, int], chosen: str) -> list[Node]:
    """The units whose parent is open: those above the chosen one, the chosen one itself, and the roots."""
    paths = {unit.path for unit in units}
    parents = {_above(unit.path) for unit in units}
    nodes = []
    for unit in units:
        above = _above(unit.path)
        if above in paths and not chosen.startswith(above):
            continue
        depth = sum(1 for path in _all_above(unit.path) if path in paths)
        leaf = unit.path not in parents
        opened = chosen.startswith(unit.path) and not leaf
        count, on_the_way = counts.get(unit.path, 0), chosen.startswith(unit.path) or above == chosen
        nodes.append(Node(unit.code, unit.name, depth, count, opened, unit.path == chosen, leaf, not on_the_way))
    return nodes


def _above(path: str) -> str:
    return path[: path.rstrip("/").rfind("/") + 1]


def _all_above(path: str) -> list[str]:
    parts = path.rstrip("/").split("/")
    return ["/".join(parts[:depth]) + "/" for depth in range(1, len(parts))]


def _wanted(filters: Filters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.kind:
        found.append(col(Touchpoint.kind) == filters.kind)
    if filters.tier.isdigit():
        found.append(col(Touchpoint.tier) == int(filters.tier[:4]))
    if filters.state:
        found.append(col(Touchpoint.active).is_(filters.state == "open"))
    if filters.q:
        double = aliased(Touchpoint)  # what was merged away still leads here by its name and code
        led = _select(col(double.merged_into)).where(
            matches(double.search, filters.q), col(double.merged_into).is_not(None)
        )
        found.append(sa.or_(matches(Touchpoint.search, filters.q), col(Touchpoint.id).in_(led)))
    return found


def _page(session: Session, wanted: list[ColumnElement[bool]], marker: str) -> PageOf[TouchpointRow]:
    t = Touchpoint
    statement = (
        _select(t.id, t.code, t.name, t.kind, t.tier, col(OrgUnit.name).label("place"), t.active)
        .join(OrgUnit, col(OrgUnit.code) == t.unit_code)
        .where(*wanted)
    )
    order = [_RANK, col(t.code)]  # halls first, then outlets, agents and hotlines
    rows = [TouchpointRow(*row) for row in session.execute(keyset(statement, order, marker, PAGE))]
    return page_of(rows, PAGE, lambda row: (TOUCHPOINT_KINDS.index(row.kind), row.code))


@dataclass(frozen=True)
class StaffRow:
    id: str
    code: str
    name: str
    team: str
    badge: str
    agent_no: str
    job: str
    joined_on: date
    left_on: date | None


@dataclass(frozen=True)
class RosterRow:
    """One person's week: per day the shifts as (start, end, desk)."""

    name: str
    days: list[list[tuple[datetime, datetime, str]]]


@dataclass(frozen=True)
class TouchpointScreen:
    touchpoint: Touchpoint
    above: list[str]  # names of the units that hold it, from the top
    staff: list[StaffRow]
    staff_total: int
    week: list[date]
    roster: list[RosterRow]
    teams: list[str] = field(default_factory=list)
    changes: Changes | None = None

    @property
    def week_before(self) -> date:
        return self.week[0] - timedelta(days=7)

    @property
    def week_after(self) -> date:
        return self.week[0] + timedelta(days=7)


def touchpoint(session: Session, actor: Actor, touchpoint_id: str, day: date) -> TouchpointScreen:
    """Facts, staff and the roster of the week (from Monday) that holds the day."""
    found = session.scalars(touchpoints_visible_to(actor).where(Touchpoint.id == touchpoint_id)).first()
    if found is None:
        raise NotFound
    codes = found.unit_path.rstrip("/").split("/")
    rows = session.execute(_select(OrgUnit.code, OrgUnit.name).where(col(OrgUnit.code).in_(codes)))
    names = {row.code: row.name for row in rows}
    mine = sa.and_(col(StaffMember.touchpoint_id) == found.id, col(StaffMember.merged_into).is_(None))
    total = session.scalar(select(sa.func.count()).select_from(StaffMember).where(mine)) or 0
    staff = _staff(session, found.id)
    monday = day - timedelta(days=day.weekday())
    week = [monday + timedelta(days=n) for n in range(7)]
    roster = _roster(session, found.id, week)
    teams = list(dict.fromkeys(row.team for row in staff if row.team))
    above = [names.get(code, code) for code in codes]
    made = changes(session, actor, "touchpoint", found.id)
    return TouchpointScreen(found, above, staff, total, week, roster, teams, made)


def _staff(session: Session, touchpoint_id: str) -> list[StaffRow]:
    s = StaffMember
    rows = session.execute(
        _select(s.id, s.code, s.name, col(Team.name).label("team"), s.badge, s.agent_no, s.job, s.joined_on, s.left_on)
        .join(Team, col(Team.id) == s.team_id, isouter=True)
        .where(s.touchpoint_id == touchpoint_id, col(s.merged_into).is_(None))
        .order_by(s.code)
        .limit(MOST_STAFF)
    )
    return [
        StaffRow(r.id, r.code, r.name, r.team or "", r.badge or "", r.agent_no or "", r.job, r.joined_on, r.left_on)
        for r in rows
    ]


def _roster(session: Session, touchpoint_id: str, week: list[date]) -> list[RosterRow]:
    start, end = clock.day_start(week[0]), clock.day_start(week[-1] + timedelta(days=1))
    rows = session.execute(
        _select(StaffMember.name, StaffMember.code, Shift.starts_at, Shift.ends_at, Shift.desk)
        .join(StaffMember, col(StaffMember.id) == Shift.staff_id)
        .where(Shift.touchpoint_id == touchpoint_id, col(Shift.starts_at) >= start, col(Shift.starts_at) < end)
        .order_by(StaffMember.code, Shift.starts_at)
        .limit(MOST_STAFF * 14)
    )
    people: dict[str, RosterRow] = {}
    for name, code, starts, ends, desk in rows:
        row = people.setdefault(code, RosterRow(name, [[] for _ in week]))
        row.days[(clock.local_date(starts) - week[0]).days].append((starts, ends, desk))
    return list(people.values())

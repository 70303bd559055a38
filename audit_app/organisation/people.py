"""Staff as lists and pages, what changes are under way, and what merging two entries would do. Reads only."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlmodel import col

from audit_app.access.models import Account
from audit_app.access.rules import Actor
from audit_app.kit.db import Session
from audit_app.kit.errors import NotFound
from audit_app.kit.paging import PageOf, keyset, page_of
from audit_app.kit.search import matches
from audit_app.organisation.models import OrgUnit, PlacementMove, RoleGrant, Shift, StaffMember, Team, Touchpoint
from audit_app.organisation.scope import seen_touchpoint, touchpoints_visible_to, under, units_visible_to

_select: Any = sa.select  # the columns of a table class are typed as their values

PAGE = 50
READ, CHANGE = "organisation.read", "organisation.change"
STATES = ("working", "left")


@dataclass(frozen=True)
class StaffFilters:
    """What the list is cut to; "" is no cut."""

    unit: str = ""
    state: str = "working"
    q: str = ""
    after: str = ""


@dataclass(frozen=True)
class PersonRow:
    id: str
    code: str
    name: str
    place_id: str
    place: str
    team: str
    number: str
    job: str
    joined_on: date
    left_on: date | None


@dataclass(frozen=True)
class UnitChoice:
    code: str
    name: str
    level: str


@dataclass(frozen=True)
class PeopleScreen:
    filters: StaffFilters
    units: list[UnitChoice]
    total: int
    page: PageOf[PersonRow]
    today: date


@dataclass(frozen=True)
class MoveRow:
    """A move of the past or the future, with the names of both places."""

    id: str
    source: str
    target: str
    on_day: date
    status: str
    by: str


@dataclass(frozen=True)
class Changes:
    """What the part of the page for changes shows; None where the reader may change nothing."""

    kind: str  # staff | touchpoint
    subject_id: str
    address: str
    moves: list[MoveRow]
    doubles: list[tuple[str, str]]  # (code, name) of entries that were merged into this one
    may_change: bool


@dataclass(frozen=True)
class PersonScreen:
    person: PersonRow
    unit: str
    changes: Changes


@dataclass(frozen=True)
class Merger:
    """What merging would do, in figures; `refusal` is a code if it cannot be."""

    kind: str
    address: str
    gone: tuple[str, str]  # code, name
    kept: tuple[str, str]
    kept_id: str
    shifts: int = 0
    staff: int = 0
    teams: int = 0
    grants: int = 0
    account: bool = False
    refusal: str = ""


def people(session: Session, actor: Actor, filters: StaffFilters, today: date) -> PeopleScreen:
    """The staff of the touchpoints that the actor may see, by code. NotFound for an unseen unit."""
    s, t = StaffMember, Touchpoint
    wanted: list[ColumnElement[bool]] = [seen_touchpoint(actor, READ), col(s.merged_into).is_(None)]
    if filters.unit:
        unit = session.scalars(units_visible_to(actor).where(OrgUnit.code == filters.unit)).first()
        if unit is None:
            raise NotFound
        wanted.append(under(col(t.unit_path), unit.path))
    if filters.state:
        gone = col(s.left_on) <= today
        wanted.append(gone if filters.state == "left" else sa.or_(col(s.left_on).is_(None), ~gone))
    if filters.q:
        doubles = _select(col(s.merged_into)).where(matches(s.search, filters.q), col(s.merged_into).is_not(None))
        wanted.append(sa.or_(matches(s.search, filters.q), col(s.id).in_(doubles)))
    base = _rows().where(*wanted)
    total = session.scalar(_select(sa.func.count()).select_from(s).join(t, col(t.id) == s.touchpoint_id).where(*wanted))
    rows = [_row(row) for row in session.execute(keyset(base, [col(s.code)], filters.after, PAGE))]
    u = OrgUnit
    choices = units_visible_to(actor).where(col(u.level).in_(("province", "city", "county"))).order_by(col(u.path))
    listed = session.connection().execute(choices.with_only_columns(col(u.code), col(u.name), col(u.level)))
    units = [UnitChoice(*row) for row in listed]
    return PeopleScreen(filters, units, int(total or 0), page_of(rows, PAGE, lambda row: (row.code,)), today)


def _rows() -> Any:
    s, t = StaffMember, Touchpoint
    return (
        _select(
            s.id, s.code, s.name, s.touchpoint_id, col(t.name).label("place"), col(Team.name).label("team"), s.badge,
            s.agent_no, s.job, s.joined_on, s.left_on,
        )
        .join(t, col(t.id) == s.touchpoint_id)
        .join(Team, col(Team.id) == s.team_id, isouter=True)
    )  # fmt: skip


def _row(r: Any) -> PersonRow:
    return PersonRow(r.id, r.code, r.name, r.touchpoint_id, r.place, r.team or "", r.agent_no or r.badge or "", r.job,
                     r.joined_on, r.left_on)  # fmt: skip


def staff_of(session: Session, actor: Actor, staff_id: str, permission: str = READ) -> StaffMember:
    """One staff member within the actor's reach; NotFound otherwise."""
    found = session.execute(
        _select(StaffMember)
        .join(Touchpoint, col(Touchpoint.id) == StaffMember.touchpoint_id)
        .where(StaffMember.id == staff_id, seen_touchpoint(actor, permission))
    ).scalar()
    if not isinstance(found, StaffMember):
        raise NotFound
    return found


def touchpoint_of(session: Session, actor: Actor, touchpoint_id: str, permission: str = READ) -> Touchpoint:
    """One touchpoint within the actor's reach; NotFound otherwise."""
    found = session.scalars(touchpoints_visible_to(actor, permission).where(Touchpoint.id == touchpoint_id)).first()
    if found is None:
        raise NotFound
    return found


def person(session: Session, actor: Actor, staff_id: str) -> PersonScreen:
    """A staff member with moves and doubles."""
    found = staff_of(session, actor, staff_id)
    row = _row(session.execute(_rows().where(StaffMember.id == found.id)).one())
    unit = session.scalar(
        _select(OrgUnit.name).join(Touchpoint, col(Touchpoint.unit_code) == OrgUnit.code).where(
            Touchpoint.id == found.touchpoint_id
        )
    )  # fmt: skip
    return PersonScreen(row, unit or "", changes(session, actor, "staff", found.id))


def changes(session: Session, actor: Actor, kind: str, subject_id: str) -> Changes:
    """Moves and doubles of something that the actor may see."""
    m = PlacementMove
    rows = session.execute(
        _select(m.id, m.from_id, m.to_id, m.on_day, m.status, Account.display_name)
        .join(Account, col(Account.id) == m.created_by)
        .where(m.kind == kind, m.subject_id == subject_id)
        .order_by(col(m.on_day).desc(), col(m.created_at).desc())
        .limit(50)
    ).all()
    keys = {key for row in rows for key in (row.from_id, row.to_id)}
    names = _names(session, actor, kind, keys)
    model = StaffMember if kind == "staff" else Touchpoint
    doubles = session.execute(
        _select(model.code, model.name).where(model.merged_into == subject_id).order_by(model.code)
    )
    may = actor.may(CHANGE) and _reaches(session, actor, kind, subject_id)
    address = f"/staff/{subject_id}" if kind == "staff" else f"/touchpoints/{subject_id}"
    moves = [
        MoveRow(r.id, names.get(r.from_id, "—"), names.get(r.to_id, "—"), r.on_day, r.status, r.display_name)
        for r in rows
    ]
    return Changes(kind, subject_id, address, moves, [(row[0], row[1]) for row in doubles], may)


def _names(session: Session, actor: Actor, kind: str, keys: set[str]) -> dict[str, str]:
    """The places of moves that the actor may know of."""
    if kind == "staff":
        seen = touchpoints_visible_to(actor).with_only_columns(col(Touchpoint.id), col(Touchpoint.name))
        return {row[0]: row[1] for row in session.execute(seen.where(col(Touchpoint.id).in_(keys)))}
    units = units_visible_to(actor).with_only_columns(col(OrgUnit.code), col(OrgUnit.name))
    return {row[0]: row[1] for row in session.execute(units.where(col(OrgUnit.code).in_(keys)))}


def _reaches(session: Session, actor: Actor, kind: str, subject_id: str) -> bool:
    try:
        (staff_of if kind == "staff" else touchpoint_of)(session, actor, subject_id, CHANGE)
    except NotFound:
        return False
    return True


def target_touchpoint(session: Session, actor: Actor, code: str) -> Touchpoint | None:
    """A live touchpoint of that code within the actor's reach for changes."""
    wanted = touchpoints_visible_to(actor, CHANGE).where(
        Touchpoint.code == code, col(Touchpoint.active).is_(True), col(Touchpoint.merged_into).is_(None)
    )
    return session.scalars(wanted).first()


def target_unit(session: Session, actor: Actor, code: str) -> OrgUnit | None:
    """A live unit of that code within the actor's reach for changes."""
    return session.scalars(
        units_visible_to(actor, CHANGE).where(OrgUnit.code == code, col(OrgUnit.active).is_(True))
    ).first()


def planned_move(session: Session, kind: str, subject_id: str) -> PlacementMove | None:
    m = PlacementMove
    found = session.execute(
        _select(m).where(m.kind == kind, m.subject_id == subject_id, m.status == "planned")
    ).scalar()
    return found if isinstance(found, PlacementMove) else None


def due_moves(session: Session, today: date, most: int) -> list[PlacementMove]:
    m = PlacementMove
    due = _select(m).where(m.status == "planned", col(m.on_day) <= today).order_by(col(m.on_day), col(m.created_at))
    return list(session.scalars(due.limit(most)))


def roles_at(session: Session, touchpoint_id: str) -> list[RoleGrant]:
    """The roles at a touchpoint that have not ended."""
    at = _select(RoleGrant).where(RoleGrant.touchpoint_id == touchpoint_id, col(RoleGrant.revoked_at).is_(None))
    return list(session.scalars(at.order_by(col(RoleGrant.id))))


def unit_above_towns(session: Session, place: Touchpoint) -> OrgUnit:
    """The touchpoint's unit, or the county of its town: a town has no roles."""
    unit = session.get_one(OrgUnit, place.unit_code)
    return unit if unit.level != "town" or not unit.parent_code else session.get_one(OrgUnit, unit.parent_code)


def merger(session: Session, actor: Actor, kind: str, subject_id: str, into: str) -> Merger:
    """What would happen if the entry were merged into the one with the code `into`."""
    if kind == "staff":
        return _staff_merger(session, actor, staff_of(session, actor, subject_id, CHANGE), into)
    return _place_merger(session, actor, touchpoint_of(session, actor, subject_id, CHANGE), into)


def _staff_merger(session: Session, actor: Actor, gone: StaffMember, into: str) -> Merger:
    kept_id = session.scalar(_select(StaffMember.id).where(StaffMember.code == into))
    try:
        kept = staff_of(session, actor, kept_id or "", CHANGE)
    except NotFound:
        return Merger("staff", f"/staff/{gone.id}", (gone.code, gone.name), (into, ""), "", refusal="no_such_entry")
    refusal = _refusal(session, "staff", gone, kept)
    if not refusal and gone.account_id and kept.account_id and gone.account_id != kept.account_id:
        refusal = "two_accounts"
    shifts = session.scalar(_select(sa.func.count()).where(Shift.staff_id == gone.id)) or 0
    moves_account = bool(gone.account_id and not kept.account_id)
    return Merger("staff", f"/staff/{gone.id}", (gone.code, gone.name), (kept.code, kept.name), kept.id, shifts=shifts,
                  account=moves_account, refusal=refusal)  # fmt: skip


def _place_merger(session: Session, actor: Actor, gone: Touchpoint, into: str) -> Merger:
    address = f"/touchpoints/{gone.id}"
    kept = session.scalars(touchpoints_visible_to(actor, CHANGE).where(Touchpoint.code == into)).first()
    if kept is None:
        return Merger("touchpoint", address, (gone.code, gone.name), (into, ""), "", refusal="no_such_entry")
    refusal = _refusal(session, "touchpoint", gone, kept)
    if not refusal and gone.kind != kept.kind:
        refusal = "another_kind"

    def held(model: Any) -> int:
        return int(session.scalar(_select(sa.func.count()).where(model.touchpoint_id == gone.id)) or 0)

    grants = session.scalar(
        _select(sa.func.count()).where(RoleGrant.touchpoint_id == gone.id, col(RoleGrant.revoked_at).is_(None))
    )
    return Merger("touchpoint", address, (gone.code, gone.name), (kept.code, kept.name), kept.id, shifts=held(Shift),
                  staff=held(StaffMember), teams=held(Team), grants=int(grants or 0), refusal=refusal)  # fmt: skip


def _refusal(session: Session, kind: str, gone: StaffMember | Touchpoint, kept: StaffMember | Touchpoint) -> str:
    if gone.id == kept.id:
        return "itself"
    if gone.merged_into or kept.merged_into:
        return "merged_already"
    return "move_planned" if planned_move(session, kind, gone.id) else ""


def shift_starts(staff_id: str) -> Any:
    """The statement of when somebody's shifts start."""
    return _select(Shift.starts_at).where(Shift.staff_id == staff_id)

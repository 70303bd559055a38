"""Changes of the organisation by hand: dated moves, and merging an entry into the one that it was a double of.

Nothing is deleted: a double stays as a row that says what it became, so that its code and its address go on finding
the entry that was kept, and results of the past stay at the place where they were made.
"""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from audit_app.access.rules import Actor
from audit_app.kit import clock
from audit_app.kit.db import Session
from audit_app.kit.errors import Conflict, FieldError, Invalid, NotFound
from audit_app.kit.states import Transitions, move
from audit_app.organisation import granting, people
from audit_app.organisation.models import OrgUnit, PlacementMove, Shift, StaffMember, Team, Touchpoint
from audit_app.organisation.rules import Post
from audit_app.organisation.state import lock_organisation
from audit_app.trail.operations import record

MOVE: Transitions = {"planned": frozenset({"done", "cancelled"}), "done": frozenset(), "cancelled": frozenset()}
MOST = 200


def plan_move(session: Session, actor: Actor, kind: str, subject_id: str, to: str, on: date, now: datetime) -> str:
    """A staff member moves to the touchpoint, or a touchpoint to the unit, with the code `to` on a day; today: at once.
    Returns the move's id."""
    lock_organisation(session)
    source, target = _ends(session, actor, kind, subject_id, to)
    today = clock.local_date(now)
    if on < today:
        raise Invalid(fields=[FieldError("on", "past", "A move cannot lie in the past.")])
    if source == target:
        raise Invalid(fields=[FieldError("to", "same", "It is there already.")])
    if people.planned_move(session, kind, subject_id) is not None:
        raise Conflict("A move is planned already; cancel it first.", code="move-planned")
    made = PlacementMove(
        kind=kind, subject_id=subject_id, from_id=source, to_id=target, on_day=on, status="planned",
        created_by=actor.account_id, created_at=now,
    )  # fmt: skip
    session.add(made)
    session.flush()
    _record(session, f"{kind}.move_planned", actor.account_id, kind, subject_id, now, {"move": made.id})
    if on == today:
        _carry_out(session, made, now)
    return made.id


def _ends(session: Session, actor: Actor, kind: str, subject_id: str, to: str) -> tuple[str, str]:
    wrong = Invalid(fields=[FieldError("to", "choice", "There is no such place, or it is not yours to change.")])
    if kind == "staff":
        person, place = (
            people.staff_of(session, actor, subject_id, people.CHANGE),
            people.target_touchpoint(session, actor, to),
        )
        if place is None or person.merged_into:
            raise wrong
        return person.touchpoint_id, place.id
    here, unit = (
        people.touchpoint_of(session, actor, subject_id, people.CHANGE),
        people.target_unit(session, actor, to),
    )
    if unit is None or here.merged_into:
        raise wrong
    return here.unit_code, unit.code


def cancel_move(session: Session, actor: Actor, move_id: str, now: datetime) -> str:
    """Takes a planned move back. Returns the address of what would have moved."""
    lock_organisation(session)
    found = session.get(PlacementMove, move_id)
    if found is None:
        raise NotFound
    (people.staff_of if found.kind == "staff" else people.touchpoint_of)(
        session, actor, found.subject_id, people.CHANGE
    )
    move(session, PlacementMove, found.id, MOVE, "cancelled")
    _record(
        session, f"{found.kind}.move_cancelled", actor.account_id, found.kind, found.subject_id, now, {"move": move_id}
    )
    return ("/staff/" if found.kind == "staff" else "/touchpoints/") + found.subject_id


def carry_out_due(session: Session, now: datetime) -> int:
    """Carries out the moves whose day has come. Returns how many."""
    lock_organisation(session)
    due = people.due_moves(session, clock.local_date(now), MOST)
    for one in due:
        _carry_out(session, one, now)
    return len(due)


def _carry_out(session: Session, one: PlacementMove, now: datetime) -> None:
    move(session, PlacementMove, one.id, MOVE, "done")
    if one.kind == "staff":
        staff = session.get_one(StaffMember, one.subject_id)
        staff.touchpoint_id, staff.team_id = one.to_id, None
        session.add(staff)
    else:
        place, unit = session.get_one(Touchpoint, one.subject_id), session.get_one(OrgUnit, one.to_id)
        place.unit_code, place.unit_path = unit.code, unit.path
        session.add(place)
    session.flush()
    _record(session, f"{one.kind}.moved", None, one.kind, one.subject_id, now,
            {"move": one.id, "from": one.from_id, "to": one.to_id})  # fmt: skip


def merge(session: Session, actor: Actor, kind: str, subject_id: str, into: str, now: datetime) -> str:
    """Merges an entry into the one with the code `into`, as the preview showed. Returns the address of the one kept."""
    lock_organisation(session)
    shown = people.merger(session, actor, kind, subject_id, into)
    if shown.refusal:
        raise Invalid(fields=[FieldError("into", shown.refusal, "This cannot be merged.")])  # the preview says why
    if kind == "staff":
        _merge_staff(session, subject_id, shown.kept_id, clock.local_date(now))
    else:
        _merge_places(session, subject_id, shown.kept_id)
        _give_roles(session, actor, subject_id, shown.kept_id, now)
    detail = {"into": shown.kept_id, "code": shown.gone[0], "into_code": shown.kept[0]}
    _record(session, f"{kind}.merged", actor.account_id, kind, subject_id, now, detail)
    return ("/staff/" if kind == "staff" else "/touchpoints/") + shown.kept_id


def _merge_staff(session: Session, gone_id: str, kept_id: str, today: date) -> None:
    gone, kept = session.get_one(StaffMember, gone_id), session.get_one(StaffMember, kept_id)
    theirs = col(Shift.staff_id) == gone_id
    session.execute(sa.delete(Shift).where(theirs, col(Shift.starts_at).in_(people.shift_starts(kept_id))))
    session.execute(sa.update(Shift).where(theirs).values(staff_id=kept_id))
    kept.account_id = kept.account_id or gone.account_id
    number, gone.agent_no = gone.agent_no, None  # unique: let go before it is given on
    gone.merged_into, gone.left_on = kept_id, gone.left_on or today
    session.add(gone)
    session.flush()
    kept.agent_no, kept.badge = kept.agent_no or number, kept.badge or gone.badge
    kept.joined_on = min(kept.joined_on, gone.joined_on)
    session.add(kept)
    _follow(session, StaffMember, gone_id, kept_id)
    # Results that name a double are this person's: every entry of the chain carries the account.
    same = col(StaffMember.merged_into) == kept_id
    session.execute(sa.update(StaffMember).where(same).values(account_id=kept.account_id))


def _merge_places(session: Session, gone_id: str, kept_id: str) -> None:
    for model in (StaffMember, Team, Shift):
        session.execute(sa.update(model).where(col(model.touchpoint_id) == gone_id).values(touchpoint_id=kept_id))
    m = PlacementMove
    coming = (col(m.kind) == "staff", col(m.to_id) == gone_id, col(m.status) == "planned")
    session.execute(sa.update(m).where(*coming).values(to_id=kept_id))
    gone = session.get_one(Touchpoint, gone_id)
    gone.merged_into, gone.active = kept_id, False
    session.add(gone)
    _follow(session, Touchpoint, gone_id, kept_id)


def _give_roles(session: Session, actor: Actor, gone_id: str, kept_id: str, now: datetime) -> None:
    """Whoever had a role at the double has it at the entry kept, too. The old one stays: results of the past stayed
    there. A team's roles come along with the team."""
    kept = session.get_one(Touchpoint, kept_id)
    unit = people.unit_above_towns(session, kept)
    has = {(g.account_id, g.role) for g in people.roles_at(session, kept_id) if not g.team_id}
    for old in people.roles_at(session, gone_id):
        if old.team_id:
            old.touchpoint_id, old.unit_code = kept_id, unit.code
            session.add(old)
        elif (old.account_id, old.role) not in has:
            post = Post(old.role, unit.code, unit.path, kept_id)
            granting.grant(session, actor.account_id, old.account_id, post, now)
    session.flush()


def _follow(session: Session, model: type[Any], gone_id: str, kept_id: str) -> None:
    """What was merged into the double earlier now leads to the one that is kept."""
    session.flush()
    session.execute(sa.update(model).where(col(model.merged_into) == gone_id).values(merged_into=kept_id))


def _record(
    session: Session, act: str, by: str | None, kind: str, key: str, now: datetime, detail: dict[str, Any]
) -> None:
    record(session, act, actor_id=by, subject_kind=kind, subject_id=key, now=now, detail=detail)

"""Writing assessors, and telling who a tester is: each time a line on the trail, and the reason beside it."""

import secrets
from datetime import datetime
from typing import Any

from audit_app.access.rules import Actor
from audit_app.kit import clock
from audit_app.kit.db import Session
from audit_app.kit.errors import Conflict, FieldError, Forbidden, Invalid
from audit_app.kit.ids import new_id
from audit_app.kit.states import move
from audit_app.testers import queries, rules
from audit_app.testers.models import Assessor, IdentityLook, IdentityPermit
from audit_app.trail.operations import record

TRIES = 50


def enrol_inspector(session: Session, account_id: str, unit_code: str) -> None:
    """Gives an employee who inspects a code for planning, unless there is one already. Checklists come later."""
    if queries.assessor_of(session, account_id):
        return
    for _ in range(TRIES):
        code = f"{secrets.randbelow(9999) + 1:04}"
        if not queries.code_taken(session, code):
            session.add(Assessor(id=new_id(), account_id=account_id, code=code, tier="inspector", unit_code=unit_code))
            session.flush()
            return
    raise Conflict("No code is free.")


def look(session: Session, actor: Actor, code: str, asked: rules.Look, now: datetime) -> queries.Identity:
    """The programme office looks a name up."""
    found = queries.tester_by_code(session, actor, code, clock.local_date(now), "identity.read")
    reason = _reason(asked.reason)
    return _told(session, actor, found.id, reason, None, now)


def ask(session: Session, actor: Actor, asked: rules.Request, now: datetime) -> str:
    """An administrator asks for a permit; somebody of the programme office answers within a day. Returns its id."""
    found = queries.tester_by_code(session, actor, asked.code, clock.local_date(now), "identity.ask")
    permit = IdentityPermit(
        assessor_id=found.id, asked_by=actor.account_id, asked_at=now, reason=_reason(asked.reason), status="asked",
        ends_at=now + rules.ANSWER_WITHIN,
    )  # fmt: skip
    session.add(permit)
    session.flush()
    _record(session, "identity.asked", actor, permit.id, now, {"assessor": found.id})
    return permit.id


def decide(session: Session, actor: Actor, permit_id: str, granted: bool, now: datetime) -> None:
    """A second person answers the request; a permit granted is good for an hour."""
    found = queries.permit(session, actor, permit_id, now)
    if found.own:
        raise Forbidden("Somebody else must answer this request.", code="four-eyes")
    if found.status != "asked":
        raise Conflict(code="state-changed")
    status, ends_at = ("granted", now + rules.HOUR) if granted else ("refused", now)
    move(session, IdentityPermit, permit_id, {"asked": frozenset({status})}, status,
         decided_by=actor.account_id, decided_at=now, ends_at=ends_at)  # fmt: skip
    _record(session, f"identity.{status}", actor, permit_id, now, {})


def check_permit(session: Session, actor: Actor, permit_id: str, now: datetime) -> None:
    """Refuses unless the actor asked for this permit and its hour runs."""
    found = queries.permit(session, actor, permit_id, now)
    if not found.own:
        raise Forbidden("Only who asked for it may use this permit.", code="not-own")
    if found.status != "granted":
        raise Conflict("This permit is not open.", code="permit-closed")


def look_by_permit(session: Session, actor: Actor, permit_id: str, now: datetime) -> queries.Identity:
    """The administrator who asked is told the name while the hour runs; each time is a look of its own."""
    check_permit(session, actor, permit_id, now)
    permit = session.get_one(IdentityPermit, permit_id)
    return _told(session, actor, permit.assessor_id, permit.reason, permit_id, now)


def give_back(session: Session, actor: Actor, permit_id: str, now: datetime) -> None:
    """Whoever asked, or the programme office, ends an open permit before its time."""
    found = queries.permit(session, actor, permit_id, now)
    if found.status not in rules.OPEN:
        raise Conflict(code="state-changed")
    move(session, IdentityPermit, permit_id, rules.PERMIT, "ended", ends_at=now)
    _record(session, "identity.ended", actor, permit_id, now, {})


def end_overdue(session: Session, now: datetime) -> int:
    """Notes the end of permits whose time is over (they have not been good since). Returns how many."""
    ended = queries.overdue_permits(session, now)
    for permit in ended:
        move(session, IdentityPermit, permit.id, rules.PERMIT, "ended")
        record(session, "identity.ended", actor_id=None, subject_kind="identity_permit", subject_id=permit.id, now=now)
    return len(ended)


def _told(
    session: Session, actor: Actor, assessor_id: str, reason: str, permit_id: str | None, now: datetime
) -> queries.Identity:
    by = actor.account_id
    seen = IdentityLook(assessor_id=assessor_id, account_id=by, permit_id=permit_id, reason=reason, at=now)
    session.add(seen)
    session.flush()
    record(session, "identity.looked_up", actor_id=actor.account_id, subject_kind="assessor", subject_id=assessor_id,
           now=now, detail={"look": seen.id} | ({"permit": permit_id} if permit_id else {}))  # fmt: skip
    return queries.identity_of(session, assessor_id)


def _reason(text: str) -> str:
    if not rules.says_why(text):
        raise Invalid(fields=[FieldError("reason", "length", rules.SAY_WHY)])
    return text.strip()


def _record(session: Session, act: str, actor: Actor, permit_id: str, now: datetime, detail: dict[str, Any]) -> None:
    record(session, act, actor_id=actor.account_id, subject_kind="identity_permit", subject_id=permit_id, now=now,
           detail=detail)  # fmt: skip

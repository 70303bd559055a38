"""The end of a visit that counts for nothing. `review` sees to it that two people agreed."""

from datetime import datetime

from audit_app.kit.db import Session
from audit_app.kit.states import move
from audit_app.planning import operations as planning
from audit_app.trail.operations import record
from audit_app.visits.models import Visit, VisitVoid
from audit_app.visits.queries.standing import visited_again
from audit_app.visits.rules import LIFT, VISIT


def void(session: Session, visit: Visit, reason: str, items: list[str], note: str, by: str, now: datetime) -> None:
    """Voids the visit: its assessor reads reason, items and note; its job may be done anew, and its touchpoint waits
    for a visit again. Conflict if its state does not allow it (final, void already)."""
    session.merge(  # an earlier one may have been lifted
        VisitVoid(visit_id=visit.id, reason=reason, items=items, note=note, status_before=visit.status, at=now)
    )
    session.flush()
    move(session, Visit, visit.id, VISIT, "void", status_at=now, answer_by=None)
    planning.unvisit(session, visit.assignment_id)
    record(session, "visit.voided", actor_id=by, subject_kind="visit", subject_id=visit.id, now=now,
           unit_path=visit.unit_path, detail={"reason": reason, "items": items})  # fmt: skip


def lift(session: Session, visit: Visit, by: str | None, now: datetime) -> str | None:
    """An appeal against the void was upheld: the state in which the visit goes on. None where its job was visited again
    meanwhile: then it stays void and is accepted for pay only."""
    known = session.get_one(VisitVoid, visit.id)
    back = None if visited_again(session, visit.assignment_id) else _goes_on(known.status_before)
    known.overturned_at, known.overturned_to = now, "pay" if back is None else "lifted"
    session.add(known)
    session.flush()
    if back is not None:
        move(session, Visit, visit.id, LIFT, back, status_at=now)
        planning.revisit(session, visit.assignment_id)
    record(session, "visit.void_overturned", actor_id=by, subject_kind="visit", subject_id=visit.id, now=now,
           unit_path=visit.unit_path, detail={"how": known.overturned_to, "state": back or "void"})  # fmt: skip
    return back


def _goes_on(before: str) -> str:
    """What was under review is reviewed anew; what was further stands where it stood."""
    return before if before in ("receiving", "approved", "released") else "submitted"

"""The end of a visit that counts for nothing. `review` sees to it that two people agreed."""

from datetime import datetime

from audit_app.kit.db import Session
from audit_app.kit.states import move
from audit_app.planning import operations as planning
from audit_app.trail.operations import record
from audit_app.visits.models import Visit, VisitVoid
from audit_app.visits.rules import VISIT


def void(session: Session, visit: Visit, reason: str, items: list[str], note: str, by: str, now: datetime) -> None:
    """Voids the visit: its assessor reads reason, items and note; its job may be done anew, and its touchpoint waits
    for a visit again. Conflict if its state does not allow it (final, void already)."""
    session.add(VisitVoid(visit_id=visit.id, reason=reason, items=items, note=note, status_before=visit.status, at=now))
    session.flush()
    move(session, Visit, visit.id, VISIT, "void", status_at=now, answer_by=None)
    planning.unvisit(session, visit.assignment_id)
    record(session, "visit.voided", actor_id=by, subject_kind="visit", subject_id=visit.id, now=now,
           unit_path=visit.unit_path, detail={"reason": reason, "items": items})  # fmt: skip

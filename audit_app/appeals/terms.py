"""What happens by itself when a term ends. Each step is repeated harmlessly: what is done is not found again."""

from collections.abc import Sequence
from datetime import datetime

from audit_app.appeals import operations, panels, rules, telling
from audit_app.appeals.queries import deadlines, hearings, panel
from audit_app.kit.db import Session
from audit_app.trail.operations import record
from audit_app.visits import operations as visiting
from audit_app.visits import queries as visits


def close_unasked(session: Session, now: datetime) -> int:
    """First decisions that nobody took further in time stand for good. Returns how many."""
    found = deadlines.unasked(session, now)
    for appeal in found:
        operations.close(session, appeal.id, appeal.outcome, now)
        panels.tell(session, "appeal.closed", appeal, None, now, {"outcome": appeal.outcome})
    return len(found)


def press_late(session: Session, now: datetime) -> int:
    """A panel is late: it is told, once; where two votes differ and the third is missing, the kinder one counts. A
    round without enough votes stays open, and with it the visit. Returns how many."""
    found = [hearing.id for hearing in deadlines.late(session, now)]
    for hearing_id in found:
        hearing, appeal = hearings.round_of(session, hearing_id)
        hearing.overdue_at = now
        session.add(hearing)
        session.flush()
        panels.tell(session, "appeal.overdue", appeal, None, now, {"hearing": hearing_id, "round": hearing.number})
        if panels.settle(session, appeal, hearing, now, out_of_time=True) == "open":
            silent = [seat.account_id for seat in panel.seats_of(session, hearing_id) if seat.voted_at is None]
            telling.tell_panel(session, hearing, silent, now, late=True)
    return len(found)


def fill_seats(session: Session, now: datetime) -> int:
    """Rounds that lack a member get one as soon as there is one. Returns how many are complete now."""
    return sum(panels.refill(session, key, now) >= rules.SEATS for key in deadlines.unfilled(session))


def finalise(session: Session, batch: Sequence[tuple[str, datetime]], now: datetime) -> int:
    """Of these released visits, those become final whose window has passed with no appeal open. Returns how many."""
    over = [key for key, released_at in batch if rules.window_end(released_at) <= now]
    visits.lock_visits(session, over)
    held = deadlines.with_open_appeal(session, over)
    still = deadlines.released(session, over)
    for key in over:
        if key in held or key not in still:
            continue
        visiting.set_status(session, key, "final", now)
        record(
            session, "visit.final", actor_id=None, subject_kind="visit", subject_id=key, now=now, unit_path=still[key]
        )
    return sum(key in still and key not in held for key in over)

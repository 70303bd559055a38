"""What happens by itself when a term ends. Each step is repeated harmlessly: what is done is not found again."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from audit_app.appeals import operations, panels, rules, telling
from audit_app.appeals.models import Appeal, Hearing
from audit_app.appeals.queries import deadlines, hearings, panel
from audit_app.kit.db import Session
from audit_app.kit.errors import Conflict
from audit_app.trail.operations import record
from audit_app.visits import operations as visiting
from audit_app.visits import queries as visits

log = logging.getLogger(__name__)


def _alone(session: Session, what: str, step: Callable[[], bool]) -> bool:
    """One step of a batch: one that cannot be done is logged and undone alone, and holds up none of the others."""
    try:
        with session.begin_nested():
            return step()
    except Conflict as refusal:
        log.error("%s was left as it is: %s", what, refusal.code)
        return False


def close_unasked(session: Session, now: datetime) -> int:
    """First decisions that nobody took further in time stand for good. Returns how many."""
    found = deadlines.unasked(session, now)
    return sum(_alone(session, f"appeal {one.id}", partial(_let_stand, session, one, now)) for one in found)


def _let_stand(session: Session, appeal: Appeal, now: datetime) -> bool:
    stands = operations.let_stand(session, appeal.id, now)
    if stands:
        panels.tell(session, "appeal.closed", appeal, None, now, {"outcome": appeal.outcome})
    return stands


def press_late(session: Session, now: datetime) -> int:
    """A panel is late: it is told, once; where two votes differ and the third is missing, the kinder one counts. A
    round without enough votes stays open, and with it the visit. Returns how many."""
    found = [hearing.id for hearing in deadlines.late(session, now)]
    visits.lock_visits(session, hearings.visits_of(session, found))
    return sum(_press(session, key, now) for key in found)


def _press(session: Session, hearing_id: str, now: datetime) -> bool:
    hearing, appeal = hearings.round_of(session, hearing_id)
    if hearing.status != "open":  # decided while its visit was waited for
        return False
    newly = hearing.overdue_at is None
    if newly:
        hearing.overdue_at = now
        session.add(hearing)
        session.flush()
        panels.tell(session, "appeal.overdue", appeal, None, now, {"hearing": hearing_id, "round": hearing.number})
    done = _alone(session, f"hearing {hearing_id}", partial(_settle_late, session, appeal, hearing, now))
    if newly and hearing.status == "open":
        silent = [seat.account_id for seat in panel.seats_of(session, hearing_id) if seat.voted_at is None]
        telling.tell_panel(session, hearing, silent, now, late=True)
    return done


def _settle_late(session: Session, appeal: Appeal, hearing: Hearing, now: datetime) -> bool:
    panels.settle(session, appeal, hearing, now, out_of_time=True)
    return True


def fill_seats(session: Session, now: datetime) -> int:
    """Rounds that lack a member get one as soon as there is one. Returns how many are complete now."""
    found = deadlines.unfilled(session)
    visits.lock_visits(session, hearings.visits_of(session, found))
    return sum(_alone(session, f"hearing {key}", partial(_complete, session, key, now)) for key in found)


def _complete(session: Session, hearing_id: str, now: datetime) -> bool:
    return panels.refill(session, hearing_id, now) >= rules.SEATS


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

"""What may be done with a visit in review beside scoring it: flags, going on without an answer, second opinions."""

from datetime import datetime

from sqlmodel import col, update

from audit_app.access.rules import Actor
from audit_app.kit.db import Session
from audit_app.kit.errors import Conflict, FieldError, Invalid, NotFound
from audit_app.kit.states import move
from audit_app.review import operations, opinions, queries, rules
from audit_app.review.models import Review, SecondOpinion
from audit_app.review.recording import recorded
from audit_app.review.weighing import change_of
from audit_app.standards.queries import sheet_for
from audit_app.visits import clocks, flags, voids
from audit_app.visits.models import Visit
from audit_app.visits.rules import REVIEWER_FLAGS, SETTLED_HOW, VISIT, Flag

LONGEST_REASON = 500
BATCH = 200


def raise_flag(session: Session, actor: Actor, review_id: str, new: rules.NewFlag, now: datetime) -> None:
    """A reviewer finds something odd about the visit."""
    _, visit = queries.review_of(session, actor, review_id)
    note = new.note.strip()
    faults = [] if new.kind in REVIEWER_FLAGS else [FieldError("flag_kind", "choice", "Please choose one of the list.")]
    if not note:
        faults.append(FieldError("flag_note", "required", "Say what you noticed."))
    faults += _reason_faults("flag_note", note)
    if new.item_id and new.item_id not in sheet_for(session, visit.checklist_version_id).by_id:
        faults.append(FieldError("flag_item", "unknown_item", "There is no such item in this checklist."))
    if faults:
        raise Invalid(fields=faults)
    raised = Flag(new.kind, new.item_id, {"note": note})
    if not flags.raise_flags(session, visit.id, [raised], now, True, "reviewer"):
        raise Conflict("This flag stands there already.", code="flag-known")
    recorded(session, "flag.raised", actor, visit, now, kind=new.kind, item=new.item_id)


def settle_flag(
    session: Session, actor: Actor, review_id: str, flag_id: str, said: rules.Settlement, now: datetime
) -> None:
    """A reviewer says what came of a flag, with a reason. It stays on the list, settled."""
    _, visit = queries.review_of(session, actor, review_id)
    reason = said.reason.strip()
    faults = [] if said.how in SETTLED_HOW else [FieldError("settle_how", "choice", "Please choose one of the list.")]
    if not reason:
        faults.append(FieldError("settle_reason", "required", "Say what you found."))
    faults += _reason_faults("settle_reason", reason)
    if faults:
        raise Invalid(fields=faults)
    kind = flags.settle_flag(session, visit.id, flag_id, said.how, reason, actor.account_id, now)
    if kind is None:
        raise NotFound
    recorded(session, "flag.settled", actor, visit, now, kind=kind, how=said.how)


def _reason_faults(path: str, text: str) -> list[FieldError]:
    if len(text) > LONGEST_REASON:
        return [FieldError(path, "too-long", "At most %(longest)s characters.", {"longest": LONGEST_REASON})]
    return list(opinions.text_faults(path, text))


def go_on(session: Session, actor: Actor, review_id: str, now: datetime) -> None:
    """Takes a visit as it is: without the files that did not come in 7 days, or without the answer to a return whose
    deadline has passed. Until then both may still come."""
    review, visit = queries.review_of(session, actor, review_id)
    if review.revision != visit.revision:
        raise Conflict(code="state-changed")
    if visit.status == "receiving" and review.closed_at is None:
        move(session, Visit, visit.id, {"receiving": VISIT["receiving"]}, "submitted", status_at=now)
        raised = Flag("evidence_incomplete", detail={"files": visit.missing})
        flags.raise_flags(session, visit.id, [raised], now, True)
        operations.open_review(session, visit.id, now)
    elif visit.status == "returned" and visit.answer_by is not None and visit.answer_by <= now:
        back = frozenset({"in_review"})
        move(session, Visit, visit.id, {"returned": back}, "in_review", status_at=now, answer_by=None)
        _reopen(session, review)
        clocks.forget_return(session, visit.id)
    else:
        raise Conflict(code="state-changed")
    recorded(session, "review.went_on", actor, visit, now, revision=review.revision)


def _reopen(session: Session, review: Review) -> None:
    reopened = session.scalars(
        update(Review)
        .where(col(Review.id) == review.id, col(Review.outcome) == "returned")
        .values(closed_at=None, outcome="")
        .returning(col(Review.id))
    ).all()
    if len(reopened) != 1:
        raise Conflict(code="state-changed")


def confirm(session: Session, actor: Actor, opinion_id: str, draw: rules.Draw, now: datetime) -> None:
    """The second reviewer agrees: the approval or the void takes place, in one act with the answer."""
    _, _, visit = queries.opinion_for(session, actor, opinion_id)
    queries.hold(session, visit)
    opinion, review, visit = queries.opinion_for(session, actor, opinion_id)
    if review.revision != visit.revision:
        raise Conflict(code="state-changed")
    opinions.settle(session, opinion, "confirmed", now)
    recorded(session, f"{opinion.kind}.confirmed", actor, visit, now, opinion=opinion.id)
    if opinion.kind == "void":
        _void(session, opinion, visit, now)
        return
    if review.closed_at is not None or visit.status != "in_review" or review.reviewer_id != opinion.asked_by:
        raise Conflict(code="state-changed")
    if change_of(session, visit) != opinion.change:
        raise Conflict(code="state-changed")
    operations.accept(session, review, visit, opinion.note, opinion.change or 0, draw, now)


def _void(session: Session, opinion: SecondOpinion, visit: Visit, now: datetime) -> None:
    """The visit counts for nothing: an open review of it ends, a score that it had is superseded by none."""
    had_score = queries.has_result(session, visit.id)
    voids.void(session, visit, opinion.reason, opinion.items, opinion.note, opinion.asked_by, now)
    for review in queries.still_open(session, visit.id):
        operations.close(session, review, "void", now)
    if had_score:
        operations.store_result(session, visit, "void", opinion.asked_by, now)


def ask_for_evidence(session: Session, now: datetime) -> int:
    """After 72 hours the assessor is asked for the files that did not come. Returns how many visits."""
    return len(clocks.evidence_asked(session, now, BATCH))


def open_overdue(session: Session, now: datetime) -> int:
    """After 7 days without its files a visit goes to a reviewer, who may take it as it is. Returns how many."""
    struck = clocks.evidence_overdue(session, now, BATCH)
    for one in struck:
        operations.open_waiting(session, one.visit_id, now)
    return len(struck)


def expire_returns(session: Session, now: datetime) -> int:
    """A return that was not answered in time is flagged; its reviewer may go on. Returns how many."""
    struck = clocks.return_expired(session, now, BATCH)
    for one in struck:
        flags.raise_flags(session, one.visit_id, [Flag("return_expired", detail={"revision": one.revision})], now, True)
    return len(struck)

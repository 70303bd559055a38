"""Asking a second reviewer: for an approval that changes much, and for a void. Nobody confirms what they asked for."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError

from audit_app.access.rules import Actor
from audit_app.kit.db import Session
from audit_app.kit.errors import Conflict, FieldError, Invalid
from audit_app.kit.forms import storable
from audit_app.kit.states import allowed, move
from audit_app.review import queries, rules
from audit_app.review.models import Review, SecondOpinion
from audit_app.review.recording import recorded
from audit_app.standards.queries import sheet_for
from audit_app.trail.operations import record
from audit_app.visits.models import Visit
from audit_app.visits.rules import VISIT, VOID_REASONS

LONGEST = 2000
BATCH = 200


def ask(
    session: Session, actor: Actor, review: Review, visit: Visit, kind: str, now: datetime, **values: Any
) -> SecondOpinion:
    """Puts the question to another reviewer. Conflict while an earlier one about the visit waits."""
    if queries.is_waiting(session, visit.id):
        raise Conflict("A second reviewer has been asked about this visit already.", code="second-waits")
    reached = queries.reached_path(session, visit)
    made = SecondOpinion(
        visit_id=visit.id, review_id=review.id, kind=kind, unit_path=reached, asked_by=actor.account_id, asked_at=now,
        second_id=queries.second_for(session, visit, reached, actor.account_id), **{"items": [], **values},
    )  # fmt: skip
    session.add(made)
    try:
        session.flush()
    except IntegrityError as fault:  # somebody else asked in the same moment
        raise Conflict(code="state-changed") from fault
    recorded(session, f"{kind}.asked", actor, visit, now, opinion=made.id, reason=made.reason)
    return made


def ask_void(session: Session, actor: Actor, review_id: str, new: rules.NewVoid, now: datetime) -> str:
    """A reviewer wants their visit to count for nothing; another one decides. Returns the opinion's id."""
    review, visit = queries.review_of(session, actor, review_id)
    note = new.note.strip()
    faults = (
        [] if new.reason in VOID_REASONS else [FieldError("void_reason", "choice", "Please choose one of the list.")]
    )
    if not note:
        faults.append(FieldError("void_note", "required", "Say why: the assessor reads it."))
    faults += text_faults("void_note", note)
    if not set(new.items) <= set(sheet_for(session, visit.checklist_version_id).by_id):
        faults.append(FieldError("void_item", "unknown_item", "There is no such item in this checklist."))
    if faults:
        raise Invalid(fields=faults)
    if review.revision != visit.revision or not allowed(VISIT, visit.status, "void"):
        raise Conflict(code="state-changed")
    items = sorted(set(new.items))
    return ask(session, actor, review, visit, "void", now, reason=new.reason, note=note, items=items).id


def refuse(session: Session, actor: Actor, opinion_id: str, answer: str, now: datetime) -> None:
    """The second reviewer does not agree, and says why; the first goes on as before."""
    opinion, _, visit = queries.opinion_for(session, actor, opinion_id)
    text = answer.strip()
    faults = [] if text else [FieldError("answer", "required", "Say why you do not agree.")]
    faults += text_faults("answer", text)
    if faults:
        raise Invalid(fields=faults)
    settle(session, opinion, "refused", now, answer=text)
    recorded(session, f"{opinion.kind}.refused", actor, visit, now, opinion=opinion.id)


def withdraw(session: Session, actor: Actor, opinion_id: str, now: datetime) -> str:
    """Whoever asked takes the question back. Returns the id of the review."""
    opinion, visit = queries.opinion_by(session, actor, opinion_id)
    settle(session, opinion, "withdrawn", now)
    recorded(session, f"{opinion.kind}.withdrawn", actor, visit, now, opinion=opinion.id)
    return opinion.review_id


def lapse(session: Session, visit: Visit, now: datetime) -> None:
    """Ends the open opinion on a visit, if there is one: what it was asked about, or who asked, is another by now."""
    opinion = queries.opinion_on(session, visit.id)
    if opinion is not None and opinion.status == "open":
        settle(session, opinion, "withdrawn", now)
        record(session, f"{opinion.kind}.withdrawn", actor_id=None, subject_kind="visit", subject_id=visit.id, now=now,
               unit_path=visit.unit_path, detail={"opinion": opinion.id})  # fmt: skip


def settle(session: Session, opinion: SecondOpinion, status: str, now: datetime, **values: Any) -> None:
    """The one door out of an open opinion."""
    move(session, SecondOpinion, opinion.id, rules.OPINION, status, answered_at=now, **values)


def place_waiting(session: Session, now: datetime) -> int:
    """Finds second reviewers for what has none, or one who may no longer review there. Returns how many were found."""
    found = 0
    for opinion, visit in queries.unplaced_opinions(session, BATCH):
        second = queries.second_for(session, visit, opinion.unit_path, opinion.asked_by)
        if second == opinion.second_id:
            continue
        opinion.second_id = second
        session.add(opinion)
        session.flush()
        record(session, "opinion.given", actor_id=None, subject_kind="visit", subject_id=visit.id, now=now,
               unit_path=visit.unit_path, detail={"opinion": opinion.id})  # fmt: skip
        found += second is not None
    return found


def text_faults(path: str, text: str) -> Sequence[FieldError]:
    """What is wrong with a free text, from a form or from JSON."""
    if len(text) > LONGEST:
        return [FieldError(path, "too-long", "At most 2,000 characters.")]
    if not storable(text):
        return [FieldError(path, "characters", "This contains characters that cannot be used.")]
    return []

"""Painting over photos, and letting them out to those below. All of it only while the review is open and its reviewer
has the word: what was approved, or is looked at by a second reviewer, stays as it was."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import col, delete, update

from audit_app.access.rules import Actor
from audit_app.kit.db import Session
from audit_app.kit.errors import Conflict, FieldError, Invalid, NotFound
from audit_app.kit.ids import random_id
from audit_app.review import queries, rules
from audit_app.review.models import Redaction, Review
from audit_app.review.recording import recorded
from audit_app.visits.models import Visit

BOX_TEXTS = {
    "none": "Draw at least one box.",
    "many": "These are too many boxes.",
    "outside": "A box must lie inside the picture.",
}


def check(new: rules.Redaction) -> None:
    """Raises Invalid for boxes that cannot be drawn."""
    if fault := rules.box_faults(new.boxes):
        raise Invalid(fields=[FieldError("boxes", fault, BOX_TEXTS[fault])])
    if new.shows not in rules.SHOWS:
        raise Invalid(fields=[FieldError("shows", "choice", "Please choose one of the list.")])


def cover(
    session: Session, actor: Actor, review_id: str, evidence_id: str, new: rules.Redaction, blob: str, now: datetime
) -> None:
    """Keeps the boxes and the copy that they were burnt into. It is not let out before it was looked at."""
    check(new)
    visit, photo = _held(session, actor, review_id, evidence_id)
    kept = photo.redaction or Redaction(evidence_id=evidence_id, visit_id=visit.id, made_by=actor.account_id,
                                        shows=new.shows, boxes=[], blob=blob, made_at=now)  # fmt: skip
    kept.shows, kept.boxes, kept.blob = new.shows, [list(box) for box in new.boxes], blob
    kept.made_by, kept.made_at, kept.looked_at, kept.releasable = actor.account_id, now, None, False
    session.add(kept)
    session.flush()
    recorded(session, "redaction.made", actor, visit, now, evidence=evidence_id, boxes=len(new.boxes), shows=new.shows)


def look(session: Session, actor: Actor, review_id: str, evidence_id: str, now: datetime) -> str:
    """The blob of the painted copy, for whoever reads the review; remembers that its reviewer has seen it."""
    review, visit, own = queries.readable(session, actor, review_id)
    photo = queries.photo_of(session, visit, evidence_id)
    if photo.redaction is None:
        raise NotFound
    if own and review.closed_at is None and photo.redaction.looked_at is None:
        photo.redaction.looked_at = now
        session.add(photo.redaction)
        recorded(session, "redaction.looked_at", actor, visit, now, evidence=evidence_id)
    return photo.redaction.blob


def let_out(session: Session, actor: Actor, review_id: str, evidence_id: str, out: bool, now: datetime) -> None:
    """Ticks the photo as releasable, or takes the tick back."""
    visit, photo = _held(session, actor, review_id, evidence_id)
    found = photo.redaction
    if found is None:
        raise NotFound
    if out and found.shows in rules.NEVER_SHOWN:
        raise Invalid(
            fields=[
                FieldError("releasable", "kind", "Queue tickets, receipts and screens are never shown to an outlet.")
            ]
        )
    if out and found.looked_at is None:
        raise Invalid(fields=[FieldError("releasable", "unseen", "First look at the painted copy.")])
    if found.releasable == out:
        return
    found.releasable = out
    session.add(found)
    session.flush()
    act = "redaction.releasable" if out else "redaction.withheld"
    recorded(session, act, actor, visit, now, evidence=evidence_id)


def undo(session: Session, actor: Actor, review_id: str, evidence_id: str, now: datetime) -> None:
    """Takes the boxes away; the photo is shown to nobody below."""
    visit, photo = _held(session, actor, review_id, evidence_id)
    if photo.redaction is None:
        raise NotFound
    session.execute(delete(Redaction).where(col(Redaction.evidence_id) == evidence_id))
    recorded(session, "redaction.undone", actor, visit, now, evidence=evidence_id)


def _held(session: Session, actor: Actor, review_id: str, evidence_id: str) -> tuple[Visit, queries.Photo]:
    """:func:`paintable` for whoever writes: nobody decides about the visit meanwhile."""
    queries.held(session, actor, review_id)
    return paintable(session, actor, review_id, evidence_id)


def mint(session: Session, visit_ids: Collection[str]) -> None:
    """Gives the photos that are let out with these visits their outward ids."""
    for evidence_id in queries.to_let_out(session, visit_ids):
        session.execute(
            update(Redaction).where(col(Redaction.evidence_id) == evidence_id).values(outward_id=random_id())
        )


def changeable(session: Session, review: Review, visit: Visit) -> bool:
    """Whether the boxes of a review may be changed by its reviewer now."""
    return review.closed_at is None and not queries.is_waiting(session, visit.id)


def paintable(session: Session, actor: Actor, review_id: str, evidence_id: str) -> tuple[Visit, queries.Photo]:
    """The photo in the actor's own open review; Conflict once it is closed, or while a second reviewer has the word."""
    review, visit = queries.review_of(session, actor, review_id)
    photo = queries.photo_of(session, visit, evidence_id)
    if not changeable(session, review, visit):
        raise Conflict(code="state-changed")
    return visit, photo

"""Photos with boxes painted over: what their reviewer sees, and what was let out."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col

from audit_app.kit.db import Session
from audit_app.kit.errors import NotFound
from audit_app.kit.sql import all_of, columns
from audit_app.review import rules
from audit_app.review.models import Redaction
from audit_app.visits.models import Evidence, Visit


@dataclass(frozen=True)
class Photo:
    """A photo of a visit that can be looked at, with the redaction that was made of it, if any."""

    evidence_id: str
    blob: str
    item_id: str
    taken_at: datetime | None
    redaction: Redaction | None


def photo_of(session: Session, visit: Visit, evidence_id: str) -> Photo:
    """One photo of the visit's present revision; NotFound for everything else."""
    e = Evidence
    row = session.execute(
        columns(e.id, e.view_blob, e.item_id, e.taken_at, Redaction)
        .join(Redaction, col(Redaction.evidence_id) == e.id, isouter=True)
        .where(
            e.id == evidence_id, e.visit_id == visit.id, e.revision == visit.revision,
            col(e.view_blob).is_not(None), col(e.view_type).like("image/%"),
        )
    ).first()  # fmt: skip
    if row is None:
        raise NotFound
    return Photo(row.id, row.view_blob, row.item_id or "", row.taken_at, row.Redaction)


def redactions_of(session: Session, visit_id: str) -> dict[str, Redaction]:
    """Evidence id → its redaction."""
    found = session.scalars(columns(Redaction).where(Redaction.visit_id == visit_id))
    return {one.evidence_id: one for one in found}


def to_let_out(session: Session, visit_ids: Collection[str]) -> list[str]:
    """The evidence ids of the releasable photos of these visits that have no outward id yet."""
    r = Redaction
    ticked = all_of(col(r.releasable).is_(True), col(r.outward_id).is_(None))
    statement = columns(r.evidence_id).where(col(r.visit_id).in_(list(visit_ids)), ticked).order_by(r.evidence_id)
    return list(session.scalars(statement))


@dataclass(frozen=True)
class Released:
    """A photo that those below may see, by its outward id."""

    visit_id: str
    revision: int
    outward_id: str
    blob: str
    item_id: str


def released_photos(session: Session, visit_ids: Collection[str]) -> list[Released]:
    """The redacted photos that were let out with these visits, in an order that tells nothing."""
    e, r = Evidence, Redaction
    statement = (
        columns(e.visit_id, e.revision, r.outward_id, r.blob, e.item_id)
        .join(r, col(r.evidence_id) == e.id)
        .where(
            col(e.visit_id).in_(list(visit_ids)),
            all_of(
                col(r.releasable).is_(True), col(r.looked_at).is_not(None), col(r.outward_id).is_not(None),
                col(r.shows).not_in(sorted(rules.NEVER_SHOWN)),
            ),
        )
        .order_by(r.outward_id)
    )  # fmt: skip
    return [Released(row[0], row[1], row[2], row[3], row[4] or "") for row in session.execute(statement)]

"""Every stored score again from what it was made of: the bytes as sent, the overlays, the frozen version."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import col

from audit_app.kit.db import Session
from audit_app.kit.sql import columns
from audit_app.review.models import VisitResult
from audit_app.scoring.answers import effective
from audit_app.scoring.canonical import answers_bytes, results_json
from audit_app.scoring.engine import score_all
from audit_app.standards.models import ChecklistVersion
from audit_app.standards.queries import sheet_for
from audit_app.visits.models import ReviewOverlay, Visit, VisitRevision
from audit_app.visits.rules import answers_of, read_revision, with_overlays

BATCH = 200


@dataclass
class Replay:
    """What was looked at, and each difference as (visit id, what differs)."""

    revisions: int = 0
    results: int = 0
    versions: int = 0
    differences: list[tuple[str, str]] = field(default_factory=list)


def replay(session: Session) -> Replay:
    """Recomputes everything, a batch at a time. Reads only."""
    found = Replay()
    _versions(session, found)
    for revisions in _batches(session, VisitRevision, (VisitRevision.visit_id, VisitRevision.revision)):
        for row in revisions:
            found.revisions += 1
            if hashlib.sha256(row.body).hexdigest() != row.body_sha256:
                found.differences.append((row.visit_id, "revision"))
    for results in _batches(session, VisitResult, (VisitResult.id,)):
        _results(session, results, found)
    return found


def _versions(session: Session, found: Replay) -> None:
    for version in session.scalars(columns(ChecklistVersion)):
        found.versions += 1
        if hashlib.sha256(version.body).hexdigest() != version.body_sha256:
            found.differences.append((version.id, "checklist version"))


def _batches(session: Session, model: Any, key: tuple[Any, ...]) -> Iterator[list[Any]]:
    offset = 0
    while rows := list(session.scalars(columns(model).order_by(*key).offset(offset).limit(BATCH))):
        yield rows
        offset += len(rows)
        session.expunge_all()


def _results(session: Session, results: list[VisitResult], found: Replay) -> None:
    keys = [r.visit_id for r in results]
    visits = {v.id: v for v in session.scalars(columns(Visit).where(col(Visit.id).in_(keys)))}
    bodies = {
        (r.visit_id, r.revision): r.body
        for r in session.scalars(columns(VisitRevision).where(col(VisitRevision.visit_id).in_(keys)))
    }
    overlays: dict[str, list[ReviewOverlay]] = {}
    laid = columns(ReviewOverlay).where(col(ReviewOverlay.visit_id).in_(keys))
    for overlay in session.scalars(laid.order_by(ReviewOverlay.created_at, ReviewOverlay.id)):
        overlays.setdefault(overlay.visit_id, []).append(overlay)
    for result in results:
        found.results += 1
        layers = [
            (o.item_id, o.new)
            for o in overlays.get(result.visit_id, [])
            if o.revision == result.revision and o.created_at <= result.created_at
        ]
        body = bodies[(result.visit_id, result.revision)]
        for what in _differences(session, visits[result.visit_id], result, body, layers):
            found.differences.append((result.visit_id, what))


def _differences(
    session: Session, visit: Visit, result: VisitResult, body: bytes, layers: list[tuple[str, dict[str, object]]]
) -> list[str]:
    sheet = sheet_for(session, visit.checklist_version_id)
    answers = effective(sheet, with_overlays(answers_of(read_revision(body)), layers))
    again = score_all(sheet, answers)
    wrong = []
    if answers_bytes(answers) != result.answers or hashlib.sha256(result.answers).hexdigest() != result.answers_sha256:
        wrong.append("effective answers")
    if sheet.version_sha256 != result.version_sha256:
        wrong.append("version")
    if result.results != results_json(again):
        wrong.append("results")
    totals = [None if one is None else one.final_total for one in (again.experience, again.site, again.person)]
    if result.cause == "void":  # what it was made of is kept; it has no figure
        totals = [None, None, None]
    if [None if t is None else int(t * 100) for t in totals] != [result.experience, result.site, result.person]:
        wrong.append("totals")
    return wrong

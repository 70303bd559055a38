"""The verbs of the review. The answers as sent stay as they are; a result is computed of them and the overlays."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import col, delete, select, update

from audit_app.access.rules import Actor
from audit_app.kit.db import Session
from audit_app.kit.errors import Conflict, FieldError, Invalid
from audit_app.kit.ids import random_id
from audit_app.kit.states import move
from audit_app.planning import operations as planning
from audit_app.planning.models import Programme
from audit_app.review import queries, rules
from audit_app.review.models import Release, Review, VisitResult, VisitSubject
from audit_app.scoring.answers import Answer, effective, fault
from audit_app.scoring.canonical import answers_bytes, answers_sha256, results_json
from audit_app.scoring.engine import Results, score_all
from audit_app.standards.queries import sheet_for
from audit_app.trail.operations import record
from audit_app.visits.models import ReviewOverlay, Visit, VisitNote
from audit_app.visits.rules import VISIT

LONGEST = 2000


def open_review(session: Session, visit_id: str, now: datetime) -> None:
    """Puts the visit's present revision into a reviewer's queue. Safe to repeat."""
    visit = session.get(Visit, visit_id)
    if visit is None or visit.status != "submitted":
        return
    known = session.scalars(
        select(Review).where(Review.visit_id == visit_id, Review.revision == visit.revision)
    ).first()
    if known is None:
        reviewer = queries.reviewer_for(session, visit, now)
        session.add(
            Review(
                visit_id=visit.id, revision=visit.revision, unit_path=visit.unit_path, reviewer_id=reviewer,
                opened_at=now, claimed_at=now if reviewer else None,
            )
        )  # fmt: skip
    move(session, Visit, visit.id, VISIT, "in_review", status_at=now)
    _system(session, "review.opened", visit, now)


def assign_waiting(session: Session, now: datetime) -> int:
    """Finds reviewers for what has none, or one who may no longer review there. Returns how many were found."""
    found = 0
    for review, visit in queries.unplaced(session):
        reviewer = queries.reviewer_for(session, visit, now)
        if reviewer == review.reviewer_id:
            continue
        review.reviewer_id, review.claimed_at = reviewer, now if reviewer else None
        session.add(review)
        session.flush()
        _system(session, "review.given", visit, now)
        found += reviewer is not None
    return found


def overlay(session: Session, actor: Actor, review_id: str, new: rules.NewOverlay, now: datetime) -> None:
    """Changes one answer, with a reason, as a layer on top. The last layer counts; all are kept."""
    review, visit = _open(session, actor, review_id)
    sheet = sheet_for(session, visit.checklist_version_id)
    item = sheet.by_id.get(new.item_id)
    reason = new.reason.strip()
    faults = [] if item else [FieldError("item_id", "unknown_item", "There is no such item in this checklist.")]
    if not reason:
        faults.append(FieldError("reason", "required", "Say why you change the score."))
    faults += _text_faults("reason", reason)
    given = _answer(new)
    if item and (fault(item, given) or not (given.option_ids or given.value or given.not_applicable)):
        faults.append(FieldError("option_ids", "option", "This answer does not fit the item."))
    if faults:
        raise Invalid(fields=faults)
    old = queries.effective_answers(session, visit).get(new.item_id) or Answer(new.item_id)
    if _same(_essence(old), new.essence()):
        raise Invalid(fields=[FieldError("option_ids", "same", "This is the present answer already.")])
    session.add(
        ReviewOverlay(
            visit_id=visit.id, revision=review.revision, item_id=new.item_id, old=_essence(old), new=new.essence(),
            reason=reason, created_by=actor.account_id, created_at=now,
        )
    )  # fmt: skip
    _record(session, "review.overlaid", actor, visit, now, {"item": new.item_id, "revision": review.revision})


def _text_faults(path: str, text: str) -> list[FieldError]:
    """What is wrong with a free text, from a form or from JSON."""
    if len(text) > LONGEST:
        return [FieldError(path, "too-long", "At most 2,000 characters.")]
    if any(ord(c) < 32 and c not in "\n\t\r" for c in text):
        return [FieldError(path, "characters", "This contains characters that cannot be used.")]
    return []


def _same(old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Whether two answers mean the same: the order of ticks does not count."""
    return {k: sorted(v) if isinstance(v, list) else v for k, v in old.items()} == {
        k: sorted(v) if isinstance(v, list) else v for k, v in new.items()
    }


def _answer(new: rules.NewOverlay) -> Answer:
    return Answer(new.item_id, tuple(new.option_ids), new.value or None, new.not_applicable)


def _essence(answer: Answer) -> dict[str, Any]:
    if answer.not_applicable:
        return {"not_applicable": True}
    if answer.option_ids:
        return {"option_ids": list(answer.option_ids)}
    return {"value": answer.value or ""}


def note(session: Session, actor: Actor, review_id: str, asked: rules.ItemNote, now: datetime) -> None:
    """Notes a question about an item, in place of an earlier one; an empty one takes it back. The assessor reads it
    once the visit is returned."""
    review, visit = _open(session, actor, review_id)
    text = asked.note.strip()
    if asked.item_id not in sheet_for(session, visit.checklist_version_id).by_id:
        raise Invalid(fields=[FieldError("item_id", "unknown_item", "There is no such item in this checklist.")])
    if faults := _text_faults("note", text):
        raise Invalid(fields=faults)
    session.execute(
        delete(VisitNote).where(
            col(VisitNote.visit_id) == visit.id,
            col(VisitNote.revision) == review.revision,
            col(VisitNote.item_id) == asked.item_id,
        )
    )
    if text:
        session.add(
            VisitNote(
                visit_id=visit.id, revision=review.revision, item_id=asked.item_id, note=text,
                created_by=actor.account_id, created_at=now,
            )
        )  # fmt: skip
        session.flush()


def return_visit(
    session: Session, actor: Actor, review_id: str, now: datetime, questions: Sequence[rules.ItemNote] = ()
) -> None:
    """Sends the visit back with the questions noted, `questions` among them; the assessor answers with the next
    revision."""
    review, visit = _open(session, actor, review_id)
    for question in questions:
        note(session, actor, review_id, question, now)
    asked = queries.notes_of(session, visit.id, review.revision)
    if not asked:
        raise Invalid(fields=[FieldError("notes", "required", "First note at an item what you ask the assessor.")])
    _close(session, review, "returned", now, deadline=now + rules.RETURN_TIME)
    move(session, Visit, visit.id, VISIT, "returned", status_at=now, answer_by=now + rules.RETURN_TIME)
    _record(session, "visit.returned", actor, visit, now, {"items": len(asked), "revision": review.revision})


def approve(
    session: Session, actor: Actor, review_id: str, approval: rules.Approval, draw: rules.Draw, now: datetime
) -> str:
    """Takes the visit: computes and stores its result, releases it (overt) or draws the day of release (covert).
    Returns the visit's id."""
    review, visit = _open(session, actor, review_id)
    if visit.status != "in_review":
        raise Conflict(code="state-changed")
    if faults := _text_faults("release_note", approval.release_note):
        raise Invalid(fields=faults)
    store_result(session, visit, "approval", actor.account_id, now)
    _close(session, review, "approved", now, release_note=approval.release_note.strip())
    move(session, Visit, visit.id, VISIT, "approved", status_at=now)
    _record(session, "visit.approved", actor, visit, now, {"revision": review.revision})
    programme = session.get_one(Programme, visit.programme_id)
    if programme.manner == "overt":
        release(session, [visit.id], now)
    else:
        due, last = rules.release_days(visit.id, now, draw)
        county = rules.county_of(visit.unit_path)
        session.add(Release(visit_id=visit.id, county_path=county, approved_at=now, due_at=due, last_at=last))
        session.flush()
    return visit.id


def store_result(session: Session, visit: Visit, cause: str, by: str | None, now: datetime) -> VisitResult:
    """Scores the effective answers and adds the next numbered result."""
    sheet = sheet_for(session, visit.checklist_version_id)
    answers = effective(sheet, queries.effective_answers(session, visit))
    results = score_all(sheet, answers)
    if results.experience.unanswered:
        raise Conflict("An item has no usable answer; return the visit instead.", code="unanswered")
    before = session.scalars(
        select(VisitResult.number).where(VisitResult.visit_id == visit.id).order_by(col(VisitResult.number).desc())
    ).first()
    made = VisitResult(
        visit_id=visit.id, number=(before or 0) + 1, revision=visit.revision, version_sha256=sheet.version_sha256,
        answers=answers_bytes(answers), answers_sha256=answers_sha256(answers), results=results_json(results),
        **_figures(results), basis=results.experience.basis, outcome=results.experience.outcome, cause=cause,
        created_by=by, created_at=now,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def _figures(results: Results) -> dict[str, Any]:
    """The printed totals in hundredths of a point."""
    found: dict[str, Any] = {}
    for name, result in (("experience", results.experience), ("site", results.site), ("person", results.person)):
        total = None if result is None else result.final_total
        found[name] = None if total is None else int(total * 100)
    return found


def release(session: Session, visit_ids: Sequence[str], now: datetime) -> None:
    """Makes the results visible below: mints the outward ids, tells planning, and wakes the cards."""
    jobs = []
    for visit in session.scalars(select(Visit).where(col(Visit.id).in_(visit_ids))):
        move(session, Visit, visit.id, VISIT, "released", status_at=now, outward_id=random_id())
        jobs.append(visit.assignment_id)
        _system(session, "visit.released", visit, now)
    planning.disclose(session, jobs, now)
    session.execute(update(Release).where(col(Release.visit_id).in_(visit_ids)).values(released_at=now))


def release_due(session: Session, now: datetime) -> int:
    """Releases the covert visits whose time has come. Returns how many."""
    chosen = rules.to_release(queries.waiting_releases(session, now), now)
    if chosen:
        release(session, chosen, now)
    return len(chosen)


def resolve_subject(session: Session, actor: Actor, visit_id: str, chosen: rules.Chosen, now: datetime) -> None:
    """Says whom an approved visit scores: somebody of the roster, a team only, or the touchpoint only. Once."""
    visit = queries.decided_visit(session, actor, visit_id)
    people = {p.staff_id: p for p in queries.people_at(session, visit)}
    teams, said = queries.teams_at(session, visit), queries.spoken(session, visit)
    if (chosen.staff_id and chosen.staff_id not in people) or (chosen.team_id and chosen.team_id not in teams):
        raise Invalid(fields=[FieldError("subject", "choice", "Please choose somebody of this touchpoint.")])
    if chosen.staff_id and said.transfers:
        raise Invalid(fields=[FieldError("subject", "transferred", "A transferred call counts for the team only.")])
    if session.get(VisitSubject, visit_id) is not None:
        raise Conflict("Whom this visit scores has been decided.", code="resolved")
    suggestion = rules.suggest(list(people.values()), said.badge, said.desk, said.agent_no, said.transfers)
    team = people[chosen.staff_id].team_id if chosen.staff_id else chosen.team_id
    how, confidence = rules.how_known(rules.Chosen(chosen.staff_id, team), suggestion)
    session.add(
        VisitSubject(
            visit_id=visit_id, staff_id=chosen.staff_id or None, team_id=team or None, how=how, confidence=confidence,
            resolved_by=actor.account_id, at=now,
        )
    )  # fmt: skip
    session.flush()
    _record(session, "visit.subject_resolved", actor, visit, now, {"how": how, "confidence": confidence})


def _open(session: Session, actor: Actor, review_id: str) -> tuple[Review, Visit]:
    """The actor's own open review; Conflict once it is closed."""
    review, visit = queries.review_of(session, actor, review_id)
    if review.closed_at is not None:
        raise Conflict(code="state-changed")
    return review, visit


def _close(session: Session, review: Review, outcome: str, now: datetime, **values: Any) -> None:
    closed = session.scalars(
        update(Review)
        .where(col(Review.id) == review.id, col(Review.closed_at).is_(None))
        .values(closed_at=now, outcome=outcome, **values)
        .returning(col(Review.id))
    ).all()
    if len(closed) != 1:
        raise Conflict(code="state-changed")


def _record(session: Session, act: str, actor: Actor, visit: Visit, now: datetime, detail: dict[str, Any]) -> None:
    record(session, act, actor_id=actor.account_id, subject_kind="visit", subject_id=visit.id, now=now,
           unit_path=visit.unit_path, detail=detail)  # fmt: skip


def _system(session: Session, act: str, visit: Visit, now: datetime) -> None:
    record(session, act, actor_id=None, subject_kind="visit", subject_id=visit.id, now=now, unit_path=visit.unit_path)

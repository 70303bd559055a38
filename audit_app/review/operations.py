"""The verbs of the review. The answers as sent stay as they are; a result is computed of them and the overlays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, delete, select, update

from audit_app.access.rules import Actor
from audit_app.kit.db import Session
from audit_app.kit.errors import Conflict, FieldError, Invalid
from audit_app.kit.ids import random_id
from audit_app.kit.states import move
from audit_app.planning import operations as planning
from audit_app.planning.models import Programme
from audit_app.review import queries, redacting, rules
from audit_app.review.models import Recheck, Release, Review, VisitResult, VisitSubject
from audit_app.review.opinions import ask, lapse, text_faults
from audit_app.review.recording import recorded
from audit_app.review.weighing import change_of, is_clean
from audit_app.scoring.answers import Answer, effective, fault
from audit_app.scoring.canonical import answers_bytes, answers_sha256, results_json
from audit_app.scoring.engine import Results, score_all
from audit_app.standards.queries import sheet_for
from audit_app.trail.operations import record
from audit_app.visits.models import ReviewOverlay, Visit, VisitNote
from audit_app.visits.rules import VISIT

INCOMPLETE = ("appeal", "void")  # causes of results that may lack answers


def open_review(session: Session, visit_id: str, now: datetime) -> None:
    """Puts the visit's present revision into a reviewer's queue. Safe to repeat."""
    visit = session.get(Visit, visit_id)
    if visit is None or visit.status != "submitted":
        return
    _queue(session, visit, now)
    move(session, Visit, visit.id, VISIT, "in_review", status_at=now)
    _system(session, "review.opened", visit, now)


def open_waiting(session: Session, visit_id: str, now: datetime) -> None:
    """Gives a visit whose files do not come to a reviewer; it stays receiving until they come or the reviewer goes on
    without them. Safe to repeat."""
    visit = session.get(Visit, visit_id)
    if visit is not None and visit.status == "receiving":
        _queue(session, visit, now)


def _queue(session: Session, visit: Visit, now: datetime) -> None:
    """A review of the visit's present revision, once."""
    known = session.scalars(
        select(Review).where(Review.visit_id == visit.id, Review.revision == visit.revision)
    ).first()
    if known is None:
        lapse(session, visit, now)  # an open opinion on an older revision: nobody agreed to this one
        reviewer = queries.reviewer_for(session, visit, now)
        session.add(
            Review(
                visit_id=visit.id, revision=visit.revision, unit_path=visit.unit_path, reviewer_id=reviewer,
                opened_at=now, claimed_at=now if reviewer else None,
            )
        )  # fmt: skip
        session.flush()


def assign_waiting(session: Session, now: datetime) -> int:
    """Finds reviewers for what has none, or one who may no longer review there. Returns how many were found."""
    found = 0
    for review, visit in queries.unplaced(session):
        reviewer = queries.reviewer_for(session, visit, now)
        if reviewer == review.reviewer_id:
            continue
        lapse(session, visit, now)  # else whoever was asked could become the one who asks
        review.reviewer_id, review.claimed_at = reviewer, now if reviewer else None
        session.add(review)
        session.flush()
        _system(session, "review.given", visit, now)
        found += reviewer is not None
    return found


def overlay(session: Session, actor: Actor, review_id: str, new: rules.NewOverlay, now: datetime) -> None:
    """Changes one answer, with a reason, as a layer on top. The last layer counts; all are kept."""
    review, visit = at_work(session, actor, review_id)
    sheet = sheet_for(session, visit.checklist_version_id)
    item = sheet.by_id.get(new.item_id)
    reason = new.reason.strip()
    faults = [] if item else [FieldError("item_id", "unknown_item", "There is no such item in this checklist.")]
    if not reason:
        faults.append(FieldError("reason", "required", "Say why you change the score."))
    faults += text_faults("reason", reason)
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
    recorded(session, "review.overlaid", actor, visit, now, item=new.item_id, revision=review.revision)


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
    review, visit = at_work(session, actor, review_id)
    text = asked.note.strip()
    if asked.item_id not in sheet_for(session, visit.checklist_version_id).by_id:
        raise Invalid(fields=[FieldError("item_id", "unknown_item", "There is no such item in this checklist.")])
    if faults := text_faults("note", text):
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
    review, visit = at_work(session, actor, review_id)
    for question in questions:
        note(session, actor, review_id, question, now)
    asked = queries.notes_of(session, visit.id, review.revision)
    if not asked:
        raise Invalid(fields=[FieldError("notes", "required", "First note at an item what you ask the assessor.")])
    close(session, review, "returned", now, deadline=now + rules.RETURN_TIME)
    move(session, Visit, visit.id, VISIT, "returned", status_at=now, answer_by=now + rules.RETURN_TIME)
    recorded(session, "visit.returned", actor, visit, now, items=len(asked), revision=review.revision)


def approve(
    session: Session, actor: Actor, review_id: str, approval: rules.Approval, draw: rules.Draw, now: datetime
) -> str:
    """Takes the visit; where the reviewer changed its score by more than 5 points, asks a second reviewer first.
    Returns the visit's id."""
    review, visit = at_work(session, actor, review_id)
    if faults := text_faults("release_note", approval.release_note):
        raise Invalid(fields=faults)
    change, note = change_of(session, visit), approval.release_note.strip()
    if rules.is_big(change):
        scored(session, visit)  # a second reviewer is not asked about what cannot be approved
        ask(session, actor, review, visit, "change", now, note=note, change=change)
    else:
        accept(session, review, visit, note, change, draw, now)
    return visit.id


def approve_clean(session: Session, actor: Actor, review_id: str, draw: rules.Draw, now: datetime) -> str:
    """Takes a visit of the list that its reviewer has confirmed, unless it is no longer clean (Conflict)."""
    at_work(session, actor, review_id)
    if not is_clean(session, actor, review_id):
        raise Conflict("This visit is no longer clean: please open it.", code="not-clean")
    return approve(session, actor, review_id, rules.Approval(), draw, now)


def accept(
    session: Session, review: Review, visit: Visit, note: str, change: int, draw: rules.Draw, now: datetime
) -> None:
    """The approval itself, in its reviewer's name: computes and stores the result, releases it (overt) or draws the day
    of release (covert), and has a supervisor look again where that is due."""
    result = store_result(session, visit, "approval", review.reviewer_id, now)
    close(session, review, "approved", now, release_note=note, change=change)
    move(session, Visit, visit.id, VISIT, "approved", status_at=now)
    record(session, "visit.approved", actor_id=review.reviewer_id, subject_kind="visit", subject_id=visit.id, now=now,
           unit_path=visit.unit_path, detail={"revision": review.revision})  # fmt: skip
    low = result.experience is not None and result.experience <= rules.LOW_SCORE
    if low or rules.is_big(change):
        session.add(
            Recheck(
                visit_id=visit.id, low=low, changed=rules.is_big(change), experience=result.experience, change=change,
                opened_at=now,
            )
        )  # fmt: skip
    programme = session.get_one(Programme, visit.programme_id)
    if programme.manner == "overt":
        release(session, [visit.id], now)
    else:
        due, last = rules.release_days(visit.id, now, draw)
        county = rules.county_of(visit.unit_path)
        session.add(Release(visit_id=visit.id, county_path=county, approved_at=now, due_at=due, last_at=last))
        session.flush()


def scored(session: Session, visit: Visit, complete: bool = True) -> tuple[dict[str, Answer], Results]:
    """The effective answers and their results; with `complete`, Conflict where an item has no usable answer."""
    sheet = sheet_for(session, visit.checklist_version_id)
    answers = effective(sheet, queries.effective_answers(session, visit))
    results = score_all(sheet, answers)
    if complete and results.experience.unanswered:
        raise Conflict("An item has no usable answer; return the visit instead.", code="unanswered")
    return answers, results


def store_result(session: Session, visit: Visit, cause: str, by: str | None, now: datetime) -> VisitResult:
    """Scores the effective answers and adds the next numbered result. That of a void keeps what it was made of, and has
    no figure. An appeal that is upheld may show items that nobody looked at: they stay out of the score, and a visit
    that has such items may still be voided."""
    answers, results = scored(session, visit, complete=cause not in INCOMPLETE)
    void = cause == "void"
    before = session.scalars(
        select(VisitResult.number).where(VisitResult.visit_id == visit.id).order_by(col(VisitResult.number).desc())
    ).first()
    made = VisitResult(
        visit_id=visit.id, number=(before or 0) + 1, revision=visit.revision,
        version_sha256=results.experience.version_sha256, answers=answers_bytes(answers),
        answers_sha256=answers_sha256(answers), results=results_json(results), **({} if void else figures(results)),
        basis="none" if void else results.experience.basis, outcome="void" if void else results.experience.outcome,
        cause=cause, created_by=by, created_at=now,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


@dataclass(frozen=True)
class Amendment:
    """A change of one answer after the release: the new answer as an overlay stores it, the reason, who decided it."""

    item_id: str
    new: Mapping[str, Any]
    reason: str
    by: str


def amend(session: Session, visit_id: str, change: Amendment, cause: str, now: datetime) -> VisitResult:
    """Lays a change of one answer on a released visit and adds the result that follows; the old one stays. The caller
    holds the visit's row."""
    visit = session.get_one(Visit, visit_id, populate_existing=True)
    before = session.scalars(
        select(VisitResult).where(VisitResult.visit_id == visit_id).order_by(col(VisitResult.number).desc())
    ).first()
    # A result is replayed with the layers up to its own instant, so that no two may share one.
    at = max(now, before.created_at + timedelta(microseconds=1)) if before else now
    old = queries.effective_answers(session, visit).get(change.item_id) or Answer(change.item_id)
    session.add(
        ReviewOverlay(
            visit_id=visit_id, revision=visit.revision, item_id=change.item_id, old=_essence(old),
            new=dict(change.new), reason=change.reason, created_by=change.by, created_at=at,
        )
    )  # fmt: skip
    session.flush()
    made = store_result(session, visit, cause, change.by, at)
    detail = {"cause": cause, "number": made.number, "item": change.item_id}
    record(session, "visit.rescored", actor_id=change.by, subject_kind="visit", subject_id=visit_id, now=now,
           unit_path=visit.unit_path, detail=detail)  # fmt: skip
    return made


def unresolve_subject(session: Session, visit_id: str, by: str | None, now: datetime) -> None:
    """It was not the person named: the visit counts for the touchpoint only."""
    visit = session.get_one(Visit, visit_id)
    session.execute(
        update(VisitSubject)
        .where(col(VisitSubject.visit_id) == visit_id)
        .values(staff_id=None, team_id=None, how="unresolved", confidence="none", resolved_by=None, at=now)
    )
    record(session, "visit.subject_unresolved", actor_id=by, subject_kind="visit", subject_id=visit_id, now=now,
           unit_path=visit.unit_path)  # fmt: skip


def figures(results: Results) -> dict[str, Any]:
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
    redacting.mint(session, visit_ids)
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
    recorded(session, "visit.subject_resolved", actor, visit, now, how=how, confidence=confidence)


def at_work(session: Session, actor: Actor, review_id: str) -> tuple[Review, Visit]:
    """The actor's own open review, held; Conflict once it is closed, while evidence is still awaited, and while a
    second reviewer has the word."""
    review, visit = queries.held(session, actor, review_id)
    if review.closed_at is not None or visit.status != "in_review":
        raise Conflict(code="state-changed")
    if queries.is_waiting(session, visit.id):
        raise Conflict("A second reviewer has been asked about this visit.", code="second-waits")
    return review, visit


def close(session: Session, review: Review, outcome: str, now: datetime, **values: Any) -> None:
    """Ends an open review; Conflict if somebody else has ended it."""
    closed = session.scalars(
        update(Review)
        .where(col(Review.id) == review.id, col(Review.closed_at).is_(None))
        .values(closed_at=now, outcome=outcome, **values)
        .returning(col(Review.id))
    ).all()
    if len(closed) != 1:
        raise Conflict(code="state-changed")


def _system(session: Session, act: str, visit: Visit, now: datetime) -> None:
    record(session, act, actor_id=None, subject_kind="visit", subject_id=visit.id, now=now, unit_path=visit.unit_path)

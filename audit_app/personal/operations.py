"""What a scored person does with an own result, and what the one who is asked does."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from audit_app.access.rules import Actor
from audit_app.kit.db import Session
from audit_app.kit.errors import Conflict, FieldError, Invalid
from audit_app.notices.operations import tell
from audit_app.personal import rules
from audit_app.personal.models import Explanation, ResultAcknowledgement
from audit_app.personal.queries import explanations
from audit_app.personal.queries.results import own_source
from audit_app.reporting.queries.sources import VisitSource
from audit_app.trail.operations import record
from audit_app.visits import queries as visits


def acknowledge(session: Session, actor: Actor, outward_id: str, now: datetime) -> None:
    """The person has read the present result; a second time changes nothing."""
    visit = own_source(session, actor, outward_id)
    visits.lock_visits(session, [visit.id])  # a double tap waits here, and finds what the first one did
    key = (visit.id, visit.result_number, actor.account_id)
    if session.get(ResultAcknowledgement, key) is None:
        session.add(ResultAcknowledgement(visit_id=key[0], result_number=key[1], account_id=key[2], at=now))
        _record(session, "result.acknowledged", actor, visit.id, now, {"result": visit.result_number})


def ask(session: Session, actor: Actor, outward_id: str, question: rules.Question, now: datetime) -> str:
    """Asks for an explanation of an own result, or of one item of it, of somebody named; one at a time. Returns the
    question's id."""
    visit = own_source(session, actor, outward_id)
    text = question.text.strip()
    if not text:
        raise Invalid(fields=[FieldError("text", "required", "Say what you want to know.")])
    if question.item_id and question.item_id not in _items(visit):
        raise Invalid(fields=[FieldError("item_id", "choice", "Please choose one of the list.")])
    visits.lock_visits(session, [visit.id])
    if any(one.answered_at is None for one in explanations.asked(session, actor, visit)):
        raise Conflict("Your last question about this result has not been answered yet.", code="one-at-a-time")
    made = Explanation(
        visit_id=visit.id, asker_id=actor.account_id, item_id=question.item_id, question=text, asked_at=now,
        due_at=now + rules.ANSWER_TIME,
    )  # fmt: skip
    session.add(made)
    session.flush()
    _give(session, made, now)
    _record(session, "explanation.asked", actor, visit.id, now, {"explanation": made.id, "item": question.item_id})
    return made.id


def _items(visit: VisitSource) -> set[str]:
    return {item.item_id for item in visit.results.person.items} if visit.results.person else set()


def _give(session: Session, asked: Explanation, now: datetime) -> bool:
    """Finds who answers and tells them. Whether there was somebody."""
    found = explanations.answerer_for(session, asked.visit_id, asked.asker_id)
    if found is None:
        return False
    asked.answerer_id, asked.answer_role = found
    session.add(asked)
    session.flush()
    link = f"/explanations/{asked.id}"
    tell(session, found[0], "explanation.asked", {"until": asked.due_at.isoformat()}, link, now)
    return True


def place_questions(session: Session, now: datetime) -> int:
    """Gives questions that wait for nobody to somebody. Returns how many."""
    given = 0
    for key, _visit, _asker in explanations.unplaced(session):
        given += _give(session, session.get_one(Explanation, key), now)
    return given


def answer(session: Session, actor: Actor, explanation_id: str, text: str, now: datetime) -> None:
    """Answers, once. The asker reads the role, not the name."""
    given = explanations.given(session, actor, explanation_id)
    if not text.strip():
        raise Invalid(fields=[FieldError("answer", "required", "Please fill this in.")])
    done = session.scalars(
        sa.update(Explanation)
        .where(col(Explanation.id) == explanation_id, col(Explanation.answered_at).is_(None))
        .values(answer=text.strip(), answered_at=now)
        .returning(col(Explanation.id))
    ).all()
    if not done:
        raise Conflict("This question has been answered.", code="answered")
    tell(session, given.asker_id, "explanation.answered", {}, f"/my-results/{given.outward_id}", now, subject=given.id)
    _record(session, "explanation.answered", actor, given.visit_id, now, {"explanation": given.id})


def _record(session: Session, act: str, actor: Actor, visit_id: str, now: datetime, detail: dict[str, Any]) -> None:
    record(session, act, actor_id=actor.account_id, subject_kind="visit", subject_id=visit_id, now=now, detail=detail)

"""Pages of the person who is scored, and of the one who answers for a result."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from audit_app.access.rules import Actor
from audit_app.kit import clock, errors
from audit_app.kit.db import Database, Session
from audit_app.kit.errors import FieldError
from audit_app.kit.web import page, requires, see_other
from audit_app.personal import forms, operations
from audit_app.personal.queries import explanations, results
from audit_app.reporting import looking

Asked = Request[Any, Any, Any]
OWN, ANSWER = requires("results.own"), requires("explanations.answer")


@dataclass(frozen=True)
class ResultScreen:
    """An own result, with the question form as it was sent if something is wrong with it."""

    own: results.OwnResultScreen
    errors: list[FieldError] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class AnswerScreen:
    """A question, and the result that it is about as its asker sees it."""

    asked: explanations.Given
    result: results.OwnResult
    now: datetime
    errors: list[FieldError] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)


@get("/my-results", **OWN)
async def list_own(request: Asked, db: Database, actor: Actor, period: str = "") -> Response[str]:
    """What is held about the asker: results of visits, which of them count, and why the others do not."""
    return page(request, "personal/results.html", await db.read(results.own_results, actor, period))


@get("/my-results/{outward_id:str}", **OWN)
async def read_own(request: Asked, db: Database, actor: Actor, outward_id: str) -> Response[str]:
    """One own result down to the item, with who saw it."""
    found = await db.read(results.own_result, actor, outward_id, clock.now())
    return page(request, "personal/result.html", ResultScreen(found))


@post("/my-results/{outward_id:str}/acknowledgement", **OWN)
async def acknowledge(db: Database, actor: Actor, outward_id: str) -> Response[None]:
    """The asker has read it; agrees to nothing."""
    await db.write(operations.acknowledge, actor, outward_id, clock.now())
    return see_other(f"/my-results/{outward_id}")


@post("/my-results/{outward_id:str}/questions", **OWN)
async def ask(request: Asked, db: Database, actor: Actor, outward_id: str) -> Response[Any]:
    """Asks for an explanation."""
    await db.read(results.own_source, actor, outward_id)
    fields, question = await forms.question(request)
    try:
        fields.check()
        await db.write(operations.ask, actor, outward_id, question, clock.now())
    except (errors.Invalid, errors.Conflict) as refusal:
        faults = refusal.fields or [FieldError("text", refusal.code, refusal.message)]
        found = await db.read(results.own_result, actor, outward_id, clock.now())
        return page(request, "personal/result.html", ResultScreen(found, faults, fields.values), refusal.status)
    return see_other(f"/my-results/{outward_id}#questions")


@get("/explanations", **ANSWER)
async def list_questions(
    request: Asked, db: Database, actor: Actor, show: str = "waiting", after: str = ""
) -> Response[str]:
    """Questions that scored people ask and the actor answers."""
    wanted = "answered" if show == "answered" else "waiting"
    found = await db.read(explanations.to_answer, actor, wanted, clock.now(), after)
    return page(request, "personal/explanations.html", found)


def _given(session: Session, actor: Actor, key: str, now: datetime) -> AnswerScreen:
    given = explanations.given(session, actor, key)
    return AnswerScreen(given, results.answerers_view(session, given.visit_id), now)


async def _answering(db: Database, actor: Actor, key: str) -> AnswerScreen:
    """The question; the look at its result is on the trail."""
    shown = await db.read(_given, actor, key, clock.now())
    await db.write(looking.look_to_answer, actor, shown.asked.visit_id, actor.main_role, clock.now())
    return shown


@get("/explanations/{explanation_id:str}", **ANSWER)
async def read_question(request: Asked, db: Database, actor: Actor, explanation_id: str) -> Response[str]:
    """One question with the result that it is about. The look is on the trail."""
    return page(request, "personal/explanation.html", await _answering(db, actor, explanation_id))


@post("/explanations/{explanation_id:str}/answer", **ANSWER)
async def answer(request: Asked, db: Database, actor: Actor, explanation_id: str) -> Response[Any]:
    """Answers, once."""
    shown = await _answering(db, actor, explanation_id)
    fields, text = await forms.answer(request)
    try:
        fields.check()
        await db.write(operations.answer, actor, explanation_id, text, clock.now())
    except (errors.Invalid, errors.Conflict) as refusal:
        faults = refusal.fields or [FieldError("answer", refusal.code, refusal.message)]
        screen = AnswerScreen(shown.asked, shown.result, shown.now, faults, fields.values)
        return page(request, "personal/explanation.html", screen, refusal.status)
    return see_other(f"/explanations/{explanation_id}")


handlers: list[HTTPRouteHandler] = [
    list_own, read_own, acknowledge, ask, list_questions, read_question, answer,
]  # fmt: skip

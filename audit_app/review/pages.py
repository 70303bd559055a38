"""Screens of the review: the work list, one visit, whom it scored."""

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from audit_app.access.keys import Keys
from audit_app.access.rules import Actor
from audit_app.kit import clock, errors
from audit_app.kit.blobs import Blobs
from audit_app.kit.db import Database, Session
from audit_app.kit.forms import Fields, fields_of
from audit_app.kit.web import page, requires, see_other
from audit_app.review import forms, operations, queries, rules, screens, subjects
from audit_app.visits import queries as visits
from audit_app.visits.rules import VIEW_HEADERS

Asked = Request[Any, Any, Any]
WORK = requires("review.work")
SHOWN = ("open", "subjects", "done")


@get("/reviews", **WORK)
async def list_reviews(
    request: Asked, db: Database, actor: Actor, show: str = "open", after: str = ""
) -> Response[str]:
    """The actor's own work list."""
    wanted = show if show in SHOWN else "open"
    return page(request, "review/queue.html", await db.read(queries.queue, actor, wanted, after, clock.now()))


@get("/reviews/{review_id:str}", **WORK)
async def read_review(
    request: Asked, db: Database, actor: Actor, review_id: str, show: str = "", item: str = "", file: str = ""
) -> Response[str]:
    """One visit: what lost points, the evidence beside it, the criterion, the checks."""
    found = await db.read(screens.build, actor, review_id, clock.now(), screens.Look(show, item, file))
    return page(request, "review/review.html", found)


@get("/reviews/{review_id:str}/evidence/{evidence_id:str}", **WORK)
async def evidence(db: Database, blobs: Blobs, actor: Actor, review_id: str, evidence_id: str) -> Response[bytes]:
    """The copy to look at; the file as sent is never served."""
    view = await db.read(_view, actor, review_id, evidence_id)
    return Response(blobs.get(view.blob), media_type=view.media_type, headers=dict(VIEW_HEADERS))


def _view(session: Session, actor: Actor, review_id: str, evidence_id: str) -> visits.View:
    return visits.evidence_view(session, evidence_id, queries.may_look(session, actor, review_id))


def _back(review_id: str, fields: Fields) -> str:
    """The page of the review, at the item that the form spoke of."""
    where = {"show": fields.values.get("show", ""), "item": fields.values.get("item_id", "")}
    return f"/reviews/{review_id}?{urlencode({k: v for k, v in where.items() if v})}"


async def _again(
    request: Asked,
    db: Database,
    actor: Actor,
    review_id: str,
    fields: Fields,
    refusal: errors.Invalid,
    dialog: str = "",
) -> Response[str]:
    """The page with what was typed and what is wrong with it; the dialog that it stands in opens again."""
    values = fields.values
    look = screens.Look(values.get("show", ""), values.get("item_id", ""))
    typed = screens.Typed(refusal.fields, values, fields.all("answer"), dialog)
    found = await db.read(screens.build, actor, review_id, clock.now(), look, typed)
    return page(request, "review/review.html", found, 422)


@post("/reviews/{review_id:str}/overlays", **WORK)
async def add_overlay(request: Asked, db: Database, actor: Actor, review_id: str) -> Response[Any]:
    """Changes one answer, with a reason."""
    fields = await fields_of(request)
    try:
        await db.write(operations.overlay, actor, review_id, forms.overlay(fields), clock.now())
    except errors.Invalid as refusal:
        return await _again(request, db, actor, review_id, fields, refusal)
    return see_other(_back(review_id, fields))


@post("/reviews/{review_id:str}/notes", **WORK)
async def add_note(request: Asked, db: Database, actor: Actor, review_id: str) -> Response[Any]:
    """Notes a question to the assessor about one item."""
    fields = await fields_of(request)
    try:
        await db.write(operations.note, actor, review_id, forms.note(fields), clock.now())
    except errors.Invalid as refusal:
        return await _again(request, db, actor, review_id, fields, refusal)
    return see_other(_back(review_id, fields))


@post("/reviews/{review_id:str}/return", **WORK)
async def return_visit(request: Asked, db: Database, actor: Actor, review_id: str) -> Response[Any]:
    """Sends the visit back with the questions noted, and goes on with the next one."""
    fields = await fields_of(request)
    try:
        await db.write(operations.return_visit, actor, review_id, clock.now(), forms.questions(fields))
    except errors.Invalid as refusal:
        return await _again(request, db, actor, review_id, fields, refusal, "return")
    return see_other(await _next(db, actor))


@post("/reviews/{review_id:str}/approval", **WORK)
async def approve(request: Asked, db: Database, keys: Keys, actor: Actor, review_id: str) -> Response[Any]:
    """Takes the visit; next comes the question whom it scores."""
    fields = await fields_of(request)
    try:
        draw = release_draw(keys)
        visit_id = await db.write(operations.approve, actor, review_id, forms.approval(fields), draw, clock.now())
    except errors.Invalid as refusal:
        return await _again(request, db, actor, review_id, fields, refusal, "approve")
    return see_other(f"/visits/{visit_id}/subject")


def release_draw(keys: Keys) -> rules.Draw:
    """The secret mark of a visit that its day of release is drawn from."""
    return lambda visit_id: keys.mac("release", visit_id)


async def _next(db: Database, actor: Actor) -> str:
    """The address of the oldest review that waits, or of the list."""
    next_id, _, _ = await db.read(queries.neighbour, actor, "")
    return f"/reviews/{next_id}" if next_id else "/reviews"


@get("/visits/{visit_id:str}/subject", **WORK)
async def read_subject(request: Asked, db: Database, actor: Actor, visit_id: str) -> Response[str]:
    """Whom an approved visit scores: who was there, and what fits."""
    return page(request, "review/subject.html", await db.read(subjects.build, actor, visit_id))


@post("/visits/{visit_id:str}/subject", **WORK)
async def resolve_subject(request: Asked, db: Database, actor: Actor, visit_id: str) -> Response[Any]:
    """Says whom the visit scores, or that it stays with the team or the touchpoint."""
    fields = await fields_of(request)
    try:
        await db.write(operations.resolve_subject, actor, visit_id, forms.subject(fields), clock.now())
    except errors.Invalid as refusal:
        found = await db.read(subjects.build, actor, visit_id, refusal.fields)
        return page(request, "review/subject.html", found, 422)
    return see_other(await _next(db, actor))


handlers: list[HTTPRouteHandler] = [
    list_reviews, read_review, evidence, add_overlay, add_note, return_visit, approve, read_subject, resolve_subject,
]  # fmt: skip

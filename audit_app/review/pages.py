"""Screens of the review: the work list, one visit, whom it scored."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
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
from audit_app.review import (
    affairs,
    forms,
    holders,
    operations,
    opinions,
    oversight_pages,
    queries,
    redaction_pages,
    rules,
    screens,
    subjects,
    weighing,
)
from audit_app.visits import queries as visits
from audit_app.visits.rules import VIEW_HEADERS

Asked = Request[Any, Any, Any]
WORK = requires("review.work")


@get("/reviews", **WORK)
async def list_reviews(
    request: Asked, db: Database, actor: Actor, show: str = "open", q: str = "", after: str = ""
) -> Response[str]:
    """The actor's own work list, and what may be taken into it."""
    listing = queries.Listing(show if show in queries.TABS else "open", q.strip()[:80], after)
    return page(request, "review/queue.html", await db.read(queries.queue, actor, listing, clock.now()))


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


async def _filed(
    request: Asked,
    db: Database,
    actor: Actor,
    review_id: str,
    verb: Callable[..., object],
    read: Callable[[Fields], object],
    dialog: str = "",
) -> Response[Any]:
    """Does what a form of the page asks for: `verb` with what `read` makes of it; then the page, at the same item."""
    fields = await fields_of(request)
    try:
        await db.write(verb, actor, review_id, read(fields), clock.now())
    except errors.Invalid as refusal:
        return await _again(request, db, actor, review_id, fields, refusal, dialog)
    return see_other(_back(review_id, fields))


@post("/reviews/{review_id:str}/overlays", **WORK)
async def add_overlay(request: Asked, db: Database, actor: Actor, review_id: str) -> Response[Any]:
    """Changes one answer, with a reason."""
    return await _filed(request, db, actor, review_id, operations.overlay, forms.overlay)


@post("/reviews/{review_id:str}/notes", **WORK)
async def add_note(request: Asked, db: Database, actor: Actor, review_id: str) -> Response[Any]:
    """Notes a question to the assessor about one item."""
    return await _filed(request, db, actor, review_id, operations.note, forms.note)


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
    status, _ = await db.read(queries.outcome_of, visit_id)
    return see_other(f"/reviews/{review_id}" if status == "in_review" else f"/visits/{visit_id}/subject")


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


@dataclass(frozen=True)
class BulkOutcome:
    """What became of each visit of a list: "" or the message id of the refusal."""

    rows: list[tuple[str, str]]
    names: dict[str, str]


@get("/reviews/approvals", **WORK)
async def list_clean(request: Asked, db: Database, actor: Actor) -> Response[str]:
    """The clean visits of the actor's list, for a look before they are approved together."""
    return page(request, "review/clean.html", await db.read(weighing.clean, actor))


@post("/reviews/approvals", **WORK)
async def approve_clean(request: Asked, db: Database, keys: Keys, actor: Actor) -> Response[Any]:
    """Approves the chosen visits, each on its own: what is no longer clean stays where it is, and says why."""
    chosen = forms.chosen_reviews(await fields_of(request))
    names = {row.review_id: row.touchpoint for row in (await db.read(weighing.clean, actor)).rows}
    rows = []
    for review_id in chosen:
        try:
            await db.write(operations.approve_clean, actor, review_id, release_draw(keys), clock.now())
            rows.append((review_id, ""))
        except (errors.Conflict, errors.NotFound) as refusal:
            rows.append((review_id, refusal.message))
    return page(request, "review/approved.html", BulkOutcome(rows, names))


@post("/reviews/{review_id:str}/reviewer", **WORK)
async def take(db: Database, actor: Actor, review_id: str) -> Response[None]:
    """Takes a review that nobody has."""
    await db.write(holders.take, actor, review_id, clock.now())
    return see_other(f"/reviews/{review_id}")


@post("/reviews/{review_id:str}/reviewer/removal", **WORK)
async def put_back(db: Database, actor: Actor, review_id: str) -> Response[None]:
    """Gives an open review to another reviewer."""
    await db.write(holders.put_back, actor, review_id, clock.now())
    return see_other("/reviews")


@post("/reviews/{review_id:str}/continuation", **WORK)
async def go_on(db: Database, actor: Actor, review_id: str) -> Response[None]:
    """Goes on without evidence or an answer that did not come in time."""
    await db.write(affairs.go_on, actor, review_id, clock.now())
    return see_other(f"/reviews/{review_id}")


@post("/reviews/{review_id:str}/flags", **WORK)
async def raise_flag(request: Asked, db: Database, actor: Actor, review_id: str) -> Response[Any]:
    """Raises a flag."""
    return await _filed(request, db, actor, review_id, affairs.raise_flag, forms.new_flag, "flag")


@post("/reviews/{review_id:str}/flags/{flag_id:str}/settlement", **WORK)
async def settle_flag(request: Asked, db: Database, actor: Actor, review_id: str, flag_id: str) -> Response[Any]:
    """Says what came of a flag."""

    def settle(session: Session, actor: Actor, review_id: str, said: rules.Settlement, now: datetime) -> None:
        affairs.settle_flag(session, actor, review_id, flag_id, said, now)

    return await _filed(request, db, actor, review_id, settle, forms.settlement, f"settle-{flag_id}")


@post("/reviews/{review_id:str}/void", **WORK)
async def ask_void(request: Asked, db: Database, actor: Actor, review_id: str) -> Response[Any]:
    """Asks a second reviewer to agree that the visit counts for nothing."""
    return await _filed(request, db, actor, review_id, opinions.ask_void, forms.new_void, "void")


@get("/opinions", **WORK)
async def list_opinions(request: Asked, db: Database, actor: Actor, after: str = "") -> Response[str]:
    """What other reviewers want the actor to confirm."""
    return page(request, "review/opinions.html", await db.read(queries.opinions, actor, after))


@post("/opinions/{opinion_id:str}/confirmation", **WORK)
async def confirm(db: Database, keys: Keys, actor: Actor, opinion_id: str) -> Response[None]:
    """Agrees: the approval or the void takes place."""
    await db.write(affairs.confirm, actor, opinion_id, release_draw(keys), clock.now())
    return see_other("/opinions")


@post("/opinions/{opinion_id:str}/refusal", **WORK)
async def refuse(request: Asked, db: Database, actor: Actor, opinion_id: str) -> Response[Any]:
    """Does not agree, and says why."""
    fields = await fields_of(request)
    opinion, _, _ = await db.read(queries.opinion_for, actor, opinion_id)
    try:
        await db.write(opinions.refuse, actor, opinion_id, fields.text("answer", 2000), clock.now())
    except errors.Invalid as refusal:
        return await _again(request, db, actor, opinion.review_id, fields, refusal, "refuse")
    return see_other("/opinions")


@post("/opinions/{opinion_id:str}/withdrawal", **WORK)
async def withdraw(db: Database, actor: Actor, opinion_id: str) -> Response[None]:
    """Takes the question back."""
    review_id = await db.write(opinions.withdraw, actor, opinion_id, clock.now())
    return see_other(f"/reviews/{review_id}")


handlers: list[HTTPRouteHandler] = [
    list_reviews, list_clean, approve_clean, read_review, evidence, add_overlay, add_note, return_visit, approve, take,
    put_back, go_on, raise_flag, settle_flag, ask_void, read_subject, resolve_subject, list_opinions, confirm, refuse,
    withdraw, *oversight_pages.handlers, *redaction_pages.handlers,
]  # fmt: skip

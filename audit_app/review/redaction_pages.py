"""Painting over a photo: the page, the burning in, the look at the copy, the tick."""

import asyncio
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from audit_app.access.rules import Actor
from audit_app.kit import clock, errors
from audit_app.kit.blobs import Blobs
from audit_app.kit.db import Database
from audit_app.kit.errors import FieldError
from audit_app.kit.forms import Fields, fields_of
from audit_app.kit.web import page, requires, see_other
from audit_app.review import forms, redacting, rules
from audit_app.review.redaction_screens import BoxLine, Typed, build
from audit_app.visits.decoding import decoder
from audit_app.visits.media import PHOTO_TYPE, NotShown, covered
from audit_app.visits.rules import VIEW_HEADERS

Asked = Request[Any, Any, Any]
WORK = requires("review.work")
PLACE = "/reviews/{review_id:str}/evidence/{evidence_id:str}"


def burn(data: bytes, boxes: list[tuple[int, int, int, int]]) -> bytes:
    """The photo with the boxes in it, made by a process of its own."""
    return decoder().run(covered, data, boxes)


@get(f"{PLACE}/redaction", **WORK)
async def read_redaction(request: Asked, db: Database, actor: Actor, review_id: str, evidence_id: str) -> Response[str]:
    """The photo with its boxes, as they stand."""
    return page(request, "review/redaction.html", await db.read(build, actor, review_id, evidence_id))


async def _again(
    request: Asked, db: Database, actor: Actor, ids: tuple[str, str], fields: Fields, faults: list[FieldError]
) -> Response[str]:
    lines = [BoxLine(*line) for line in forms.typed_boxes(fields)[: rules.MOST_BOXES]]
    found = await db.read(build, actor, *ids, Typed(faults, lines, fields.values.get("shows", "")))
    return page(request, "review/redaction.html", found, 422)


@post(f"{PLACE}/redaction", **WORK)
async def cover(
    request: Asked, db: Database, blobs: Blobs, actor: Actor, review_id: str, evidence_id: str
) -> Response[Any]:
    """Burns the boxes into a copy; the page then shows it."""
    fields = await fields_of(request)
    _, photo = await db.read(redacting.paintable, actor, review_id, evidence_id)
    try:
        new = forms.redaction(fields)
        redacting.check(new)
        made = await asyncio.to_thread(_burnt, blobs, photo.blob, new)
        await db.write(redacting.cover, actor, review_id, evidence_id, new, made, clock.now())
    except errors.Invalid as refusal:
        return await _again(request, db, actor, (review_id, evidence_id), fields, refusal.fields)
    return see_other(f"/reviews/{review_id}/evidence/{evidence_id}/redaction")


def _burnt(blobs: Blobs, blob: str, new: rules.Redaction) -> str:
    try:
        return blobs.put(burn(blobs.get(blob), new.boxes))
    except (NotShown, FileNotFoundError) as fault:
        raise errors.Invalid(fields=[FieldError("boxes", "photo", "This photo cannot be painted over.")]) from fault


@get(f"{PLACE}/redacted", **WORK)
async def redacted(db: Database, blobs: Blobs, actor: Actor, review_id: str, evidence_id: str) -> Response[bytes]:
    """The painted copy, as those below would see it. The reviewer's look at it is remembered."""
    blob = await db.write(redacting.look, actor, review_id, evidence_id, clock.now())
    return Response(blobs.get(blob), media_type=PHOTO_TYPE, headers=dict(VIEW_HEADERS))


@post(f"{PLACE}/releasable", **WORK)
async def let_out(request: Asked, db: Database, actor: Actor, review_id: str, evidence_id: str) -> Response[Any]:
    """Ticks the photo as releasable (`releasable=1`) or takes the tick back."""
    fields = await fields_of(request)
    try:
        await db.write(redacting.let_out, actor, review_id, evidence_id, fields.flag("releasable"), clock.now())
    except errors.Invalid as refusal:
        found = await db.read(build, actor, review_id, evidence_id, Typed(refusal.fields))
        return page(request, "review/redaction.html", found, 422)
    return see_other(f"/reviews/{review_id}/evidence/{evidence_id}/redaction")


@post(f"{PLACE}/redaction/removal", **WORK)
async def undo(db: Database, actor: Actor, review_id: str, evidence_id: str) -> Response[Any]:
    """Takes the boxes away."""
    await db.write(redacting.undo, actor, review_id, evidence_id, clock.now())
    return see_other(f"/reviews/{review_id}/evidence/{evidence_id}/redaction")


handlers: list[HTTPRouteHandler] = [read_redaction, cover, redacted, let_out, undo]

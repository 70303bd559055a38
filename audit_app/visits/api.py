"""The phone's interface. Who asks and about what is read here; everything else is an operation or a query.

Errors are RFC 9457 problem documents. An upload's place travels in the headers `Upload-Offset` and `Upload-Complete`
(`?1`/`?0`) and, for a PUT, in the JSON answer `{"sha256", "offset", "size", "complete"}`, too.
"""

import asyncio
import hashlib
from typing import Any

import msgspec
from litestar import Request, Response, delete, get, head, post, put
from litestar.handlers import HTTPRouteHandler

from audit_app.access.keys import Keys
from audit_app.access.rules import Actor
from audit_app.kit import clock
from audit_app.kit.blobs import Blobs
from audit_app.kit.db import Database
from audit_app.kit.errors import BadRequest, FieldError, Invalid, Refusal
from audit_app.kit.ids import is_random_id
from audit_app.kit.web import decode_json, problem, requires
from audit_app.planning import operations as planning
from audit_app.settings import Settings
from audit_app.visits import operations, phone, queries, rules
from audit_app.visits.sending import read_visit, take
from audit_app.visits.uploads import State, Uploads, WrongOffset

JSON = "application/json"
NO_STORE = {"cache-control": "no-store"}
PATIENCE = 30.0  # seconds without a byte
FIELD = requires("field.use")
_encode = msgspec.json.Encoder().encode


class SealedLater(Refusal):
    """A sealed visit: nobody opens these here yet."""

    status, code, default = 415, "sealed-not-taken", "This server does not take sealed visits yet."


class Stalled(Refusal):
    status, code, default = 408, "stalled", "The connection stood still for too long."


class WrongType(Refusal):
    status, code, default = 415, "media-type", "Please send JSON."


def _json(content: Any, status: int = 200, **headers: str) -> Response[bytes]:
    return Response(_encode(content), status_code=status, media_type=JSON, headers={**NO_STORE, **headers})


async def _body_of(request: Request[Any, Any, Any]) -> bytes:
    """The bytes of a JSON body, exactly as sent."""
    kind = request.headers.get("content-type", JSON).split(";", 1)[0].strip().lower()
    if kind == rules.SEALED:
        raise SealedLater
    if kind != JSON:
        raise WrongType
    return await whole_body(request)


async def whole_body(request: Request[Any, Any, Any]) -> bytes:
    """The body, however slowly it comes, as long as it comes: half a minute without a byte ends the request."""
    loop, chunks = asyncio.get_running_loop(), []
    try:
        async with asyncio.timeout(PATIENCE) as limit:
            async for chunk in request.stream():
                chunks.append(chunk)
                limit.reschedule(loop.time() + PATIENCE)
    except TimeoutError as fault:
        raise Stalled from fault
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _is_json(raw: bytes) -> bool:
    """Whether the bytes are a JSON value at all; what stands in a draft is the phone's affair."""
    try:
        msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


@get("/api/v1/assignments", **FIELD)
async def list_assignments(db: Database, actor: Actor) -> Response[bytes]:
    """The caller's own jobs that still want something, soonest first."""
    return _json({"items": await db.read(phone.assignments, actor)})


@post("/api/v1/assignments/{assignment_id:str}/acceptance", status_code=200, **FIELD)
async def accept(db: Database, actor: Actor, assignment_id: str) -> Response[bytes]:
    """Takes the job; a second time changes nothing."""
    await db.write(planning.accept, actor, assignment_id, clock.now())
    return _json(await db.read(phone.assignment, actor, assignment_id))


@post("/api/v1/assignments/{assignment_id:str}/decline", status_code=200, **FIELD)
async def decline(request: Request[Any, Any, Any], db: Database, actor: Actor, assignment_id: str) -> Response[bytes]:
    """Refuses the job, or hands it back: `{reason, note}`."""
    why = decode_json(await _body_of(request), rules.Declined)
    await db.write(planning.decline, actor, assignment_id, why.reason, why.note, clock.now())
    return _json(await db.read(phone.assignment, actor, assignment_id))


@put("/api/v1/visits/{visit_id:str}", request_max_body_size=rules.LARGEST_BODY, **FIELD)
async def put_visit(request: Request[Any, Any, Any], db: Database, visit_id: str) -> Response[bytes]:
    """Takes a revision of a visit once: 201 the first time, 200 with the same receipt for the same bytes, 409 with the
    first receipt otherwise. The answer leaves after the commit."""
    actor: Actor = request.scope["state"]["actor"]  # the guard saw to it; a second dependency costs a task group
    raw = await _body_of(request)
    if not is_random_id(visit_id):
        raise Invalid(fields=[FieldError("visit_id", "form", "An id of 32 hexadecimal digits is needed here.")])
    sent = rules.Sent(visit_id, read_visit(raw), raw, hashlib.sha256(raw).hexdigest())
    outcome = await take(db, actor.account_id, sent)
    return _json(outcome.receipt, 201 if outcome.created else 200)


@get("/api/v1/visits/{visit_id:str}", **FIELD)
async def read_visit_back(db: Database, actor: Actor, visit_id: str) -> Response[bytes]:
    """An own visit: receipt, last revision as sent, and what the reviewer said about its items."""
    return _json(phone.reading(await db.read(queries.own_reading, actor, visit_id)))


@head("/api/v1/evidence/{sha256:str}", **FIELD)
async def evidence_state(db: Database, settings: Settings, blobs: Blobs, actor: Actor, sha256: str) -> Response[None]:
    """How many bytes of the caller's own file are here."""
    state = await Uploads(db, settings, blobs).state(actor.account_id, sha256)
    return Response(None, status_code=204, headers=_upload_headers(state))


@put("/api/v1/evidence/{sha256:str}", request_max_body_size=rules.LARGEST_PART, **FIELD)
async def put_part(
    request: Request[Any, Any, Any], db: Database, settings: Settings, blobs: Blobs, actor: Actor, sha256: str
) -> Response[bytes]:
    """Takes the next part of a file. A wrong place is 409 with the right one; content that does not have the hash in
    the address is 422 and begins anew."""
    offset = _offset(request.headers.get("upload-offset"))
    uploads = Uploads(db, settings, blobs)
    try:
        state = await uploads.take(actor.account_id, sha256, offset, await whole_body(request))
    except WrongOffset as refusal:
        response = problem(refusal)
        response.headers["upload-offset"] = str(refusal.offset)
        return response
    told = {"sha256": sha256, "offset": state.offset, "size": state.size, "complete": state.complete}
    return _json(told, 200, **_upload_headers(state))


def _upload_headers(state: State) -> dict[str, str]:
    return {
        **NO_STORE,
        "upload-offset": str(state.offset),
        "upload-length": str(state.size),
        "upload-complete": "?1" if state.complete else "?0",
    }


def _offset(text: str | None) -> int:
    if text is None or not (text.isascii() and text.isdigit() and len(text) < 16):
        raise BadRequest("The header Upload-Offset must say where this part begins.", code="upload-offset")
    return int(text)


@put("/api/v1/drafts/{visit_id:str}", request_max_body_size=rules.LARGEST_DRAFT, **FIELD)
async def put_draft(
    request: Request[Any, Any, Any], db: Database, keys: Keys, actor: Actor, visit_id: str
) -> Response[bytes]:
    """Keeps the phone's unfinished work, encrypted, for its owner only."""
    raw = await _body_of(request)
    if not is_random_id(visit_id):
        raise Invalid(fields=[FieldError("visit_id", "form", "An id of 32 hexadecimal digits is needed here.")])
    if not _is_json(raw):
        raise BadRequest(code="unreadable-json")
    now = clock.now()
    await db.write(operations.save_draft, keys, actor.account_id, visit_id, raw, now)
    return _json({"visit_id": visit_id, "size": len(raw), "saved_at": now})


@get("/api/v1/drafts/{visit_id:str}", **FIELD)
async def get_draft(db: Database, keys: Keys, actor: Actor, visit_id: str) -> Response[bytes]:
    """The own draft as it was sent."""
    found = await db.read(operations.open_draft, keys, actor.account_id, visit_id)
    return Response(found, media_type=JSON, headers=NO_STORE)


@delete("/api/v1/drafts/{visit_id:str}", status_code=204, **FIELD)
async def delete_draft(db: Database, actor: Actor, visit_id: str) -> Response[None]:
    """Forgets the own draft; there may be none."""
    await db.write(operations.forget_draft, actor.account_id, visit_id)
    return Response(None, status_code=204, headers=NO_STORE)


handlers: list[HTTPRouteHandler] = [
    list_assignments, accept, decline, put_visit, read_visit_back, evidence_state, put_part, put_draft, get_draft,
    delete_draft,
]  # fmt: skip

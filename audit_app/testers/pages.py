"""Testers by code for the programme office, and the one door to a name: by the office itself, or through a permit."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from audit_app.access.keys import Keys
from audit_app.access.rules import Actor
from audit_app.access.step_up import asks_for_code, prove
from audit_app.kit import clock, errors
from audit_app.kit.db import Database, Session
from audit_app.kit.errors import FieldError
from audit_app.kit.forms import fields_of
from audit_app.kit.paging import PageOf
from audit_app.kit.web import page, requires, see_other
from audit_app.testers import forms, operations, queries

Asked = Request[Any, Any, Any]
READ, LOOK = requires("testers.read"), requires("identity.read")
PERMITS, ASK, GRANT = requires("identity.permits"), requires("identity.ask"), requires("identity.grant")


@dataclass(frozen=True)
class TestersScreen:
    page: PageOf[queries.TesterRow]
    search: str


@dataclass(frozen=True)
class TesterPage:
    """`identity` only on the one answer to whoever was just told."""

    tester: queries.TesterScreen
    may_look: bool
    by_code: bool
    identity: queries.Identity | None = None
    reason: str = ""
    errors: Sequence[FieldError] = ()


@dataclass(frozen=True)
class PermitsScreen:
    rows: list[queries.PermitRow]
    may_ask: bool
    by_code: bool
    values: dict[str, str] = field(default_factory=dict)
    errors: Sequence[FieldError] = ()


@dataclass(frozen=True)
class PermitPage:
    permit: queries.PermitRow
    may_decide: bool
    by_code: bool
    identity: queries.Identity | None = None
    errors: Sequence[FieldError] = ()


@get("/testers", **READ)
async def list_testers(request: Asked, db: Database, actor: Actor, q: str = "", after: str = "") -> Response[str]:
    """The testers by code."""
    today = clock.local_date(clock.now())
    found = await db.read(queries.testers, actor, q.strip()[:12], after, today)
    return page(request, "testers/testers.html", TestersScreen(found, q.strip()[:12]))


def _tester(session: Session, /, actor: Actor, code: str, **more: Any) -> TesterPage:
    found = queries.tester_screen(session, actor, code, clock.local_date(clock.now()))
    return TesterPage(found, actor.may("identity.read"), asks_for_code(session, actor), **more)


@get("/testers/{code:str}", **READ)
async def read_tester(request: Asked, db: Database, actor: Actor, code: str) -> Response[str]:
    """One tester: certified for what, and who was told the name. Never the name itself."""
    return page(request, "testers/tester.html", await db.read(_tester, actor, code))


@post("/testers/{code:str}/identity", status_code=200, **LOOK)
async def show_identity(request: Asked, db: Database, keys: Keys, actor: Actor, code: str) -> Response[str]:
    """The name, on this one answer, after a reason and another proof of who asks."""
    fields = await fields_of(request)
    await db.read(_tester, actor, code)  # whoever may not see the tester proves nothing here
    try:
        asked = forms.look(fields)
        await prove(db, keys, actor, forms.proof(fields), clock.now())
        told = await db.write(operations.look, actor, code, asked, clock.now())
    except errors.Invalid as refusal:
        reason = fields.values.get("reason", "")
        shown = await db.read(_tester, actor, code, reason=reason, errors=refusal.fields)
        return page(request, "testers/tester.html", shown, 422)
    return page(request, "testers/tester.html", await db.read(_tester, actor, code, identity=told))


def _permits(session: Session, /, actor: Actor, **more: Any) -> PermitsScreen:
    rows = queries.permits(session, actor, clock.now())
    return PermitsScreen(rows, actor.may("identity.ask"), asks_for_code(session, actor), **more)


@get("/identity-permits", **PERMITS)
async def list_permits(request: Asked, db: Database, actor: Actor) -> Response[str]:
    """Open requests and permits, then those of the last 30 days."""
    return page(request, "testers/permits.html", await db.read(_permits, actor))


@post("/identity-permits", **ASK)
async def ask(request: Asked, db: Database, keys: Keys, actor: Actor) -> Response[Any]:
    """An administrator asks to learn who one tester is."""
    fields = await fields_of(request)
    try:
        asked = forms.request(fields)
        await db.read(queries.tester_by_code, actor, asked.code, clock.local_date(clock.now()), "identity.ask")
        await prove(db, keys, actor, forms.proof(fields), clock.now())
        made = await db.write(operations.ask, actor, asked, clock.now())
    except (errors.Invalid, errors.NotFound) as refusal:
        faults = refusal.fields or [FieldError("code", "unknown", "There is no such tester here.")]
        values = {name: fields.values.get(name, "") for name in ("code", "reason")}
        shown = await db.read(_permits, actor, values=values, errors=faults)
        return page(request, "testers/permits.html", shown, 422)
    return see_other(f"/identity-permits/{made}")


def _permit(session: Session, /, actor: Actor, permit_id: str, **more: Any) -> PermitPage:
    found = queries.permit(session, actor, permit_id, clock.now())
    may_decide = actor.may("identity.grant") and not found.own and found.status == "asked"
    return PermitPage(found, may_decide, asks_for_code(session, actor), **more)


@get("/identity-permits/{permit_id:str}", **PERMITS)
async def read_permit(request: Asked, db: Database, actor: Actor, permit_id: str) -> Response[str]:
    """One request: the reason, the answer, how long it is open."""
    return page(request, "testers/permit.html", await db.read(_permit, actor, permit_id))


@post("/identity-permits/{permit_id:str}/decision", **GRANT)
async def decide(request: Asked, db: Database, keys: Keys, actor: Actor, permit_id: str) -> Response[Any]:
    """The second person grants or refuses (`decision=granted`)."""
    fields = await fields_of(request)
    await db.read(_permit, actor, permit_id)
    try:
        granted = fields.choice("decision", ("granted", "refused")) == "granted"
        fields.check()
        await prove(db, keys, actor, forms.proof(fields), clock.now())
        await db.write(operations.decide, actor, permit_id, granted, clock.now())
    except errors.Invalid as refusal:
        shown = await db.read(_permit, actor, permit_id, errors=refusal.fields)
        return page(request, "testers/permit.html", shown, 422)
    return see_other(f"/identity-permits/{permit_id}")


@post("/identity-permits/{permit_id:str}/identity", status_code=200, **ASK)
async def use_permit(request: Asked, db: Database, keys: Keys, actor: Actor, permit_id: str) -> Response[str]:
    """The name, on this one answer, while the hour runs, after another proof of who asks."""
    fields = await fields_of(request)
    await db.read(operations.check_permit, actor, permit_id, clock.now())  # a closed permit costs no code
    try:
        await prove(db, keys, actor, forms.proof(fields), clock.now())
    except errors.Invalid as refusal:
        shown = await db.read(_permit, actor, permit_id, errors=refusal.fields)
        return page(request, "testers/permit.html", shown, 422)
    told = await db.write(operations.look_by_permit, actor, permit_id, clock.now())
    return page(request, "testers/permit.html", await db.read(_permit, actor, permit_id, identity=told))


@post("/identity-permits/{permit_id:str}/end", **PERMITS)
async def give_back(db: Database, actor: Actor, permit_id: str) -> Response[Any]:
    """Ends an open request or permit now."""
    await db.write(operations.give_back, actor, permit_id, clock.now())
    return see_other("/identity-permits")


handlers: list[HTTPRouteHandler] = [
    list_testers, read_tester, show_identity, list_permits, ask, read_permit, decide, use_permit, give_back,
]  # fmt: skip

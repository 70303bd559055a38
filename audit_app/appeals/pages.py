"""Screens of appeals: for the appellant, for the panel, for the assessor of a voided visit."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from audit_app.access.rules import Actor
from audit_app.appeals import filing as matters
from audit_app.appeals import forms, operations, panels, rules, screens
from audit_app.appeals.forms import fields_of
from audit_app.appeals.queries import cases, contested, hearings, rates, scored
from audit_app.kit import clock, errors
from audit_app.kit.blobs import Blobs
from audit_app.kit.db import Database, Session
from audit_app.kit.errors import FieldError
from audit_app.kit.web import page, requires, see_other
from audit_app.visits import queries as visits
from audit_app.visits.rules import VIEW_HEADERS

Asked = Request[Any, Any, Any]
FILE, JUDGE, FIELD = requires("appeals.file"), requires("appeals.judge"), requires("field.use")
SHOWN = ("open", "waiting", "done")


@get("/results/{outward_id:str}/appeal", **FILE)
async def new_appeal(request: Asked, db: Database, actor: Actor, outward_id: str, item: str = "") -> Response[str]:
    """The form for one matter of a released visit."""
    return page(request, "appeals/new.html", await db.read(matters.build, actor, outward_id, item, clock.now()))


@post("/results/{outward_id:str}/appeal", request_max_body_size=rules.LARGEST_FORM, **FILE)
async def file_appeal(request: Asked, db: Database, blobs: Blobs, actor: Actor, outward_id: str) -> Response[Any]:
    """Contests an item, with words and files."""
    shown = await db.read(matters.build, actor, outward_id, "", clock.now())
    fields = await fields_of(request)
    try:
        filing = forms.filing(fields)
        files = await forms.files_of(request, db, blobs, actor)
        appeal_id = await db.write(operations.file_appeal, actor, outward_id, filing, files, clock.now())
    except (errors.Invalid, errors.Conflict) as refusal:
        faults = refusal.fields or [FieldError("", refusal.code, refusal.message)]
        again = matters.FormScreen(
            shown.visit, shown.items, shown.points, shown.held, fields.values.get("item_id", ""), shown.grounds,
            shown.now, list(faults), fields.values,
        )  # fmt: skip
        return page(request, "appeals/new.html", again, refusal.status)
    return see_other(f"/appeals/{appeal_id}")


@get("/appeals", **FILE)
async def list_appeals(request: Asked, db: Database, actor: Actor, after: str = "") -> Response[str]:
    """The own appeals, and where each stands."""
    return page(request, "appeals/cases.html", await db.read(cases.cases, actor, after, clock.now()))


@dataclass(frozen=True)
class CasePage:
    case: cases.CaseScreen
    errors: list[FieldError] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)


@get("/appeals/{appeal_id:str}", **FILE)
async def read_appeal(request: Asked, db: Database, actor: Actor, appeal_id: str) -> Response[str]:
    """One own appeal: rounds, decisions with their reasons, what can be done now."""
    return page(request, "appeals/case.html", CasePage(await db.read(cases.case, actor, appeal_id, clock.now())))


@post("/appeals/{appeal_id:str}/second-round", request_max_body_size=rules.LARGEST_FORM, **FILE)
async def go_on(request: Asked, db: Database, blobs: Blobs, actor: Actor, appeal_id: str) -> Response[Any]:
    """Asks the province to look at it again, the last time."""
    shown = await db.read(cases.case, actor, appeal_id, clock.now())
    fields = await fields_of(request)
    try:
        words = forms.words(fields)
        files = await forms.files_of(request, db, blobs, actor)
        await db.write(operations.go_on, actor, appeal_id, words, files, clock.now())
    except errors.Invalid as refusal:
        return page(request, "appeals/case.html", CasePage(shown, list(refusal.fields), fields.values), 422)
    return see_other(f"/appeals/{appeal_id}")


@post("/appeals/{appeal_id:str}/withdrawal", **FILE)
async def withdraw(db: Database, actor: Actor, appeal_id: str) -> Response[None]:
    """Takes the open round back."""
    await db.write(operations.withdraw, actor, appeal_id, clock.now())
    return see_other(f"/appeals/{appeal_id}")


@get("/appeals/{appeal_id:str}/files/{file_id:str}", **FILE)
async def own_file(db: Database, blobs: Blobs, actor: Actor, appeal_id: str, file_id: str) -> Response[bytes]:
    """The cleaned copy of an own file."""
    blob, media_type = await db.read(cases.own_file, actor, appeal_id, file_id)
    return Response(blobs.get(blob), media_type=media_type, headers=dict(VIEW_HEADERS))


@get("/hearings", **JUDGE)
async def list_hearings(
    request: Asked, db: Database, actor: Actor, show: str = "open", after: str = ""
) -> Response[str]:
    """The hearings in which the actor sits."""
    wanted = show if show in SHOWN else "open"
    found = await db.read(hearings.hearings, actor, wanted, after, clock.now())
    return page(request, "appeals/hearings.html", found)


@get("/hearings/{hearing_id:str}", **JUDGE)
async def read_hearing(request: Asked, db: Database, actor: Actor, hearing_id: str) -> Response[str]:
    """One hearing: standard, both sides, precedents, the ballot. The look is on the trail."""
    found = await db.read(screens.build, actor, hearing_id, clock.now())
    await db.write(panels.look, actor, found.visit.id, clock.now())
    return page(request, "appeals/hearing.html", found)


@post("/hearings/{hearing_id:str}/votes", **JUDGE)
async def vote(request: Asked, db: Database, actor: Actor, hearing_id: str) -> Response[Any]:
    """Casts the own vote and goes on with the next hearing."""
    fields = await fields_of(request)
    try:
        await db.write(panels.vote, actor, hearing_id, forms.ballot(fields), clock.now())
    except errors.Invalid as refusal:
        typed = screens.Typed(refusal.fields, fields.values, fields.all("answer"))
        found = await db.read(screens.build, actor, hearing_id, clock.now(), typed)
        return page(request, "appeals/hearing.html", found, 422)
    next_id = await db.read(hearings.neighbour, actor, hearing_id)
    return see_other(f"/hearings/{next_id}" if next_id else f"/hearings/{hearing_id}")


def _evidence(session: Session, actor: Actor, hearing_id: str, evidence_id: str, now: datetime) -> visits.View:
    """The copy, and a line on the trail that a panel member looked at it."""
    _, appeal, visit, _ = hearings.hearing_of(session, actor, hearing_id)
    view = visits.evidence_view(session, evidence_id, hearings.may_look(actor, visit))
    panels.tell(session, "appeal.evidence_opened", appeal, actor.account_id, now, {"evidence": evidence_id})
    return view


@get("/hearings/{hearing_id:str}/evidence/{evidence_id:str}", **JUDGE)
async def evidence(db: Database, blobs: Blobs, actor: Actor, hearing_id: str, evidence_id: str) -> Response[bytes]:
    """The copy of the assessor's file; each look is a line on the trail."""
    view = await db.write(_evidence, actor, hearing_id, evidence_id, clock.now())
    return Response(blobs.get(view.blob), media_type=view.media_type, headers=dict(VIEW_HEADERS))


def _proof(session: Session, actor: Actor, hearing_id: str, file_id: str) -> tuple[str, str]:
    _, appeal, _, _ = hearings.hearing_of(session, actor, hearing_id)
    return cases.view_of(session, appeal.id, file_id)


@get("/hearings/{hearing_id:str}/files/{file_id:str}", **JUDGE)
async def proof(db: Database, blobs: Blobs, actor: Actor, hearing_id: str, file_id: str) -> Response[bytes]:
    """The cleaned copy of a file of the appellant."""
    blob, media_type = await db.read(_proof, actor, hearing_id, file_id)
    return Response(blobs.get(blob), media_type=media_type, headers=dict(VIEW_HEADERS))


@get("/appeal-rates", **requires("appeals.statistics"))
async def show_rates(request: Asked, db: Database, actor: Actor) -> Response[str]:
    """How often appeals change a score, by item, assessor and reviewer."""
    return page(request, "appeals/rates.html", await db.read(rates.rates, actor, clock.now()))


@dataclass(frozen=True)
class VoidScreen:
    """The form against a voiding."""

    visit_id: str
    on: Any
    until: Any
    errors: list[FieldError] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)


@get("/field/appeals", **FIELD)
async def list_scored(request: Asked, db: Database, actor: Actor) -> Response[str]:
    """Appeals against own visits: items and outcomes, never who."""
    return page(request, "appeals/scored.html", await db.read(scored.scored, actor, clock.now()))


def _void(session: Session, actor: Actor, visit_id: str) -> VoidScreen:
    found = contested.own_void(session, actor, visit_id)
    return VoidScreen(found.id, found.on, rules.last_day(found.window_end))


@get("/field/visits/{visit_id:str}/appeal", **FIELD)
async def new_void(request: Asked, db: Database, actor: Actor, visit_id: str) -> Response[str]:
    """The form against the voiding of an own visit."""
    return page(request, "appeals/void.html", await db.read(_void, actor, visit_id))


@post("/field/visits/{visit_id:str}/appeal", request_max_body_size=rules.LARGEST_FORM, **FIELD)
async def file_void(request: Asked, db: Database, blobs: Blobs, actor: Actor, visit_id: str) -> Response[Any]:
    """Contests the voiding of an own visit."""
    shown = await db.read(_void, actor, visit_id)
    fields = await fields_of(request)
    try:
        words = forms.words(fields)
        files = await forms.files_of(request, db, blobs, actor)
        await db.write(operations.file_void, actor, visit_id, words, files, clock.now())
    except (errors.Invalid, errors.Conflict) as refusal:
        faults = list(refusal.fields) or [FieldError("", refusal.code, refusal.message)]
        again = VoidScreen(shown.visit_id, shown.on, shown.until, faults, fields.values)
        return page(request, "appeals/void.html", again, refusal.status)
    return see_other("/field/appeals")


handlers: list[HTTPRouteHandler] = [
    new_appeal, file_appeal, list_appeals, read_appeal, go_on, withdraw, own_file, list_hearings, read_hearing, vote,
    evidence, proof, show_rates, list_scored, new_void, file_void,
]  # fmt: skip

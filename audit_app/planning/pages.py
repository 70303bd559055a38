"""Screens of planning by hand: programmes, rounds, giving out touchpoints, the list of jobs, notices."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from audit_app.access.rules import Actor
from audit_app.kit import clock, errors
from audit_app.kit.db import Database, Session
from audit_app.kit.errors import FieldError
from audit_app.kit.forms import Fields, fields_of
from audit_app.kit.paging import PageOf
from audit_app.kit.web import page, requires, see_other, signed_in
from audit_app.organisation.models import OrgUnit
from audit_app.planning import forms, operations, queries
from audit_app.standards import queries as standards

Asked = Request[Any, Any, Any]
STATUSES = ("draft", "offered", "accepted", "declined", "expired", "started", "done", "cancelled")


@dataclass(frozen=True)
class ProgrammesScreen:
    page: PageOf[queries.ProgrammeRow]


@dataclass(frozen=True)
class NewProgrammeScreen:
    units: list[OrgUnit]
    checklists: list[standards.VersionRow]
    covert: bool
    values: dict[str, str] = field(default_factory=dict)
    chosen: dict[str, list[str]] = field(default_factory=dict)
    errors: list[FieldError] = field(default_factory=list)


@dataclass(frozen=True)
class ProgrammePage:
    programme: queries.ProgrammeScreen
    today: date
    values: dict[str, str] = field(default_factory=dict)
    errors: list[FieldError] = field(default_factory=list)


@dataclass(frozen=True)
class ChoicePage:
    choice: queries.ChoiceScreen
    values: dict[str, str] = field(default_factory=dict)
    errors: list[FieldError] = field(default_factory=list)


@dataclass(frozen=True)
class AssignmentsScreen:
    page: PageOf[queries.AssignmentRow]
    status: str


@get("/programmes", **requires("planning.read"))
async def list_programmes(request: Asked, db: Database, actor: Actor, after: str = "") -> Response[str]:
    """The programmes of one's units, the newest first."""
    return page(request, "planning/programmes.html", ProgrammesScreen(await db.read(queries.programmes, actor, after)))


def _new_programme(session: Session, actor: Actor) -> NewProgrammeScreen:
    known: dict[str, standards.VersionRow] = {}
    for row in standards.versions(session, actor):
        if row.status == "published":
            known.setdefault(row.checklist_id, row)
    return NewProgrammeScreen(queries.own_units(session, actor), list(known.values()), actor.may("covert.plan"))


@get("/programmes/new", **requires("planning.write"))
async def new_programme(request: Asked, db: Database, actor: Actor) -> Response[str]:
    return page(request, "planning/programme_new.html", await db.read(_new_programme, actor))


@post("/programmes", **requires("planning.write"))
async def create_programme(request: Asked, db: Database, actor: Actor) -> Response[Any]:
    fields = await fields_of(request)
    screen = await db.read(_new_programme, actor)
    try:
        new = forms.programme(fields, [c.checklist_id for c in screen.checklists])
        made = await db.write(operations.create_programme, actor, new, clock.now())
    except errors.Invalid as refusal:
        chosen = {name: fields.all(name) for name in ("touchpoint_kinds", "checklist_ids")}
        shown = NewProgrammeScreen(
            screen.units, screen.checklists, screen.covert, fields.values, chosen, refusal.fields
        )
        return page(request, "planning/programme_new.html", shown, 422)
    return see_other(f"/programmes/{made}")


@get("/programmes/{programme_id:str}", **requires("planning.read"))
async def read_programme(request: Asked, db: Database, actor: Actor, programme_id: str) -> Response[str]:
    found = await db.read(queries.programme_screen, actor, programme_id)
    return page(request, "planning/programme.html", ProgrammePage(found, clock.local_date(clock.now())))


@post("/programmes/{programme_id:str}/rounds", **requires("planning.write"))
async def create_round(request: Asked, db: Database, actor: Actor, programme_id: str) -> Response[Any]:
    fields = await fields_of(request)
    try:
        made = await db.write(operations.create_round, actor, programme_id, forms.round_of(fields), clock.now())
    except errors.Invalid as refusal:
        return await _programme_again(request, db, actor, programme_id, fields, refusal)
    return see_other(f"/rounds/{made}")


async def _programme_again(
    request: Asked, db: Database, actor: Actor, programme_id: str, fields: Fields, refusal: errors.Invalid
) -> Response[str]:
    found = await db.read(queries.programme_screen, actor, programme_id)
    shown = ProgrammePage(found, clock.local_date(clock.now()), fields.values, refusal.fields)
    return page(request, "planning/programme.html", shown, 422)


@get("/rounds/{round_id:str}", **requires("planning.read"))
async def read_round(
    request: Asked,
    db: Database,
    actor: Actor,
    round_id: str,
    q: str = "",
    show: str = "due",
    after: str = "",
    jobs: str = "",
) -> Response[str]:
    """A round: its jobs, and the touchpoints with their last known visit."""
    listing = queries.Listing(q.strip()[:80], show == "all", after, jobs)
    found = await db.read(queries.round_screen, actor, round_id, clock.now(), listing)
    return page(request, "planning/round.html", found)


@get("/rounds/{round_id:str}/touchpoints/{touchpoint_id:str}", **requires("planning.write"))
async def choose_assessor(
    request: Asked, db: Database, actor: Actor, round_id: str, touchpoint_id: str, version: str = ""
) -> Response[str]:
    """Who may go to a touchpoint, and who may not and why."""
    found = await db.read(queries.choice_screen, actor, round_id, touchpoint_id, version, clock.now())
    return page(request, "planning/choice.html", ChoicePage(found))


@post("/rounds/{round_id:str}/assignments", **requires("planning.write"))
async def create_assignment(request: Asked, db: Database, actor: Actor, round_id: str) -> Response[Any]:
    fields = await fields_of(request)
    try:
        await db.write(operations.assign, actor, round_id, forms.assignment(fields), clock.now())
    except errors.Invalid as refusal:
        return await _choice_again(request, db, actor, round_id, fields, refusal)
    return see_other(f"/rounds/{round_id}")


async def _choice_again(
    request: Asked, db: Database, actor: Actor, round_id: str, fields: Fields, refusal: errors.Invalid
) -> Response[str]:
    values = fields.values
    place, version = values.get("touchpoint_id", ""), values.get("checklist_version_id", "")
    found = await db.read(queries.choice_screen, actor, round_id, place, version, clock.now())
    return page(request, "planning/choice.html", ChoicePage(found, values, refusal.fields), 422)


@post("/rounds/{round_id:str}/publication", **requires("planning.write"))
async def publish_round(request: Asked, db: Database, actor: Actor, round_id: str) -> Response[Any]:
    """Offers every job in draft to its assessor. While too few may go to one of them, the page comes back and says to
    which."""
    now = clock.now()
    try:
        await db.write(operations.publish_round, actor, round_id, now)
    except errors.Conflict as refusal:
        if refusal.code != operations.THIN:
            raise
        found = await db.read(queries.round_screen, actor, round_id, now, queries.Listing())
        return page(request, "planning/round.html", found, refusal.status)
    return see_other(f"/rounds/{round_id}")


@post("/rounds/{round_id:str}/closure", **requires("planning.write"))
async def close_round(db: Database, actor: Actor, round_id: str) -> Response[None]:
    """Ends a round that has no open job left."""
    await db.write(operations.close_round, actor, round_id, clock.now())
    return see_other(f"/rounds/{round_id}")


@post("/assignments/{assignment_id:str}/cancellation", **requires("planning.write"))
async def cancel_assignment(request: Asked, db: Database, actor: Actor, assignment_id: str) -> Response[None]:
    fields = await fields_of(request)
    reason = fields.text("reason", 500)
    fields.check()
    round_id = await db.write(operations.cancel, actor, assignment_id, reason, clock.now())
    return see_other(f"/rounds/{round_id}")


def _assignments(session: Session, actor: Actor, status: str, after: str) -> AssignmentsScreen:
    return AssignmentsScreen(queries.assignments(session, actor, status=status, marker=after), status)


@get("/assignments", **requires("planning.read"))
async def list_assignments(
    request: Asked, db: Database, actor: Actor, status: str = "", after: str = ""
) -> Response[str]:
    """All jobs that the actor may see, the latest first."""
    chosen = status if status in STATUSES else ""
    return page(request, "planning/assignments.html", await db.read(_assignments, actor, chosen, after))


@post("/programmes/{programme_id:str}/notice", **requires("planning.write"))
async def give_notice(request: Asked, db: Database, actor: Actor, programme_id: str) -> Response[Any]:
    """Gives the general notice of a programme that was made without one."""
    fields = await fields_of(request)
    try:
        await db.write(operations.give_notice, actor, programme_id, forms.notice(fields), clock.now())
    except errors.Invalid as refusal:
        return await _programme_again(request, db, actor, programme_id, fields, refusal)
    return see_other(f"/programmes/{programme_id}")


@post("/programmes/{programme_id:str}/pool", **requires("planning.write"))
async def set_pool(request: Asked, db: Database, actor: Actor, programme_id: str) -> Response[Any]:
    """Sets how many must be eligible for each covert job of a programme."""
    fields = await fields_of(request)
    try:
        await db.write(operations.set_pool, actor, programme_id, forms.pool(fields), clock.now())
    except errors.Invalid as refusal:
        return await _programme_again(request, db, actor, programme_id, fields, refusal)
    return see_other(f"/programmes/{programme_id}")


@post("/notices/{notice_id:str}/acknowledgement", **signed_in())
async def acknowledge_notice(db: Database, actor: Actor, notice_id: str) -> Response[None]:
    """The signed-in person has read a notice."""
    await db.write(operations.acknowledge_notice, actor, notice_id, clock.now())
    return see_other("/")


handlers: list[HTTPRouteHandler] = [
    list_programmes, new_programme, create_programme, read_programme, create_round, read_round, choose_assessor,
    create_assignment, publish_round, close_round, cancel_assignment, list_assignments, give_notice, set_pool,
    acknowledge_notice,
]  # fmt: skip

"""Staff in the browser, dated moves, and merging an entry into the one that it was a double of."""

from typing import Any

from litestar import Request, Response, get, post

from audit_app.access.rules import Actor
from audit_app.kit import clock, errors
from audit_app.kit.db import Database
from audit_app.kit.errors import FieldError
from audit_app.kit.web import page, requires, see_other
from audit_app.organisation import changes, directory, forms, operations, people
from audit_app.organisation.screens import PersonPage, PlaceScreen

Asked = Request[Any, Any, Any]
READ, CHANGE = requires("organisation.read"), requires("organisation.change")


@get("/staff", **READ)
async def list_staff(request: Asked, db: Database, actor: Actor) -> Response[str]:
    """The staff of the touchpoints that the asker may see."""
    today = clock.local_date(clock.now())
    screen = await db.read(people.people, actor, forms.staff_filters(request), today)
    return page(request, "organisation/staff_list.html", screen)


@get("/staff/{staff_id:str}", **READ)
async def show_person(request: Asked, db: Database, actor: Actor, staff_id: str) -> Response[Any]:
    """One staff member; a double leads on to the entry that was kept."""
    found = await db.write(operations.look_at_person, actor, staff_id, clock.now())
    if found.merged_into:
        return see_other(f"/staff/{found.merged_into}")
    return await _person(request, db, actor, staff_id)


async def _person(
    request: Asked, db: Database, actor: Actor, staff_id: str, refusal: errors.Refusal | None = None,
    values: dict[str, str] | None = None,
) -> Response[str]:  # fmt: skip
    screen = await db.read(people.person, actor, staff_id)
    shown = PersonPage(screen, clock.local_date(clock.now()), _faults(refusal), values or {})
    return page(request, "organisation/person.html", shown, refusal.status if refusal else 200)


def _faults(refusal: errors.Refusal | None) -> list[FieldError]:
    if refusal is None:
        return []
    return refusal.fields or [FieldError("to", refusal.code, refusal.message)]


@post("/staff/{staff_id:str}/moves", **CHANGE)
async def move_person(request: Asked, db: Database, actor: Actor, staff_id: str) -> Response[Any]:
    """The staff member goes to another touchpoint on a day."""
    await db.read(people.staff_of, actor, staff_id, people.CHANGE)
    fields, to, on = await forms.new_move(request)
    try:
        fields.check()
        await db.write(changes.plan_move, actor, "staff", staff_id, to, on, clock.now())
    except (errors.Invalid, errors.Conflict) as refusal:
        return await _person(request, db, actor, staff_id, refusal, fields.values)
    return see_other(f"/staff/{staff_id}")


@post("/touchpoints/{touchpoint_id:str}/moves", **CHANGE)
async def move_touchpoint(request: Asked, db: Database, actor: Actor, touchpoint_id: str) -> Response[Any]:
    """The touchpoint comes under another unit on a day."""
    await db.read(people.touchpoint_of, actor, touchpoint_id, people.CHANGE)
    fields, to, on = await forms.new_move(request)
    try:
        fields.check()
        await db.write(changes.plan_move, actor, "touchpoint", touchpoint_id, to, on, clock.now())
    except (errors.Invalid, errors.Conflict) as refusal:
        screen = await db.read(directory.touchpoint, actor, touchpoint_id, clock.local_date(clock.now()))
        shown = PlaceScreen(screen, _faults(refusal), fields.values)
        return page(request, "organisation/touchpoint.html", shown, refusal.status)
    return see_other(f"/touchpoints/{touchpoint_id}")


@post("/moves/{move_id:str}/cancellation", **CHANGE)
async def cancel_move(db: Database, actor: Actor, move_id: str) -> Response[None]:
    """A planned move does not take place."""
    return see_other(await db.write(changes.cancel_move, actor, move_id, clock.now()))


@get("/staff/{staff_id:str}/merger", **CHANGE)
async def preview_person(request: Asked, db: Database, actor: Actor, staff_id: str, into: str = "") -> Response[str]:
    """What merging two staff entries would do. Writes nothing."""
    found = await db.read(people.merger, actor, "staff", staff_id, into[:36])
    return page(request, "organisation/merger.html", found)


@get("/touchpoints/{touchpoint_id:str}/merger", **CHANGE)
async def preview_place(
    request: Asked, db: Database, actor: Actor, touchpoint_id: str, into: str = ""
) -> Response[str]:
    """What merging two touchpoints would do. Writes nothing."""
    found = await db.read(people.merger, actor, "touchpoint", touchpoint_id, into[:36])
    return page(request, "organisation/merger.html", found)


@post("/staff/{staff_id:str}/merger", **CHANGE)
async def merge_person(request: Asked, db: Database, actor: Actor, staff_id: str) -> Response[Any]:
    """Merges, as the preview showed."""
    return await _merge(request, db, actor, "staff", staff_id)


@post("/touchpoints/{touchpoint_id:str}/merger", **CHANGE)
async def merge_place(request: Asked, db: Database, actor: Actor, touchpoint_id: str) -> Response[Any]:
    """Merges, as the preview showed."""
    return await _merge(request, db, actor, "touchpoint", touchpoint_id)


async def _merge(request: Asked, db: Database, actor: Actor, kind: str, key: str) -> Response[Any]:
    into = await forms.into(request)
    try:
        return see_other(await db.write(changes.merge, actor, kind, key, into, clock.now()))
    except (errors.Invalid, errors.Conflict) as refusal:
        found = await db.read(people.merger, actor, kind, key, into)
        return page(request, "organisation/merger.html", found, refusal.status)


handlers = [
    list_staff, show_person, move_person, move_touchpoint, cancel_move, preview_person, preview_place, merge_person,
    merge_place,
]  # fmt: skip

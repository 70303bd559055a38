"""Screens of those who answer for the reviewers: low and much changed scores again, how the reviewers review."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from audit_app.access.rules import Actor
from audit_app.kit import clock, errors
from audit_app.kit.db import Database
from audit_app.kit.forms import Fields, fields_of
from audit_app.kit.web import page, requires, see_other
from audit_app.review import forms, queries, rechecks

Asked = Request[Any, Any, Any]
OVERSEE = requires("review.oversee")


@get("/rechecks", **OVERSEE)
async def list_rechecks(
    request: Asked, db: Database, actor: Actor, show: str = "open", after: str = ""
) -> Response[str]:
    """Visits with a low or much changed score, for a supervisor's second look."""
    found = await db.read(queries.rechecks, actor, "done" if show == "done" else "open", after)
    return page(request, "review/rechecks.html", found)


@get("/rechecks/{recheck_id:str}", **OVERSEE)
async def read_recheck(request: Asked, db: Database, actor: Actor, recheck_id: str) -> Response[str]:
    """One of them: what was lost, what was changed and why, the visits before."""
    return page(request, "review/recheck.html", await db.read(rechecks.build, actor, recheck_id, clock.now()))


@post("/rechecks/{recheck_id:str}/confirmation", **OVERSEE)
async def confirm_recheck(request: Asked, db: Database, actor: Actor, recheck_id: str) -> Response[Any]:
    """The score stands."""
    fields = await fields_of(request)
    try:
        await db.write(rechecks.confirm, actor, recheck_id, fields.text("note", 2000), clock.now())
    except errors.Invalid as refusal:
        return await _again(request, db, actor, recheck_id, fields, refusal)
    return see_other("/rechecks")


@post("/rechecks/{recheck_id:str}/revisit", **OVERSEE)
async def order_revisit(request: Asked, db: Database, actor: Actor, recheck_id: str) -> Response[Any]:
    """A chief tester goes again."""
    fields = await fields_of(request)
    try:
        await db.write(rechecks.revisit, actor, recheck_id, forms.revisit(fields), clock.now())
    except errors.Invalid as refusal:
        return await _again(request, db, actor, recheck_id, fields, refusal)
    return see_other(f"/rechecks/{recheck_id}")


async def _again(
    request: Asked, db: Database, actor: Actor, recheck_id: str, fields: Fields, refusal: errors.Invalid
) -> Response[str]:
    found = await db.read(rechecks.build, actor, recheck_id, clock.now(), refusal.fields, fields.values)
    return page(request, "review/recheck.html", found, 422)


@get("/reviewers", **OVERSEE)
async def list_reviewers(request: Asked, db: Database, actor: Actor, days: int = 90) -> Response[str]:
    """How the reviewers of one's area review."""
    wanted = days if days in queries.PERIODS else 90
    return page(request, "review/reviewers.html", await db.read(queries.reviewers, actor, wanted, clock.now()))


handlers: list[HTTPRouteHandler] = [list_rechecks, read_recheck, confirm_recheck, order_revisit, list_reviewers]

"""The review as JSON: approving a visit."""

from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler

from audit_app.access.keys import Keys
from audit_app.access.rules import Actor
from audit_app.kit import clock
from audit_app.kit.db import Database, Session
from audit_app.kit.web import decode_json, requires
from audit_app.review import operations, queries, rules


class Approved(msgspec.Struct):
    """What became of the visit. `result` holds the printed totals as decimal text; while a second reviewer is asked the
    status is still `in_review` and there are none."""

    visit_id: str
    status: str
    result: dict[str, str | None]


def _approve(session: Session, actor: Actor, visit_id: str, approval: rules.Approval, draw: rules.Draw) -> Approved:
    review_id = queries.open_review_of(session, actor, visit_id)
    operations.approve(session, actor, review_id, approval, draw, clock.now())
    return Approved(visit_id, *queries.outcome_of(session, visit_id))


@post("/api/v1/visits/{visit_id:str}/approval", status_code=201, **requires("review.work"))
async def approve(
    request: Request[Any, Any, Any], db: Database, keys: Keys, actor: Actor, visit_id: str
) -> Response[bytes]:
    """Takes a visit of the caller's own work list; the body may hold `release_note`."""
    approval = decode_json(await request.body() or b"{}", rules.Approval)
    made = await db.write(_approve, actor, visit_id, approval, lambda key: keys.mac("release", key))
    status = 202 if made.status == "in_review" else 201
    return Response(msgspec.json.encode(made), status_code=status, media_type="application/json")


handlers: list[HTTPRouteHandler] = [approve]

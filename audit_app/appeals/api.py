"""Appeals as JSON, for an appellant without the browser: what may be contested, handing it in, what became of it."""

from datetime import date, datetime
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from audit_app.access.rules import Actor
from audit_app.appeals import filing, operations, rules
from audit_app.appeals.queries import cases, contested
from audit_app.kit import clock
from audit_app.kit.db import Database
from audit_app.kit.web import decode_json, requires

FILE = requires("appeals.file")


class ResultJson(msgspec.Struct):
    """A released visit that the caller may contest, until the end of `last_day` while it is `open`."""

    id: str
    touchpoint: str
    on: date
    day_part: str
    series: str
    open: bool
    last_day: date


class ItemJson(msgspec.Struct):
    """An item that lost points and has not been contested. Points as text."""

    id: str
    number: str
    text: dict[str, str]
    earned: str
    points: str


class ContestedJson(msgspec.Struct):
    """What of a result may be contested: the items, and the grounds that may be given."""

    result: ResultJson
    grounds: list[str]
    items: list[ItemJson]


class ResultsJson(msgspec.Struct):
    """One page; `next` is the `after` of the following one, empty at the end."""

    results: list[ResultJson]
    next: str


class CaseJson(msgspec.Struct):
    """An appeal. `status` is that of its last round, `outcome` empty while nothing is decided."""

    id: str
    result_id: str
    kind: str
    item_id: str
    filed_at: datetime
    round: int
    status: str
    decide_by: datetime
    second_round_until: datetime | None
    outcome: str
    closed_at: datetime | None


class RoundJson(msgspec.Struct):
    """A round with the panel's reason, and the item's points before and after, once it is decided."""

    number: int
    status: str
    words: str
    opened_at: datetime
    decided_at: datetime | None
    reason: str
    before: str
    after: str


class AppealJson(msgspec.Struct):
    """One appeal with its rounds."""

    appeal: CaseJson
    ground: str
    words: str
    rounds: list[RoundJson]


class AppealsJson(msgspec.Struct):
    """One page; `next` is the `after` of the following one, empty at the end."""

    appeals: list[CaseJson]
    next: str


class Filed(msgspec.Struct):
    """The appeal that was handed in."""

    id: str


def _json(found: Any, status: int = 200) -> Response[bytes]:
    return Response(msgspec.json.encode(found), status_code=status, media_type="application/json")


def _result(one: contested.Contested, now: datetime) -> ResultJson:
    is_open = one.status == "released" and now < one.window_end
    return ResultJson(
        one.outward_id, one.touchpoint, one.on, one.day_part, one.series, is_open, rules.last_day(one.window_end)
    )


def _case(row: cases.CaseRow) -> CaseJson:
    return CaseJson(
        row.id, row.outward_id, row.kind, row.item_id, row.filed_at, row.round, row.status, row.decide_by, row.ask_by,
        row.outcome, row.closed_at,
    )  # fmt: skip


@get("/api/v1/results", **FILE)
async def list_results(db: Database, actor: Actor, after: str = "") -> Response[bytes]:
    """Released visits that the caller may contest: of the own place, the own team, or about oneself."""
    found = await db.read(contested.visits, actor, after)
    now = clock.now()
    return _json(ResultsJson([_result(one, now) for one in found.rows], found.next))


@get("/api/v1/results/{outward_id:str}", **FILE)
async def read_result(db: Database, actor: Actor, outward_id: str) -> Response[bytes]:
    """What of one result may be contested now."""
    now = clock.now()
    found = await db.read(filing.build, actor, outward_id, "", now)
    items = [
        ItemJson(one.item.id, one.number, {"zh": one.item.text.zh, "en": one.item.text.en}, *found.points[one.item.id])
        for one in found.items
    ]
    return _json(ContestedJson(_result(found.visit, now), list(found.grounds), items))


@post("/api/v1/results/{outward_id:str}/appeals", status_code=201, **FILE)
async def file_appeal(request: Request[Any, Any, Any], db: Database, actor: Actor, outward_id: str) -> Response[bytes]:
    """Contests one matter: `ground`, `words`, and `item_id` where it is about an item. Files are added on the page."""
    given = decode_json(await request.body(), rules.Filing)
    made = await db.write(operations.file_appeal, actor, outward_id, given, [], clock.now())
    return _json(Filed(made), 201)


@get("/api/v1/appeals", **FILE)
async def list_appeals(db: Database, actor: Actor, after: str = "") -> Response[bytes]:
    """The appeals that the caller may follow, the latest first."""
    found = (await db.read(cases.cases, actor, after, clock.now())).page
    return _json(AppealsJson([_case(row) for row in found.rows], found.next))


@get("/api/v1/appeals/{appeal_id:str}", **FILE)
async def read_appeal(db: Database, actor: Actor, appeal_id: str) -> Response[bytes]:
    """One appeal with what the panels decided."""
    found = await db.read(cases.case, actor, appeal_id, clock.now())
    rounds = [
        RoundJson(one.number, one.status, one.words, one.opened_at, one.decided_at, one.reason, one.before, one.after)
        for one in found.rounds
    ]
    return _json(AppealJson(_case(found.row), found.ground, found.words, rounds))


handlers: list[HTTPRouteHandler] = [list_results, read_result, file_appeal, list_appeals, read_appeal]

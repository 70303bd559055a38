"""Scorecards as JSON, and their PDFs in the edition of the caller's role."""

from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from audit_app.access.keys import Keys
from audit_app.access.rules import Actor
from audit_app.kit import clock, errors
from audit_app.kit.blobs import Blobs
from audit_app.kit.db import Database, Session
from audit_app.kit.web import requires
from audit_app.reporting import forms, rules
from audit_app.reporting.downloads import PRIVATE, pdf
from audit_app.reporting.queries import cards
from audit_app.reporting.tokens import Stamper
from audit_app.settings import Settings

READ = requires("scorecards.read")
PDF = ".pdf"


class CardPlace(msgspec.Struct):
    """The touchpoint of a card."""

    id: str
    code: str
    name: str
    kind: str


class CardFigure(msgspec.Struct):
    """The experience figure of one series: the mean of `visits` printed finals, as decimal text."""

    series: str
    visits: int
    mean: str | None


class CardJson(msgspec.Struct):
    """A card. `on` and `day_part` only for the card of one visit."""

    id: str
    kind: str
    period: str
    visits: int
    touchpoint: CardPlace
    figures: list[CardFigure]
    pdf: str
    on: str | None = None
    day_part: str | None = None


class CardsJson(msgspec.Struct):
    """A page; `next` is what to send as `after` for the following one, null on the last."""

    items: list[CardJson]
    next: str | None


def _json(row: cards.CardRow) -> CardJson:
    return CardJson(
        id=row.id, kind=row.kind, period=row.period, visits=row.visits,
        touchpoint=CardPlace(row.touchpoint_id, row.code, row.name, row.touchpoint_kind),
        figures=[CardFigure(f.series, f.n, f.mean) for f in row.figures], pdf=f"/api/v1/scorecards/{row.id}.pdf",
        on=row.on.isoformat() if row.on else None, day_part=row.day_part,
    )  # fmt: skip


def _page(session: Session, actor: Actor, filters: rules.Filters, after: str) -> CardsJson:
    found = cards.card_page(session, actor, filters, after)
    return CardsJson([_json(row) for row in found.rows], found.next or None)


@get("/api/v1/scorecards", **READ)
async def list_cards(request: Request[Any, Any, Any], db: Database, actor: Actor) -> Response[bytes]:
    """The cards that the caller may read. Filters: `period` (2026Q4), `kind` (visit, touchpoint), `unit` (code),
    `touchpoint_kind`, `q` (part of a name or code); `after` continues a page."""
    values = dict(request.query_params)
    filters = forms.filters(values) or rules.Filters()
    found = await db.read(_page, actor, filters, values.get("after", ""))
    return Response(msgspec.json.encode(found), media_type="application/json", headers=dict(PRIVATE))


@get("/api/v1/scorecards/{name:str}", **READ)
async def card_pdf(
    db: Database, blobs: Blobs, keys: Keys, settings: Settings, actor: Actor, name: str
) -> Response[bytes]:
    """`/api/v1/scorecards/{id}.pdf`: the PDF in the edition of the caller's role."""
    if not name.endswith(PDF):
        raise errors.NotFound
    stamper = Stamper(keys, settings.public_origin)
    return await pdf(db, blobs, stamper, actor, name.removesuffix(PDF), clock.now())


handlers: list[HTTPRouteHandler] = [list_cards, card_pdf]

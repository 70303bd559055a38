"""Handing out one document: from the store if it was rendered before, else rendered now in a process of its own."""

import asyncio
import atexit
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import cast
from urllib.parse import quote

from litestar import Response

from audit_app.access.limits import need_turn
from audit_app.access.rules import DOCUMENTS_PER_ACCOUNT, Actor
from audit_app.kit.blobs import Blobs
from audit_app.kit.db import Database, Session
from audit_app.kit.errors import Busy, NotFound
from audit_app.kit.i18n import locale_now
from audit_app.reporting import assembly, operations
from audit_app.reporting.checklist_words import coded
from audit_app.reporting.facts import Facts, OfficeVisit, OutletVisit, PaintedPhoto, Photo
from audit_app.reporting.parts import Text
from audit_app.reporting.pool import Failure, Outcome, RenderPool
from audit_app.reporting.queries import cards, sources
from audit_app.reporting.render import Locale, cache_key, filename
from audit_app.reporting.tokens import Stamper

MOST_PHOTOS = 6
PRIVATE = {"cache-control": "private, no-store", "x-content-type-options": "nosniff"}


@dataclass(frozen=True)
class Picture:
    """A photo as the card names it."""

    blob: str
    code: str
    caption: Text
    taken_at: datetime | None = None  # None: nobody below may know


@dataclass(frozen=True)
class Gathered:
    """A card's facts for one reader; the photos still lie in the store."""

    found: cards.Found
    facts: Facts
    photos: Sequence[Picture]


class Press:
    """The one renderer of this process: a worker beside it that lives on, used by one request at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pool: RenderPool | None = None

    def render(self, facts: Facts, locale: Locale) -> Outcome:
        with self._lock:
            if self._pool is None:
                self._pool = RenderPool(workers=1)
                atexit.register(self._pool.close)
            return self._pool.render_one(facts, locale)


@cache
def press() -> Press:
    return Press()


def gather(session: Session, actor: Actor, card_id: str, now: datetime) -> Gathered:
    """The card in the actor's edition; NotFound if it is not for the actor."""
    found = cards.card(session, actor, card_id)
    gathered = sources.cards(session, [card_id], now, photos=found.edition != "hr")
    if not gathered:
        raise NotFound
    pictures: list[Picture] = []
    if gathered[0].kind == "visit" and found.edition != "hr":
        pictures = _pictures(gathered[0]) if found.edition == "office" else _painted(gathered[0])
    return Gathered(found, assembly.facts_of(gathered[0], found.edition), pictures)


def _pictures(card: sources.CardSource) -> list[Picture]:
    """The photos of a visit, those of items that lost points first."""
    visit, marks, lost = card.visits[0], coded(card.visits[0].version.document), _lost(card)
    chosen = sorted((p for p in visit.photos if p.item_id in marks), key=lambda photo: photo.item_id not in lost)
    return [
        Picture(photo.blob, marks[photo.item_id].code, marks[photo.item_id].text, photo.taken_at)
        for photo in chosen[:MOST_PHOTOS]
    ]


def _painted(card: sources.CardSource) -> list[Picture]:
    """The painted photos that were let out, those of items that lost points first, then by item."""
    visit, marks, lost = card.visits[0], coded(card.visits[0].version.document), _lost(card)
    order = {item_id: number for number, item_id in enumerate(marks)}
    known = (p for p in visit.released if p.item_id in marks)
    chosen = sorted(known, key=lambda p: (p.item_id not in lost, order[p.item_id], p.outward_id))
    return [Picture(p.blob, marks[p.item_id].code, marks[p.item_id].text) for p in chosen[:MOST_PHOTOS]]


def _lost(card: sources.CardSource) -> set[str]:
    items = card.visits[0].results.experience.items
    return {item.item_id for item in items if item.state == "scored" and item.earned < item.points}


def complete(gathered: Gathered, blobs: Blobs) -> Facts:
    """The facts with the photos in them (of a visit, not for HR); a copy that is gone is left out."""
    facts = gathered.facts
    found = [(one, content) for one in gathered.photos if (content := _stored(blobs, one.blob)) is not None]
    if isinstance(facts, OfficeVisit):
        photos = tuple(
            Photo(content=content, item_code=one.code, caption=one.caption, taken_at=one.taken_at)
            for one, content in found
            if one.taken_at
        )
        return replace(facts, photos=photos)
    if isinstance(facts, OutletVisit):
        painted = (PaintedPhoto(content=data, item_code=one.code, caption=one.caption) for one, data in found)
        return replace(facts, painted=tuple(painted))
    return facts


async def pdf(
    db: Database, blobs: Blobs, stamper: Stamper, actor: Actor, card_id: str, now: datetime
) -> Response[bytes]:
    """The PDF of a card in the edition of the reader's role and language, with a line on the trail."""
    language = cast(Locale, locale_now.get())
    gathered = await db.read(gather, actor, card_id, now)
    facts, stamp = stamper.stamp(await asyncio.to_thread(complete, gathered, blobs), language)
    key = cache_key(facts, language)
    known = (await db.read(cards.rendered, [key])).get(key)
    content = await asyncio.to_thread(_stored, blobs, known.blob) if known else None
    made = None
    if content is None:
        await db.write(need_turn, DOCUMENTS_PER_ACCOUNT, actor.account_id, now)
        outcome = await asyncio.to_thread(press().render, facts, language)
        if isinstance(outcome, Failure):
            raise Busy("This document could not be made now. Please try again in a moment.", retry_after=10)
        content = outcome
        blob = await asyncio.to_thread(blobs.put, content)
        found = gathered.found
        made = operations.Made(key, blob, len(content), stamp, found.id, found.edition, language)
    await db.write(operations.hand_out, actor, gathered.found, made, now)
    return Response(content, media_type="application/pdf", headers=attachment(filename(facts, language)))


def _stored(blobs: Blobs, blob: str) -> bytes | None:
    try:
        return blobs.get(blob)
    except FileNotFoundError:
        return None


def attachment(name: str) -> dict[str, str]:
    """Headers of a download whose name may be Chinese (RFC 5987), with a plain name for old clients."""
    plain = name.encode("ascii", "ignore").decode().replace('"', "").strip("_ ") or "download"
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return {**PRIVATE, "content-disposition": disposition}

"""Screens of scorecards, of batches of them, and of an outlet's own results."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream

from audit_app.access.answers import address_of
from audit_app.access.cookies import hashed
from audit_app.access.keys import Keys
from audit_app.access.operations import take_turn
from audit_app.access.rules import Actor, network_of
from audit_app.kit import clock, errors
from audit_app.kit.blobs import Blobs
from audit_app.kit.db import Database, Session
from audit_app.kit.errors import FieldError
from audit_app.kit.forms import fields_of
from audit_app.kit.i18n import gettext as _
from audit_app.kit.i18n import locale_now
from audit_app.kit.paging import PageOf
from audit_app.kit.web import page, public, requires, see_other
from audit_app.reporting import forms, looking, operations, rules
from audit_app.reporting.downloads import attachment, pdf
from audit_app.reporting.queries import cards, issued, results, runs
from audit_app.reporting.tokens import Stamper
from audit_app.settings import Settings
from audit_app.visits.media import PHOTO_TYPE
from audit_app.visits.rules import VIEW_HEADERS

Asked = Request[Any, Any, Any]
READ, BATCH, RESULTS = requires("scorecards.read"), requires("scorecards.batch"), requires("results.read")
PDF = ".pdf"
RECENT = 5


@dataclass(frozen=True)
class CardsScreen:
    """The list with its filters; `runs` are the actor's own last batches (empty for whoever makes none)."""

    listed: cards.CardList
    batch: bool
    runs: list[runs.RunRow]
    errors: list[FieldError] = field(default_factory=list)

    def address(self, **changes: str) -> str:
        """This list under other filters."""
        values = {name: getattr(self.listed.filters, name) for name in forms.NAMES} | changes
        return "/scorecards?" + urlencode(values)


@dataclass(frozen=True)
class RunsScreen:
    page: PageOf[runs.RunRow]


def _cards(session: Session, actor: Actor, values: dict[str, str], after: str) -> CardsScreen:
    batch = actor.may("scorecards.batch")
    found = cards.card_list(session, actor, forms.filters(values), after)
    return CardsScreen(found, batch, list(runs.runs(session, actor).rows[:RECENT]) if batch else [])


@get("/scorecards", **READ)
async def list_cards(request: Asked, db: Database, actor: Actor) -> Response[str]:
    """The cards that the actor may read, filtered."""
    values = dict(request.query_params)
    return page(request, "reporting/cards.html", await db.read(_cards, actor, values, values.get("after", "")))


@get("/scorecards/{name:str}", **READ)
async def card_pdf(
    db: Database, blobs: Blobs, keys: Keys, settings: Settings, actor: Actor, name: str
) -> Response[bytes]:
    """`/scorecards/{id}.pdf`: one card as a PDF in the edition of the reader's role."""
    if not name.endswith(PDF):
        raise errors.NotFound
    stamper = Stamper(keys, settings.public_origin)
    return await pdf(db, blobs, stamper, actor, name.removesuffix(PDF), clock.now())


@get("/report-runs", **BATCH)
async def list_runs(request: Asked, db: Database, actor: Actor, after: str = "") -> Response[str]:
    """The actor's own batches."""
    return page(request, "reporting/runs.html", RunsScreen(await db.read(runs.runs, actor, after)))


@post("/report-runs", **BATCH)
async def start_run(request: Asked, db: Database, actor: Actor) -> Response[Any]:
    """Makes a ZIP of everything under the filters, by a job."""
    values = (await fields_of(request)).values
    filters = forms.filters(values) or rules.Filters()
    try:
        made = await db.write(operations.start_run, actor, filters, locale_now.get(), clock.now())
    except errors.Invalid as refusal:
        screen = await db.read(_cards, actor, values, "")
        fault = [FieldError("", refusal.code, refusal.message)]
        shown = CardsScreen(screen.listed, screen.batch, screen.runs, fault)
        return page(request, "reporting/cards.html", shown, 422)
    return see_other(f"/report-runs/{made}")


@get("/report-runs/{run_id:str}", **BATCH)
async def read_run(request: Asked, db: Database, actor: Actor, run_id: str) -> Response[str]:
    """A batch: how far it is, what failed and why, the download."""
    return page(request, "reporting/run.html", await db.read(runs.run_screen, actor, run_id, clock.now()))


@get("/report-runs/{run_id:str}/progress", **BATCH)
async def run_progress(request: Asked, db: Database, actor: Actor, run_id: str) -> Response[str]:
    """The part of the page that asks again while the batch goes on; the last one asks no more."""
    return page(request, "reporting/_progress.html", await db.read(runs.run_screen, actor, run_id, clock.now()))


@post("/report-runs/{run_id:str}/retry", **BATCH)
async def retry_run(db: Database, actor: Actor, run_id: str) -> Response[None]:
    """Makes what failed once more."""
    await db.write(operations.retry_failed, actor, run_id, clock.now())
    return see_other(f"/report-runs/{run_id}")


@post("/report-runs/{run_id:str}/cancellation", **BATCH)
async def cancel_run(db: Database, actor: Actor, run_id: str) -> Response[None]:
    await db.write(operations.cancel_run, actor, run_id, clock.now())
    return see_other(f"/report-runs/{run_id}")


@get("/report-runs/{run_id:str}/file", **BATCH)
async def run_file(db: Database, blobs: Blobs, actor: Actor, run_id: str) -> Stream:
    """The ZIP, streamed."""
    blob, size, at = await db.read(runs.zip_of, actor, run_id)
    await db.write(operations.take_zip, actor, run_id, clock.now())
    headers = {**attachment(_zip_name(at)), "content-length": str(size)}
    return Stream(blobs.chunks(blob), media_type="application/zip", headers=headers)


def _zip_name(at: datetime) -> str:
    return f"{clock.local(at):%Y%m%d-%H%M}_{_('Scorecards')}.zip"


@get("/results", **RESULTS)
async def list_results(request: Asked, db: Database, actor: Actor, after: str = "") -> Response[str]:
    """Released visits of the own touchpoint or team."""
    return page(request, "reporting/results.html", await db.read(results.results, actor, after))


@get("/results/{outward_id:str}", **RESULTS)
async def read_result(request: Asked, db: Database, actor: Actor, outward_id: str) -> Response[str]:
    """One released visit, as its outlet may know it. That somebody read it is on the trail, for the person whom it
    scores."""
    found = await db.read(results.result, actor, outward_id, clock.now())
    await db.write(looking.look, actor, found.visit_id, actor.main_role, clock.now())
    return page(request, "reporting/result.html", found)


@get("/results/{outward_id:str}/photos/{photo_id:str}", **RESULTS)
async def result_photo(db: Database, blobs: Blobs, actor: Actor, outward_id: str, photo_id: str) -> Response[bytes]:
    """A photo that the reviewer painted over and let out."""
    blob = await db.read(results.photo, actor, outward_id, photo_id)
    return Response(blobs.get(blob), media_type=PHOTO_TYPE, headers=dict(VIEW_HEADERS))


@dataclass(frozen=True)
class VerifyScreen:
    """`verdict` answers a fingerprint that was typed or asked for: genuine, unknown, or "" for none."""

    checked: issued.Checked | None
    typed: str = ""

    @property
    def verdict(self) -> str:
        if not self.typed or self.checked is None:
            return ""
        return "genuine" if self.typed in self.checked.files else "unknown"


@get("/verify/{token:str}", **public())
async def verify(request: Asked, db: Database, token: str, sha256: str = "") -> Response[str]:
    """Whether a document is ours and counts, for whoever holds it: by its code, or by the SHA-256 of the whole file."""
    who = hashed(network_of(address_of(request)))[:32]
    wait = await db.write(take_turn, rules.CHECKS_PER_NETWORK, who, clock.now())
    if wait:
        raise errors.TooMany(retry_after=wait)
    by_file = rules.SHA256.fullmatch(token.lower()) is not None
    found = await db.read(issued.known_file if by_file else issued.checked, token.lower() if by_file else token)
    screen = VerifyScreen(found, token.lower() if by_file else sha256.strip().lower()[:64])
    return page(request, "reporting/verify.html", screen, 200 if found else 404, **{"cache-control": "no-store"})


handlers: list[HTTPRouteHandler] = [
    list_cards, card_pdf, list_runs, start_run, read_run, run_progress, retry_run, cancel_run, run_file, list_results,
    read_result, result_photo, verify,
]  # fmt: skip

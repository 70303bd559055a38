"""Pages of the field: the app's shell and files, view copies of evidence, the form for browsers without the script."""

import asyncio
import hashlib
from dataclasses import dataclass, field
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from audit_app.access.keys import Keys
from audit_app.access.rules import Actor
from audit_app.access.storing import admit_files
from audit_app.kit import i18n
from audit_app.kit.blobs import Blobs
from audit_app.kit.db import Database, Session
from audit_app.kit.errors import Conflict, FieldError, Invalid, NotFound
from audit_app.kit.ids import is_random_id, random_id
from audit_app.kit.web import page, public, requires, see_other
from audit_app.settings import Settings
from audit_app.standards.document import ChecklistDocument
from audit_app.standards.queries import document_for
from audit_app.visits import forms, queries, rules, sending, shell
from audit_app.visits.queries import Job
from audit_app.visits.uploads import Uploads

Asked = Request[Any, Any, Any]
FIELD = requires("field.use")


@get("/field", **FIELD)
async def field_app(request: Asked) -> Response[str]:
    """The shell of the field app. There is nobody's data in it."""
    response = page(request, "visits/field.html")
    response.headers["x-field-shell"] = "1"  # the service worker keeps no other page under this address
    return response


@get("/field/messages/{name:str}", **FIELD)
async def messages(name: str) -> Response[str]:
    """The app's texts in a language: `zh.json`, `en.json`."""
    locale = name.removesuffix(".json")
    if locale not in i18n.LOCALES or not name.endswith(".json"):
        raise NotFound
    text = i18n.messages_json("field", locale)
    return Response(text, media_type="application/json", headers={"cache-control": "no-cache"})


@get("/field/manifest.json", **public())
async def manifest() -> Response[str]:
    return Response(shell.manifest(), media_type="application/manifest+json", headers={"cache-control": "no-cache"})


@get("/sw.js", **public())
async def service_worker() -> Response[str]:
    """The service worker of the field app, with the list of its files. It holds nobody's data."""
    headers = {"cache-control": "no-cache", "service-worker-allowed": "/"}
    return Response(shell.service_worker(), media_type="text/javascript", headers=headers)


def _own_view(session: Session, actor: Actor, evidence_id: str) -> queries.View:
    return queries.evidence_view(session, evidence_id, queries.own_evidence(actor))


@get("/evidence/{evidence_id:str}", **FIELD)
async def evidence(db: Database, blobs: Blobs, actor: Actor, evidence_id: str) -> Response[bytes]:
    """The view copy of an own file; the file as sent is never served."""
    view = await db.read(_own_view, actor, evidence_id)
    copy = await asyncio.to_thread(blobs.get, view.blob)
    return Response(copy, media_type=view.media_type, headers=dict(rules.VIEW_HEADERS))


@dataclass(frozen=True)
class JobsScreen:
    jobs: list[Job]


@dataclass(frozen=True)
class FormScreen:
    job: Job
    document: ChecklistDocument
    visit_id: str
    revision: int
    filled: forms.Filled
    notes: dict[str, str] = field(default_factory=dict)
    errors: list[FieldError] = field(default_factory=list)

    @property
    def labels(self) -> dict[str, Any]:
        """Place of an error → the text of its item."""
        return {f"answers.{item.id}": item.text for item in self.document.items()}


@dataclass(frozen=True)
class ReceiptScreen:
    """`about`: the texts of the items for which the visit was voided."""

    receipt: rules.Receipt
    void: queries.Void | None = None
    about: list[Any] = field(default_factory=list)


@get("/field/jobs", **FIELD)
async def jobs(request: Asked, db: Database, actor: Actor) -> Response[str]:
    """The own jobs, for browsers without the script."""
    return page(request, "visits/jobs.html", JobsScreen(await db.read(queries.own_jobs, actor)))


def _form(session: Session, actor: Actor, assignment_id: str, keys: Keys) -> FormScreen:
    """The form of an own job: empty, or with the last revision of a returned visit."""
    found = queries.own_jobs(session, actor, assignment_id)
    if not found or found[0].status not in rules.TAKEN_JOBS:
        raise NotFound
    job = found[0]
    document = document_for(session, job.checklist_version_id)
    if job.visit_id is None:
        return FormScreen(job, document, random_id(), 1, forms.Filled({}, {}, {}, {}))
    sent = queries.own_reading(session, actor, job.visit_id)
    if sent.status != "returned":
        raise Conflict("This visit was already sent.", code="already-sent")
    filled = forms.values_of(rules.read_revision(sent.body), forms.Sealer(keys, actor.account_id, sent.visit_id))
    return FormScreen(job, document, sent.visit_id, sent.revision + 1, filled, dict(sent.notes))


@get("/field/assignments/{assignment_id:str}/form", **FIELD)
async def read_form(request: Asked, db: Database, keys: Keys, actor: Actor, assignment_id: str) -> Response[str]:
    """The whole checklist as one form."""
    return page(request, "visits/form.html", await db.read(_form, actor, assignment_id, keys))


@post("/field/assignments/{assignment_id:str}/form", request_max_body_size=rules.LARGEST_FILE, **FIELD)
async def send_form(
    request: Asked, db: Database, keys: Keys, settings: Settings, blobs: Blobs, actor: Actor, assignment_id: str
) -> Response[Any]:
    """Sends the form the way a phone sends its visit; what is wrong is shown at its place, with everything kept."""
    form = await request.form()
    visit_id = str(form.get("visit_id", ""))
    shown = await db.read(_form_again, actor, assignment_id, visit_id)
    sealer = forms.Sealer(keys, actor.account_id, visit_id)
    filled = await forms.read(form, shown.document, assignment_id, shown.job.checklist_version_id, sealer)
    if filled.new_files:
        await admit_files(db, blobs, actor)
    for new in filled.new_files.values():
        await asyncio.to_thread(blobs.put, new)
    try:
        forms.check_times(filled)
        body = sending.read_visit(filled.raw)
        sent = rules.Sent(visit_id, body, filled.raw, hashlib.sha256(filled.raw).hexdigest())
        outcome = await sending.take(db, actor.account_id, sent)
    except (Invalid, Conflict) as refusal:
        errors = refusal.fields or [FieldError("", refusal.code, refusal.message)]
        again = FormScreen(shown.job, shown.document, visit_id, filled.revision, filled, shown.notes, errors)
        return page(request, "visits/form.html", again, refusal.status)
    uploads = Uploads(db, settings, blobs)
    for sha256 in outcome.receipt.missing_evidence:
        data = filled.new_files[sha256] if sha256 in filled.new_files else await asyncio.to_thread(blobs.get, sha256)
        await uploads.take(actor.account_id, sha256, 0, data)
    return see_other(f"/field/visits/{visit_id}")


def _form_again(session: Session, actor: Actor, assignment_id: str, visit_id: str) -> FormScreen:
    """What the form was about."""
    found = queries.own_jobs(session, actor, assignment_id)
    if not found or found[0].status not in rules.TAKEN_JOBS or not is_random_id(visit_id):
        raise NotFound
    job = found[0]
    own = [visit_id] if visit_id == job.visit_id else []  # a new visit has no notes, and others' are not for us
    notes = dict(queries.notes_of(session, own).get(visit_id, ()))
    document = document_for(session, job.checklist_version_id)
    return FormScreen(job, document, visit_id, 1, forms.Filled({}, {}, {}, {}), notes)


def _own_receipt(session: Session, actor: Actor, visit_id: str) -> ReceiptScreen:
    found = queries.own_reading(session, actor, visit_id)
    if found.void is None:
        return ReceiptScreen(found.receipt)
    items = [i.text for i in document_for(session, found.version_id).items() if i.id in found.void.items]
    return ReceiptScreen(found.receipt, found.void, items)


@get("/field/visits/{visit_id:str}", **FIELD)
async def receipt(request: Asked, db: Database, actor: Actor, visit_id: str) -> Response[str]:
    """What the server has of an own visit."""
    return page(request, "visits/receipt.html", await db.read(_own_receipt, actor, visit_id))


handlers: list[HTTPRouteHandler] = [
    field_app, messages, manifest, service_worker, evidence, jobs, read_form, send_form, receipt,
]  # fmt: skip

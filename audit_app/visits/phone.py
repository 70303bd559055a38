"""What the phone is told: own jobs and own visits, as plain JSON shapes."""

from datetime import datetime
from typing import Any

import msgspec

from audit_app.access.rules import Actor
from audit_app.kit.db import Session
from audit_app.kit.errors import NotFound
from audit_app.standards import queries as standards
from audit_app.standards.document import ChecklistDocument, Text
from audit_app.visits import queries
from audit_app.visits.queries import Job, OwnReading
from audit_app.visits.rules import Receipt


class TouchpointOut(msgspec.Struct):
    id: str
    kind: str
    name: str
    code: str
    address: str
    unit_name: str
    hotline_number: str | None
    opens: str
    closes: str
    lat: str | None
    lon: str | None
    datum: str | None


class Window(msgspec.Struct):
    """Half-open."""

    start: datetime
    end: datetime


class ProgrammeOut(msgspec.Struct):
    name: str
    manner: str
    channel: str


class TimeLimit(msgspec.Struct):
    minutes: int


class ScenarioOut(msgspec.Struct):
    """What to play. Texts in both languages; the script says what to do, what to say and what never to do."""

    id: str
    segment: str
    persona: Text
    goal: Text
    script: Text
    expected: Text
    time_limit: TimeLimit


class NoteOut(msgspec.Struct):
    item_id: str | None
    text: str


class AssignmentOut(msgspec.Struct):
    id: str
    checklist_version_id: str
    status: str
    touchpoint: TouchpointOut
    window: Window
    programme: ProgrammeOut
    scenario: ScenarioOut | None
    expected_minutes: int
    respond_by: datetime | None
    visit_id: str | None
    visit_status: str | None
    revision: int | None
    notes: list[NoteOut]
    return_deadline: datetime | None = None


class OverlayOut(msgspec.Struct):
    item_id: str
    old: dict[str, Any]
    new: dict[str, Any]
    reason: str


class VoidOut(msgspec.Struct):
    """Why the visit counts for nothing."""

    reason: str
    items: list[str]
    note: str


class ReadingOut(msgspec.Struct):
    visit_id: str
    assignment_id: str
    status: str
    revision: int
    receipt: Receipt
    body: msgspec.Raw
    notes: list[NoteOut]
    overlays: list[OverlayOut]
    deadline: datetime | None = None
    void: VoidOut | None = None


def assignments(session: Session, actor: Actor) -> list[AssignmentOut]:
    """The actor's own jobs that still want something."""
    jobs = queries.own_jobs(session, actor)
    returned = [job.visit_id for job in jobs if job.visit_id and job.visit_status == "returned"]
    notes = queries.notes_of(session, returned) if returned else {}
    return [_assignment(session, job, notes.get(job.visit_id or "", ())) for job in jobs]


def assignment(session: Session, actor: Actor, assignment_id: str) -> AssignmentOut:
    """One own job, whatever its state; NotFound for anybody else's."""
    jobs = queries.own_jobs(session, actor, assignment_id)
    if not jobs:
        raise NotFound
    return _assignment(session, jobs[0], ())


def _assignment(session: Session, job: Job, notes: tuple[tuple[str, str], ...]) -> AssignmentOut:
    document = standards.document_for(session, job.checklist_version_id)
    return AssignmentOut(
        id=job.id,
        checklist_version_id=job.checklist_version_id,
        status=job.status,
        touchpoint=TouchpointOut(
            job.touchpoint_id, job.kind, job.name, job.code, job.address, job.unit_name, job.hotline_number, job.opens,
            job.closes, job.lat, job.lon, job.datum,
        ),
        window=Window(job.window_start, job.window_end),
        programme=ProgrammeOut(job.programme_name, job.manner, document.channel),
        scenario=_scenario(document, job.scenario_id),
        expected_minutes=document.expected_minutes,
        respond_by=job.respond_by,
        visit_id=job.visit_id,
        visit_status=job.visit_status,
        revision=job.revision,
        notes=[NoteOut(item or None, text) for item, text in notes],
        return_deadline=job.answer_by if job.visit_status == "returned" else None,
    )  # fmt: skip


def _scenario(document: ChecklistDocument, scenario_id: str | None) -> ScenarioOut | None:
    for story in document.scenarios:
        if story.id == scenario_id:
            return ScenarioOut(
                story.id, story.segment, story.persona, story.goal, story.script, story.expected,
                TimeLimit(story.minutes),
            )  # fmt: skip
    return None


def reading(found: OwnReading) -> ReadingOut:
    """An own visit read back; the body travels as it was sent."""
    return ReadingOut(
        visit_id=found.visit_id,
        assignment_id=found.assignment_id,
        status=found.status,
        revision=found.revision,
        receipt=found.receipt,
        body=msgspec.Raw(found.body),
        notes=[NoteOut(item or None, text) for item, text in found.notes],
        overlays=[OverlayOut(o.item_id, dict(o.old), dict(o.new), o.reason) for o in found.overlays],
        deadline=found.answer_by if found.status == "returned" else None,
        void=VoidOut(found.void.reason, list(found.void.items), found.void.note) if found.void else None,
    )

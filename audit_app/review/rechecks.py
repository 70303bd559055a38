"""A supervisor's second look at a low or much changed score: it stands, or a chief tester goes again. The score itself
changes by neither."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from audit_app.access.rules import Actor
from audit_app.kit import clock
from audit_app.kit.db import Session
from audit_app.kit.errors import Conflict, FieldError, Forbidden, Invalid
from audit_app.kit.states import move
from audit_app.organisation.models import Touchpoint
from audit_app.planning import operations as planning
from audit_app.planning import queries as plans
from audit_app.planning.models import Programme
from audit_app.planning.rules import NewAssignment
from audit_app.review import queries, rules
from audit_app.review.models import Recheck
from audit_app.review.opinions import text_faults
from audit_app.scoring.canonical import results_from_json
from audit_app.scoring.numbers import plain
from audit_app.standards.document import Text
from audit_app.standards.queries import document_for
from audit_app.standards.screens import numbered_sections
from audit_app.trail.operations import record
from audit_app.visits.models import Visit

CHIEF = "chief_tester"
DAYS = timedelta(days=13)


@dataclass(frozen=True)
class LossRow:
    """An item that lost points, with the reviewer's reasons where it was changed."""

    number: str
    text: Text
    earned: Decimal
    points: Decimal
    critical: bool
    reasons: list[str]


@dataclass(frozen=True)
class RecheckScreen:
    """Everything of one second look. `own`: the asker made or reviewed the visit and decides nothing."""

    recheck: Recheck
    visit: Visit
    touchpoint: Touchpoint
    unit_name: str
    manner: str
    checklist: Text
    score: str
    losses: list[LossRow]
    note: str
    earlier: list[queries.Before]
    rounds: Sequence[queries.OpenRound]
    chiefs: list[plans.CandidateRow]
    first_day: date
    last_day: date
    own: bool
    may_plan: bool
    errors: Sequence[FieldError] = ()
    values: dict[str, str] = field(default_factory=dict)


def build(
    session: Session, actor: Actor, recheck_id: str, now: datetime, errors: Sequence[FieldError] = (),
    values: dict[str, str] | None = None,
) -> RecheckScreen:  # fmt: skip
    """NotFound unless the actor may know of the visit."""
    found, visit, programme = queries.recheck_of(session, actor, recheck_id)
    place = session.get_one(Touchpoint, visit.touchpoint_id)
    document, today = document_for(session, visit.checklist_version_id), clock.local_date(now)
    result = queries.latest_result(session, visit.id)
    may_plan = plans.may_write(actor, programme)
    rounds = queries.open_rounds(session, programme.id, today) if may_plan else []
    last = min([today + DAYS, *[one.ends_on - timedelta(days=1) for one in rounds[:1]]])
    return RecheckScreen(
        recheck=found, visit=visit, touchpoint=place, unit_name=queries.unit_name(session, place.unit_code),
        manner=programme.manner, checklist=document.title,
        score="—" if result is None or result.experience is None else f"{Decimal(result.experience) / 100:.2f}",
        losses=_losses(session, visit, result.results if result else None),
        note=queries.release_note(session, visit.id), earlier=queries.results_before(session, visit), rounds=rounds,
        chiefs=_chiefs(session, actor, programme, place, visit, today) if rounds else [], first_day=today,
        last_day=last, own=queries.takes_part(session, actor, visit), may_plan=may_plan, errors=errors,
        values=values or {},
    )  # fmt: skip


def _losses(session: Session, visit: Visit, results: dict[str, object] | None) -> list[LossRow]:
    if results is None:
        return []
    reasons: dict[str, list[str]] = {}
    for layer in queries.overlays_of(session, visit.id, visit.revision):
        reasons.setdefault(layer.item_id, []).append(layer.reason)
    parts = numbered_sections(document_for(session, visit.checklist_version_id))
    texts = {one.item.id: one for part in parts for one in part.items}
    return [
        LossRow(
            texts[one.item_id].number, texts[one.item_id].item.text, Decimal(plain(one.earned)),
            Decimal(plain(one.points)), texts[one.item_id].item.critical is not None, reasons.get(one.item_id, []),
        )
        for one in results_from_json(results).experience.items
        if one.item_id in reasons or (one.state == "scored" and one.earned < one.points)
    ]  # fmt: skip


def _chiefs(
    session: Session, actor: Actor, programme: Programme, place: Touchpoint, visit: Visit, today: date
) -> list[plans.CandidateRow]:
    version = _version(session, actor, programme, place, visit, today)
    people = plans.candidates(session, actor, programme, place, version, today) if version else []
    return [one for one in people if one.tier == CHIEF and not one.refusals and one.id != visit.assessor_id]


def _version(session: Session, actor: Actor, programme: Programme, place: Touchpoint, visit: Visit, on: date) -> str:
    """The version in force of the visit's checklist, or of another one that fits; "" if there is none."""
    fitting = plans.fitting_versions(session, actor, programme, place, on)
    same = document_for(session, visit.checklist_version_id).id
    return next((v.id for v in fitting if v.checklist_id == same), fitting[0].id if fitting else "")


def confirm(session: Session, actor: Actor, recheck_id: str, note: str, now: datetime) -> None:
    """The score stands as it was approved."""
    found, visit = _decidable(session, actor, recheck_id, note)
    _decide(session, actor, found, visit, "confirmed", note, now)


def revisit(session: Session, actor: Actor, recheck_id: str, new: rules.Revisit, now: datetime) -> str:
    """A chief tester goes again, as a job of a round of the same programme. Returns the job's id."""
    found, visit = _decidable(session, actor, recheck_id, new.note)
    programme = session.get_one(Programme, visit.programme_id)
    place = session.get_one(Touchpoint, visit.touchpoint_id)
    if new.round_id not in {one.id for one in queries.open_rounds(session, programme.id, clock.local_date(now))}:
        raise Invalid(fields=[FieldError("round_id", "choice", "Please choose one of the list.")])
    if new.assessor_id not in {one.id for one in _chiefs(session, actor, programme, place, visit, new.first_day)}:
        raise Invalid(fields=[FieldError("assessor_id", "choice", "Please choose one of the chief testers.")])
    version = _version(session, actor, programme, place, visit, new.first_day)
    job = NewAssignment(place.id, new.assessor_id, version, new.first_day, new.last_day)
    made = planning.assign(session, actor, new.round_id, job, now)
    _decide(session, actor, found, visit, "revisit", new.note, now, assignment_id=made)
    return made


def _decidable(session: Session, actor: Actor, recheck_id: str, note: str) -> tuple[Recheck, Visit]:
    found, visit, _ = queries.recheck_of(session, actor, recheck_id)
    if queries.takes_part(session, actor, visit):
        raise Forbidden("Nobody looks again at a visit that they made or reviewed.")
    if found.status != "open" or visit.status == "void":
        raise Conflict(code="state-changed")
    if faults := text_faults("note", note):
        raise Invalid(fields=faults)
    return found, visit


def _decide(
    session: Session, actor: Actor, found: Recheck, visit: Visit, status: str, note: str, now: datetime,
    assignment_id: str | None = None,
) -> None:  # fmt: skip
    move(session, Recheck, found.id, rules.RECHECK, status, decided_by=actor.account_id, decided_at=now,
         note=note.strip(), assignment_id=assignment_id)  # fmt: skip
    record(session, f"recheck.{status}", actor_id=actor.account_id, subject_kind="visit", subject_id=visit.id, now=now,
           unit_path=visit.unit_path, detail={"recheck": found.id})  # fmt: skip

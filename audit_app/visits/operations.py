"""The verbs of visits: taking a revision, its files and drafts, and moving a visit through its states.

`submit` runs inside the group commit, many in one transaction: statements are prepared once and select columns only.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from audit_app.access.keys import Keys, Unreadable
from audit_app.kit import clock
from audit_app.kit.db import Session
from audit_app.kit.errors import Conflict, FieldError, Invalid, NotFound, TooLarge
from audit_app.kit.ids import new_id
from audit_app.kit.prepared import Prepared
from audit_app.kit.states import move
from audit_app.planning import operations as planning
from audit_app.trail.operations import record
from audit_app.visits import queries, sheets, slots
from audit_app.visits.flags import raise_flags
from audit_app.visits.models import Evidence, EvidenceUpload, Likeness, Visit, VisitDraft, VisitRevision
from audit_app.visits.queries import Standing
from audit_app.visits.rules import (
    LARGEST_DRAFT,
    MOST_DRAFTS,
    OPEN_JOBS,
    TAKEN_JOBS,
    VISIT,
    EvidenceIn,
    Flag,
    Receipt,
    Sent,
    VisitBody,
    job_of_draft,
    storage_faults,
)
from audit_app.visits.sheets import Ready

_VISIT: sa.Table = Visit.__table__  # type: ignore[attr-defined]
_REVISION: sa.Table = VisitRevision.__table__  # type: ignore[attr-defined]
_EVIDENCE: sa.Table = Evidence.__table__  # type: ignore[attr-defined]
_DRAFT: sa.Table = VisitDraft.__table__  # type: ignore[attr-defined]
_UPLOAD: sa.Table = EvidenceUpload.__table__  # type: ignore[attr-defined]

_INSERT_VISIT, _INSERT_REVISION = Prepared(sa.insert(_VISIT)), Prepared(sa.insert(_REVISION))
_INSERT_EVIDENCE = Prepared(sa.insert(_EVIDENCE))
_DROP_DRAFT = sa.delete(_DRAFT).where(
    _DRAFT.c.visit_id == sa.bindparam("b_visit"), _DRAFT.c.account_id == sa.bindparam("b_account")
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a revision. `created`: it was not here before."""

    receipt: Receipt
    created: bool


def submit(session: Session, account_id: str, sent: Sent, now: datetime) -> Outcome:
    """Takes a revision of a visit, once. The same bytes again give the same receipt.

    NotFound unless the job is the sender's own; Conflict, with the first receipt in `extra`, for other bytes, a second
    device, or a revision that nobody asked for; Invalid with every gap at once.
    """
    found = queries.standing(session, account_id, sent.body.assignment_id, sent.visit_id)
    if found is None:
        return _of_another_job(session, account_id, sent)
    if found.same_id is not None:
        return _again(session, account_id, found, sent, now)
    if found.live_id is not None:
        raise _conflict(session, found.live_id, "already-sent", "Another device has already sent this visit.")
    if found.job_status not in TAKEN_JOBS:
        raise NotFound
    if sent.body.revision != 1:
        raise Conflict(code="wrong-revision")
    ready = _whole(session, found, sent)
    status = _insert(session, found, ready, sent, now)
    _after(session, account_id, found, ready, sent, status, now)
    planning.finish(session, found.assignment_id, sent.body.started_at, now)
    return Outcome(_receipt(session, sent, status, now), True)


def _of_another_job(session: Session, account_id: str, sent: Sent) -> Outcome:
    own = queries.own_visit(session, account_id, sent.visit_id)
    if own is None:
        raise NotFound
    raise _conflict(session, own.id, "other-bytes", "This visit was already sent with other content.")


def _again(session: Session, account_id: str, found: Standing, sent: Sent, now: datetime) -> Outcome:
    """A visit of that id is here: a repeated sending, or the next revision of a returned visit."""
    if found.same_assessor_id != found.assessor_id:
        raise NotFound
    earlier = queries.receipt(session, sent.visit_id, sent.body.revision)
    if earlier is not None and earlier.body_sha256 == sent.sha256:
        return Outcome(earlier, False)
    if earlier is not None or found.same_assignment_id != found.assignment_id:
        raise _conflict(session, sent.visit_id, "other-bytes", "This visit was already sent with other content.")
    if found.same_status != "returned" or sent.body.revision != (found.same_revision or 0) + 1:
        raise _conflict(session, sent.visit_id, "not-returned", "Nobody has asked for another version of this visit.")
    ready = _whole(session, found, sent)
    status = _next_revision(session, found, sent, now)
    _after(session, account_id, found, ready, sent, status, now)
    return Outcome(_receipt(session, sent, status, now), True)


def _conflict(session: Session, visit_id: str, code: str, message: str) -> Conflict:
    return Conflict(message, code=code, extra={"receipt": receipt_json(queries.first_receipt(session, visit_id))})


def receipt_json(receipt: Receipt) -> dict[str, Any]:
    """A receipt inside a problem document."""
    return {
        "visit_id": receipt.visit_id,
        "body_sha256": receipt.body_sha256,
        "received_at": receipt.received_at.isoformat().replace("+00:00", "Z"),
        "status": receipt.status,
        "missing_evidence": receipt.missing_evidence,
    }


def _whole(session: Session, found: Standing, sent: Sent) -> Ready:
    """The version that the visit is scored by; Invalid if anything is missing in the body."""
    ready = sheets.ready_for(session, sent.body.checklist_version_id, found.version_id)
    if too_much := storage_faults(sent.body.manifest):
        raise Invalid(code="too-much-evidence", fields=too_much)
    faults = [
        FieldError(place, "out-of-range", "This time is not possible.")
        for place, at in slots.instants(sent.body)
        if not slots.possible(at)
    ] or sheets.faults(ready, sent.body)
    if faults:
        raise Invalid(code="gaps", fields=faults)
    return ready


def _insert(session: Session, found: Standing, ready: Ready, sent: Sent, now: datetime) -> str:
    body = sent.body
    stored = _stored_before(session, found.assessor_id, body)
    missing = len(body.manifest) - len(stored)
    status = "receiving" if missing else "submitted"
    local = clock.local(body.started_at)
    connection = session.connection()
    _INSERT_VISIT.run(
        connection,
        {
            "id": sent.visit_id, "assignment_id": found.assignment_id, "programme_id": found.programme_id,
            "assessor_id": found.assessor_id, "touchpoint_id": found.touchpoint_id, "unit_path": found.unit_path,
            "checklist_version_id": ready.version_id, "series": slots.series(ready.sheet.series, found.manner),
            "status": status, "status_at": now, "revision": 1, "started_at": body.started_at,
            "finished_at": body.finished_at, "local_date": local.date(), "day_type": slots.day_type(local.date()),
            "day_part": slots.day_part(local, found.touchpoint_kind), "received_at": now, "missing": missing,
            "outward_id": None, "answer_by": None,
        },
    )  # fmt: skip
    _insert_revision(session, sent, now)
    if body.manifest:
        rows = [_evidence_row(sent.visit_id, 1, line, stored.get(line.sha256), now) for line in body.manifest]
        _INSERT_EVIDENCE.run_many(connection, rows)
    return status


def _insert_revision(session: Session, sent: Sent, now: datetime) -> None:
    _INSERT_REVISION.run(
        session.connection(),
        {
            "visit_id": sent.visit_id, "revision": sent.body.revision, "body": sent.raw, "body_sha256": sent.sha256,
            "received_at": now,
        },
    )  # fmt: skip


def _stored_before(session: Session, assessor_id: str, body: VisitBody) -> dict[str, str]:
    """Files of the manifest that this assessor has already sent with another visit: hash → blob."""
    return queries.stored_by(session, assessor_id, [line.sha256 for line in body.manifest]) if body.manifest else {}


def _evidence_row(visit_id: str, revision: int, line: EvidenceIn, blob: str | None, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(), "visit_id": visit_id, "revision": revision, "item_id": line.item_id, "sha256": line.sha256,
        "size": line.size, "media_type": line.kind, "source": line.source, "original_sha256": line.original_sha256,
        "taken_at": line.taken_at, "stored_at": now if blob else None, "blob": blob, "view_blob": None,
        "view_type": None, "fault": "",
    }  # fmt: skip


def _next_revision(session: Session, found: Standing, sent: Sent, now: datetime) -> str:
    """Lays the new body beside the old ones. The first body's times keep deciding the period and the slot."""
    body, revision = sent.body, sent.body.revision
    known = queries.evidence_of(session, sent.visit_id)
    stored = _stored_before(session, found.assessor_id, body)
    missing = len(body.manifest) - len(stored)
    status = "receiving" if missing else "submitted"
    move(
        session, Visit, sent.visit_id, {"returned": VISIT["returned"]}, status,
        status_at=now, revision=revision, received_at=now, missing=missing,
    )  # fmt: skip
    _insert_revision(session, sent, now)
    kept = {line.sha256: line for line in body.manifest if line.sha256 in known}
    for sha256, line in kept.items():
        session.connection().execute(
            sa.update(_EVIDENCE).where(_EVIDENCE.c.id == known[sha256]).values(revision=revision, item_id=line.item_id)
        )
    new = [
        _evidence_row(sent.visit_id, revision, line, stored.get(line.sha256), now)
        for line in body.manifest
        if line.sha256 not in kept
    ]
    if new:
        _INSERT_EVIDENCE.run_many(session.connection(), new)
    return status


def _after(
    session: Session, account_id: str, found: Standing, ready: Ready, sent: Sent, status: str, now: datetime
) -> None:
    """Flags, the trail line, and the end of the draft."""
    raise_flags(session, sent.visit_id, _flags(session, found, ready, sent, now), now, sent.body.revision > 1)
    _record(session, status, account_id, sent.visit_id, found.unit_path, sent.body.revision, sent.sha256, now)
    if found.has_draft:
        session.connection().execute(_DROP_DRAFT, {"b_visit": sent.visit_id, "b_account": account_id})


def _flags(session: Session, found: Standing, ready: Ready, sent: Sent, now: datetime) -> Iterable[Flag]:
    body = sent.body
    yield from slots.clock_flags(body, (found.window_start, found.window_end), ready.minutes, now)
    yield from slots.photo_flags(body, ready.live)
    if found.job_status not in OPEN_JOBS and body.revision == 1:
        yield Flag(f"assignment_{found.job_status}")
    if ready.version_id != found.version_id:
        yield Flag("other_version", detail={"assigned": found.version_id})
    if body.manifest:
        yield from _equal_photos(session, sent)


def _equal_photos(session: Session, sent: Sent) -> Iterable[Flag]:
    lines = sent.body.manifest
    hashes = {h for line in lines for h in (line.sha256, line.original_sha256) if h}
    elsewhere = queries.named_elsewhere(session, sent.visit_id, hashes)
    items = {line.item_id or "" for line in lines if {line.sha256, line.original_sha256} & elsewhere}
    for item in sorted(items):
        yield Flag("equal_file", item)


def _record(
    session: Session, status: str, account_id: str | None, visit_id: str, unit_path: str, revision: int, sha256: str,
    now: datetime,
) -> None:  # fmt: skip
    act = "visit.submitted" if status == "submitted" else "visit.received"
    record(
        session, act, actor_id=account_id, subject_kind="visit", subject_id=visit_id, now=now, unit_path=unit_path,
        detail={"revision": revision, "body_sha256": sha256},
    )  # fmt: skip


def _receipt(session: Session, sent: Sent, status: str, now: datetime) -> Receipt:
    missing = queries.missing(session, sent.visit_id) if status == "receiving" else []
    return Receipt(sent.visit_id, sent.sha256, now, status, missing)


def complete_received(session: Session, account_id: str | None, visit_ids: Iterable[str], now: datetime) -> list[str]:
    """Counts what the receiving visits still lack; those that lack nothing become submitted. Returns these."""
    ids = sorted(visit_ids)
    queries.lock_visits(session, ids)
    done = []
    for visit_id, revision, unit_path, missing, sha256 in queries.waiting_visits(session, ids):
        if missing:
            session.connection().execute(sa.update(_VISIT).where(_VISIT.c.id == visit_id).values(missing=missing))
            continue
        move(session, Visit, visit_id, {"receiving": VISIT["receiving"]}, "submitted", status_at=now, missing=0)
        _record(session, "submitted", account_id, visit_id, unit_path, revision, sha256, now)
        done.append(visit_id)
    return done


def set_status(session: Session, visit_id: str, new: str, now: datetime) -> None:
    """One step through the states by compare-and-swap; Conflict if the present state does not lead there. The caller
    (review, release) records its own trail line."""
    move(session, Visit, visit_id, VISIT, new, status_at=now)


def advance(session: Session, account_id: str, sha256: str, part_name: str, old: int, new: int, now: datetime) -> None:
    """The caller's part from `old` to `new` is safe on disk. Conflict if somebody else moved the place meanwhile."""
    if old == 0:
        session.connection().execute(
            sa.delete(_UPLOAD).where(
                _UPLOAD.c.account_id == account_id, _UPLOAD.c.sha256 == sha256, _UPLOAD.c.offset == 0
            )
        )
        row = {"account_id": account_id, "sha256": sha256, "offset": new, "part_name": part_name, "updated_at": now}
        session.connection().execute(sa.insert(_UPLOAD), row)
        return
    change = sa.update(_UPLOAD).where(
        _UPLOAD.c.account_id == account_id, _UPLOAD.c.sha256 == sha256, _UPLOAD.c.offset == old
    )
    moved = session.connection().execute(change.values(offset=new, updated_at=now).returning(_UPLOAD.c.offset)).all()
    if not moved:
        raise Conflict(code="upload-offset")


def restart(session: Session, account_id: str, sha256: str) -> None:
    """Forgets what was sent of a file, because it was not that file."""
    session.connection().execute(
        sa.delete(_UPLOAD).where(_UPLOAD.c.account_id == account_id, _UPLOAD.c.sha256 == sha256)
    )


def file_stored(session: Session, account_id: str, sha256: str, now: datetime) -> list[str]:
    """A file of the caller is whole and in the blob store: every own visit that named it has it. Returns the visits
    that have thereby become submitted."""
    named = queries.upload(session, account_id, sha256).named
    open_ones = [one for one in named if not one.stored]
    session.connection().execute(
        sa.update(_EVIDENCE).where(_EVIDENCE.c.id.in_([one.id for one in open_ones])).values(stored_at=now, blob=sha256)
    )
    restart(session, account_id, sha256)
    return complete_received(session, account_id, {one.visit_id for one in open_ones}, now)


def forget_uploads(session: Session, before: datetime) -> list[str]:
    """Gives up uploads that nobody has continued. Returns the names of their part files."""
    gone = sa.delete(_UPLOAD).where(_UPLOAD.c.updated_at < before).returning(_UPLOAD.c.part_name)
    return list(session.connection().execute(gone).scalars())


def set_view(session: Session, evidence_id: str, blob: str | None, media_type: str | None, fault: str) -> None:
    """The copy to look at, or why there is none."""
    session.connection().execute(
        sa.update(_EVIDENCE)
        .where(_EVIDENCE.c.id == evidence_id)
        .values(view_blob=blob, view_type=media_type, fault=fault[:40])
    )


def set_likeness(session: Session, evidence_id: str, likeness: str) -> None:
    """What a photo looks like, for comparison with others; "" where nothing can be said."""
    first, second, third, fourth = (likeness[start : start + 4] for start in (0, 4, 8, 12))
    session.merge(Likeness(evidence_id=evidence_id, first=first, second=second, third=third, fourth=fourth))


def flag_fault(session: Session, visit_id: str, item_id: str, fault: str, now: datetime) -> None:
    """A file of the visit cannot be shown: the reviewer should know."""
    raise_flags(session, visit_id, [Flag("unreadable_file", item_id, {"fault": fault})], now, True)


def _draft_context(account_id: str, visit_id: str) -> str:
    return f"draft:{account_id}:{visit_id}"


def save_draft(session: Session, keys: Keys, account_id: str, visit_id: str, raw: bytes, now: datetime) -> None:
    """Keeps or replaces the draft, sealed. NotFound if the id is somebody else's; Conflict once the visit is sent (a
    straggler must not bring back what the receipt has ended) unless it was returned."""
    if len(raw) > LARGEST_DRAFT:
        raise TooLarge
    owner = queries.draft_owner(session, visit_id)
    if owner is not None and owner != account_id:
        raise NotFound
    sent = queries.own_visit(session, account_id, visit_id)
    if sent is not None and sent.status != "returned":
        raise Conflict("This visit was sent; its draft is no longer kept here.", code="already-sent")
    sealed = keys.seal(raw, _draft_context(account_id, visit_id))
    if owner is not None:
        change = sa.update(_DRAFT).where(_DRAFT.c.visit_id == visit_id, _DRAFT.c.account_id == account_id)
        session.connection().execute(change.values(body=sealed, updated_at=now))
        return
    if queries.draft_count(session, account_id) >= MOST_DRAFTS:
        raise Conflict("There are too many unfinished drafts.", code="too-many-drafts")
    row = {"visit_id": visit_id, "account_id": account_id, "body": sealed, "updated_at": now}
    session.connection().execute(sa.insert(_DRAFT), row)
    if sent is None:
        planning.start(session, account_id, job_of_draft(raw), now)


def open_draft(session: Session, keys: Keys, account_id: str, visit_id: str) -> bytes:
    """The own draft as it was sent; NotFound if there is none, or none that a key of ours opens."""
    sealed = queries.draft(session, account_id, visit_id)
    if sealed is None:
        raise NotFound
    try:
        return keys.open(sealed, _draft_context(account_id, visit_id))
    except Unreadable as fault:
        raise NotFound from fault


def forget_draft(session: Session, account_id: str, visit_id: str) -> None:
    """Deletes the own draft; no error if there is none."""
    session.connection().execute(_DROP_DRAFT, {"b_visit": visit_id, "b_account": account_id})

"""Every SELECT on visits. An assessor sees own visits and nothing of anybody else's; what a reviewer may see is decided
by the review package, which hands its condition in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from audit_app.access.rules import Actor
from audit_app.kit.db import Session
from audit_app.kit.errors import NotFound
from audit_app.kit.prepared import Prepared
from audit_app.organisation.models import OrgUnit, Touchpoint
from audit_app.planning.models import Assignment, Programme, Round
from audit_app.testers.models import Assessor
from audit_app.visits.models import (
    Evidence,
    EvidenceUpload,
    ReviewOverlay,
    Visit,
    VisitDraft,
    VisitFlag,
    VisitNote,
    VisitRevision,
)
from audit_app.visits.rules import OPEN_JOBS, Receipt


def _table(model: Any) -> sa.Table:
    found: sa.Table = model.__table__
    return found


_assignment, _assessor, _programme, _round = (_table(m) for m in (Assignment, Assessor, Programme, Round))
_touchpoint, _unit, _draft, _note = (_table(m) for m in (Touchpoint, OrgUnit, VisitDraft, VisitNote))
_visit, _revision, _evidence, _flag = (_table(m) for m in (Visit, VisitRevision, Evidence, VisitFlag))
_upload, _overlay = _table(EvidenceUpload), _table(ReviewOverlay)
A, S, P, R, T = _assignment.c, _assessor.c, _programme.c, _round.c, _touchpoint.c
D, E, F, N, U = _draft.c, _evidence.c, _flag.c, _note.c, _upload.c
V, VR, OV, ORG = _visit.c, _revision.c, _overlay.c, _unit.c
_VOID: Any = sa.literal_column("'void'")
_LIVE, _SAME = sa.alias(_visit, "live"), sa.alias(_visit, "same")


@dataclass(frozen=True, slots=True)
class Overlay:
    """A reviewer's answer in place of the assessor's, as the assessor may read it: never who."""

    item_id: str
    old: Mapping[str, Any]
    new: Mapping[str, Any]
    reason: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand when a revision comes in: the sender's job, and what is there of it already."""

    assignment_id: str
    job_status: str
    version_id: str
    scenario_id: str | None
    window_start: datetime
    window_end: datetime
    touchpoint_id: str
    assessor_id: str
    unit_path: str
    touchpoint_kind: str
    programme_id: str
    manner: str
    live_id: str | None  # the visit of the job that is not void
    same_id: str | None  # a visit with the id that the phone minted
    same_assignment_id: str | None
    same_assessor_id: str | None
    same_status: str | None
    same_revision: int | None
    has_draft: bool


_STANDING = Prepared(
    sa.select(
        A.id, A.status, A.checklist_version_id, A.scenario_id, A.window_start, A.window_end, A.touchpoint_id,
        A.assessor_id, A.unit_path, T.kind, R.programme_id, P.manner, _LIVE.c.id, _SAME.c.id, _SAME.c.assignment_id,
        _SAME.c.assessor_id, _SAME.c.status, _SAME.c.revision, D.visit_id.is_not(None),
    )
    .select_from(
        _assignment.join(_assessor, S.id == A.assessor_id)
        .join(_touchpoint, T.id == A.touchpoint_id)
        .join(_round, R.id == A.round_id)
        .join(_programme, P.id == R.programme_id)
        .outerjoin(_LIVE, sa.and_(_LIVE.c.assignment_id == A.id, _LIVE.c.status != _VOID))
        .outerjoin(_SAME, _SAME.c.id == sa.bindparam("visit_id"))
        .outerjoin(
            _draft,
            sa.and_(D.visit_id == sa.bindparam("visit_id"), D.account_id == sa.bindparam("account_id")),
        )
    )
    .where(
        A.id == sa.bindparam("assignment_id"),
        S.account_id == sa.bindparam("account_id"),
        A.status != sa.literal_column("'draft'"),
    )
)  # fmt: skip


def standing(session: Session, account_id: str, assignment_id: str, visit_id: str) -> Standing | None:
    """The sender's own job and the visits that bear on it, in one statement; None if the job is not the sender's."""
    values = {"account_id": account_id, "assignment_id": assignment_id, "visit_id": visit_id}
    row = _STANDING.first(session.connection(), values)
    return None if row is None else Standing(*row)


_OWN = Prepared(
    sa.select(V.id, V.revision, V.status)
    .join(_assessor, S.id == V.assessor_id)
    .where(V.id == sa.bindparam("visit_id"), S.account_id == sa.bindparam("account_id"))
)


@dataclass(frozen=True, slots=True)
class OwnVisit:
    id: str
    revision: int
    status: str


def own_visit(session: Session, account_id: str, visit_id: str) -> OwnVisit | None:
    """The assessor's own visit of that id, or None."""
    row = _OWN.first(session.connection(), {"visit_id": visit_id, "account_id": account_id})
    return None if row is None else OwnVisit(*row)


_RECEIPT = Prepared(
    sa.select(VR.visit_id, VR.body_sha256, VR.received_at, V.status)
    .join(_visit, V.id == VR.visit_id)
    .where(VR.visit_id == sa.bindparam("visit_id"), VR.revision == sa.bindparam("revision"))
)
_MISSING = Prepared(
    sa.select(E.sha256)
    .join(_visit, sa.and_(V.id == E.visit_id, V.revision == E.revision))
    .where(E.visit_id == sa.bindparam("visit_id"), E.stored_at.is_(None))
    .order_by(E.sha256)
)


def receipt(session: Session, visit_id: str, revision: int) -> Receipt | None:
    """The receipt of a revision; None if that revision never came."""
    row = _RECEIPT.first(session.connection(), {"visit_id": visit_id, "revision": revision})
    if row is None:
        return None
    lacking = missing(session, visit_id) if row[3] == "receiving" else []
    return Receipt(row[0], row[1], row[2], row[3], lacking)


def first_receipt(session: Session, visit_id: str) -> Receipt:
    found = receipt(session, visit_id, 1)
    if found is None:
        raise NotFound
    return found


def missing(session: Session, visit_id: str) -> list[str]:
    """Hashes that the present revision names and that are not here yet."""
    return [row[0] for row in _MISSING.rows(session.connection(), {"visit_id": visit_id})]


def flag_keys(session: Session, visit_id: str) -> set[tuple[str, str]]:
    """(kind, item) of the flags that a visit has already."""
    rows = session.connection().execute(sa.select(F.kind, F.item_id).where(F.visit_id == visit_id))
    return {(kind, item) for kind, item in rows}


def evidence_of(session: Session, visit_id: str) -> dict[str, str]:
    """sha256 → row id of every file that any revision of the visit has named."""
    rows = session.connection().execute(sa.select(E.sha256, E.id).where(E.visit_id == visit_id))
    return {row[0]: row[1] for row in rows}


def stored_by(session: Session, assessor_id: str, hashes: Iterable[str]) -> dict[str, str]:
    """sha256 → blob of those files that this assessor has sent before, in whichever visit."""
    statement = (
        sa.select(E.sha256, E.blob)
        .join(_visit, V.id == E.visit_id)
        .where(E.sha256.in_(list(hashes)), E.blob.is_not(None), V.assessor_id == assessor_id)
    )
    return {row[0]: row[1] for row in session.connection().execute(statement)}


def named_elsewhere(session: Session, visit_id: str, hashes: Iterable[str]) -> set[str]:
    """Those of the hashes that another visit's manifest names, as the file sent or as its original."""
    listed = list(hashes)
    found: set[str] = set()
    for column in (E.sha256, E.original_sha256):
        statement = sa.select(column).where(column.in_(listed), E.visit_id != visit_id)
        found.update(session.connection().execute(statement).scalars())
    return found


@dataclass(frozen=True, slots=True)
class Named:
    """A file in the manifest of a caller's visit."""

    id: str
    visit_id: str
    size: int
    media_type: str
    stored: bool


_NAMED = Prepared(
    sa.select(E.id, E.visit_id, E.size, E.media_type, E.stored_at.is_not(None))
    .join(_visit, V.id == E.visit_id)
    .join(_assessor, S.id == V.assessor_id)
    .where(E.sha256 == sa.bindparam("sha256"), S.account_id == sa.bindparam("account_id"))
    .order_by(E.id)
)
_OFFSET = Prepared(
    sa.select(U.offset, U.part_name).where(
        U.sha256 == sa.bindparam("sha256"), U.account_id == sa.bindparam("account_id")
    )
)


@dataclass(frozen=True, slots=True)
class Upload:
    """How far one caller has come with one file. `part_name` is "" before the first part."""

    named: tuple[Named, ...]
    offset: int
    part_name: str

    @property
    def size(self) -> int:
        return self.named[0].size

    @property
    def complete(self) -> bool:
        return all(one.stored for one in self.named)


def upload(session: Session, account_id: str, sha256: str) -> Upload:
    """The state of the caller's upload; NotFound unless the hash stands in a manifest of the caller's visits."""
    values = {"sha256": sha256, "account_id": account_id}
    named = tuple(Named(*row) for row in _NAMED.rows(session.connection(), values))
    if not named:
        raise NotFound
    if all(one.stored for one in named):
        return Upload(named, named[0].size, "")
    row = _OFFSET.first(session.connection(), values)
    return Upload(named, row[0], row[1]) if row else Upload(named, 0, "")


def lock_visits(session: Session, visit_ids: Sequence[str]) -> None:
    """Whoever completes a visit waits for the other one who does (PostgreSQL; SQLite has one writer anyway)."""
    session.connection().execute(sa.select(V.id).where(V.id.in_(visit_ids)).order_by(V.id).with_for_update()).all()


def waiting_visits(session: Session, visit_ids: Iterable[str]) -> list[tuple[str, int, str, int, str]]:
    """(id, revision, unit path, number of missing files, body hash) of those visits that are still receiving."""
    count = (
        sa.select(sa.func.count())
        .where(E.visit_id == V.id, E.revision == V.revision, E.stored_at.is_(None))
        .scalar_subquery()
    )
    statement = (
        sa.select(V.id, V.revision, V.unit_path, count, VR.body_sha256)
        .join(_revision, sa.and_(VR.visit_id == V.id, VR.revision == V.revision))
        .where(V.id.in_(list(visit_ids)), V.status == "receiving")
    )
    return [tuple(row) for row in session.connection().execute(statement)]


def draft(session: Session, account_id: str, visit_id: str) -> bytes | None:
    """The sealed draft, to its owner."""
    statement = sa.select(D.body).where(D.visit_id == visit_id, D.account_id == account_id)
    return session.connection().execute(statement).scalar()


def draft_owner(session: Session, visit_id: str) -> str | None:
    return session.connection().execute(sa.select(D.account_id).where(D.visit_id == visit_id)).scalar()


def draft_count(session: Session, account_id: str) -> int:
    statement = sa.select(sa.func.count()).select_from(_draft).where(D.account_id == account_id)
    return int(session.connection().execute(statement).scalar_one())


@dataclass(frozen=True, slots=True)
class OwnReading:
    """An own visit as it is read back."""

    visit_id: str
    assignment_id: str
    status: str
    revision: int
    answer_by: datetime | None
    body: bytes
    receipt: Receipt
    notes: tuple[tuple[str, str], ...]  # item, text
    overlays: tuple[Overlay, ...]


def own_reading(session: Session, actor: Actor, visit_id: str) -> OwnReading:
    """The assessor's own visit with its last revision and what the reviewer said; NotFound for anybody else's."""
    statement = (
        sa.select(V.id, V.assignment_id, V.status, V.revision, V.answer_by, VR.body)
        .join(_assessor, S.id == V.assessor_id)
        .join(_revision, sa.and_(VR.visit_id == V.id, VR.revision == V.revision))
        .where(V.id == visit_id, S.account_id == actor.account_id)
    )
    row = session.connection().execute(statement).first()
    found = None if row is None else receipt(session, visit_id, row.revision)
    if row is None or found is None:
        raise NotFound
    notes = notes_of(session, [visit_id]).get(visit_id, ())
    changes = overlays_of(session, visit_id)
    return OwnReading(*row[:5], row.body, found, notes, changes)


def notes_of(session: Session, visit_ids: Sequence[str]) -> dict[str, tuple[tuple[str, str], ...]]:
    """What a reviewer asked about the present revision of each visit: (item, text) in the order of writing."""
    statement = (
        sa.select(N.visit_id, N.item_id, N.note)
        .join(_visit, sa.and_(V.id == N.visit_id, V.revision == N.revision))
        .where(
            N.visit_id.in_(list(visit_ids)), V.status != "in_review"
        )  # what the reviewer is still writing is not said
        .order_by(N.created_at, N.id)
    )
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for visit_id, item_id, note in session.connection().execute(statement):
        found[visit_id] = (*found.get(visit_id, ()), (item_id, note))
    return found


def overlays_of(session: Session, visit_id: str) -> tuple[Overlay, ...]:
    """The reviewers' changes to the answers of the present revision, oldest first."""
    statement = (
        sa.select(OV.item_id, OV.old, OV.new, OV.reason)
        .join(_visit, sa.and_(V.id == OV.visit_id, V.revision == OV.revision))
        .where(OV.visit_id == visit_id)
        .order_by(OV.created_at, OV.id)
    )
    return tuple(Overlay(*row) for row in session.connection().execute(statement))


@dataclass(frozen=True, slots=True)
class View:
    """A copy to look at."""

    blob: str
    media_type: str


def own_evidence(actor: Actor) -> ColumnElement[bool]:
    """The condition on visits under which an assessor may look at the files: own visits."""
    return V.assessor_id.in_(sa.select(S.id).where(S.account_id == actor.account_id))


def evidence_view(session: Session, evidence_id: str, may_see: ColumnElement[bool]) -> View:
    """The view copy of a file, if the visit meets the caller's condition (on `Visit`); NotFound otherwise, and while
    there is no copy yet. The file as sent is never handed out."""
    statement = (
        sa.select(E.view_blob, E.view_type)
        .join(_visit, V.id == E.visit_id)
        .where(E.id == evidence_id, E.view_blob.is_not(None), may_see)
    )
    row = session.connection().execute(statement).first()
    if row is None:
        raise NotFound
    return View(row.view_blob, row.view_type)


@dataclass(frozen=True, slots=True)
class ToView:
    """A stored file that has no view copy yet."""

    id: str
    blob: str
    media_type: str
    item_id: str


def to_view(session: Session, visit_id: str) -> list[ToView]:
    """The files of a visit that still need a copy to look at."""
    statement = sa.select(E.id, E.blob, E.media_type, sa.func.coalesce(E.item_id, "")).where(
        E.visit_id == visit_id, E.blob.is_not(None), E.view_blob.is_(None), E.fault == ""
    )
    return [ToView(*row) for row in session.connection().execute(statement)]


@dataclass(frozen=True, slots=True)
class Job:
    """An own assignment as the phone shows it."""

    id: str
    checklist_version_id: str
    scenario_id: str | None
    status: str
    respond_by: datetime | None
    window_start: datetime
    window_end: datetime
    programme_name: str
    manner: str
    touchpoint_id: str
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
    visit_id: str | None
    visit_status: str | None
    revision: int | None
    answer_by: datetime | None


def own_jobs(session: Session, actor: Actor, assignment_id: str = "") -> list[Job]:
    """The actor's own jobs that still want something: to answer, to do, to send the rest of, to mend. Soonest first.
    With an id: that one, whatever its state but draft (an empty list if it is not the actor's)."""
    wanted = sa.or_(A.status.in_(OPEN_JOBS), V.status.in_(("receiving", "returned")))
    if assignment_id:
        wanted = A.id == assignment_id
    statement = (
        sa.select(
            A.id, A.checklist_version_id, A.scenario_id, A.status, A.respond_by, A.window_start, A.window_end,
            P.name, P.manner, T.id, T.kind, T.name, T.code, T.address, ORG.name, T.hotline_number, T.opens, T.closes,
            T.lat, T.lon, T.datum, V.id, V.status, V.revision, V.answer_by,
        )
        .select_from(
            _assignment.join(_assessor, S.id == A.assessor_id)
            .join(_touchpoint, T.id == A.touchpoint_id)
            .join(_unit, ORG.code == T.unit_code)
            .join(_round, R.id == A.round_id)
            .join(_programme, P.id == R.programme_id)
            .outerjoin(_visit, sa.and_(V.assignment_id == A.id, V.status != _VOID))
        )
        .where(S.account_id == actor.account_id, A.status != "draft", wanted)
        .order_by(A.window_end, A.id)
        .limit(200)
    )  # fmt: skip
    return [Job(*tuple(row)) for row in session.connection().execute(statement)]

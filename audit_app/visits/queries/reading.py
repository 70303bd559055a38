"""What an assessor reads back: own jobs, visits with the reviewer's words, drafts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from audit_app.access.rules import Actor
from audit_app.kit.db import Session
from audit_app.kit.errors import NotFound
from audit_app.visits.queries.standing import receipt
from audit_app.visits.queries.tables import (
    ASSESSOR,
    ASSIGNMENT,
    DRAFT,
    ORG,
    OV,
    PROGRAMME,
    REVISION,
    ROUND,
    TOUCHPOINT,
    UNIT,
    VD,
    VISIT,
    VOID,
    VR,
    A,
    D,
    N,
    P,
    R,
    S,
    T,
    V,
)
from audit_app.visits.rules import OPEN_JOBS, Receipt


@dataclass(frozen=True, slots=True)
class Overlay:
    """A reviewer's answer in place of the assessor's, as the assessor may read it: never who."""

    item_id: str
    old: Mapping[str, Any]
    new: Mapping[str, Any]
    reason: str


def draft(session: Session, account_id: str, visit_id: str) -> bytes | None:
    """The sealed draft, to its owner."""
    statement = sa.select(D.body).where(D.visit_id == visit_id, D.account_id == account_id)
    return session.connection().execute(statement).scalar()


def draft_owner(session: Session, visit_id: str) -> str | None:
    return session.connection().execute(sa.select(D.account_id).where(D.visit_id == visit_id)).scalar()


def draft_count(session: Session, account_id: str) -> int:
    statement = sa.select(sa.func.count()).select_from(DRAFT).where(D.account_id == account_id)
    return int(session.connection().execute(statement).scalar_one())


@dataclass(frozen=True, slots=True)
class Void:
    """Why an own visit counts for nothing. `for_pay`: an appeal against it was upheld when the place had been visited
    again already."""

    reason: str
    items: tuple[str, ...]
    note: str
    for_pay: bool = False


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
    void: Void | None
    version_id: str


def own_reading(session: Session, actor: Actor, visit_id: str) -> OwnReading:
    """The assessor's own visit with its last revision and what the reviewer said; NotFound for anybody else's."""
    statement = (
        sa.select(V.id, V.assignment_id, V.status, V.revision, V.answer_by, VR.body, V.checklist_version_id)
        .join(ASSESSOR, S.id == V.assessor_id)
        .join(REVISION, sa.and_(VR.visit_id == V.id, VR.revision == V.revision))
        .where(V.id == visit_id, S.account_id == actor.account_id)
    )
    row = session.connection().execute(statement).first()
    found = None if row is None else receipt(session, visit_id, row.revision)
    if row is None or found is None:
        raise NotFound
    notes = notes_of(session, [visit_id]).get(visit_id, ())
    changes = overlays_of(session, visit_id)
    void = _void(session, visit_id) if row.status == "void" else None
    return OwnReading(*row[:5], row.body, found, notes, changes, void, row.checklist_version_id)


def _void(session: Session, visit_id: str) -> Void | None:
    asked = sa.select(VD.reason, VD["items"], VD.note, VD.overturned_to).where(VD.visit_id == visit_id)
    row = session.connection().execute(asked).first()
    return None if row is None else Void(row[0], tuple(row[1]), row[2], row[3] == "pay")


def notes_of(session: Session, visit_ids: Sequence[str]) -> dict[str, tuple[tuple[str, str], ...]]:
    """What a reviewer asked about the present revision of each visit: (item, text) in the order of writing."""
    statement = (
        sa.select(N.visit_id, N.item_id, N.note)
        .join(VISIT, sa.and_(V.id == N.visit_id, V.revision == N.revision))
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
        .join(VISIT, sa.and_(V.id == OV.visit_id, V.revision == OV.revision))
        .where(OV.visit_id == visit_id)
        .order_by(OV.created_at, OV.id)
    )
    return tuple(Overlay(*row) for row in session.connection().execute(statement))


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
            ASSIGNMENT.join(ASSESSOR, S.id == A.assessor_id)
            .join(TOUCHPOINT, T.id == A.touchpoint_id)
            .join(UNIT, ORG.code == T.unit_code)
            .join(ROUND, R.id == A.round_id)
            .join(PROGRAMME, P.id == R.programme_id)
            .outerjoin(VISIT, sa.and_(V.assignment_id == A.id, V.status != VOID))
        )
        .where(S.account_id == actor.account_id, A.status != "draft", wanted)
        .order_by(A.window_end, A.id)
        .limit(200)
    )  # fmt: skip
    return [Job(*tuple(row)) for row in session.connection().execute(statement)]

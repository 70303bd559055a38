"""How things stand when a revision comes in, and what its receipt says."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from audit_app.kit.db import Session
from audit_app.kit.errors import NotFound
from audit_app.kit.prepared import Prepared
from audit_app.visits.queries.tables import (
    ASSESSOR,
    ASSIGNMENT,
    DRAFT,
    LIVE,
    PROGRAMME,
    REVISION,
    ROUND,
    SAME,
    TOUCHPOINT,
    VISIT,
    VOID,
    VR,
    A,
    D,
    E,
    F,
    P,
    R,
    S,
    T,
    V,
)
from audit_app.visits.rules import Receipt


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
        A.assessor_id, T.unit_path, T.kind, R.programme_id, P.manner, LIVE.c.id, SAME.c.id, SAME.c.assignment_id,
        SAME.c.assessor_id, SAME.c.status, SAME.c.revision, D.visit_id.is_not(None),
    )
    .select_from(
        ASSIGNMENT.join(ASSESSOR, S.id == A.assessor_id)
        .join(TOUCHPOINT, T.id == A.touchpoint_id)
        .join(ROUND, R.id == A.round_id)
        .join(PROGRAMME, P.id == R.programme_id)
        .outerjoin(LIVE, sa.and_(LIVE.c.assignment_id == A.id, LIVE.c.status != VOID))
        .outerjoin(SAME, SAME.c.id == sa.bindparam("visit_id"))
        .outerjoin(
            DRAFT,
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
    .join(ASSESSOR, S.id == V.assessor_id)
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
    .join(VISIT, V.id == VR.visit_id)
    .where(VR.visit_id == sa.bindparam("visit_id"), VR.revision == sa.bindparam("revision"))
)
_MISSING = Prepared(
    sa.select(E.sha256)
    .join(VISIT, sa.and_(V.id == E.visit_id, V.revision == E.revision))
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


def flag_kind(session: Session, visit_id: str, flag_id: str) -> str | None:
    """What a flag of a visit is about; None if the visit has no such flag."""
    statement = sa.select(F.kind).where(F.id == flag_id, F.visit_id == visit_id)
    return session.connection().execute(statement).scalar()


def evidence_of(session: Session, visit_id: str) -> dict[str, str]:
    """sha256 → row id of every file that any revision of the visit has named."""
    rows = session.connection().execute(sa.select(E.sha256, E.id).where(E.visit_id == visit_id))
    return {row[0]: row[1] for row in rows}


def stored_by(session: Session, assessor_id: str, hashes: Iterable[str]) -> dict[str, str]:
    """sha256 → blob of those files that this assessor has sent before, in whichever visit."""
    statement = (
        sa.select(E.sha256, E.blob)
        .join(VISIT, V.id == E.visit_id)
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
        .join(REVISION, sa.and_(VR.visit_id == V.id, VR.revision == V.revision))
        .where(V.id.in_(list(visit_ids)), V.status == "receiving")
    )
    return [tuple(row) for row in session.connection().execute(statement)]


def unopened(session: Session, before: datetime, limit: int) -> list[str]:
    """Visits that were complete before an instant and that no review was opened for."""
    statement = sa.select(V.id).where(V.status == "submitted", V.status_at < before).limit(limit)
    return list(session.connection().execute(statement).scalars())


def visited_again(session: Session, assignment_id: str) -> bool:
    """Whether a job has a visit that is not void."""
    live = sa.select(V.id).where(V.assignment_id == assignment_id, V.status != "void")
    return session.connection().execute(live).first() is not None

"""What a visit is compared with: other visits of the same assessor, and photos of theirs and of the touchpoint."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from audit_app.kit.db import Session
from audit_app.visits.plausibility import Passage, Photo, Scene, places_of
from audit_app.visits.queries.tables import EVIDENCE, LIKENESS, REVISION, TOUCHPOINT, VISIT, VOID, VR, E, L, T, V
from audit_app.visits.rules import VisitBody, read_revision
from audit_app.visits.sheets import ready

NEIGHBOURS = 20  # visits before and after, by their begin
REMEMBERED = timedelta(days=400)  # photos older than this are not compared
QUARTERS = (L.first, L.second, L.third, L.fourth)
BITS = L.first + L.second + L.third + L.fourth


@dataclass(frozen=True, slots=True)
class Place:
    """Where a touchpoint lies."""

    lat: str | None
    lon: str | None
    datum: str | None


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """A photo whose likeness is not known yet."""

    id: str
    view_blob: str


def unmeasured(session: Session, visit_id: str) -> list[Unmeasured]:
    """Photos of the visit that can be shown and have no likeness."""
    statement = (
        sa.select(E.id, E.view_blob)
        .outerjoin(LIKENESS, L.evidence_id == E.id)
        .where(E.visit_id == visit_id, E.view_type.like("image/%"), E.view_blob.is_not(None), L.evidence_id.is_(None))
    )
    return [Unmeasured(*row) for row in session.connection().execute(statement)]


def scene(session: Session, visit_id: str) -> tuple[VisitBody, Scene]:
    """The present revision of a visit and what it is compared with."""
    statement = (
        sa.select(
            V.assessor_id, V.touchpoint_id, V.checklist_version_id, V.started_at, V.received_at, VR.body, T.kind, T.lat,
            T.lon, T.datum,
        )
        .select_from(
            VISIT.join(REVISION, sa.and_(VR.visit_id == V.id, VR.revision == V.revision)).join(
                TOUCHPOINT, T.id == V.touchpoint_id
            )
        )
        .where(V.id == visit_id)
    )  # fmt: skip
    found = session.connection().execute(statement).one()
    body, sheet = read_revision(found.body), ready(session, found.checklist_version_id)
    photos = _photos(session, visit_id)
    lists = [(item.id, [option.id for option in item.options]) for item in sheet.sheet.items()]
    return body, Scene(
        touchpoint_id=found.touchpoint_id,
        spot=None if found.kind == "hotline" else Place(found.lat, found.lon, found.datum),
        minutes=0 if found.kind == "hotline" else sheet.minutes,
        others=_others(session, visit_id, found),
        photos=photos,
        elsewhere=_elsewhere(session, visit_id, found, photos),
        places=places_of(body, lists),
    )


def _others(session: Session, visit_id: str, found: sa.Row[tuple[object, ...]]) -> list[Passage]:
    same = sa.and_(V.assessor_id == found.assessor_id, V.id != visit_id, V.status != VOID)
    joined = VISIT.join(REVISION, sa.and_(VR.visit_id == V.id, VR.revision == V.revision))
    passages = []
    for begun, order in (
        (V.started_at <= found.started_at, V.started_at.desc()),
        (V.started_at > found.started_at, V.started_at),
    ):
        statement = sa.select(V.touchpoint_id, VR.body).select_from(joined).where(same, begun).order_by(order, V.id)
        rows = session.connection().execute(statement.limit(NEIGHBOURS))
        passages += [Passage(row.touchpoint_id, read_revision(row.body)) for row in rows]
    return passages


def _photos(session: Session, visit_id: str) -> list[Photo]:
    statement = (
        sa.select(sa.func.coalesce(E.item_id, ""), BITS)
        .join(LIKENESS, L.evidence_id == E.id)
        .where(E.visit_id == visit_id, L.first != "")
        .order_by(E.id)
    )
    return [Photo(*row) for row in session.connection().execute(statement)]


def _elsewhere(
    session: Session, visit_id: str, found: sa.Row[tuple[object, ...]], photos: Sequence[Photo]
) -> list[str]:
    """Likenesses of photos that the assessor took elsewhere or anybody took here, and of anybody's anywhere that agree
    with one of ours in a quarter of its bits: two that differ in three bits do, and most that differ in six."""
    if not photos:
        return []
    recent = sa.and_(V.id != visit_id, V.received_at > found.received_at - REMEMBERED, L.first != "")
    tables = LIKENESS.join(EVIDENCE, E.id == L.evidence_id).join(VISIT, V.id == E.visit_id)
    near = [V.assessor_id == found.assessor_id, V.touchpoint_id == found.touchpoint_id]
    for place, quarter in enumerate(QUARTERS):
        near.append(quarter.in_({one.likeness[4 * place : 4 * place + 4] for one in photos}))
    statement = sa.union(*(sa.select(BITS).select_from(tables).where(recent, one) for one in near))
    return list(session.connection().execute(statement).scalars())

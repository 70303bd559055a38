"""The worker looks a submitted visit over: what does not fit stands beside the score as a flag, once."""

import io
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from audit_app.jobs.registry import JobContext
from audit_app.kit.blobs import Blobs
from audit_app.kit.db import Database, Session
from audit_app.settings import Settings
from audit_app.visits import jobs
from audit_app.visits.decoding import child
from audit_app.visits.models import Likeness, VisitFlag
from tests.visits.sending import Body, Client, bodies, new_visit, part, put, sha
from tests.visits.test_plausibility import drawn
from tests.world import NOW


def photo(seed: int, quality: int) -> bytes:
    out = io.BytesIO()
    drawn(seed).save(out, "JPEG", quality=quality)
    return out.getvalue()


def with_photo(body: Body, data: bytes) -> Body:
    """The body with one photo for every item that needs one."""
    first = body["evidence"][0]
    line = {**first, "sha256": sha(data), "size": len(data), "original_sha256": None}
    line = {key: value for key, value in line.items() if value is not None}
    named = [answer for answer in body["answers"] if answer.get("evidence")]
    for answer in named:
        answer["evidence"] = [line["sha256"]]
    return {**body, "evidence": [line]}


def views(ctx: JobContext, visit_id: str) -> None:
    """What the job does."""
    with child() as show:
        jobs.make_views(ctx, visit_id, show)
    jobs.look_over(ctx, visit_id)


def kinds(db: Database, visit_id: str) -> dict[str, Any]:
    def ask(session: Session) -> dict[str, Any]:
        rows = session.exec(select(VisitFlag).where(VisitFlag.visit_id == visit_id)).all()
        return {row.kind: row.detail for row in rows}

    return db.read_now(ask)


@pytest.mark.data
def test_what_does_not_fit_is_flagged_once(tester: Client, colleague: Client, db: Database, settings: Settings) -> None:
    blobs = Blobs(settings.data_dir / "blobs")
    ctx = JobContext(settings, db, blobs, "k", None, None)  # type: ignore[arg-type]
    honest, copied = new_visit(), new_visit()
    first = with_photo(bodies(db), photo(1, 90))
    assert put(tester, honest, first).status_code == 201
    data = photo(1, 90)
    for start in range(0, len(data), 128 * 1024):
        assert part(tester, sha(data), start, data[start : start + 128 * 1024]).status_code in (200, 201)
    views(ctx, honest)
    assert not {"alike", "far_away", "too_fast", "straight"} & set(kinds(db, honest))
    again, small = bodies(db, "as-tester-2"), photo(1, 40)
    again["consents"] = {"position": True, "audio": False}
    again["check_in"] = {
        "at": again["started_at"], "lat": "30.000001", "lon": "115.890001", "accuracy_m": 5, "datum": "WGS-84",
    }  # fmt: skip
    for answer in again["answers"]:
        answer["answered_at"] = (NOW + timedelta(hours=9)).isoformat()
    again["timeline"] = [{"mark": "check_out", "at": again["started_at"]}]
    assert put(colleague, copied, with_photo(again, small)).status_code == 201
    for start in range(0, len(small), 128 * 1024):
        part(colleague, sha(small), start, small[start : start + 128 * 1024])
    for _ in range(2):
        views(ctx, copied)
    seen = kinds(db, copied)
    assert {"far_away", "late_recall"} <= set(seen)
    assert seen["far_away"]["metres"] > 100_000
    assert db.read_now(lambda s: len(s.exec(select(Likeness.evidence_id)).all())) == 2
    assert "alike" in seen, "somebody else's photo of another hall, recompressed"

"""A phone in a few lines: bodies that fit the cast's jobs, and sending them."""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from litestar import Litestar
from litestar.testing import TestClient

from audit_app.bench.bodies import filled
from audit_app.kit.db import Database, Session
from audit_app.kit.ids import random_id
from audit_app.planning.models import Assignment
from audit_app.standards.queries import sheet_for
from tests.world import NOW

Client = TestClient[Litestar]
Body = dict[str, Any]


def bodies(db: Database, assignment_id: str = "as-hall", started_at: datetime | None = None, **how: Any) -> Body:
    """A complete body for a job of the cast; how: see `filled`."""

    def make(session: Session) -> Body:
        job = session.get_one(Assignment, assignment_id)
        version = job.checklist_version_id
        return filled(sheet_for(session, version), job.id, version, started_at or NOW - timedelta(hours=2), **how)

    return db.read_now(make)


def without_files(body: Body) -> Body:
    """The same body as if nothing had been photographed: for tests that are not about evidence."""
    plain = json.loads(json.dumps(body))
    plain["evidence"] = []
    for answer in plain["answers"]:
        answer.pop("evidence", None)
    return plain


def raw(body: Body) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()


def put(client: Client, visit_id: str, body: Body | bytes, kind: str = "application/json") -> Any:
    content = body if isinstance(body, bytes) else raw(body)
    return client.put(f"/api/v1/visits/{visit_id}", content=content, headers={"content-type": kind})


def part(client: Client, sha256: str, offset: int, data: bytes) -> Any:
    return client.put(f"/api/v1/evidence/{sha256}", content=data, headers={"upload-offset": str(offset)})


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def files_of(body: Body, content: Callable[[str], bytes]) -> dict[str, bytes]:
    """hash → bytes of the files that the body names."""
    found = {}
    for line in body["evidence"]:
        data = content(f"{line['item_id']}.{line['media_type']}")
        found[sha(data)] = data
    return found


new_visit = random_id

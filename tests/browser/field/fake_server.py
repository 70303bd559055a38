"""A small server of the phone's protocol (DESIGN.md section 4) that can misbehave on demand.

It keeps everything in memory, serves the real shell, scripts, styles, messages and checklists, reads bodies with the
real structs and finds gaps with the real rules. What it is for are the faults: replies lost after the work was done,
captive portals, ended sign-ins, resets. `Fake.faults` holds them; each is asked once per request.
"""

import hashlib
import json
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from audit_app.scoring.gaps import gaps
from audit_app.standards.operations import LIBRARY
from audit_app.standards.rules import compile_sheet, parse_checklist, phone_json
from audit_app.visits.rules import DECODER

Headers = dict[str, str]


@cache
def checklist(name: str) -> Any:
    """A document of the ready library."""
    return parse_checklist((LIBRARY / f"{name}.yaml").read_bytes())


@cache
def checklist_json(name: str) -> bytes:
    """A checklist as the phone gets it; the version's id is its name."""
    return json.dumps(phone_json(checklist(name), name, "0" * 64), ensure_ascii=False).encode()


def assignment(number: int, kind: str, name: str, version: str, **more: Any) -> dict[str, Any]:
    """One job as `GET /assignments` lists it."""
    now = datetime.now(UTC)
    story = checklist(version).scenarios[0] if checklist(version).scenarios else None
    given: dict[str, Any] = {
        "id": f"a{number}",
        "checklist_version_id": version,
        "status": "accepted",
        "touchpoint": {
            "id": f"t{number}", "kind": kind, "name": name, "code": f"JZ{number:04}", "address": "",
            "unit_name": "", "hotline_number": "10000" if kind == "hotline" else None,
        },
        "window": {"start": (now - timedelta(hours=1)).isoformat(), "end": (now + timedelta(minutes=100)).isoformat()},
        "programme": {"name": "Q4", "manner": "covert", "channel": checklist(version).channel},
        "scenario": None if story is None else {
            "id": story.id, "segment": story.segment, **{key: {"zh": text.zh, "en": text.en} for key, text in (
                ("persona", story.persona), ("goal", story.goal), ("script", story.script))},
        },
        "respond_by": None,
        "visit_id": None,
        "visit_status": None,
        "revision": None,
        "notes": [],
    }  # fmt: skip
    return given | more


@dataclass
class Taken:
    """A visit as the server has it."""

    body: bytes
    sha256: str
    received_at: str
    revision: int
    manifest: dict[str, int]
    status: str = "receiving"
    notes: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Faults:
    """What goes wrong. `lose`: the work is done and the reply is cut; counts down. The others hold until changed."""

    lose: dict[str, int] = field(default_factory=dict)
    portal: bool = False
    signed_out: bool = False
    refuse_visit: int = 0
    reset: dict[str, int] = field(default_factory=dict)
    hold: threading.Event | None = None


class Fake:
    """The server's memory, and its switchboard of faults."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.assignments: list[dict[str, Any]] = []
        self.visits: dict[str, Taken] = {}
        self.drafts: dict[str, bytes] = {}
        self.files: dict[str, bytes] = {}
        self.log: list[tuple[str, str, int]] = []
        self.declined: list[dict[str, Any]] = []
        self.account = "tester"
        self.theme, self.locale = "light", "zh"
        self.faults = Faults()

    def reset(self) -> None:
        self.__init__()  # type: ignore[misc]

    def put_visit(self, visit_id: str, raw: bytes) -> tuple[int, dict[str, Any]]:
        body, digest = DECODER.decode(raw), hashlib.sha256(raw).hexdigest()
        if self.faults.refuse_visit:
            return self.faults.refuse_visit, {
                "title": "Refused for the test",
                "errors": [{"path": "answers", "message": "Because"}],
            }
        there = self.visits.get(visit_id)
        if there and there.revision == body.revision:
            if there.sha256 != digest:
                return 409, {"title": "Another body was taken", "receipt": self.receipt(visit_id)}
            return 200, self.receipt(visit_id)
        if there and there.status != "returned":
            return 409, {"title": "Not returned"}
        job = next((one for one in self.assignments if one["id"] == body.assignment_id), None)
        if job is None:
            return 404, {"title": "Unknown"}
        media = {one.sha256: one.kind for one in body.manifest}
        missing = gaps(
            compile_sheet(checklist(body.checklist_version_id)), [one.typed() for one in body.answers], media
        )
        if missing:
            return 422, {
                "title": "Gaps",
                "errors": [{"path": gap.item_id, "code": gap.kind, "message": gap.kind} for gap in missing],
            }
        sizes = {one.sha256: one.size for one in body.manifest}
        self.visits[visit_id] = Taken(raw, digest, datetime.now(UTC).isoformat(), body.revision, sizes)
        job.update(status="done", visit_id=visit_id, visit_status="receiving", notes=[])
        self.assignments.remove(job)
        self.drafts.pop(visit_id, None)
        return 201, self.receipt(visit_id)

    def missing(self, visit_id: str) -> list[str]:
        manifest = self.visits[visit_id].manifest
        return [sha for sha, size in manifest.items() if len(self.files.get(sha, b"")) < size]

    def receipt(self, visit_id: str) -> dict[str, Any]:
        there, missing = self.visits[visit_id], self.missing(visit_id)
        there.status = "receiving" if missing else "submitted"
        return {
            "visit_id": visit_id, "body_sha256": there.sha256, "received_at": there.received_at,
            "status": there.status, "missing_evidence": missing,
        }  # fmt: skip

    def size_of(self, sha256: str) -> int | None:
        return next((v.manifest[sha256] for v in self.visits.values() if sha256 in v.manifest), None)

    def put_part(self, sha256: str, offset: int, part: bytes) -> tuple[int, dict[str, Any], Headers]:
        size = self.size_of(sha256)
        if size is None:
            return 404, {"title": "Unknown"}, {}
        have = self.files.get(sha256, b"")
        if offset != len(have):
            return 409, {"title": "Wrong place"}, {"Upload-Offset": str(len(have))}
        have += part
        if len(have) == size and hashlib.sha256(have).hexdigest() != sha256:
            self.files[sha256] = b""
            return 422, {"title": "Wrong hash"}, {"Upload-Offset": "0"}
        self.files[sha256] = have
        return 200, {"offset": len(have), "size": size, "complete": len(have) == size}, self.told(sha256, size)

    def told(self, sha256: str, size: int) -> Headers:
        have = len(self.files.get(sha256, b""))
        return {"Upload-Offset": str(have), "Upload-Complete": "?1" if have == size else "?0"}

    def send_back(self, visit_id: str, notes: list[dict[str, Any]]) -> None:
        """As a reviewer would: the visit is open for another revision."""
        body = DECODER.decode(self.visits[visit_id].body)
        self.visits[visit_id].status, self.visits[visit_id].notes = "returned", notes
        again = assignment(
            1, "hall", "Hall", body.checklist_version_id, id=body.assignment_id, status="started", notes=notes
        )
        self.assignments.append(again | {"visit_id": visit_id, "visit_status": "returned", "revision": body.revision})

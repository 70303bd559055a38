"""A small server of the phone's protocol (DESIGN.md section 4) that can misbehave on demand.

It keeps everything in memory, serves the real shell, scripts, styles, messages and checklists, reads bodies with the
real structs and finds gaps with the real rules. What it is for are the faults: replies lost after the work was done,
captive portals, ended sign-ins, resets. `Fake.faults` holds them; each is asked once per request.
"""

import hashlib
import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec

from audit_app.access.headers import CSP
from audit_app.kit import i18n
from audit_app.kit.templates import render
from audit_app.kit.web import Ui
from audit_app.scoring.gaps import gaps
from audit_app.settings import ROOT
from audit_app.standards.operations import LIBRARY
from audit_app.standards.rules import compile_sheet, parse_checklist, phone_json
from audit_app.visits import shell
from audit_app.visits.rules import DECODER

TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
PORTAL = b"<html><title>Welcome</title>Please accept our terms</html>"
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


class Handler(BaseHTTPRequestHandler):
    """Routes of the protocol and the app's files."""

    # One request a connection: browsers silently repeat what broke on a connection that they use again.
    protocol_version = "HTTP/1.0"
    fake: Fake

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._handle()

    do_PUT = do_POST = do_HEAD = do_GET

    def _handle(self) -> None:
        path = self.path.split("?")[0]
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        faults = self.fake.faults
        api = path.startswith("/api/")
        if api and faults.hold is not None:
            faults.hold.wait(10)
        if self._due(faults.reset, path):
            return self._hang_up()
        if faults.portal and not path.startswith("/static/"):
            return self._send(200, PORTAL, "text/html")
        if api and faults.signed_out:
            return self._json(401, {"title": "Please sign in."})
        with self.fake.lock:
            answer = self._api(path, raw) if api else self._page(path)
            self.fake.log.append((self.command, path, answer[0]))
        if self._due(faults.lose, path):
            return self._hang_up()
        self._send(*answer)
        return None

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.close()

    def _due(self, counts: dict[str, int], path: str) -> bool:
        for prefix, count in counts.items():
            if count and f"{self.command} {path}".startswith(prefix):
                counts[prefix] -= 1
                return True
        return False

    def _api(self, path: str, raw: bytes) -> tuple[int, bytes, str, Headers]:
        fake = self.fake
        if self.command not in ("GET", "HEAD") and self.headers.get("X-CSRF-Token") != "token":
            return self._answer(403, {"title": "CSRF"})
        for pattern, handler in ROUTES:
            found = re.fullmatch(rf"/api/v1{pattern}", path)
            if found and handler.__name__.startswith(self.command.lower()):
                try:
                    return self._answer(*handler(fake, self, raw, *found.groups()))
                except msgspec.ValidationError as fault:
                    return self._answer(422, {"title": str(fault), "errors": [{"path": "", "message": str(fault)}]})
        return self._answer(404, {"title": "Not found"})

    def _page(self, path: str) -> tuple[int, bytes, str, Headers]:
        if path in ("/field", "/field/"):
            text = render("visits/field.html", ui=Ui(self.fake.locale, self.fake.theme, csrf="token"), screen=None)
            return 200, text.encode(), "text/html", {"Content-Security-Policy": CSP, "X-Field-Shell": "1"}
        found = re.fullmatch(r"/field/messages/(zh|en)\.json", path)
        if found:
            return 200, i18n.messages_json("field", found[1]).encode(), "application/json", {}
        if path == "/sw.js":
            return 200, shell.service_worker().encode(), "text/javascript", {}
        if path == "/field/manifest.json":
            return 200, shell.manifest().encode(), "application/manifest+json", {}
        file = (ROOT / path.lstrip("/")).resolve()
        if path.startswith("/static/") and file.is_file() and file.is_relative_to(ROOT / "static"):
            return 200, file.read_bytes(), TYPES.get(file.suffix, "application/octet-stream"), {}
        return 404, b"not found", "text/plain", {}

    def _answer(self, status: int, content: Any, headers: Headers | None = None) -> tuple[int, bytes, str, Headers]:
        kind = "application/json" if status < 400 else "application/problem+json"
        text = content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode()
        return status, text, kind, headers or {}

    def _json(self, status: int, content: Any) -> None:
        self._send(*self._answer(status, content))

    def _send(self, status: int, content: bytes, kind: str, headers: Headers | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(content)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


Answer = tuple[int, Any] | tuple[int, Any, Headers]


def get_session(fake: Fake, request: Handler, raw: bytes) -> Answer:
    return 200, {"csrf": "token", "account_id": fake.account, "locale": fake.locale, "build": "test"}


def get_assignments(fake: Fake, request: Handler, raw: bytes) -> Answer:
    return 200, {"items": fake.assignments}


def get_checklist(fake: Fake, request: Handler, raw: bytes, version: str) -> Answer:
    return 200, checklist_json(version)


def post_acceptance(fake: Fake, request: Handler, raw: bytes, number: str) -> Answer:
    job = next(one for one in fake.assignments if one["id"] == number)
    job["status"] = "accepted"
    return 200, job


def post_decline(fake: Fake, request: Handler, raw: bytes, number: str) -> Answer:
    fake.declined.append({"id": number, **json.loads(raw)})
    fake.assignments = [one for one in fake.assignments if one["id"] != number]
    return 200, {"id": number, "status": "declined"}


def put_visit(fake: Fake, request: Handler, raw: bytes, visit_id: str) -> Answer:
    return fake.put_visit(visit_id, raw)


def get_visit(fake: Fake, request: Handler, raw: bytes, visit_id: str) -> Answer:
    there = fake.visits.get(visit_id)
    if there is None:
        return 404, {"title": "Unknown"}
    about = {"visit_id": visit_id, "status": there.status, "revision": there.revision, "notes": there.notes}
    return 200, about | {"body": json.loads(there.body)}


def put_draft(fake: Fake, request: Handler, raw: bytes, visit_id: str) -> Answer:
    fake.drafts[visit_id] = raw
    return 200, {"visit_id": visit_id}


def get_draft(fake: Fake, request: Handler, raw: bytes, visit_id: str) -> Answer:
    return (200, fake.drafts[visit_id]) if visit_id in fake.drafts else (404, {"title": "Unknown"})


def head_evidence(fake: Fake, request: Handler, raw: bytes, sha256: str) -> Answer:
    size = fake.size_of(sha256)
    return (404, {}) if size is None else (200, {}, fake.told(sha256, size))


def put_evidence(fake: Fake, request: Handler, raw: bytes, sha256: str) -> Answer:
    return fake.put_part(sha256, int(request.headers["Upload-Offset"]), raw)


ROUTES: list[tuple[str, Callable[..., Answer]]] = [
    ("/session", get_session),
    ("/assignments", get_assignments),
    ("/checklists/([^/]+)", get_checklist),
    ("/assignments/([^/]+)/acceptance", post_acceptance),
    ("/assignments/([^/]+)/decline", post_decline),
    ("/visits/([^/]+)", put_visit),
    ("/visits/([^/]+)", get_visit),
    ("/drafts/([^/]+)", put_draft),
    ("/drafts/([^/]+)", get_draft),
    ("/evidence/([^/]+)", head_evidence),
    ("/evidence/([^/]+)", put_evidence),
]


def serve(fake: Fake, port: int = 0) -> ThreadingHTTPServer:
    """Starts serving in a thread of its own; stop it with `shutdown()`."""
    handler = type("BoundHandler", (Handler,), {"fake": fake})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server

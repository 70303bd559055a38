"""The fake's HTTP side: routes of the protocol, the app's own files, and the moment to misbehave."""

import json
import re
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec

from audit_app.access.headers import CSP
from audit_app.kit import i18n
from audit_app.kit.templates import render
from audit_app.kit.web import Ui
from audit_app.settings import ROOT
from audit_app.visits import shell
from tests.browser.field.fake_server import Fake, Headers, checklist_json

TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
PORTAL = b"<html><title>Welcome</title>Please accept our terms</html>"


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

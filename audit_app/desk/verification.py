"""`audit-app verify`: is the trail whole, does every stored score follow from what it was made of?
And of a file: was it handed out, and does it count?"""

import hashlib
from dataclasses import asdict, dataclass
from typing import Any

from audit_app.kit import clock
from audit_app.kit.db import Database, Session
from audit_app.reporting.queries import issued
from audit_app.review.replay import Replay, replay
from audit_app.settings import Settings
from audit_app.trail.signing import Signer
from audit_app.trail.verify import Report, verify

MOST_SHOWN = 100


@dataclass(frozen=True)
class Verification:
    trail: Report
    scores: Replay

    @property
    def ok(self) -> bool:
        return self.trail.ok and not self.scores.differences

    def as_json(self) -> dict[str, Any]:
        return {
            "ok": self.ok,
            "trail": asdict(self.trail),
            "checklist_versions": self.scores.versions,
            "revisions": self.scores.revisions,
            "results": self.scores.results,
            "differences": self.scores.differences[:MOST_SHOWN],
        }


def run(database: Database, settings: Settings) -> Verification:
    """Reads everything; changes nothing."""
    signer = Signer(settings.data_dir)
    return Verification(database.read_now(verify, signer, clock.now()), database.read_now(replay))


@dataclass(frozen=True)
class FileCheck:
    """What is known of a whole file by its hash. `state`: current, superseded, or unknown, as an altered one is;
    `superseded_by`: the address of the newer document, if anybody has taken it yet."""

    sha256: str
    state: str
    document: str = ""
    edition: str = ""
    issued_at: str = ""
    superseded_at: str = ""
    address: str = ""
    superseded_by: str = ""

    @property
    def ok(self) -> bool:
        return self.state != "unknown"

    def as_json(self) -> dict[str, Any]:
        return {key: value for key, value in asdict(self).items() if value}


def check_file(session: Session, data: bytes, origin: str) -> FileCheck:
    """Whether these are the bytes of a document that was handed out, and whether it counts."""
    sha256 = hashlib.sha256(data).hexdigest()
    found = issued.known_file(session, sha256)
    if found is None:
        return FileCheck(sha256, "unknown")
    newer = issued.newest(session, found.token) if found.superseded_at else None
    return FileCheck(
        sha256, "superseded" if found.superseded_at else "current", found.kind, found.edition,
        found.issued_at.isoformat(), found.superseded_at.isoformat() if found.superseded_at else "",
        f"{origin}/verify/{found.token}", f"{origin}/verify/{newer}" if newer else "",
    )  # fmt: skip

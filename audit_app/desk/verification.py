"""`audit-app verify`: is the trail whole, does every stored score follow from what it was made of?"""

from dataclasses import asdict, dataclass
from typing import Any

from audit_app.kit import clock
from audit_app.kit.db import Database
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

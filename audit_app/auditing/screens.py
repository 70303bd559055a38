"""What the templates of this package get beside the screens of its queries."""

from dataclasses import dataclass

from audit_app.auditing.models import VerificationRun
from audit_app.auditing.words import TrailWords


@dataclass(frozen=True)
class VerificationScreen(TrailWords):
    run: VerificationRun

    @property
    def open(self) -> bool:
        return self.run.status in ("waiting", "running")

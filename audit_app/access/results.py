"""What the operations of this package answer."""

from dataclasses import dataclass

from audit_app.access.queries import PasswordRow
from audit_app.access.rules import Limit

Turn = tuple[Limit, str]


@dataclass(frozen=True)
class Attempt:
    """A try to sign in that may be checked: whose password it must be (`found` None: nobody's)."""

    turns: tuple[Turn, ...]
    found: PasswordRow | None
    wait: int = 0  # seconds, if it must not be checked now

    @property
    def stored(self) -> str | None:
        return self.found.password_hash if self.found and self.found.active else None


@dataclass(frozen=True)
class NewSession:
    """The secret for the cookie is told here once and kept nowhere."""

    id: str
    token: str
    kind: str
    device: str


@dataclass(frozen=True)
class NewToken:
    """`secret` is told once."""

    id: str
    secret: str

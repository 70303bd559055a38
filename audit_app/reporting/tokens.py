"""The address by which anybody can check a document: the same facts keep the same address, and so the same file."""

import hashlib
from dataclasses import dataclass, replace
from typing import TypeVar

from audit_app.access.keys import Keys
from audit_app.reporting.facts import Facts, facts_sha256
from audit_app.reporting.render import Locale

F = TypeVar("F", bound=Facts)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a document is known by: its token, and the hash of its facts without it."""

    token: str
    facts_sha256: str


@dataclass(frozen=True, slots=True)
class Stamper:
    """Gives documents their tokens: 128 bits of a proof under the server's key, so that nobody can guess one."""

    keys: Keys
    origin: str

    def stamp(self, facts: F, locale: Locale) -> tuple[F, Stamp]:
        """The facts with the address in them, and what to keep of it."""
        known = facts_sha256(facts)
        token = hashlib.sha256(self.keys.mac("verify", f"{known} {locale}").encode()).hexdigest()[:32]
        issue = replace(facts.issue, verify=f"{self.origin}/verify/{token}")
        return replace(facts, issue=issue), Stamp(token, known)

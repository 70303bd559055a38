"""What the templates of this package get beside the screens of its queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from audit_app.accounts.queries.places import UnitOption
from audit_app.accounts.rules import RoleWords
from audit_app.kit.errors import FieldError


@dataclass(frozen=True)
class NewScreen(RoleWords):
    """The form of a new account. `typed` is what was sent and refused."""

    units: list[UnitOption]
    typed: Mapping[str, str] = field(default_factory=dict)
    errors: Sequence[FieldError] = ()


@dataclass(frozen=True)
class LinkScreen:
    """A link that is shown once."""

    account_id: str
    name: str
    username: str
    address: str
    until: datetime


@dataclass(frozen=True)
class InvitationScreen:
    """What the invited person sees."""

    token: str
    username: str
    name: str
    errors: Sequence[FieldError] = ()

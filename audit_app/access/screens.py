"""What the templates of this package get."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from audit_app.access.totp import Picture
from audit_app.kit.errors import FieldError


@dataclass(frozen=True)
class DemoAccount:
    username: str
    display_name: str
    role: str  # message id


@dataclass(frozen=True)
class SignInScreen:
    username: str = ""
    next: str = ""
    errors: Sequence[FieldError] = ()
    demo_accounts: tuple[DemoAccount, ...] = ()
    demo_password: str = ""


@dataclass(frozen=True)
class TotpScreen:
    next: str = ""
    errors: Sequence[FieldError] = ()


@dataclass(frozen=True)
class EnrolmentScreen:
    picture: Picture
    secret: str  # in groups of four, to be typed by hand
    sealed: str
    next: str = ""
    errors: Sequence[FieldError] = ()


@dataclass(frozen=True)
class RoleLine:
    role: str  # message id
    unit: str
    narrowed: bool


@dataclass(frozen=True)
class SessionLine:
    id: str
    kind: str
    created_at: datetime
    seen_at: datetime
    mine: bool


@dataclass(frozen=True)
class TokenLine:
    id: str
    name: str
    expires_at: datetime
    used_at: datetime | None


@dataclass(frozen=True)
class SignInLine:
    """One try to sign in: `done`, `refused` or `delayed`."""

    at: datetime
    outcome: str


@dataclass(frozen=True)
class FactorScreen:
    """A new code generator of somebody who is signed in. `enrolled`: the old one, or a recovery code, must agree."""

    picture: Picture
    secret: str
    sealed: str
    enrolled: bool
    errors: Sequence[FieldError] = ()


@dataclass(frozen=True)
class CodesScreen:
    username: str
    display_name: str
    made_at: datetime
    codes: tuple[str, ...]


@dataclass(frozen=True)
class AccountScreen:
    username: str
    display_name: str
    roles: tuple[RoleLine, ...]
    sessions: tuple[SessionLine, ...]
    tokens: tuple[TokenLine, ...]
    second_factor: bool
    codes_left: int
    sign_ins: tuple[SignInLine, ...]
    may_make_tokens: bool
    new_secret: str = ""
    saved: str = ""  # message id of what was just done
    token_name: str = ""
    errors: Sequence[FieldError] = ()

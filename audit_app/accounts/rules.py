"""Who may be given which role, and which change needs a second administrator. Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

import msgspec

from audit_app.access.rules import ROLE_NAMES, ROLE_ORDER, TESTER_ROLES, TOTP_ROLES

MANAGE = "accounts.manage"
LINK_LONGEST = timedelta(days=7)
COUNTS_FOR = timedelta(days=7)  # how long somebody whose role ended still counts as the second administrator

SHORTEST_REASON = 5

# Roles that decide about scores or pay, plan covert work, read the trail, look up who a tester is, or make others into
# such people: given by two.
GUARDED = TOTP_ROLES

GRANTS = ("grant", "invite")  # kinds of proposals that give a role; `invite`: the first one of a new account

# What a narrowed role is narrowed to; its place is typed as a code. All others are granted in a whole unit.
NARROWED: Mapping[str, str] = {"outlet_manager": "touchpoint", "team_lead": "team", "staff": "staff"}

# Testers are recruited by the programme office: an administrator must never see who they are.
GRANTABLE = tuple(role for role in ROLE_ORDER if role not in TESTER_ROLES)

APART = ({"admin", "covert_planner"}, {"admin", "programme_office"})  # never one person

PROPOSAL: Mapping[str, frozenset[str]] = {
    "waiting": frozenset({"confirmed", "refused"}),
    "confirmed": frozenset(),
    "refused": frozenset(),
}

STATES = ("active", "invited", "disabled")


class RoleWords:
    """For the screens: what roles are called (message ids), and which of them may be granted."""

    @staticmethod
    def role_name(role: str) -> str:
        return ROLE_NAMES.get(role, role)

    @property
    def grantable(self) -> tuple[str, ...]:
        return GRANTABLE

    @property
    def all_roles(self) -> tuple[str, ...]:
        return ROLE_ORDER


class NewGrant(msgspec.Struct, frozen=True):
    """What was asked for: a role in a unit, or at the place with a code (touchpoint, team or staff member)."""

    role: str
    unit: str
    place: str = ""
    reason: str = ""


class NewAccount(msgspec.Struct, frozen=True):
    username: str
    display_name: str
    grant: NewGrant


@dataclass(frozen=True, slots=True)
class Filters:
    q: str = ""
    role: str = ""
    unit: str = ""
    state: str = ""
    after: str = ""


def guarded(role: str) -> bool:
    return role in GUARDED


def needs_two(kind: str, roles: Collection[str]) -> bool:
    """Whether a change is refused where nobody else could confirm it. Whoever took over the only other administrator
    would confirm the own proposals from then on; whoever made a programme office would learn who the testers are."""
    return "programme_office" in roles or (kind not in GRANTS and "admin" in roles)


def clash(held: Iterable[str], wanted: str) -> str:
    """A role that one person must not hold beside the wanted one; empty if there is none.

    Who audits does nothing else; who administers accounts neither plans covert work nor knows who the testers are.
    """
    for role in held:
        pair = {role, wanted}
        if len(pair) == 2 and ("auditor" in pair or pair in APART):
            return role
    return ""

"""Who somebody is and what that lets them do. Pure.

Roles are granted in a subtree (`organisation.role_grant`); what a role permits stands in one table here. A route names
one permission; scope is checked by the query that finds the thing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, ip_address, ip_network

DESK_IDLE = timedelta(minutes=30)
DESK_LONGEST = timedelta(hours=12)
FIELD_LONGEST = timedelta(days=14)
PENDING_LONGEST = timedelta(minutes=10)  # between the password and the one-time code
SEEN_EVERY = timedelta(minutes=1)  # how exact `seen_at` is kept
TOKEN_DAYS = 90

_FIELD = frozenset({"field.use", "standards.read"})
_PLAN = frozenset(
    {
        "planning.read",
        "planning.write",
        "organisation.read",
        "standards.read",
        "scorecards.read",
        "explanations.answer",
        "appeals.statistics",
        "review.oversee",
    }
)
_OFFICE = frozenset({
    "testers.read", "identity.read", "identity.grant", "identity.permits", "covert.plan", "planning.read",
    "planning.write", "organisation.read", "standards.read", "appeals.statistics",
})  # fmt: skip
_ADMIN = frozenset({
    "organisation.read", "organisation.import", "organisation.change", "standards.read", "system.schema",
    "accounts.manage", "identity.ask", "identity.permits",
})  # fmt: skip

PERMISSIONS: dict[str, frozenset[str]] = {
    "tester": _FIELD,
    "chief_tester": _FIELD,
    "inspector": _FIELD,
    "supervisor": _PLAN,
    "covert_planner": frozenset({"covert.plan"}),
    "programme_office": _OFFICE,
    "reviewer": frozenset({"review.work", "standards.read", "organisation.read", "explanations.answer"}),
    "appeal_panel": frozenset({"appeals.judge", "standards.read"}),
    "outlet_manager": frozenset({"results.read", "scorecards.read", "standards.read", "appeals.file"}),
    "team_lead": frozenset({"results.read", "scorecards.read", "standards.read", "appeals.file"}),
    "staff": frozenset({"standards.read", "results.own", "appeals.file"}),
    "hr": frozenset({"scorecards.read", "scorecards.batch"}),
    "auditor": frozenset({"trail.read"}),
    "admin": _ADMIN,
}

ROLE_ORDER = tuple(PERMISSIONS)

# What a role is called on the page (message ids).
ROLE_NAMES: dict[str, str] = {
    "tester": "Service experience tester",
    "chief_tester": "Chief tester",
    "inspector": "Inspector",
    "supervisor": "Supervisor",
    "covert_planner": "Covert planner",
    "programme_office": "Programme office",
    "reviewer": "Reviewer",
    "appeal_panel": "Appeal panel",
    "outlet_manager": "Outlet manager",
    "team_lead": "Team lead",
    "staff": "Staff member",
    "hr": "HR",
    "auditor": "Auditor",
    "admin": "Administrator",
}

TOTP_ROLES = frozenset({
    "reviewer", "hr", "appeal_panel", "auditor", "admin", "covert_planner", "programme_office",
})  # fmt: skip
ASSESSOR_ROLES = frozenset({"tester", "chief_tester", "inspector"})
TESTER_ROLES = frozenset({"tester", "chief_tester"})  # recruited by the programme office; others know them by code

# An API token never carries these, whoever owns it: deciding and publishing need a person at a screen.
NOT_BY_TOKEN = frozenset({
    "organisation.import", "organisation.change", "planning.write", "accounts.manage", "trail.read", "appeals.judge",
    "testers.read", "identity.read", "identity.ask", "identity.grant", "identity.permits",
})  # fmt: skip

# What a phone's long field session may do, whatever else its owner may: read and send own visits.
FIELD_SESSION = frozenset({"field.use", "standards.read"})


RECOVERY_CODES = 10
MAX_PASSWORD_BYTES = 1024
MAX_USERNAME = 64
MIN_PASSWORD = 10
WEAKEST_SCORE = 3  # of zxcvbn's 0 to 4
COMPANY_WORDS = ("mingcha", "audit", "inspection", "telecom", "mobile", "10000", "10086", "service")


@dataclass(frozen=True)
class Limit:
    """So many tries in a window; a later try has to wait for the window's end, nothing is locked."""

    name: str
    tries: int
    window: timedelta = timedelta(minutes=5)


SIGN_IN_PER_NAME = Limit("name", 10)
SIGN_IN_PER_ADDRESS = Limit("address", 10)
SIGN_IN_PER_DEVICE = Limit("device", 10)
SIGN_IN_IN_ALL = Limit("all", 1000)
TOTP_PER_ACCOUNT = Limit("totp", 5)
INVITATION_PER_ADDRESS = Limit("invitation", 30)
PASSWORD_PER_ACCOUNT = Limit("password", 10)
TAKEN_NAMES_PER_ACCOUNT = Limit("taken-name", 10, timedelta(hours=1))
# What keeps a worker or a renderer busy: nobody may keep it busy for everybody else.
RUNS_PER_ACCOUNT = Limit("runs", 30, timedelta(hours=1))
DOCUMENTS_PER_ACCOUNT = Limit("documents", 100)
FILES_PER_ACCOUNT = Limit("files", 40, timedelta(hours=1))  # plain forms with files: each is kept before it is judged


@dataclass(frozen=True)
class Grant:
    """One role in one subtree. `unit_path` ends with a slash; touchpoint and team narrow it."""

    role: str
    unit_code: str
    unit_path: str
    unit_name: str = ""
    touchpoint_id: str | None = None
    team_id: str | None = None


@dataclass(frozen=True)
class Actor:
    """Who is asking, as every query and operation gets it. Built anew for each request."""

    account_id: str
    username: str
    display_name: str
    grants: tuple[Grant, ...]
    via: str = "desk"  # desk | field | token | system
    session_id: str = ""
    demo: bool = False

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(g.role for g in self.grants)

    @property
    def permissions(self) -> frozenset[str]:
        held: set[str] = set()
        for role in self.roles:
            held |= PERMISSIONS.get(role, frozenset())
        if self.via == "token":
            held -= NOT_BY_TOKEN
        if self.via == "field":
            held &= FIELD_SESSION
        return frozenset(held)

    def may(self, permission: str) -> bool:
        return permission in self.permissions

    def paths(self, permission: str) -> tuple[str, ...]:
        """The subtrees in which the actor holds the permission (narrowed grants are left out)."""
        if not self.may(permission):
            return ()
        wide = (g for g in self.grants if permission in PERMISSIONS.get(g.role, ()) and not g.touchpoint_id)
        return tuple(outermost(g.unit_path for g in wide))

    def touchpoint_ids(self, permission: str) -> tuple[str, ...]:
        """The single touchpoints in which a narrowed grant gives the permission."""
        if not self.may(permission):
            return ()
        held = (g for g in self.grants if permission in PERMISSIONS.get(g.role, ()))
        return tuple(sorted({g.touchpoint_id for g in held if g.touchpoint_id}))

    @property
    def main_role(self) -> str:
        """The role that names the person on the screen: the first in the order of the table."""
        return next((r for r in ROLE_ORDER if r in self.roles), "")

    @property
    def unit_name(self) -> str:
        return self.grants[0].unit_name if self.grants else ""

    @property
    def initial(self) -> str:
        return self.display_name[:1]


def network_of(address: str) -> str:
    """Whose tries are counted together: an IPv4 address, or the /64 of an IPv6 one, of which a guesser has 2^64."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, IPv4Address) or found.ipv4_mapped:
        return str(getattr(found, "ipv4_mapped", None) or found)
    return str(ip_network((found, 64), strict=False))


def outermost(paths: Iterable[str]) -> list[str]:
    """The paths without those that lie inside another one."""
    kept: list[str] = []
    for path in sorted(set(paths)):
        if not any(path.startswith(outer) for outer in kept):
            kept.append(path)
    return kept


def totp_needed(actor: Actor) -> bool:
    """Whether the roles demand a second factor; demonstration accounts are exempt (`AUDIT_DEMO=1` only)."""
    return bool(actor.roles & TOTP_ROLES) and not actor.demo


def alive(kind: str, seen_at: datetime | None, expires_at: datetime, now: datetime) -> bool:
    """Whether a session or token of this kind still counts: not past its end and, at a desk, not left idle."""
    if now >= expires_at:
        return False
    return kind in ("field", "token") or seen_at is None or now < seen_at + DESK_IDLE


def session_kind(roles: Iterable[str]) -> str:
    """`field` for people who are assessors and nothing else: a phone in the street, not a desk. Else `desk`."""
    held = frozenset(roles)
    return "field" if held and held <= ASSESSOR_ROLES else "desk"


SYSTEM = Actor("", "system", "", (), via="system")

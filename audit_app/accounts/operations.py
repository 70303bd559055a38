"""What an administrator does with accounts and roles. Each act is a line on the trail.

An act on a guarded role or on the credentials of somebody who holds one waits for a second administrator; where nobody
else administers the unit it takes effect at once, and the reason that was given stands on the trail; what nobody may do
alone (`rules.needs_two`) is refused there.
"""

from collections.abc import Sequence
from datetime import datetime

from audit_app.access import administration
from audit_app.access.operations import create_account
from audit_app.access.queries import password_of
from audit_app.access.rules import Actor
from audit_app.accounts import invitations, rules
from audit_app.accounts.models import Proposal
from audit_app.accounts.queries import account as accounts
from audit_app.accounts.queries import places, proposals
from audit_app.accounts.queries.account import GrantLine, Known
from audit_app.accounts.queries.proposals import Waiting
from audit_app.accounts.rules import NewAccount, NewGrant
from audit_app.kit.db import Session
from audit_app.kit.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from audit_app.kit.ids import new_id
from audit_app.kit.states import move
from audit_app.organisation import granting
from audit_app.organisation.rules import Post
from audit_app.testers.operations import enrol_inspector
from audit_app.trail.operations import record

NOBODY_ELSE = "Nobody else can confirm this. It is done at the machine."
LAST = "This is the last administrator of this unit. Grant the role to somebody else first."


def invite(session: Session, actor: Actor, new: NewAccount, unusable_hash: str, now: datetime) -> tuple[str, str]:
    """A new account with a first role: (account id, secret of its link). A guarded role waits as always, and the secret
    is empty: whoever confirms gets the link, so that nobody alone both asks and hands over."""
    post, staff_id = _post(session, actor, new.grant)
    if not new.display_name.strip():
        raise Invalid(fields=[FieldError("display_name", "required", "Please fill this in.")])
    made = create_account(
        session, new.username, new.display_name.strip(), unusable_hash, now, actor_id=actor.account_id
    )
    if _give(session, actor, made.id, post, staff_id, new.grant.reason, now, kind="invite") == "waiting":
        return made.id, ""
    return made.id, invitations.make(session, actor, made.id, post.unit_code, now)


def refuse_name(session: Session, actor: Actor, username: str, now: datetime) -> None:
    """Notes that somebody asked for a sign-in name that is taken, and so learned that it is. The line names the account
    and not what was typed."""
    found = password_of(session, username)
    if found is not None:
        _record(session, "account.name_refused", actor, found.account_id, "", now)


def grant(session: Session, actor: Actor, account_id: str, new: NewGrant, now: datetime) -> str:
    """Gives a role: `granted`, or `waiting` for a second administrator."""
    found = accounts.known(session, actor, account_id)
    if found.own or found.tester:
        raise Forbidden()
    post, staff_id = _post(session, actor, new)
    _check_fit(found, post)
    return _give(session, actor, account_id, post, staff_id, new.reason, now)


def end_grant(session: Session, actor: Actor, account_id: str, grant_id: str, now: datetime) -> None:
    """Takes a role away at once; the last administrator of a unit keeps it."""
    found = accounts.known(session, actor, account_id)
    line = next((g for g in found.grants if g.id == grant_id), None)
    if line is None or not line.mine:
        raise NotFound()
    if found.own:
        raise Forbidden()
    _keep_one(session, [line])
    granting.end(session, actor.account_id, grant_id, line.unit_path, now)


def disable(session: Session, actor: Actor, account_id: str, now: datetime) -> None:
    """The account lets nobody in from the next request on."""
    found = accounts.managed(session, actor, account_id)
    _keep_one(session, found.grants)
    administration.disable(session, actor, account_id, now)


def enable(session: Session, actor: Actor, account_id: str, now: datetime) -> None:
    accounts.managed(session, actor, account_id)
    administration.enable(session, actor, account_id, now)


def end_sessions(session: Session, actor: Actor, account_id: str, now: datetime, session_id: str = "") -> None:
    accounts.managed(session, actor, account_id)
    administration.end_sessions_of(session, actor, account_id, now, session_id)


def revoke_token(session: Session, actor: Actor, account_id: str, token_id: str, now: datetime) -> None:
    accounts.managed(session, actor, account_id)
    administration.revoke_token_of(session, actor, account_id, token_id, now)


def reset_totp(session: Session, actor: Actor, account_id: str, reason: str, now: datetime) -> str:
    """The person registers a code generator anew: `done`, or `waiting` for a second administrator."""
    found = accounts.managed(session, actor, account_id)
    if _must_wait(session, actor, found, "totp", reason, now):
        return "waiting"
    administration.reset_totp(session, actor, account_id, now)
    return "done"


def new_link(session: Session, actor: Actor, account_id: str, reason: str, now: datetime) -> str:
    """A link by which the person chooses a new password; earlier ones are withdrawn. Its secret, or empty if it waits
    for a second administrator. Never for a tester: the programme office does that."""
    found = accounts.managed(session, actor, account_id)
    if found.tester or not found.active:
        raise Forbidden()
    if _must_wait(session, actor, found, "link", reason, now):
        return ""
    return invitations.make(session, actor, account_id, accounts.home(session, account_id), now)


def withdraw_link(session: Session, actor: Actor, account_id: str, invitation_id: str, now: datetime) -> None:
    accounts.managed(session, actor, account_id)
    invitations.withdraw(session, actor, account_id, invitation_id, now)


def confirm(session: Session, actor: Actor, proposal_id: str, now: datetime) -> tuple[str, str]:
    """The second administrator agrees and the change takes effect: (account, secret of a link if one was asked for).
    What would be refused if it were asked for now is refused here."""
    found = proposals.one_waiting(session, actor, proposal_id)
    if found.mine:
        raise Forbidden()
    _decide(session, actor, found, "confirmed", now)
    check = accounts.known if found.role_asked else accounts.managed
    person = check(session, actor, found.account_id)
    if found.role_asked:
        if person.tester:
            raise Forbidden()
        post = Post(found.role, found.unit_code, found.unit_path)
        _check_fit(person, post)
        _grant(session, actor, person.id, post, now)
    if found.kind == "totp":
        administration.reset_totp(session, actor, person.id, now)
    if found.kind not in ("invite", "link"):
        return person.id, ""
    if person.tester or not person.active:
        raise Forbidden()
    return person.id, invitations.make(session, actor, person.id, found.unit_code, now)


def refuse(session: Session, actor: Actor, proposal_id: str, now: datetime) -> str:
    """Says no to a change, or takes back one's own; the account it was about."""
    found = proposals.one_waiting(session, actor, proposal_id)
    if found.account_id == actor.account_id:
        raise Forbidden()
    _decide(session, actor, found, "refused", now)
    return found.account_id


def look(session: Session, actor: Actor, account_id: str, now: datetime) -> None:
    """Notes that an administrator looked at somebody's account: it holds personal data."""
    found = accounts.known(session, actor, account_id)
    if not found.own:
        _record(session, "account.viewed", actor, account_id, "", now)


def _post(session: Session, actor: Actor, new: NewGrant) -> tuple[Post, str]:
    """Where the role would hold, and the staff member whom it names; Invalid with what is wrong."""
    if new.role not in rules.GRANTABLE:
        raise Invalid(fields=[FieldError("role", "choice", "Please choose one of the list.")])
    kind = rules.NARROWED.get(new.role)
    if kind is None:
        unit = next((u for u in places.units(session, actor) if u.code == new.unit), None)
        if unit is None:
            raise Invalid(fields=[FieldError("unit", "choice", "Please choose one of the list.")])
        return Post(new.role, unit.code, unit.path), ""
    found = places.place(session, actor, kind, new.place) if new.place else None
    if found is None:
        raise Invalid(fields=[FieldError("place", "unknown", "There is nothing with this code in your area.")])
    if found.staff_account:
        raise Invalid(fields=[FieldError("place", "taken", "This staff member has an account already.")])
    code, path = places.lowest_unit(session, found.unit_path)
    return Post(new.role, code, path, found.touchpoint_id, found.team_id), found.staff_id


def _check_fit(found: Known, post: Post) -> None:
    """Whether the person may hold this role beside the others."""
    if rules.clash([g.role for g in found.grants], post.role):
        raise Invalid(fields=[FieldError("role", "clash", "One person must not hold these two roles.")])
    if any((g.role, g.unit_path, g.place) == (post.role, post.unit_path, "") for g in found.grants):
        raise Invalid(fields=[granting.HELD])


def _grant(session: Session, actor: Actor, account_id: str, post: Post, now: datetime) -> None:
    granting.grant(session, actor.account_id, account_id, post, now)
    if rules.guarded(post.role):
        invitations.close_all(session, actor, account_id, now)


def _give(
    session: Session, actor: Actor, account_id: str, post: Post, staff_id: str, reason: str, now: datetime,
    kind: str = "grant",
) -> str:  # fmt: skip
    asked = [(post.role, post.unit_path)] if rules.guarded(post.role) else []
    if asked and _waits(session, actor, account_id, kind, asked, reason, now):
        return "waiting"
    _grant(session, actor, account_id, post, now)
    if staff_id:
        granting.link_staff(session, staff_id, account_id)
    if post.role == "inspector":
        enrol_inspector(session, account_id, post.unit_code)
    return "granted"


def _must_wait(session: Session, actor: Actor, found: Known, kind: str, reason: str, now: datetime) -> bool:
    """Credentials are guarded by the roles that are held, and by one that only waits to be: else who asked for it could
    hold the key before anybody else looks."""
    asked = [line for line in proposals.waiting(session, actor, account_id=found.id) if line.role_asked]
    held = [(g.role, g.unit_path) for g in found.guarded] + [(line.role, line.unit_path) for line in asked]
    return bool(held) and _waits(session, actor, found.id, kind, held, reason, now)


def _waits(
    session: Session, actor: Actor, account_id: str, kind: str, held: Sequence[tuple[str, str]], reason: str,
    now: datetime,
) -> bool:  # fmt: skip
    """Puts a change that concerns these (role, unit path) before a second administrator of one of the units. False
    where there is none, and it takes effect with its reason; Conflict where it must not."""
    if len(reason.strip()) < rules.SHORTEST_REASON:
        raise Invalid(fields=[FieldError("reason", "required", "Say why: the reason stands on the trail.")])
    lines = sorted(held, key=lambda line: line[1])
    shared = [line for line in lines if proposals.another_administrator(session, actor, account_id, line[1], now)]
    alone = not shared
    if alone and rules.needs_two(kind, [role for role, _path in lines]):
        raise Conflict(NOBODY_ELSE, code="no-second-administrator")
    role, path = (shared or lines)[0]
    row = Proposal(
        id=new_id(), account_id=account_id, kind=kind, role=role, unit_code=_code(path), reason=reason.strip(),
        status="confirmed" if alone else "waiting", asked_by=actor.account_id, asked_at=now,
        decided_at=now if alone else None,
    )  # fmt: skip
    session.add(row)
    act = "proposal.alone" if alone else "proposal.made"
    record(
        session, act, actor_id=actor.account_id, subject_kind="account", subject_id=account_id, now=now,
        unit_path=path, detail={"proposal": row.id, "kind": kind, "role": role},
    )  # fmt: skip
    return not alone


def _decide(session: Session, actor: Actor, found: Waiting, status: str, now: datetime) -> None:
    move(session, Proposal, found.id, rules.PROPOSAL, status, decided_by=actor.account_id, decided_at=now)
    record(
        session, f"proposal.{status}", actor_id=actor.account_id, subject_kind="account", subject_id=found.account_id,
        now=now, unit_path=found.unit_path, detail={"proposal": found.id, "kind": found.kind, "role": found.role},
    )  # fmt: skip


def _keep_one(session: Session, lines: Sequence[GrantLine]) -> None:
    """Refuses to take the last administrator from a unit: afterwards nobody could give the role back."""
    mine = [line for line in lines if line.role in proposals.ADMIN_ROLES]
    if not mine:
        return
    gone = {line.id for line in lines}
    left = [path for _account, grant_id, path in proposals.lock_administrators(session) if grant_id not in gone]
    for line in mine:
        if not any(line.unit_path.startswith(path) for path in left):
            raise Conflict(LAST, code="last-administrator")


def _code(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]


def _record(session: Session, act: str, actor: Actor, account_id: str, path: str, now: datetime) -> None:
    record(
        session, act, actor_id=actor.account_id, subject_kind="account", subject_id=account_id, now=now,
        unit_path=path or None,
    )  # fmt: skip

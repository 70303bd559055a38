"""The administrator's pages: accounts, one account with its roles and sign-ins, what waits for somebody else."""

from collections.abc import Callable
from typing import Any

from litestar import Request, Response, get, post

from audit_app.access import passwords
from audit_app.access.answers import too_many
from audit_app.access.operations import give_turn_back, take_turn
from audit_app.access.rules import TAKEN_NAMES_PER_ACCOUNT, Actor
from audit_app.accounts import forms, operations, rules
from audit_app.accounts.invitation_pages import handlers as invitation_handlers
from audit_app.accounts.queries import account as accounts
from audit_app.accounts.queries import people, places, proposals
from audit_app.accounts.rules import NewAccount
from audit_app.accounts.screens import LinkScreen, NewScreen
from audit_app.kit import clock
from audit_app.kit.db import Database
from audit_app.kit.errors import Conflict, FieldError, Invalid, Refusal, TooMany
from audit_app.kit.forms import Fields
from audit_app.kit.web import page, query_text, requires, see_other
from audit_app.settings import Settings

AnyRequest = Request[Any, Any, Any]
MANAGE = requires(rules.MANAGE)

SAVED = {
    "granted": "The role is granted. The person signs in again.",
    "waiting": "This takes effect when a second administrator confirms it.",
    "ended": "The role has ended, and with it all sign-ins of the account.",
    "disabled": "The account is disabled.",
    "enabled": "The account is enabled.",
    "sessions": "The sign-ins have ended.",
    "token": "The token is revoked.",
    "done": "The second factor is reset: at the next sign-in a new code generator is registered.",
    "withdrawn": "The link no longer works.",
    "confirmed": "Confirmed. The change has taken effect.",
    "refused": "The change was turned down.",
}


@get("/accounts", **MANAGE)
async def list_accounts(request: AnyRequest, db: Database, actor: Actor) -> Response[str]:
    """Accounts by name, role, unit and state; testers by their code."""
    screen = await db.read(people.people, actor, forms.filters_of(request), clock.now())
    return page(request, "accounts/accounts.html", screen)


@get("/accounts/new", **MANAGE)
async def show_new(request: AnyRequest, db: Database, actor: Actor) -> Response[str]:
    """The form of a new account with its first role."""
    return page(request, "accounts/new.html", NewScreen(await db.read(places.units, actor)))


async def _invited(db: Database, actor: Actor, new: NewAccount) -> tuple[str, str]:
    """Makes the account. Who asks for taken names, to learn who has an account here, is noted and soon stopped."""
    wait = await db.write(take_turn, TAKEN_NAMES_PER_ACCOUNT, actor.account_id, clock.now())
    if wait:
        raise TooMany(fields=too_many("username", wait))
    unusable = await passwords.unusable()
    try:
        made = await db.write(operations.invite, actor, new, unusable, clock.now())
    except Refusal as refusal:
        if any(fault.code == "taken" and fault.path == "username" for fault in refusal.fields):
            await db.write(operations.refuse_name, actor, new.username, clock.now())
        else:
            await db.write(give_turn_back, TAKEN_NAMES_PER_ACCOUNT, actor.account_id)
        raise
    await db.write(give_turn_back, TAKEN_NAMES_PER_ACCOUNT, actor.account_id)
    return made


@post("/accounts", status_code=201, **MANAGE)
async def invite(request: AnyRequest, db: Database, settings: Settings, actor: Actor) -> Response[Any]:
    """Makes the account and shows the link of its owner, once; where the role waits, to whoever confirms it."""
    fields, new = await forms.new_account(request)
    try:
        fields.check()
        account_id, secret = await _invited(db, actor, new)
    except (Invalid, Conflict, TooMany) as refusal:
        screen = NewScreen(await db.read(places.units, actor), fields.values, _faults(refusal))
        return page(request, "accounts/new.html", screen, refusal.status)
    if not secret:
        return _back(account_id, "waiting")
    return await _link(request, db, settings, actor, account_id, secret)


async def _link(
    request: AnyRequest, db: Database, settings: Settings, actor: Actor, account_id: str, secret: str
) -> Response[str]:
    found = await db.read(accounts.known, actor, account_id)
    address = f"{settings.public_origin}/invitation/{secret}"
    screen = LinkScreen(account_id, found.name, found.username, address, clock.now() + rules.LINK_LONGEST)
    return page(request, "accounts/link.html", screen, 201)


async def _page(
    request: AnyRequest, db: Database, actor: Actor, account_id: str, status: int = 200, **more: Any
) -> Response[str]:
    screen = await db.read(accounts.account, actor, account_id, clock.now(), **more)
    return page(request, "accounts/account.html", screen, status)


async def _refused(
    request: AnyRequest, db: Database, actor: Actor, account_id: str, refusal: Refusal, fields: Fields | None = None
) -> Response[str]:
    """The page again, with what was wrong at its place."""
    typed = fields.values if fields else {}
    return await _page(request, db, actor, account_id, refusal.status, errors=_faults(refusal), typed=typed)


def _faults(refusal: Refusal) -> tuple[FieldError, ...]:
    return tuple(refusal.fields) or (FieldError("", refusal.code, refusal.message),)


@get("/accounts/{account_id:str}", **MANAGE)
async def show_account(request: AnyRequest, db: Database, actor: Actor, account_id: str) -> Response[str]:
    """Roles, sign-ins and tokens of one account. Looking is a line on the trail."""
    await db.write(operations.look, actor, account_id, clock.now())
    return await _page(request, db, actor, account_id, saved=SAVED.get(query_text(request, "saved"), ""))


@post("/accounts/{account_id:str}/grants", status_code=303, **MANAGE)
async def grant(request: AnyRequest, db: Database, actor: Actor, account_id: str) -> Response[Any]:
    fields, new = await forms.new_grant(request)
    await db.read(accounts.known, actor, account_id)
    try:
        fields.check()
        outcome = await db.write(operations.grant, actor, account_id, new, clock.now())
    except (Invalid, Conflict) as refusal:
        return await _refused(request, db, actor, account_id, refusal, fields)
    return _back(account_id, outcome)


async def _done(
    request: AnyRequest,
    db: Database,
    actor: Actor,
    account_id: str,
    saved: str,
    verb: Callable[..., object],
    *rest: str,
) -> Response[Any]:
    """Does it and says so, or says on the page why it cannot be."""
    try:
        await db.write(verb, actor, account_id, *rest, clock.now())
    except Conflict as refusal:
        return await _refused(request, db, actor, account_id, refusal)
    return _back(account_id, saved)


@post("/accounts/{account_id:str}/grants/{grant_id:str}/end", status_code=303, **MANAGE)
async def end_grant(request: AnyRequest, db: Database, actor: Actor, account_id: str, grant_id: str) -> Response[Any]:
    return await _done(request, db, actor, account_id, "ended", operations.end_grant, grant_id)


@post("/accounts/{account_id:str}/suspension", status_code=303, **MANAGE)
async def disable(request: AnyRequest, db: Database, actor: Actor, account_id: str) -> Response[Any]:
    return await _done(request, db, actor, account_id, "disabled", operations.disable)


@post("/accounts/{account_id:str}/reinstatement", status_code=303, **MANAGE)
async def enable(request: AnyRequest, db: Database, actor: Actor, account_id: str) -> Response[Any]:
    return await _done(request, db, actor, account_id, "enabled", operations.enable)


@post("/accounts/{account_id:str}/sessions/revocation", status_code=303, **MANAGE)
async def end_sessions(db: Database, actor: Actor, account_id: str) -> Response[None]:
    await db.write(operations.end_sessions, actor, account_id, clock.now())
    return _back(account_id, "sessions")


@post("/accounts/{account_id:str}/sessions/{session_id:str}/revocation", status_code=303, **MANAGE)
async def end_session(db: Database, actor: Actor, account_id: str, session_id: str) -> Response[None]:
    await db.write(operations.end_sessions, actor, account_id, clock.now(), session_id)
    return _back(account_id, "sessions")


@post("/accounts/{account_id:str}/tokens/{token_id:str}/revocation", status_code=303, **MANAGE)
async def revoke_token(db: Database, actor: Actor, account_id: str, token_id: str) -> Response[None]:
    await db.write(operations.revoke_token, actor, account_id, token_id, clock.now())
    return _back(account_id, "token")


@post("/accounts/{account_id:str}/totp/reset", status_code=303, **MANAGE)
async def reset_totp(request: AnyRequest, db: Database, actor: Actor, account_id: str) -> Response[Any]:
    fields, reason = await forms.reason(request)
    await db.read(accounts.managed, actor, account_id)
    try:
        fields.check()
        outcome = await db.write(operations.reset_totp, actor, account_id, reason, clock.now())
    except (Invalid, Conflict) as refusal:
        return await _refused(request, db, actor, account_id, refusal, fields)
    return _back(account_id, outcome)


@post("/accounts/{account_id:str}/invitations", status_code=201, **MANAGE)
async def new_link(
    request: AnyRequest, db: Database, settings: Settings, actor: Actor, account_id: str
) -> Response[Any]:
    """A fresh link, shown once; the one before stops working."""
    fields, reason = await forms.reason(request)
    await db.read(accounts.managed, actor, account_id)
    try:
        fields.check()
        secret = await db.write(operations.new_link, actor, account_id, reason, clock.now())
    except (Invalid, Conflict) as refusal:
        return await _refused(request, db, actor, account_id, refusal, fields)
    if not secret:
        return _back(account_id, "waiting")
    return await _link(request, db, settings, actor, account_id, secret)


@post("/accounts/{account_id:str}/invitations/{invitation_id:str}/withdrawal", status_code=303, **MANAGE)
async def withdraw_link(db: Database, actor: Actor, account_id: str, invitation_id: str) -> Response[None]:
    await db.write(operations.withdraw_link, actor, account_id, invitation_id, clock.now())
    return _back(account_id, "withdrawn")


@post("/account-proposals/{proposal_id:str}/confirmation", status_code=303, **MANAGE)
async def confirm(
    request: AnyRequest, db: Database, settings: Settings, actor: Actor, proposal_id: str
) -> Response[Any]:
    """The second administrator agrees. Where a link was asked for it is shown to this one, once."""
    found = await db.read(proposals.one_waiting, actor, proposal_id)
    try:
        account_id, secret = await db.write(operations.confirm, actor, proposal_id, clock.now())
    except (Invalid, Conflict) as refusal:
        return await _refused(request, db, actor, found.account_id, refusal)
    if secret:
        return await _link(request, db, settings, actor, account_id, secret)
    return _back(account_id, "confirmed")


@post("/account-proposals/{proposal_id:str}/refusal", status_code=303, **MANAGE)
async def refuse(db: Database, actor: Actor, proposal_id: str) -> Response[None]:
    account_id = await db.write(operations.refuse, actor, proposal_id, clock.now())
    return _back(account_id, "refused")


def _back(account_id: str, saved: str) -> Response[None]:
    return see_other(f"/accounts/{account_id}?saved={saved}")


handlers = [
    list_accounts, show_new, invite, show_account, grant, end_grant, disable, enable, end_sessions, end_session,
    revoke_token, reset_totp, new_link, withdraw_link, confirm, refuse, *invitation_handlers,
]  # fmt: skip

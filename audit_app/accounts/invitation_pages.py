"""The link of an invitation: its owner, not signed in, chooses a password."""

from typing import Any

from litestar import Request, Response, get, post

from audit_app.access import passwords
from audit_app.access.answers import address_of, begin, device_of, grants_by, home_of, too_many
from audit_app.access.cookies import hashed
from audit_app.access.operations import take_turn
from audit_app.access.rules import INVITATION_PER_ADDRESS, network_of
from audit_app.accounts import invitations
from audit_app.accounts.queries import account as accounts
from audit_app.accounts.screens import InvitationScreen
from audit_app.kit import clock
from audit_app.kit.db import Database
from audit_app.kit.errors import FieldError, NotFound
from audit_app.kit.web import page, public
from audit_app.settings import Settings

AnyRequest = Request[Any, Any, Any]
CODE = "/session/totp"


async def _gone(request: AnyRequest) -> Response[str]:
    """One answer for used, withdrawn, expired and invented links."""
    return page(request, "accounts/invitation_gone.html", None, 404)


@get("/invitation/{token:str}", **public())
async def show_invitation(request: AnyRequest, db: Database, token: str) -> Response[str]:
    """Who is invited, and the form for a password."""
    found = await db.read(accounts.invited_by, hashed(token), clock.now())
    if found is None:
        return await _gone(request)
    return page(request, "accounts/invitation.html", InvitationScreen(token, found.username, found.name))


@post("/invitation/{token:str}", status_code=303, **public())
async def accept_invitation(request: AnyRequest, db: Database, settings: Settings, token: str) -> Response[Any]:
    """Sets the password, uses the link up and signs in; a role that demands it goes on to the code generator."""
    form, now = await request.form(), clock.now()
    wait = await db.write(take_turn, INVITATION_PER_ADDRESS, hashed(network_of(address_of(request)))[:32], now)
    found = await db.read(accounts.invited_by, hashed(token), now)
    if found is None:
        return await _gone(request)
    given = [form.get(name) for name in ("new_password", "new_password_again")]
    new, again = (value if isinstance(value, str) else "" for value in given)
    faults = list(too_many("new_password", wait)) if wait else passwords.faults(new, found.username, found.name)
    if new != again:
        faults.append(FieldError("new_password_again", "different", "This is not the same password."))
    if faults:
        screen = InvitationScreen(token, found.username, found.name, tuple(faults))
        return page(request, "accounts/invitation.html", screen, 429 if wait else 422)
    new_hash = await passwords.hash_(new)
    try:
        opened = await db.write(
            invitations.accept, token, new_hash, grants_by(request), device_of(request), now, demo=settings.demo
        )
    except NotFound:  # used in another tab meanwhile
        return await _gone(request)
    return begin(settings, opened, CODE if opened.kind == "pending" else home_of(opened.kind, "/"))


handlers = [show_invitation, accept_invitation]

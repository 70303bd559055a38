"""The own account: who I am here, where I am signed in, my password, my tokens."""

from typing import Any

from litestar import Response, get, post

from audit_app.access import forms, operations, passwords, queries, rules
from audit_app.access.answers import AnyRequest, query, too_many
from audit_app.access.rules import Actor
from audit_app.access.screens import AccountScreen, RoleLine, SessionLine, SignInLine, TokenLine
from audit_app.kit import clock
from audit_app.kit.db import Database, Session
from audit_app.kit.errors import FieldError, Forbidden, Invalid
from audit_app.kit.web import page, see_other, signed_in
from audit_app.trail import queries as trail

SAVED = {
    "password": "Your password is changed. All other sign-ins have ended.",
    "session": "That sign-in has ended.",
    "token": "The token is revoked.",
    "generator": "The code generator is set up. Make recovery codes now, in case the phone is lost.",
}


def _screen(session: Session, /, actor: Actor, **more: Any) -> AccountScreen:
    now = clock.now()
    known = queries.totp_of(session, actor.account_id)
    return AccountScreen(
        actor.username,
        actor.display_name,
        tuple(
            RoleLine(rules.ROLE_NAMES.get(g.role, g.role), g.unit_name, bool(g.touchpoint_id or g.team_id))
            for g in actor.grants
        ),
        tuple(
            SessionLine(s.id, s.kind, s.created_at, s.seen_at, s.id == actor.session_id)
            for s in queries.open_sessions(session, actor.account_id, now - rules.DESK_IDLE, now)
        ),
        tuple(
            TokenLine(t.id, t.name, t.expires_at, t.used_at)
            for t in queries.open_tokens(session, actor.account_id, now)
        ),
        bool(known and known.seed),
        queries.codes_left(session, actor.account_id),
        tuple(SignInLine(at, act.partition(".")[2]) for at, act in trail.sign_ins(session, actor.account_id)),
        actor.via == "desk",
        **more,
    )


async def account_page(
    request: AnyRequest, db: Database, actor: Actor, status: int = 200, **more: Any
) -> Response[str]:
    """The own account; `more` is what was just done or refused."""
    screen = await db.read(_screen, actor, **more)
    return page(request, "access/account.html", screen, status)


def _person(actor: Actor) -> Actor:
    """Only somebody in front of a screen looks after an account, never a token."""
    if actor.via == "token":
        raise Forbidden()
    return actor


@get("/account", **signed_in())
async def show_account(request: AnyRequest, db: Database, actor: Actor) -> Response[str]:
    return await account_page(request, db, _person(actor), saved=SAVED.get(query(request, "saved"), ""))


@post("/account/password", status_code=303, **signed_in())
async def change_password(request: AnyRequest, db: Database, actor: Actor) -> Response[Any]:
    """Takes the present password once more; every other sign-in of the account ends."""
    typed, now = forms.password_change(await request.form()), clock.now()
    wait, stored = await db.write(operations.start_password_change, _person(actor), now)
    if wait:
        response = await account_page(request, db, actor, 429, errors=too_many("current_password", wait))
        response.headers["retry-after"] = str(wait)
        return response
    faults = passwords.faults(typed.new, actor.username, actor.display_name)
    if typed.new != typed.again:
        faults.append(FieldError("new_password_again", "different", "This is not the same password."))
    usable = stored is not None and not passwords.too_long(typed.current)
    if stored is None or not usable or not await passwords.verify(stored.password_hash, typed.current):
        faults.insert(0, FieldError("current_password", "wrong", "This is not your present password."))
    if faults or stored is None:
        return await account_page(request, db, actor, 422, errors=tuple(faults))
    new_hash = await passwords.hash_(typed.new)
    await db.write(operations.change_password, actor, stored.password_hash, new_hash, now)
    return see_other("/account?saved=password")


@post("/account/sessions/{session_id:str}/revocation", status_code=303, **signed_in())
async def revoke_session(db: Database, actor: Actor, session_id: str) -> Response[None]:
    await db.write(operations.revoke, _person(actor), session_id, clock.now())
    return see_other("/account?saved=session")


@post("/account/tokens", status_code=201, **signed_in())
async def make_token(request: AnyRequest, db: Database, actor: Actor) -> Response[str]:
    """The token's secret stands on this one answer and nowhere else."""
    name = forms.text(await request.form(), "name", 400)
    try:
        new = await db.write(operations.make_token, _person(actor), name, clock.now())
    except Invalid as refusal:
        return await account_page(request, db, actor, 422, errors=tuple(refusal.fields), token_name=name[:80])
    return await account_page(request, db, actor, 201, new_secret=new.secret)


@post("/account/tokens/{token_id:str}/revocation", status_code=303, **signed_in())
async def revoke_token(db: Database, actor: Actor, token_id: str) -> Response[None]:
    await db.write(operations.revoke_token, _person(actor), token_id, clock.now())
    return see_other("/account?saved=token")


handlers = [show_account, change_password, revoke_session, make_token, revoke_token]

"""The second factor in one's own hands: a code generator, recovery codes, and signing in with one of them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get, post

from audit_app.access import forms, operations, passwords, queries, recovery, totp
from audit_app.access.account_pages import account_page
from audit_app.access.answers import AnyRequest, begin, device_of, home_of, pending_of, query, too_many
from audit_app.access.keys import Keys
from audit_app.access.rules import Actor
from audit_app.access.screens import CodesScreen, FactorScreen, TotpScreen
from audit_app.access.step_up import asks_for_code, prove
from audit_app.kit import clock
from audit_app.kit.db import Database
from audit_app.kit.errors import Conflict, FieldError, Forbidden, Invalid
from audit_app.kit.i18n import gettext as _
from audit_app.kit.web import page, public, safe_next, see_other, signed_in
from audit_app.settings import Settings

NOT_THIS_CODE = FieldError("code", "wrong", "This code is not right. Type the six digits that the new generator shows.")
NOT_PRESENT = FieldError("present", "wrong", "This is neither your present code nor an unused recovery code.")
NOT_PASSWORD = FieldError("present", "wrong", "This is not your present password.")
NOT_RECOVERY = FieldError("code", "wrong", "This is not one of your unused recovery codes.")
SIGN_IN, CODE = "/sign-in", "/session/totp"


def _at_desk(actor: Actor) -> Actor:
    if actor.via != "desk":
        raise Forbidden()
    return actor


@get("/session/totp/recovery", **public())
async def show_recovery(request: AnyRequest) -> Response[Any]:
    """Asks for a recovery code in the place of the one-time code."""
    if pending_of(request) is None:
        return see_other(SIGN_IN)
    return page(request, "access/recovery.html", TotpScreen(safe_next(query(request, "next"), "")))


@post("/session/totp/recovery", status_code=303, **public())
async def use_recovery(request: AnyRequest, db: Database, settings: Settings) -> Response[Any]:
    """A recovery code opens the session and is used up. Tries are counted together with those of one-time codes."""
    pending, form = pending_of(request), await request.form()
    wanted, now = safe_next(forms.text(form, "next"), ""), clock.now()
    if pending is None:
        return see_other(SIGN_IN)
    wait, _known = await db.write(operations.start_totp, pending.account_id, now)
    if wait:
        screen = TotpScreen(wanted, too_many("code", wait))
        return page(request, "access/recovery.html", screen, 429, **{"retry-after": str(wait)})
    typed, device = forms.text(form, "code", 40), device_of(request)
    try:
        new = await db.write(recovery.sign_in, pending.account_id, pending.session_id, typed, device, now)
    except Conflict:  # no generator yet, or signed out in another tab
        return see_other(f"{CODE}?{urlencode({'next': wanted})}")
    if new is None:
        return page(request, "access/recovery.html", TotpScreen(wanted, (NOT_RECOVERY,)), 422)
    return begin(settings, new, home_of(new.kind, wanted))


def _screen(actor: Actor, seed: str, sealed: str, enrolled: bool, *faults: FieldError) -> FactorScreen:
    picture = totp.picture(totp.address(seed, actor.username, _("Mingcha")))
    return FactorScreen(picture, totp.groups(seed), sealed, enrolled, faults)


@get("/account/totp", **signed_in())
async def show_generator(request: AnyRequest, db: Database, keys: Keys, actor: Actor) -> Response[str]:
    """A new secret as a picture; stored only when its first code proves that it arrived."""
    known = await db.read(queries.totp_of, _at_desk(actor).account_id)
    seed = totp.new_seed()
    sealed = totp.sealed(keys, seed, actor.account_id)
    return page(request, "access/generator.html", _screen(actor, seed, sealed, bool(known and known.seed)))


@post("/account/totp", status_code=303, **signed_in())
async def set_generator(request: AnyRequest, db: Database, keys: Keys, actor: Actor) -> Response[Any]:
    """Registers the generator after the present one (or a recovery code, or for the first the password) agreed."""
    form, now = await request.form(), clock.now()
    wait, known = await db.write(operations.start_totp, _at_desk(actor).account_id, now)
    sealed = forms.text(form, "sealed")
    seed = totp.opened(keys, sealed, actor.account_id)
    if known is None or seed is None:
        return see_other("/account/totp")
    if wait:
        screen = _screen(actor, seed, sealed, bool(known.seed), *too_many("code", wait))
        return page(request, "access/generator.html", screen, 429, **{"retry-after": str(wait)})
    faults = []
    step = totp.matching_step(seed, forms.text(form, "code", 20), now)
    if step is None:
        faults.append(NOT_THIS_CODE)
    elif not await _agreed(db, keys, actor, known.seed, form, now):
        faults.append(NOT_PRESENT if known.seed else NOT_PASSWORD)
    if faults or step is None:
        return page(request, "access/generator.html", _screen(actor, seed, sealed, bool(known.seed), *faults), 422)
    await db.write(operations.replace_totp, actor, sealed, step, now)
    return see_other("/account?saved=generator")


async def _agreed(
    db: Database, keys: Keys, actor: Actor, stored: str | None, form: Mapping[str, Any], now: datetime
) -> bool:
    """Whether it is the owner who asks, and not somebody at an unlocked screen."""
    raw = form.get("present")
    present = raw if isinstance(raw, str) else ""
    if stored is None:
        known = await db.read(queries.password_of_account, actor.account_id)
        usable = known is not None and not passwords.too_long(present)
        return bool(usable and known and await passwords.verify(known.password_hash, present))
    seed = totp.opened(keys, stored, actor.account_id)
    step = totp.matching_step(seed, present[:20], now) if seed else None
    if step is not None:
        return await db.write(operations.check_totp, actor.account_id, step)
    return await db.write(recovery.use_up, actor.account_id, present[:40], now)


@post("/account/recovery-codes", status_code=201, **signed_in())
async def make_recovery_codes(request: AnyRequest, db: Database, keys: Keys, actor: Actor) -> Response[str]:
    """Ten codes to be printed or written down, on this one answer and nowhere else. A fresh code of the generator comes
    first: an unlocked screen would else be worth a generator of one's own."""
    now = clock.now()
    if not await db.read(asks_for_code, _at_desk(actor)):
        raise Forbidden()
    try:
        await prove(db, keys, actor, forms.text(await request.form(), "proof", 20), now)
    except Invalid as refusal:
        return await account_page(request, db, actor, 422, errors=tuple(refusal.fields))
    codes = await db.write(recovery.make_codes, actor, now)
    screen = CodesScreen(actor.username, actor.display_name, now, tuple(codes))
    return page(request, "access/codes.html", screen, 201)


handlers = [show_recovery, use_recovery, show_generator, set_generator, make_recovery_codes]

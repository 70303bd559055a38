"""Signing in and out, the one-time code, and the choice of language and appearance."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get, post

from audit_app.access import account_pages, cookies, factor_pages, forms, operations, passwords, queries, totp
from audit_app.access.answers import (
    AnyRequest,
    address_of,
    begin,
    device_of,
    end,
    grants_by,
    home_of,
    identity_of,
    pending_of,
    query,
    too_many,
)
from audit_app.access.demo import DEMO_ACCOUNTS, PASSWORD
from audit_app.access.keys import Keys
from audit_app.access.screens import DemoAccount, EnrolmentScreen, SignInScreen, TotpScreen
from audit_app.kit import clock
from audit_app.kit.db import Database
from audit_app.kit.errors import Conflict, FieldError
from audit_app.kit.i18n import gettext as _
from audit_app.kit.web import page, public, safe_next, see_other
from audit_app.settings import Settings

WRONG = (FieldError("password", "wrong", "The sign-in name or the password is not right."),)
WRONG_CODE = (FieldError("code", "wrong", "This code is not right, or it was used already. Wait for the next one."),)


def _on(path: str, wanted: str) -> str:
    return f"{path}?{urlencode({'next': wanted})}" if wanted else path


async def _sign_in_page(
    request: AnyRequest,
    db: Database,
    settings: Settings,
    typed: forms.SignIn,
    errors: Sequence[FieldError] = (),
    status: int = 200,
    **headers: str,
) -> Response[str]:
    accounts: tuple[DemoAccount, ...] = ()
    if settings.demo:
        names = await db.read(queries.display_names, [name for name, _role in DEMO_ACCOUNTS])
        accounts = tuple(DemoAccount(name, names[name], role) for name, role in DEMO_ACCOUNTS if name in names)
    screen = SignInScreen(typed.username, typed.next, errors, accounts, PASSWORD if accounts else "")
    return page(request, "access/sign_in.html", screen, status, **headers)


@get("/sign-in", **public())
async def show_sign_in(request: AnyRequest, db: Database, settings: Settings) -> Response[Any]:
    """The sign-in page; on to where one wanted to go if one is signed in already."""
    identity, wanted = identity_of(request), safe_next(query(request, "next"), "")
    if identity is not None and identity.actor is not None:
        return see_other(home_of(identity.kind, wanted))
    if identity is not None:
        return see_other(_on("/session/totp", wanted))
    return await _sign_in_page(request, db, settings, forms.SignIn("", "", wanted))


@post("/session", status_code=303, **public())
async def sign_in(request: AnyRequest, db: Database, settings: Settings) -> Response[Any]:
    """Checks name and password. Whether the name is known shows neither in the answer nor in the work done."""
    typed, now = forms.sign_in(await request.form()), clock.now()
    device = device_of(request)
    attempt = await db.write(operations.start_attempt, typed.username, address_of(request), device, now)
    if attempt.wait:
        faults, retry = too_many("password", attempt.wait), {"retry-after": str(attempt.wait)}
        return await _sign_in_page(request, db, settings, typed, faults, 429, **retry)
    right = not passwords.too_long(typed.password) and await passwords.verify(attempt.stored, typed.password)
    if not right:
        await db.write(operations.refuse_attempt, attempt, now)
        return await _sign_in_page(request, db, settings, typed, WRONG, 422)
    before = identity_of(request)
    new = await db.write(
        operations.sign_in, attempt, grants_by(request), device, now,
        demo=settings.demo, old=before.session_id if before else "",
    )  # fmt: skip
    if new.kind == "pending":
        return begin(settings, new, _on("/session/totp", safe_next(typed.next, "")))
    return begin(settings, new, home_of(new.kind, typed.next))


@post("/session/end", status_code=303, **public())
async def sign_out(request: AnyRequest, db: Database, settings: Settings) -> Response[Any]:
    """Ends this browser's session, complete or half-open. What is unsent on a phone stays there."""
    identity = identity_of(request)
    if identity is not None and identity.kind != "token":
        await db.write(operations.sign_out, identity.account_id, identity.session_id, clock.now())
    return end(settings, "/sign-in")


@get("/session/totp", **public())
async def show_totp(request: AnyRequest, db: Database) -> Response[Any]:
    """Asks for the one-time code; whoever has no generator yet enrols one first."""
    pending, wanted = pending_of(request), safe_next(query(request, "next"), "")
    if pending is None:
        return see_other(_on("/sign-in", wanted))
    known = await db.read(queries.totp_of, pending.account_id)
    if known is None or known.enrolled_at is None:
        return see_other(_on("/session/totp/enrolment", wanted))
    return page(request, "access/totp.html", TotpScreen(wanted))


@post("/session/totp", status_code=303, **public())
async def check_totp(request: AnyRequest, db: Database, settings: Settings, keys: Keys) -> Response[Any]:
    """A right code opens the session, under a new secret."""
    pending, form = pending_of(request), await request.form()
    wanted, now = safe_next(forms.text(form, "next"), ""), clock.now()
    if pending is None:
        return see_other(_on("/sign-in", wanted))
    wait, known = await db.write(operations.start_totp, pending.account_id, now)
    if wait:
        screen = TotpScreen(wanted, too_many("code", wait))
        return page(request, "access/totp.html", screen, 429, **{"retry-after": str(wait)})
    seed = totp.opened(keys, known.seed, pending.account_id) if known and known.enrolled_at and known.seed else None
    step = totp.matching_step(seed, forms.text(form, "code", 20), now) if seed else None
    new = None
    if step is not None:
        new = await db.write(
            operations.pass_totp, pending.account_id, pending.session_id, step, device_of(request), now
        )
    if new is None:
        return page(request, "access/totp.html", TotpScreen(wanted, WRONG_CODE), 422)
    return begin(settings, new, home_of(new.kind, wanted))


def _enrolment(
    username: str, seed: str, sealed: str, wanted: str, faults: Sequence[FieldError] = ()
) -> EnrolmentScreen:
    picture = totp.picture(totp.address(seed, username, _("Mingcha")))
    return EnrolmentScreen(picture, totp.groups(seed), sealed, wanted, faults)


@get("/session/totp/enrolment", **public())
async def show_enrolment(request: AnyRequest, db: Database, keys: Keys) -> Response[Any]:
    """A new secret as a picture and as text. It is stored only when the first code proves that it arrived."""
    pending, wanted = pending_of(request), safe_next(query(request, "next"), "")
    if pending is None:
        return see_other(_on("/sign-in", wanted))
    known = await db.read(queries.totp_of, pending.account_id)
    if known is None or known.enrolled_at is not None:
        return see_other(_on("/session/totp", wanted))
    seed = totp.new_seed()
    screen = _enrolment(known.username, seed, totp.sealed(keys, seed, pending.account_id), wanted)
    return page(request, "access/enrolment.html", screen)


@post("/session/totp/enrolment", status_code=303, **public())
async def enrol(request: AnyRequest, db: Database, settings: Settings, keys: Keys) -> Response[Any]:
    pending, form = pending_of(request), await request.form()
    wanted, now = safe_next(forms.text(form, "next"), ""), clock.now()
    if pending is None:
        return see_other(_on("/sign-in", wanted))
    wait, known = await db.write(operations.start_totp, pending.account_id, now)
    sealed = forms.text(form, "sealed")
    seed = totp.opened(keys, sealed, pending.account_id)
    if known is None or known.enrolled_at is not None or seed is None:
        return see_other(_on("/session/totp", wanted))
    faults = too_many("code", wait) if wait else WRONG_CODE
    step = totp.matching_step(seed, forms.text(form, "code", 20), now)
    if wait or step is None:
        screen = _enrolment(known.username, seed, sealed, wanted, faults)
        return page(request, "access/enrolment.html", screen, 429 if wait else 422)
    try:
        new = await db.write(
            operations.enrol_totp, pending.account_id, pending.session_id, sealed, step, device_of(request), now
        )
    except Conflict:  # enrolled or signed out in another tab meanwhile
        return see_other(_on("/session/totp", wanted))
    return begin(settings, new, home_of(new.kind, wanted))


@post("/preferences", status_code=303, **public())
async def choose(request: AnyRequest, db: Database, settings: Settings) -> Response[Any]:
    """Language and appearance: kept in this browser and, for somebody signed in, with the account."""
    typed, identity = forms.preferences(await request.form()), identity_of(request)
    if identity is not None and identity.actor is not None:
        await db.write(operations.set_preferences, identity.account_id, locale=typed.locale, theme=typed.theme)
    response: Response[Any] = see_other(safe_next(typed.next, "/"))
    for base, value in ((cookies.LOCALE, typed.locale), (cookies.THEME, typed.theme)):
        if value:
            response.set_cookie(cookies.choice(settings, base, value))
    return response


handlers = [
    show_sign_in,
    sign_in,
    sign_out,
    show_totp,
    check_totp,
    show_enrolment,
    enrol,
    choose,
    *account_pages.handlers,
    *factor_pages.handlers,
]

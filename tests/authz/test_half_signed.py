"""Sessions that are not whole: half signed in, idle, past their end, revoked, without their device, or a phone's."""

import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest

from audit_app.access import cookies, csrf
from audit_app.access.models import LoginSession
from audit_app.access.rules import FIELD_LONGEST
from audit_app.kit import clock
from audit_app.kit.ids import new_id
from tests import world
from tests.authz.asking import Browser
from tests.authz.house import House
from tests.authz.table import EVERYBODY, FIELD, table
from tests.authz.test_matrix import asked

# Everybody's own: what a phone may do beside its field work. Nothing here shows anybody else's data.
FIELD_TOO = {
    ("GET", "/"), ("GET", "/account"), ("POST", "/account/password"), ("POST", "/account/sessions/{}/revocation"),
    ("POST", "/account/tokens/{}/revocation"), ("GET", "/api/v1/session"), ("POST", "/preferences"),
    ("GET", "/styleguide"), ("GET", "/inbox"), ("POST", "/inbox/reading"), ("POST", "/inbox/{}/reading"),
    ("POST", "/notices/{}/acknowledgement"), ("GET", "/checklists"), ("GET", "/checklists/{}"),
    ("GET", "/api/v1/checklists/{}"),
}  # fmt: skip
DESK_PEOPLE = (
    "hr", "admin", "auditor", "reviewer", "panel-city", "programme-office", "province-supervisor", "outlet-manager",
    "staff",
)  # fmt: skip


def few(cases: Iterable[str], *fast: str) -> list[Any]:
    """All cases, those that are not named in the full run only."""
    return [one if one in fast else pytest.param(one, marks=pytest.mark.full) for one in cases]


def session_of(
    house: House, username: str, kind: str, *, seen: timedelta = timedelta(0), left: timedelta = timedelta(hours=12),
    revoked: bool = False, totp: bool = True, device: bool = True,
) -> Browser:  # fmt: skip
    """A browser with the cookies of a session made as told: seen so long ago, so long before its end."""
    secret, name, key, now = secrets.token_urlsafe(32), secrets.token_urlsafe(16), new_id(), clock.now()
    row = LoginSession(
        id=key, token_hash=cookies.hashed(secret), account_id=world.account_id(username), kind=kind,
        device_id=cookies.hashed(name), created_at=now - seen, seen_at=now - seen, expires_at=now + left,
        revoked_at=now if revoked else None, totp_at=now if totp else None,
    )  # fmt: skip
    house.db.write_now(lambda session: session.add(row))
    browser = Browser(house.app, house.runner)
    jar = cookies.FIELD if kind == "field" else cookies.DESK
    browser.cookies.set(cookies.name_of(house.settings, jar), secret)
    if device:
        browser.cookies.set(cookies.name_of(house.settings, cookies.DEVICE), name)
    browser.headers["x-csrf-token"] = csrf.mint(house.keys, f"session:{key}")
    return browser


HALF = {
    "without the code": ("reviewer", {"kind": "pending", "totp": False}),
    "admin without the code": ("admin", {"kind": "pending", "totp": False}),
    "desk that never had the code": ("hr", {"kind": "desk", "totp": False}),
    "left idle": ("hr", {"kind": "desk", "seen": timedelta(minutes=31)}),
    "past its end": ("admin", {"kind": "desk", "left": timedelta(seconds=-1)}),
    "revoked": ("auditor", {"kind": "desk", "revoked": True}),
    "old phone": ("tester", {"kind": "field", "seen": FIELD_LONGEST, "left": timedelta(seconds=-1)}),
    "revoked phone": ("tester", {"kind": "field", "revoked": True}),
    "cookie on another phone": ("tester", {"kind": "field", "device": False}),
}


@pytest.mark.parametrize("case", few(HALF, "without the code", "past its end", "cookie on another phone"))
def test_opens_nothing(house: House, case: str) -> None:
    """Every route but the public ones: sent to sign in, or refused; also with a right token of that very session."""
    who, how = HALF[case]
    browser, wrong, count = session_of(house, who, **how), [], 0  # type: ignore[arg-type]
    for safe in (True, False):
        for method, path, rule, _ in asked(table(house), safe=safe):
            if rule.roles == EVERYBODY:
                continue
            answer = browser.request(method, path)
            count += 1
            there = answer.headers.get("location", "")
            sent_on = answer.status_code == 303 and there.startswith(("/sign-in", "/session/totp"))
            if not sent_on and answer.status_code not in (401, 403):
                wrong.append(f"{method} {path}: {answer.status_code} {there}")
    assert count > 150
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("who", few(DESK_PEOPLE, "hr", "admin", "reviewer"))
def test_a_phone_does_field_work_only(house: House, who: str) -> None:
    """Whatever else its owner may do at a desk."""
    browser, wrong = session_of(house, who, "field"), []
    for (method, template), rule in table(house).items():
        if rule.roles == EVERYBODY or (rule.roles == FIELD and who == "tester") or (method, template) in FIELD_TOO:
            continue
        for values in list(rule.things or {(): None})[:3]:
            answer = browser.request(method, template.format(*values))
            if answer.status_code != 403:
                wrong.append(f"{method} {template}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)

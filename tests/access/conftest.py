"""People who sign in by password, and a clock that the test moves."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlmodel import select

from audit_app.access import operations, passwords
from audit_app.access.models import Account
from audit_app.kit import clock
from audit_app.kit.db import Database, Session
from audit_app.organisation.models import RoleGrant
from tests import world

PASSWORD = "violet-harbour-quilt-7"
Browser = TestClient[Litestar]
ClientFor = Callable[[str], Browser]


class Clock:
    """Stands still until told to move."""

    def __init__(self) -> None:
        self.now = world.NOW

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch, frozen_clock: None) -> Clock:
    moved = Clock()
    monkeypatch.setattr(clock, "now", moved)
    return moved


@cache
def password_hash() -> str:
    return passwords.hash_now(PASSWORD)


def add_person(session: Session, username: str, role: str = "", *, demo: bool = False, unit: str = "36") -> str:
    """An account with the password of this module; not enrolled for codes."""
    account = operations.create_account(
        session, username, username.title(), password_hash(), world.NOW, locale="en", demo=demo
    )
    if role:
        session.add(RoleGrant(account_id=account.id, role=role, unit_code=unit, granted_at=world.NOW))
    return account.id


def account_of(session: Session, username: str) -> Account:
    return session.exec(select(Account).where(Account.username == username)).one()


def fresh_token(browser: Browser, path: str = "/sign-in") -> str:
    """The form token of a page, as a plain form would send it."""
    page = browser.get(path)
    return page.text.split('name="_csrf" value="')[1].split('"')[0]


def enter(browser: Browser, username: str, password: str = PASSWORD, **more: str) -> httpx.Response:
    """Fills in the sign-in form and sends it."""
    data = {"_csrf": fresh_token(browser), "username": username, "password": password, **more}
    return browser.post("/session", data=data)


@pytest.fixture
def person(db: Database) -> Callable[..., str]:
    return lambda *args, **kwargs: db.write_now(add_person, *args, **kwargs)

"""Administrators at work, and what the trail says of it."""

from collections.abc import Callable

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlmodel import col, select

from audit_app.kit.db import Database, Session
from audit_app.organisation.models import RoleGrant
from audit_app.trail.models import TrailLine
from tests import world

Browser = TestClient[Litestar]
ClientFor = Callable[[str], Browser]
REASON = "takes over from a colleague"


@pytest.fixture
def admin(client_for: ClientFor) -> Browser:
    return client_for("admin")


@pytest.fixture
def second(client_for: ClientFor) -> Browser:
    """The other administrator of the province."""
    return client_for("admin-second")


@pytest.fixture
def alone(db: Database, admin: Browser, alone_later: Callable[[], None]) -> Browser:
    """The only administrator of the province: there never was another."""
    alone_later()
    return admin


@pytest.fixture
def alone_later(db: Database) -> Callable[[], None]:
    return lambda: db.write_now(_never_was, "admin-second")


def _never_was(session: Session, username: str) -> None:
    for one in session.exec(select(RoleGrant).where(RoleGrant.account_id == world.account_id(username))):
        session.delete(one)


@pytest.fixture
def acts(db: Database) -> Callable[[str], list[tuple[str, str | None]]]:
    """(act, by whom) of all lines about somebody's account."""

    def read(session: Session, key: str) -> list[tuple[str, str | None]]:
        wanted = select(TrailLine.act, TrailLine.actor_id).where(TrailLine.subject_id == key)
        return [(row[0], row[1]) for row in session.exec(wanted.order_by(col(TrailLine.id)))]

    return lambda username: db.read_now(read, world.account_id(username))


@pytest.fixture
def roles(db: Database) -> Callable[[str], list[tuple[str, str, str]]]:
    """(grant, role, unit) that somebody holds now."""

    def read(session: Session, username: str) -> list[tuple[str, str, str]]:
        held = select(RoleGrant).where(
            RoleGrant.account_id == world.account_id(username), col(RoleGrant.revoked_at).is_(None)
        )
        return sorted((g.id, g.role, g.unit_code) for g in session.exec(held))

    return lambda username: db.read_now(read, username)


def path_of(username: str, more: str = "") -> str:
    return f"/accounts/{world.account_id(username)}{more}"


def form(role: str, unit: str = "", place: str = "", reason: str = "") -> dict[str, str]:
    return {"role": role, "unit": unit, "place": place, "reason": reason}

"""What shuts somebody out shuts out programs and phones of that person, too, and each token leaves its line."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import select

from audit_app.access import administration, operations
from audit_app.access.models import ApiToken, LoginSession
from audit_app.access.queries import password_of_account
from audit_app.access.rules import Actor, Grant
from audit_app.kit.db import Database, Session
from audit_app.organisation import granting
from audit_app.organisation.models import RoleGrant
from audit_app.trail.models import TrailLine
from tests import world

ME = world.account_id("hr")
BOSS = Actor(world.account_id("admin"), "admin", "Admin", (Grant("admin", "36", "36/"),))
LATER = world.NOW + timedelta(minutes=1)
Act = Callable[[Session, Actor], None]


def change(session: Session, me: Actor) -> None:
    known = password_of_account(session, ME)
    assert known is not None
    operations.change_password(session, me, known.password_hash, "new", LATER)


def end_every_role(session: Session, me: Actor) -> None:
    for grant in session.exec(select(RoleGrant).where(RoleGrant.account_id == ME)).all():
        granting.end(session, BOSS.account_id, grant.id, "36/", LATER)


ACTS: dict[str, Act] = {
    "password changed": change,
    "password set by a link": lambda session, me: administration.set_password(session, ME, "new", LATER),
    "disabled": lambda session, me: administration.disable(session, BOSS, ME, LATER),
    "code generator forgotten": lambda session, me: administration.reset_totp(session, BOSS, ME, LATER),
    "last role ended": end_every_role,
}


@pytest.mark.data
@pytest.mark.parametrize("name", ACTS)
def test_tokens_and_phones_end(db: Database, name: str) -> None:
    def prepare(session: Session) -> Actor:
        here = operations.open_session(session, ME, "desk", "", world.NOW, totp_at=world.NOW)
        operations.open_session(session, ME, "field", "", world.NOW)
        me = Actor(ME, "hr", "HR", (), via="desk", session_id=here.id)
        operations.make_token(session, me, "payroll", world.NOW)
        return me

    me = db.write_now(prepare)
    db.write_now(ACTS[name], me)
    tokens = db.read_now(lambda s: s.exec(select(ApiToken).where(ApiToken.account_id == ME)).all())
    assert [one.revoked_at for one in tokens] == [LATER]
    phones = select(LoginSession.revoked_at).where(LoginSession.account_id == ME, LoginSession.kind == "field")
    assert db.read_now(lambda s: s.exec(phones).all()) == [LATER]
    lines = select(TrailLine.act).where(TrailLine.subject_id == tokens[0].id).order_by(TrailLine.id)
    assert db.read_now(lambda s: s.exec(lines).all()) == ["token.made", "token.revoked"]


def test_another_role_less_keeps_the_token(db: Database) -> None:
    """Tokens are asked for their owner's roles at each request: only the last one takes them along."""

    def prepare(session: Session) -> str:
        extra = RoleGrant(account_id=ME, role="auditor", unit_code="36", granted_at=world.NOW)
        session.add(extra)
        operations.make_token(session, Actor(ME, "hr", "HR", (), via="desk"), "payroll", world.NOW)
        session.flush()
        return extra.id

    extra = db.write_now(prepare)
    db.write_now(granting.end, BOSS.account_id, extra, "36/", LATER)
    assert db.read_now(lambda s: s.exec(select(ApiToken.revoked_at)).all()) == [None]

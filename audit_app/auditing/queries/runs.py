"""Verifications that were asked for."""

from collections.abc import Sequence

from sqlmodel import col, select

from audit_app.access.rules import Actor
from audit_app.auditing.models import VerificationRun
from audit_app.kit.db import Session
from audit_app.kit.errors import NotFound

SHOWN = 5


def last(session: Session, actor: Actor) -> list[VerificationRun]:
    """The auditor's own last ones, newest first."""
    mine = select(VerificationRun).where(VerificationRun.account_id == actor.account_id)
    newest = (col(VerificationRun.created_at).desc(), col(VerificationRun.id))
    return _apart(session, session.exec(mine.order_by(*newest).limit(SHOWN)).all())


def run(session: Session, actor: Actor, run_id: str) -> VerificationRun:
    found = session.get(VerificationRun, run_id)
    if found is None or found.account_id != actor.account_id:
        raise NotFound()
    return _apart(session, [found])[0]


def status_of(session: Session, run_id: str) -> str | None:
    return session.exec(select(VerificationRun.status).where(VerificationRun.id == run_id)).first()


def _apart(session: Session, rows: Sequence[VerificationRun]) -> list[VerificationRun]:
    """Finished objects: a template must not reach into a session that has ended."""
    for row in rows:
        session.expunge(row)
    return list(rows)

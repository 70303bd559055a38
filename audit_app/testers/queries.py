"""Reading assessors."""

from sqlmodel import col, select

from audit_app.kit.db import Session
from audit_app.testers.models import Assessor


def assessor_of(session: Session, account_id: str) -> str | None:
    """The id of the assessor behind an account."""
    return session.exec(select(Assessor.id).where(col(Assessor.account_id) == account_id)).first()


def code_taken(session: Session, code: str) -> bool:
    return session.exec(select(Assessor.id).where(col(Assessor.code) == code)).first() is not None

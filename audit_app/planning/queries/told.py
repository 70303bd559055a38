"""Whom to tell what of jobs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col

from audit_app.kit.db import Session
from audit_app.kit.sql import columns
from audit_app.planning.models import Assignment
from audit_app.testers.models import Assessor


@dataclass(frozen=True)
class ToldJob:
    """A job that its assessor has been offered, as it stands now."""

    id: str
    account_id: str
    status: str
    respond_by: datetime


def told_jobs(session: Session, ids: Sequence[str]) -> list[ToldJob]:
    """Those of the jobs that were ever offered, with the account of their assessor."""
    statement = (
        columns(Assignment.id, Assessor.account_id, Assignment.status, Assignment.respond_by)
        .join(Assessor, col(Assessor.id) == Assignment.assessor_id)
        .where(col(Assignment.id).in_(list(ids)), col(Assignment.respond_by).is_not(None))
    )
    return [ToldJob(*row) for row in session.execute(statement)]

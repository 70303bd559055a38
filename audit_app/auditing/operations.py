"""What an auditor sets off: a verification and an export. Both are lines of the trail themselves."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from audit_app.access.limits import need_turn
from audit_app.access.rules import RUNS_PER_ACCOUNT, Actor
from audit_app.auditing import rules
from audit_app.auditing.models import VerificationRun
from audit_app.auditing.queries import lines
from audit_app.auditing.rules import Filters
from audit_app.kit.db import Session
from audit_app.kit.errors import FieldError, Invalid
from audit_app.kit.ids import random_id
from audit_app.kit.states import move
from audit_app.trail.operations import record
from audit_app.trail.verify import Report


def start_verification(session: Session, actor: Actor, now: datetime) -> str:
    """Asks the worker to read the whole chain; the run's id."""
    need_turn(session, RUNS_PER_ACCOUNT, actor.account_id, now)
    row = VerificationRun(id=random_id(), account_id=actor.account_id, status="waiting", faults=[], created_at=now)
    session.add(row)
    session.flush()
    _record(session, "verification.started", actor.account_id, row.id, now)
    return row.id


def go_on(session: Session, run_id: str, done: int, total: int) -> None:
    """How far the reading is. A run that has ended meanwhile is left alone."""
    still = sa.update(VerificationRun).where(
        col(VerificationRun.id) == run_id, col(VerificationRun.status).in_(("waiting", "running"))
    )
    session.execute(still.values(status="running", done=done, total=max(done, total)))


def finish(session: Session, run_id: str, report: Report, now: datetime) -> None:
    """The outcome: `whole`, or `broken` with where. Once only, however often the job is taken up again."""
    status = "whole" if report.ok else "broken"
    faults = [{"code": fault.code, "seq": fault.seq} for fault in report.faults]
    move(
        session, VerificationRun, run_id, rules.VERIFICATION, status, faults=faults, done=report.lines,
        total=report.lines, checkpoints=report.checkpoints, finished_at=now,
    )  # fmt: skip
    _record(session, f"verification.{status}", None, run_id, now, lines=report.lines, faults=len(faults))


def start_export(session: Session, actor: Actor, filters: Filters, form: str, now: datetime) -> None:
    """Notes that lines leave the house, and under which filters. Invalid if they are too many for the format."""
    need_turn(session, RUNS_PER_ACCOUNT, actor.account_id, now)
    if form == "xlsx" and lines.more_than(session, actor, filters, rules.MOST_XLSX):
        raise Invalid(
            fields=[FieldError("until", "too-many", "Too many lines for one workbook. Narrow the time, or take CSV.")]
        )
    detail: dict[str, Any] = {"format": form, "filters": rules.facts(filters)}
    record(
        session, "trail.exported", actor_id=actor.account_id, subject_kind="trail", subject_id="trail", now=now,
        detail=detail,
    )  # fmt: skip


def _record(session: Session, act: str, actor_id: str | None, run_id: str, now: datetime, **detail: int) -> None:
    record(session, act, actor_id=actor_id, subject_kind="verification", subject_id=run_id, now=now, detail=detail)

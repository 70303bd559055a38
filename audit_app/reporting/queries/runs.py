"""Reading batches of cards: own runs, their progress, their parts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col

from audit_app.access.rules import Actor
from audit_app.kit.db import Session
from audit_app.kit.errors import NotFound
from audit_app.kit.paging import PageOf, after, decode_moment, page_of
from audit_app.kit.sql import columns
from audit_app.organisation.models import Touchpoint
from audit_app.reporting import rules
from audit_app.reporting.models import ReportItem, ReportRun, Scorecard

PER_PAGE = 20
MOST_FAILURES = 50


@dataclass(frozen=True, slots=True)
class RunRow:
    """A batch as its owner sees it."""

    id: str
    status: str
    filters: dict[str, Any]
    total: int
    done: int
    failed: int
    zip_bytes: int | None
    created_at: datetime
    finished_at: datetime | None

    @property
    def remaining(self) -> int:
        return self.total - self.done - self.failed

    @property
    def open(self) -> bool:
        return self.status in rules.UNFINISHED

    @property
    def percent(self) -> int:
        return (self.done + self.failed) * 100 // self.total if self.total else 0


@dataclass(frozen=True, slots=True)
class FailedRow:
    code: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class RunScreen:
    """A run with its first failures. `seconds` since it began, for the rate."""

    run: RunRow
    failures: list[FailedRow]
    seconds: float

    @property
    def per_minute(self) -> int:
        worked = self.run.done + self.run.failed
        return int(worked * 60 / self.seconds) if self.run.open and worked and self.seconds >= 1 else 0

    @property
    def minutes_left(self) -> int:
        return -(-self.run.remaining // self.per_minute) if self.per_minute else 0


_RUN = (
    ReportRun.id, ReportRun.status, ReportRun.filters, ReportRun.total, ReportRun.done, ReportRun.failed,
    ReportRun.zip_bytes, ReportRun.created_at, ReportRun.finished_at,
)  # fmt: skip


def runs(session: Session, actor: Actor, marker: str = "") -> PageOf[RunRow]:
    """The actor's own runs, newest first."""
    statement = columns(*_RUN).where(ReportRun.account_id == actor.account_id)
    if marker:
        place = list(decode_moment(marker))
        statement = statement.where(after([col(ReportRun.created_at), col(ReportRun.id)], place, descending=True))
    statement = statement.order_by(col(ReportRun.created_at).desc(), col(ReportRun.id).desc()).limit(PER_PAGE + 1)
    found = [RunRow(*row) for row in session.execute(statement)]
    return page_of(found, PER_PAGE, lambda row: (row.created_at.isoformat(), row.id))


def run(session: Session, actor: Actor, run_id: str) -> RunRow:
    """One of the actor's own runs; NotFound otherwise: a batch holds what its owner may see."""
    row = session.execute(
        columns(*_RUN).where(ReportRun.id == run_id, ReportRun.account_id == actor.account_id)
    ).first()
    if row is None or not actor.may("scorecards.batch"):
        raise NotFound
    return RunRow(*row)


def run_screen(session: Session, actor: Actor, run_id: str, now: datetime) -> RunScreen:
    found = run(session, actor, run_id)
    failures = (
        columns(Touchpoint.code, Touchpoint.name, ReportItem.reason)
        .select_from(ReportItem)
        .join(Scorecard, col(Scorecard.id) == ReportItem.scorecard_id)
        .join(Touchpoint, col(Touchpoint.id) == Scorecard.touchpoint_id)
        .where(ReportItem.run_id == run_id, ReportItem.status == "failed")
        .order_by(ReportItem.seq)
        .limit(MOST_FAILURES)
    )
    rows = [FailedRow(*row) for row in session.execute(failures)]
    return RunScreen(found, rows, (now - found.created_at).total_seconds())


def zip_of(session: Session, actor: Actor, run_id: str) -> tuple[str, int, datetime]:
    """Blob, size and time of a finished run's ZIP; NotFound while there is none."""
    run(session, actor, run_id)
    row = session.execute(
        columns(ReportRun.zip_blob, ReportRun.zip_bytes, ReportRun.created_at).where(
            ReportRun.id == run_id, ReportRun.status == "ready", col(ReportRun.zip_blob).is_not(None)
        )
    ).first()
    if row is None:
        raise NotFound
    return row.zip_blob, row.zip_bytes, row.created_at


def waiting(session: Session, run_id: str, batch: int) -> list[tuple[int, str]]:
    """(seq, card) of what is still to do in a batch, by number from 0."""
    first = batch * rules.BATCH
    statement = (
        columns(ReportItem.seq, ReportItem.scorecard_id)
        .where(
            ReportItem.run_id == run_id, ReportItem.status == "waiting",
            ReportItem.seq > first, ReportItem.seq <= first + rules.BATCH,
        )
        .order_by(ReportItem.seq)
    )  # fmt: skip
    return [(row.seq, row.scorecard_id) for row in session.execute(statement)]


def job(session: Session, run_id: str) -> ReportRun | None:
    """The run as the job sees it."""
    return session.get(ReportRun, run_id)


@dataclass(frozen=True, slots=True)
class Finished:
    """A rendered document of a run."""

    seq: int
    blob: str
    file_name: str
    bytes: int
    summary: dict[str, Any]


def finished(session: Session, run_id: str, above: int, limit: int) -> Sequence[Finished]:
    """The next documents of a run after a number."""
    i = ReportItem
    statement = (
        columns(i.seq, i.blob, i.file_name, i.bytes, i.summary)
        .where(i.run_id == run_id, i.status == "done", i.seq > above)
        .order_by(i.seq)
        .limit(limit)
    )
    return [
        Finished(row.seq, row.blob, row.file_name, row.bytes or 0, row.summary or {})
        for row in session.execute(statement)
    ]


@dataclass(frozen=True, slots=True)
class Owned:
    account_id: str
    status: str
    done: int


def owners(session: Session, run_ids: Sequence[str]) -> dict[str, Owned]:
    """Whose these runs are, and how they stand."""
    r = ReportRun
    rows = session.execute(columns(r.id, r.account_id, r.status, r.done).where(col(r.id).in_(list(run_ids))))
    return {row[0]: Owned(*row[1:]) for row in rows}

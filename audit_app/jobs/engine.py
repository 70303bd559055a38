"""The queue library, wrapped: the only file that knows its name.

One engine per process, between :meth:`Engine.launch` and :meth:`Engine.stop`. Work is put in as JSON, never as pickle.
"""

import json
import logging
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from croniter import croniter  # type: ignore[import-untyped]
from dbos import DBOS, DBOSConfig, Serializer

from audit_app.jobs.registry import Declared, Event, JobContext, Kind, Registry
from audit_app.kit import clock
from audit_app.kit.blobs import Blobs
from audit_app.kit.db import Database, is_busy
from audit_app.kit.errors import Busy
from audit_app.settings import Settings

log = logging.getLogger(__name__)

#: Raise it only when a job's steps change so that a running one cannot be taken up: older runs are then left alone.
VERSION = "1"
APPLICATION = "mingcha"
POLL_SECONDS = 0.1
KEEP_FINISHED = timedelta(days=7)
QUEUES = {Kind.JOB: ("long", 2), Kind.REACTION: ("short", 2), Kind.SCHEDULE: ("clock", 2)}
RETRIES: dict[str, Any] = {"retries_allowed": True, "max_attempts": 8, "interval_seconds": 0.5, "backoff_rate": 2.0}


class JobFailed(Exception):
    """A step failed; how it says so once it has been stored and read again."""


class Json(Serializer):  # type: ignore[misc]
    """JSON with instants; an exception becomes its type and text."""

    def name(self) -> str:
        return "mingcha_json"

    def serialize(self, data: Any) -> str:
        return json.dumps(data, default=_encode, ensure_ascii=False)

    def deserialize(self, serialized_data: str) -> Any:
        return json.loads(serialized_data, object_hook=_decode)


def _encode(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"$instant": value.isoformat()}
    if isinstance(value, BaseException):
        return {"$failed": f"{type(value).__name__}: {value}"[:2000]}
    raise TypeError(f"a job may pass on plain JSON values only, not {type(value).__name__}")


def _decode(value: dict[str, Any]) -> Any:
    if "$instant" in value:
        return datetime.fromisoformat(value["$instant"])
    return JobFailed(value["$failed"]) if "$failed" in value else value


@dataclass
class Engine:
    """A :class:`audit_app.jobs.registry.Queue`, and the threads that work on it under the name `worker_id`."""

    settings: Settings
    db: Database
    blobs: Blobs
    registry: Registry
    worker_id: str

    def launch(self) -> None:
        """Takes up what this worker id had left behind and begins to work. Not inside a running event loop."""
        if self.db.sqlite:
            _write_ahead(self.settings.jobs_url)
        DBOS(config=self._config())
        run = {declared.name: self._workflow(declared) for declared in self.registry.declared.values()}
        DBOS.launch()
        for name, at_once in QUEUES.values():
            DBOS.register_queue(name, worker_concurrency=at_once, polling_interval_sec=POLL_SECONDS)
        self._schedule(run)

    def stop(self, patience: int = 5) -> None:
        """Takes nothing new and waits a little for what is running."""
        DBOS.destroy(workflow_completion_timeout_sec=patience)

    def start(self, name: str, key: str, events: Sequence[Event]) -> None:
        if self.registry[name].kind is Kind.REACTION:
            self._put(name, key, [asdict(event) for event in events])
            return
        for event in events:
            self._put(name, event.id, event.subject_id)

    def enqueue(self, name: str, subject_id: str, key: str) -> None:
        self._put(name, key, subject_id)

    def _put(self, name: str, key: str, about: Any) -> None:
        queue, _ = QUEUES[self.registry[name].kind]
        DBOS.enqueue_workflow_with_options(
            {"workflow_name": name, "queue_name": queue, "workflow_id": f"{name}:{key}", "app_version": VERSION}, about
        )

    def owners(self) -> set[str]:
        """The worker ids under which work is marked as running."""
        running = DBOS.list_workflows(status=["PENDING"], load_input=False, load_output=False)
        return {found.executor_id for found in running if found.executor_id}

    def recover(self, worker_ids: Sequence[str]) -> None:
        """Puts what these dead workers had begun back into the queue; what others have taken up since stays theirs."""
        DBOS._recover_pending_workflows(list(worker_ids))

    def forget_finished(self) -> None:
        """Deletes a bounded number of runs that were finished long ago."""
        before = (clock.now() - KEEP_FINISHED).isoformat()
        old = DBOS.list_workflows(completed_before=before, limit=500, load_input=False, load_output=False)
        if old:
            DBOS.delete_workflows([found.workflow_id for found in old])

    def _config(self) -> DBOSConfig:
        return {
            "name": APPLICATION,
            "system_database_url": self.settings.jobs_url,
            "sys_db_pool_size": 8,
            "application_version": VERSION,
            "executor_id": self.worker_id,
            "serializer": Json(),
            "max_executor_threads": 16,
            "enable_otlp": False,
            "log_level": "WARNING",
        }

    def _workflow(self, declared: Declared) -> Callable[..., None]:
        def run(about: Any, _context: object = None) -> None:
            context = JobContext(self.settings, self.db, self.blobs, DBOS.workflow_id or "", self, _step)
            if declared.kind is Kind.REACTION:
                _react(declared, context, [Event(**event) for event in about])
            else:
                declared.run(context, about)

        registered: Callable[..., None] = DBOS.workflow(name=declared.name)(run)
        return registered

    def _schedule(self, run: dict[str, Callable[..., None]]) -> None:
        wanted = self.registry.of(Kind.SCHEDULE)
        for known in DBOS.list_schedules():
            if known["schedule_name"] not in run:
                DBOS.delete_schedule(known["schedule_name"])
        DBOS.apply_schedules(
            [
                {
                    "schedule_name": declared.name,
                    "workflow_fn": run[declared.name],
                    "schedule": declared.cron,
                    "cron_timezone": clock.SHANGHAI.key,
                    "queue_name": QUEUES[Kind.SCHEDULE][0],
                }
                for declared in wanted
            ]
        )
        for declared in wanted:
            _catch_up(declared)


def _catch_up(declared: Declared) -> None:
    """Runs the last instant that was missed while no worker was there; a schedule that never ran waits for its turn."""
    known = DBOS.get_schedule(declared.name)
    if known is None or not known["last_fired_at"]:
        return
    missed = croniter(declared.cron, clock.local(clock.now()), second_at_beginning=True).get_prev(datetime)
    if missed > datetime.fromisoformat(known["last_fired_at"]):
        DBOS.backfill_schedule(declared.name, missed - timedelta(seconds=1), missed + timedelta(milliseconds=1))


def _step(fn: Callable[[], Any], name: str) -> Any:
    return DBOS.run_step({"name": name, "should_retry": _passing, **RETRIES}, fn)


def _passing(fault: BaseException) -> bool:
    """Whether the fault is likely to be gone in a while: a busy or restarting database."""
    return isinstance(fault, Busy) or is_busy(fault)


def _react(declared: Declared, context: JobContext, events: Sequence[Event]) -> None:
    """All events in one step; if that fails, each in a step of its own, so that a bad one harms no other."""
    try:
        _step(lambda: declared.run(context, events), declared.name)
        return
    except Exception as fault:
        if len(events) == 1:
            raise
        log.warning("%s failed on %d events at once, trying each alone: %s", declared.name, len(events), fault)
    failed = [event.id for event in events if not _alone(declared, context, event)]
    if failed:
        raise JobFailed(f"{declared.name} failed for {', '.join(failed)}")


def _alone(declared: Declared, context: JobContext, event: Event) -> bool:
    try:
        _step(lambda: declared.run(context, [event]), declared.name)
    except Exception:
        log.exception("%s failed for %s of %s", declared.name, event.act, event.subject_id)
        return False
    return True


def _write_ahead(url: str) -> None:
    """The library does not ask for write-ahead logging; the mode stays with the file."""
    path = sa.make_url(url).database or ""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")

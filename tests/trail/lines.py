"""Writing, relaying and reading trails in tests."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlmodel import col, select

from audit_app.jobs.registry import Event
from audit_app.kit.db import Database, Session
from audit_app.trail import operations
from audit_app.trail.models import TrailLine
from audit_app.trail.relay import Reactions, Relay
from audit_app.trail.signing import Signer
from tests import world


def act(session: Session, name: str, subject_id: str = "x", **detail: Any) -> str:
    return operations.record(
        session,
        name,
        actor_id="somebody",
        subject_kind="thing",
        subject_id=subject_id,
        now=world.NOW,
        unit_path="36/3601/",
        detail=detail,
    )


def acts(db: Database, count: int, name: str = "thing.made") -> list[str]:
    return db.write_now(lambda session: [act(session, name, f"{n}", n=n) for n in range(count)])


def rows(db: Database) -> list[TrailLine]:
    return db.read_now(lambda session: list(session.exec(select(TrailLine).order_by(col(TrailLine.seq))).all()))


class Started:
    """Stands for the queue: what was started, by its key."""

    def __init__(self) -> None:
        self.runs: dict[tuple[str, str], list[str]] = {}
        self.calls = 0

    def __call__(self, name: str, key: str, events: Sequence[Event]) -> None:
        self.calls += 1
        subjects = [event.subject_id for event in events]
        assert self.runs.setdefault((name, key), subjects) == subjects, "the same key means the same events"

    def subjects(self, name: str) -> list[str]:
        return [subject for (found, _), subjects in self.runs.items() if found == name for subject in subjects]


REACTIONS: Reactions = {"thing.made": ("first", "second"), "thing.sent": ("first",)}


def relay(db: Database, started: Started, signer: Signer, **options: Any) -> Relay:
    settings: dict[str, Any] = {"checkpoint_every": timedelta(0), **options}
    return Relay(db, started, REACTIONS, signer, **settings)

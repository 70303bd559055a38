"""Work for tests, and a worker that does it: `python -m tests.jobs.work DATA_DIR DATABASE_URL`.

Every effect is a line of `effects.txt` in the data folder, so that a test counts what was done, and how often.
"""

import os
import sys
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from audit_app.jobs import worker
from audit_app.jobs.registry import Event, JobContext, Registry, job, reaction, schedule
from audit_app.jobs.worker import Loop
from audit_app.settings import Settings
from audit_app.trail.relay import Relay
from audit_app.trail.signing import Signer

STEPS = 20
REACTIONS = {"thing.made": ("tests.react",), "thing.started": ("tests.twenty_steps",)}


def note(folder: Path, text: str) -> None:
    with (folder / "effects.txt").open("a") as file:
        file.write(f"{text} {os.getpid()}\n")


def effects(folder: Path) -> list[str]:
    """What was done so far, without the process ids."""
    path = folder / "effects.txt"
    return [line.rsplit(" ", 1)[0] for line in path.read_text().splitlines()] if path.exists() else []


@job("tests.twenty_steps")
def twenty_steps(ctx: JobContext, thing_id: str) -> None:
    for number in range(STEPS):
        ctx.step(one_step, ctx.settings.data_dir, thing_id, number)
    note(ctx.settings.data_dir, f"finished {thing_id}")


def one_step(folder: Path, thing_id: str, number: int) -> None:
    note(folder, f"begin {thing_id} {number}")
    time.sleep(0.3 if number == STEPS // 2 else 0.01)
    note(folder, f"step {thing_id} {number}")


@reaction("tests.react")
def react(ctx: JobContext, events: Sequence[Event]) -> None:
    if any(event.detail.get("bad") for event in events):
        raise ValueError("a bad event")
    for event in events:
        note(ctx.settings.data_dir, f"reacted {event.subject_id}")


@schedule("tests.every_second", "* * * * * *")
def every_second(ctx: JobContext, due: datetime) -> None:
    note(ctx.settings.data_dir, f"due {due.isoformat()}")


@schedule("tests.every_hour", "0 * * * *")
def every_hour(ctx: JobContext, due: datetime) -> None:
    note(ctx.settings.data_dir, f"hour {due.isoformat()}")


def main(folder: str, url: str) -> None:
    settings = Settings(data_dir=Path(folder), database_url=url)
    loops = [Loop("relay", 0.1, lambda s, db, q: Relay(db, q.start, REACTIONS, Signer(s.data_dir)).once)]
    registry = Registry([sys.modules[__name__]])
    worker.run(settings, registry, loops, beat_every=0.5, dead_after=4.0)


if __name__ == "__main__":
    main(*sys.argv[1:])

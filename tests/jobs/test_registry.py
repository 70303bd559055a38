"""Declaring work, and doing it without a worker."""

import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from types import ModuleType

import pytest

from audit_app import reactions
from audit_app.jobs.inline import Inline
from audit_app.jobs.registry import Event, JobContext, Kind, Registry, job, reaction, schedule
from audit_app.kit.blobs import Blobs
from audit_app.kit.db import Database
from audit_app.settings import ROOT, Settings
from tests import world
from tests.jobs import work

seen: list[str] = []


@reaction("one.react")
def react(ctx: JobContext, events: Sequence[Event]) -> None:
    seen.extend(event.subject_id for event in events)
    ctx.queue.enqueue("one.long", "begun by a reaction", ctx.key)


@job("one.long")
def long(ctx: JobContext, thing_id: str) -> None:
    seen.append(ctx.step(str.upper, thing_id))


@schedule("one.nightly", "0 3 * * *")
def nightly(ctx: JobContext, due: datetime) -> None: ...


def module(**members: object) -> ModuleType:
    made = ModuleType("made")
    vars(made).update(members)
    return made


def event(subject_id: str) -> Event:
    return Event(f"line {subject_id}", world.NOW, "thing.made", None, "thing", subject_id, None, {})


def test_it_finds_what_modules_declare() -> None:
    registry = Registry([sys.modules[__name__]])
    assert {name: found.kind for name, found in registry.declared.items()} == {
        "one.react": Kind.REACTION,
        "one.long": Kind.JOB,
        "one.nightly": Kind.SCHEDULE,
    }
    assert registry["one.nightly"].cron == "0 3 * * *"


def test_two_of_a_name_are_refused() -> None:
    with pytest.raises(ValueError, match=r"one\.long"):
        Registry([sys.modules[__name__], module(again=job("one.long")(lambda ctx, thing: None))])


@pytest.mark.parametrize("name", ["one.absent", "one.nightly"])
def test_a_table_that_wakes_nothing_is_refused(name: str) -> None:
    registry = Registry([sys.modules[__name__]])
    registry.check({"thing.made": ("one.react", "one.long")})
    with pytest.raises(ValueError, match=name):
        registry.check({"thing.made": ("one.react", name)})


def test_the_products_own_table_is_sound() -> None:
    reactions.registry()


def test_inline_does_each_run_once(tmp_path: Path) -> None:
    seen.clear()
    settings = Settings(data_dir=tmp_path, database_url=f"sqlite:///{tmp_path / 'x.db'}")
    db = Database(settings.database_url)
    inline = Inline(settings, db, Blobs(tmp_path / "blobs"), Registry([sys.modules[__name__]]))
    for _ in range(2):
        inline.start("one.react", "batch", [event("a"), event("b")])
        inline.start("one.long", "batch", [event("a"), event("b")])
    assert inline.drain() == 4
    assert seen == ["a", "b", "A", "B", "BEGUN BY A REACTION"]
    db.close()


def test_the_web_process_does_not_load_the_queue_library() -> None:
    program = (
        "import sys, audit_app.app, audit_app.reactions, audit_app.jobs.supervisor, audit_app.jobs.inline; "
        "sys.exit('dbos' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0


def test_the_worker_of_the_tests_is_declared_like_any_other() -> None:
    registry = Registry([work])
    registry.check(work.REACTIONS)

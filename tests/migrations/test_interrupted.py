"""A migration that is killed at any statement leaves all or nothing; the next run finishes it."""

import multiprocessing
import os
import re
import signal
from pathlib import Path

import pytest
from sqlalchemy import event

from audit_app import migrations
from audit_app.kit.db import Database
from audit_app.migrations import current, upgrade
from tests.migrations.forms import form_of, tables_of, triggers_of

pytestmark = [pytest.mark.data, pytest.mark.crash]
fork = multiprocessing.get_context("fork")
# Each migration is one transaction: what the first one makes is there as a whole or not at all.
FIRST_FORM = set(
    re.findall(r'create_table\(\s*"(\w+)"', (Path(migrations.HERE) / "versions" / "0001_first_form.py").read_text())
)


def migrate_and_die(url: str, at: int, told: "multiprocessing.sharedctypes.Synchronized[int]") -> None:
    """Runs the migration in this (child) process and kills it after statement number `at` (0: never)."""
    database = Database(url)

    def count(*_: object) -> None:
        told.value += 1
        if told.value == at:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(database.engine, "after_cursor_execute", count)
    upgrade(database)
    database.engine.dispose()


def run(url: str, at: int) -> tuple[int, int]:
    """(exit code, statements run)"""
    told = fork.Value("i", 0)
    child = fork.Process(target=migrate_and_die, args=(url, at, told))
    child.start()
    child.join(60)
    return child.exitcode or 0, told.value


def test_killed_anywhere_it_is_all_or_nothing(empty: Database, empty_url: str, sqlite_template: object) -> None:
    code, total = -1, 200
    points = [2, 3, 7, 20, 45, 80, 110, 130] if empty.sqlite else [3, 60, 140]
    killed = 0
    for at in points:
        code, ran = run(empty_url, at)
        if code == -signal.SIGKILL:
            assert ran == at
            killed += 1
            there = tables_of(empty)
            assert there == set() or there > FIRST_FORM, f"a half schema after statement {at}"
            assert bool(triggers_of(empty)) == bool(there)
            assert not current(empty)
        else:  # the migration has fewer statements: it is whole
            assert code == 0
            total = ran
            break
    assert killed >= min(6, len(points) - 1)
    if code != 0:
        code, _ = run(empty_url, 0)
        total = max(points)
    assert code == 0
    assert total > 50
    assert current(empty)


def test_after_a_kill_the_next_run_finishes(empty: Database, empty_url: str, db: Database) -> None:
    assert run(empty_url, 90)[0] == -signal.SIGKILL
    upgrade(empty)
    assert current(empty)
    assert form_of(empty) == form_of(db)
    assert triggers_of(empty) == triggers_of(db)
    upgrade(empty)

"""Rules of the house that import-linter cannot see: who commits, reads the clock, writes SQL; how long things are."""

import pytest

from tests.architecture import source
from tests.architecture.source import Finder, Module, everywhere, lines

# Modules that read, beside `queries`: a reading module of a screen or of a large screen's parts.
READERS = {
    "kit.sql", "jobs.engine",
    "organisation.scope", "organisation.directory", "organisation.people", "organisation.state", "organisation.screens",
    "review.worklist", "review.screens", "review.replay",
    "reporting.sources", "reporting.run_queries",
}  # fmt: skip
# Packages with tools of their own: they fill, measure or move a whole database.
WHOLE = {"migrations", "demo", "bench", "replay"}
# `columns(…)` here is the list of a file's columns.
NOT_SQL = {"organisation.downloads", "organisation.columns"}


def reads(module: Module) -> bool:
    last = module.name.rpartition(".")[2]
    if module.package in WHOLE or module.name in READERS | NOT_SQL:
        return True
    return last in ("scope", "replay") or ".queries" in module.name


def locks_rows(module: Module) -> bool:
    """An operation may find the rows that it changes (FOR UPDATE, compare-and-swap, INSERT … SELECT)."""
    return module.name.rpartition(".")[2] == "operations"


PLANTED: list[tuple[Finder, str]] = [
    (source.commits, "def f(session):\n    session.commit()\n"),
    (source.commits, "def f(connection):\n    connection.begin().commit()\n"),
    (source.reads_the_clock, "from datetime import datetime\nx = datetime.now()\n"),
    (source.reads_the_clock, "import datetime\nx = datetime.datetime.utcnow()\n"),
    (source.reads_the_clock, "import datetime as dt\nfrom datetime import date\nx = date.today()\n"),
    (source.reads_the_clock, "import time\nx = time.time()\n"),
    (source.reads_the_clock, "from time import time\n"),
    (source.reads_the_clock, "f(default_factory=datetime.now)\n"),
    (source.writes_sql, "import sqlalchemy as sa\nsa.text('SELECT 1')\n"),
    (source.writes_sql, "from sqlalchemy import select, text\n"),
    (source.runs_raw_sql, "session.connection().exec_driver_sql('DELETE FROM visit')\n"),
    (source.selects, "select(Visit)\n"),
    (source.selects, "sa.select(Visit.id).where(x)\n"),
    (source.selects, "columns(Visit.id)\n"),
    (source.selects, "Visit.__table__.select()\n"),
    (source.selects, "session.query(Visit)\n"),
    (source.writes, "session.add(Visit())\n"),
    (source.writes, "session.execute(sa.update(Visit).values(status='approved'))\n"),
    (source.writes, "insert(Visit)\n"),
]
INNOCENT: list[tuple[Finder, str]] = [
    (source.commits, "def commit(): ...\n"),
    (source.reads_the_clock, "import time\nx = time.monotonic() + time.perf_counter()\nnow = clock.now()\n"),
    (source.reads_the_clock, "datetime.fromisoformat(x)\n"),
    (source.writes_sql, "sa.Index('x', 'id', sqlite_where=sa.text('seq IS NULL'))\n"),
    (source.writes_sql, "name = fields.text('name', 80)\ndraw.text((1, 2), 'x')\n"),
    (source.selects, "queries.select_one(x)\nform.select('x')\n"),
    (source.writes, "seen.add(x)\nvalues.update(y)\nlist.insert(0, 1)\n@delete('/x')\ndef f(): ...\n"),
]


@pytest.mark.parametrize(("finder", "text"), PLANTED)
def test_each_finder_sees_a_planted_fault(finder: Finder, text: str) -> None:
    assert lines(Module("planted", text), finder)


@pytest.mark.parametrize(("finder", "text"), INNOCENT)
def test_no_finder_blames_the_innocent(finder: Finder, text: str) -> None:
    assert lines(Module("innocent", text), finder) == []


def test_only_the_door_commits() -> None:
    assert everywhere(source.commits, lambda m: m.name in ("kit.db", "migrations.env")) == []


def test_only_the_clock_reads_the_time() -> None:
    assert everywhere(source.reads_the_clock, lambda m: m.name == "kit.clock") == []


def test_sql_as_text_stands_only_in_models_and_migrations() -> None:
    """The condition of a partial index is one; statements never are."""
    assert everywhere(source.writes_sql, lambda m: m.package == "migrations" or m.name.endswith(".models")) == []
    assert everywhere(source.runs_raw_sql, lambda m: m.package in WHOLE or m.name == "kit.db") == []


def test_selects_stand_in_reading_modules() -> None:
    assert everywhere(source.selects, lambda m: reads(m) or locks_rows(m)) == []


def test_reading_modules_do_not_write() -> None:
    assert everywhere(source.writes, lambda m: not reads(m) or m.package in WHOLE or m.name == "jobs.engine") == []


def test_screens_neither_read_nor_write_the_database_themselves() -> None:
    edges = ("pages", "api", "forms")
    assert (
        everywhere(lambda n: source.selects(n) or source.writes(n), lambda m: m.name.rpartition(".")[2] not in edges)
        == []
    )


MOST_LINES, MOST_IN_FUNCTION = 400, 60  # 300 and 40 are the aim; beyond these it is a fault


def test_no_file_is_too_long() -> None:
    long = {m.name: m.text.count("\n") for m in source.modules() if m.package != "migrations"}
    assert {name: size for name, size in long.items() if size > MOST_LINES} == {}


def test_no_function_is_too_long() -> None:
    planted = Module("planted", "def f():\n" + "    x = 1\n" * 80)
    assert list(source.long_functions(planted, MOST_IN_FUNCTION)) == [("planted.f", 81)]
    found = [
        line
        for m in source.modules()
        if m.package != "migrations"
        for line in source.long_functions(m, MOST_IN_FUNCTION)
    ]
    assert found == []


def test_scripts_and_templates_are_not_too_long() -> None:
    sizes = {str(p.relative_to(source.ROOT)): p.read_text().count("\n") for p in source.tracked(".js", ".html")}
    ours = {name: size for name, size in sizes.items() if name.startswith(("static/js/", "templates/", "reports/"))}
    assert ours
    assert {name: size for name, size in ours.items() if size > MOST_LINES} == {}

"""What a page costs with 1,000, 10,000 and 100,000 visits behind it.

A small part of the demonstration province is loaded with 1,000 visits. Then each of them, with its job, its review, its
results, its figures and its lines of the trail, is multiplied by the database itself. The same addresses are asked for
each time, by the widest account that reaches each kind of page.
"""

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from audit_app.access.keys import Keys
from audit_app.analytics import operations as analytics
from audit_app.app import build
from audit_app.bench import asking
from audit_app.demo.full.load import load
from audit_app.demo.full.sizes import Sizes
from audit_app.kit import clock
from audit_app.kit.blobs import Blobs
from audit_app.kit.db import Database, Session
from audit_app.migrations import upgrade
from audit_app.migrations.tables import METADATA
from audit_app.settings import Settings, normal_url

VISITS = 1_000
STEPS = (1, 10, 100)
SCALE = 0.05  # of the province: 750 touchpoints, 1,000 staff
COPIED = (
    "assignment", "visit", "visit_revision", "visit_result", "review", "review_overlay", "visit_subject", "visit_flag",
    "release", "visit_fact", "section_fact", "item_fact", "scorecard", "trail_line",
)  # fmt: skip
OWN = {"outward_id"}  # minted for each visit, though no key
CHAIN = ("batch_id", "seq", "prev_hash", "line_hash")  # a copied line waits to be chained


def run(url: str = "") -> dict[str, Any]:
    """`url` names an empty PostgreSQL database instead of a file."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        address = normal_url(url) if url else f"sqlite:///{folder / 'mingcha.db'}"
        settings = Settings(data_dir=folder, database_url=address, demo=True)
        database, keys = Database(settings.database_url), Keys(folder)
        upgrade(database)
        sizes = Sizes(SCALE, round(VISITS / SCALE))
        load(database, settings, Blobs(folder / "blobs"), keys, lambda *_: None, clock.now(), sizes)
        app = build(settings, database, keys)
        try:
            visits, found, made = [], [], 1
            addresses: asking.Addresses = {}
            for step in STEPS:
                for copy in range(made, step):
                    database.write_now(_multiply, copy)
                made = step
                analytics.mend(database)
                database.write_now(_analysed)
                visits.append(database.read_now(_count))
                addresses = addresses or asyncio.run(asking.reachable(app, database, settings))
                found.append(asyncio.run(asking.timed(app, database, settings, addresses)))
            return {"visits": ", ".join(map(str, visits)), "pages": list(_compared(found))}
        finally:
            database.close()


def _compared(found: list[list[dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    """A row for each page, the one that has grown most first."""
    rows = []
    for first in found[0]:
        same = [next(row for row in of if row["path"] == first["path"]) for of in found]
        times = [row["cpu_ms"] for row in same]
        rows.append(
            {"path": first["path"]}
            | {f"ms x{step}": time for step, time in zip(STEPS, times, strict=True)}
            | {"ratio": round(times[-1] / times[0], 2)}
            | {"statements": " ".join(str(row["statements"]) for row in same), "as": first["as"]}
        )
    yield from sorted(rows, key=lambda row: -float(row["ratio"]))


def _count(session: Session) -> int:
    return int(session.scalar(sa.select(sa.func.count()).select_from(METADATA.tables["visit"])) or 0)


def _analysed(session: Session) -> None:
    """As the database's own housekeeping does it sooner or later."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection().exec_driver_sql("ANALYZE")


def _multiply(session: Session, copy: int) -> None:
    """One more of every visit that was there first, under keys of its own."""
    mark = f"x{copy:02}"
    for name in COPIED:
        table = METADATA.tables[name]
        values = [_copied(table, column, mark) for column in table.columns]
        originals = sa.select(*values).where(*_original(table))
        session.execute(sa.insert(table).from_select([c.name for c in table.columns], originals))


def _copied(table: sa.Table, column: "sa.Column[Any]", mark: str) -> Any:
    if table.name == "trail_line" and column.name in CHAIN:
        return sa.null().label(column.name)
    if _is_key(table, column):
        kept = (32 if column.name in OWN else 36) - len(mark)
        return sa.func.substr(column, 1, kept, type_=sa.String()).concat(mark).label(column.name)
    return column


def _is_key(table: sa.Table, column: "sa.Column[Any]") -> bool:
    """Whether the column names a thing that is copied."""
    targets = {key.column.table.name for key in column.foreign_keys}
    own = column.primary_key and not column.foreign_keys and column.name == "id"
    if table.name == "trail_line" and column.name == "subject_id":
        return True
    return own or bool(targets & set(COPIED)) or column.name in OWN


def _original(table: sa.Table) -> list[Any]:
    """Rows of visits of the demonstration itself; of the trail only lines about visits, of cards only theirs."""
    of_visit = {"visit": "id", "assignment": "id", "trail_line": "subject_id"}.get(table.name, "visit_id")
    first: list[Any] = [table.c[of_visit].not_like("%x__")]
    if table.name == "trail_line":
        first.append(table.c.subject_kind == "visit")
    if table.name == "assignment":
        visits = METADATA.tables["visit"]
        first.append(table.c.id.in_(sa.select(visits.c.assignment_id)))
    if table.name == "scorecard":
        first.append(table.c.visit_id.is_not(None))
    return first

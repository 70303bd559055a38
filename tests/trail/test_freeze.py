"""The database itself refuses to change the trail."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from audit_app.kit.db import Database
from audit_app.trail.freeze import POSTGRES_TRIGGERS, SQLITE_TRIGGERS
from audit_app.trail.models import TrailCheckpoint, TrailHead, TrailLine
from audit_app.trail.signing import Signer
from audit_app.trail.verify import verify
from tests import world
from tests.trail.lines import Started, acts, relay

pytestmark = pytest.mark.data


@pytest.fixture
def frozen(trail: Database, signer: Signer) -> Database:
    """Three chained lines and two loose ones, guarded."""
    with trail.engine.begin() as connection:
        for statement in SQLITE_TRIGGERS if trail.sqlite else POSTGRES_TRIGGERS:
            connection.exec_driver_sql(statement.replace("%", "%%") if not trail.sqlite else statement)
    acts(trail, 3)
    relay(trail, Started(), signer).once()
    acts(trail, 2)
    return trail


LINE = sa.update(TrailLine)


@pytest.mark.parametrize(
    "statement",
    [
        LINE.values(act="other"),
        LINE.values(actor_id=None),
        LINE.values(unit_path=None),
        LINE.values(detail={"other": 1}),
        LINE.values(at=world.NOW.replace(year=2020)),
        LINE.where(col(TrailLine.seq) == 2).values(seq=22),
        LINE.where(col(TrailLine.seq) == 2).values(seq=None),
        LINE.where(col(TrailLine.seq) == 2).values(line_hash="0" * 64),
        LINE.where(col(TrailLine.seq) == 2).values(prev_hash="0" * 64),
        LINE.where(col(TrailLine.seq) == 2).values(batch_id="other"),
        sa.delete(TrailLine),
        sa.delete(TrailLine).where(col(TrailLine.seq).is_(None)),
        sa.update(TrailHead).values(seq=1),
        sa.update(TrailHead).values(hash="0" * 64),
        sa.delete(TrailHead),
        sa.update(TrailCheckpoint).values(hash="0" * 64),
        sa.delete(TrailCheckpoint),
    ],
    ids=str,
)
def test_no_code_can_change_it(frozen: Database, statement: Any, signer: Signer) -> None:
    with pytest.raises(DBAPIError, match="cannot be changed"):
        frozen.write_now(lambda session: session.execute(statement))
    assert frozen.read_now(verify, signer, world.NOW).ok


def test_the_relay_may_still_do_its_work(frozen: Database, signer: Signer) -> None:
    assert relay(frozen, Started(), signer).once() == 2
    report = frozen.read_now(verify, signer, world.NOW)
    assert report.ok
    assert report.lines == 5


def test_postgres_cannot_empty_it(frozen: Database) -> None:
    if frozen.sqlite:
        pytest.skip("SQLite has no TRUNCATE")
    with pytest.raises(DBAPIError, match="cannot be changed"):
        frozen.write_now(lambda session: session.connection().exec_driver_sql("TRUNCATE trail_line"))


def test_the_first_migration_sets_the_guards(sqlite_template: Path) -> None:
    migrated = Database(f"sqlite:///{sqlite_template}")
    found = migrated.read_now(
        lambda session: set(session.scalars(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")))
    )
    migrated.close()
    assert {"trail_line_no_update", "trail_line_no_delete", "trail_head_forward", "trail_checkpoint_no_update"} <= found

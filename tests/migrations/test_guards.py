"""What the database itself refuses: every way of changing what is final, on both databases."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from audit_app.kit.db import Database, Session, SQLModel
from audit_app.review.models import VisitResult
from audit_app.standards.models import ChecklistVersion
from audit_app.trail import operations as trail
from audit_app.trail.models import TrailLine
from audit_app.visits.models import ReviewOverlay, Visit, VisitRevision
from tests import world

pytestmark = pytest.mark.data
HASH = hashlib.sha256(b"{}").hexdigest()
BY = world.account_id("reviewer")


@pytest.fixture
def filled(db: Database) -> Database:
    """One row in each table that is final."""

    def fill(session: Session) -> None:
        version = world.version_of(session, "own-hall-flagship")
        session.add(
            Visit(
                id="v" * 32, assignment_id="as-hall", programme_id="prog-covert", assessor_id=world.assessor_id("tester"),  # noqa: E501
                touchpoint_id="hall-bell-2", unit_path="36/3601/360102/", checklist_version_id=version, series="covert",
                status="approved", status_at=world.NOW, started_at=world.NOW - timedelta(hours=2),
                finished_at=world.NOW - timedelta(hours=1), local_date=world.NOW.date(), day_type="workday",
                day_part="morning", received_at=world.NOW,
            )
        )  # fmt: skip
        session.flush()
        session.add(VisitRevision(visit_id="v" * 32, revision=1, body=b"{}", body_sha256=HASH, received_at=world.NOW))
        session.add(ReviewOverlay(id="overlay", visit_id="v" * 32, revision=1, item_id="x", old={"a": 1}, new={"a": 2},
                                  reason="seen on the photo", created_by=BY, created_at=world.NOW))  # fmt: skip
        session.add(VisitResult(id="result", visit_id="v" * 32, number=1, revision=1, version_sha256=HASH, answers=b"{}",  # noqa: E501
                                answers_sha256=HASH, results={}, experience=7857, basis="ok", outcome="pass",
                                cause="approval", created_by=BY, created_at=world.NOW))  # fmt: skip
        trail.record(session, "visit.approved", actor_id=BY, subject_kind="visit", subject_id="v" * 32, now=world.NOW)

    db.write_now(fill)
    return db


FINAL: dict[type[SQLModel], dict[str, Any]] = {
    VisitRevision: {"body": b"[]"},
    ReviewOverlay: {"reason": "other"},
    VisitResult: {"experience": 10000},
    ChecklistVersion: {"body": b"[]"},
    TrailLine: {"act": "visit.returned"},
}
CASES = pytest.mark.parametrize("model", FINAL, ids=lambda m: m.__name__)


def table(model: type[SQLModel]) -> sa.Table:
    return model.__table__  # type: ignore[attr-defined,no-any-return]


def everything(db: Database, model: type[SQLModel]) -> list[Any]:
    key = list(table(model).primary_key)
    return db.read_now(lambda session: [tuple(r) for r in session.execute(sa.select(table(model)).order_by(*key))])


def refused(db: Database, work: Any) -> None:
    with pytest.raises(DBAPIError, match=r"cannot (be )?change"):
        db.write_now(work)


def raw(db: Database, statement: str) -> Any:
    return lambda session: session.connection().exec_driver_sql(statement)


@CASES
def test_no_update_and_no_delete(filled: Database, model: type[SQLModel]) -> None:
    before = everything(filled, model)
    assert before
    name, [(column, value)] = table(model).name, FINAL[model].items()

    def by_object(session: Session) -> None:
        setattr(session.exec(sa.select(model).limit(1)).scalars().one(), column, value)  # type: ignore[call-overload]

    def delete_object(session: Session) -> None:
        session.delete(session.exec(sa.select(model).limit(1)).scalars().one())  # type: ignore[call-overload]
        session.flush()

    refused(filled, by_object)
    refused(filled, delete_object)
    refused(filled, lambda session: session.execute(sa.update(table(model)).values({column: value})))
    refused(filled, lambda session: session.execute(sa.delete(table(model))))
    refused(filled, raw(filled, f"UPDATE {name} SET {column} = NULL"))
    refused(filled, raw(filled, f"DELETE FROM {name}"))
    assert everything(filled, model) == before


@CASES
def test_no_way_round(filled: Database, model: type[SQLModel]) -> None:
    """SQLite's REPLACE deletes the old row unseen, PostgreSQL's TRUNCATE asks no row; an upsert is an update."""
    before = everything(filled, model)
    name = table(model).name
    columns = ", ".join(c.name for c in table(model).columns)
    key = ", ".join(c.name for c in table(model).primary_key)
    [column] = FINAL[model]
    if filled.sqlite:
        refused(filled, raw(filled, f"INSERT OR REPLACE INTO {name} ({columns}) SELECT {columns} FROM {name}"))
        refused(filled, raw(filled, f"REPLACE INTO {name} ({columns}) SELECT {columns} FROM {name}"))
    else:
        refused(filled, raw(filled, f"TRUNCATE {name} CASCADE"))
    upsert = f"ON CONFLICT ({key}) DO UPDATE SET {column} = excluded.{column}"
    changed = columns.replace(column, "NULL" if column != "act" else "'x'")
    statement = f"INSERT INTO {name} ({columns}) SELECT {changed} FROM {name} WHERE true {upsert}"
    with pytest.raises(DBAPIError):
        filled.write_now(raw(filled, statement))
    assert everything(filled, model) == before


def test_more_may_be_added(filled: Database) -> None:
    def second(session: Session) -> None:
        session.add(VisitRevision(visit_id="v" * 32, revision=2, body=b"{}", body_sha256=HASH, received_at=world.NOW))
        trail.record(session, "visit.received", actor_id=BY, subject_kind="visit", subject_id="v" * 32, now=world.NOW)

    filled.write_now(second)
    assert len(everything(filled, VisitRevision)) == 2


def test_a_published_version_may_only_be_retired(filled: Database) -> None:
    version = filled.read_now(world.version_of, "own-hall-basic")

    def status(to: str) -> Any:
        change = sa.update(ChecklistVersion).where(col(ChecklistVersion.id) == version).values(status=to)
        return lambda session: session.execute(change)

    refused(filled, status("draft"))
    filled.write_now(status("retired"))
    refused(filled, status("published"))


def test_one_live_visit_per_assignment(filled: Database) -> None:
    """The partial index lets a voided visit be followed by another one, and nothing else."""
    columns = ", ".join(c.name for c in table(Visit).columns if c.name != "id")
    again = f"INSERT INTO visit (id, {columns}) SELECT '{'w' * 32}', {columns} FROM visit"
    with pytest.raises(DBAPIError):
        filled.write_now(raw(filled, again))
    filled.write_now(raw(filled, "UPDATE visit SET status = 'void'"))
    filled.write_now(raw(filled, again.replace(" status,", " status,", 1)))

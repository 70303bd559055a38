"""Versions in the database: publication, the frozen row, the version in force, the sheet from memory."""

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from sqlmodel import Session, select

from audit_app.kit.db import Database
from audit_app.kit.errors import Conflict, NotFound
from audit_app.standards import operations, queries
from audit_app.standards.document import ChecklistDocument
from audit_app.standards.freeze import MESSAGE
from audit_app.standards.models import ChecklistVersion
from audit_app.standards.rules import compile_sheet, document_of
from audit_app.trail.models import TrailLine
from tests.world import NOW, version_of

pytestmark = pytest.mark.data
AGENT = "payment-agent"


def document(db: Database, checklist_id: str = AGENT) -> ChecklistDocument:
    return db.read_now(lambda s: queries.document_for(s, version_of(s, checklist_id)))


def renamed(document: ChecklistDocument, title: str) -> ChecklistDocument:
    return msgspec.structs.replace(document, title=msgspec.structs.replace(document.title, en=title))


def draft(db: Database, title: str = "Payment agents, new") -> str:
    return db.write_now(lambda s: operations.save_draft(s, renamed(document(db), title), NOW).id)


def publish(db: Database, version_id: str, on: date = NOW.date(), comparable: str | None = None) -> None:
    db.write_now(operations.publish, version_id, NOW, "acc-admin", on, comparable)


def count(db: Database) -> int:
    return db.read_now(lambda s: len(s.exec(select(ChecklistVersion.id)).all()))


def test_loading_the_library_again_changes_nothing(db: Database) -> None:
    before = count(db)
    assert db.write_now(operations.load_library, NOW, None) == []
    assert count(db) == before == 6


def test_a_changed_text_makes_the_next_number(db: Database) -> None:
    publish(db, draft(db))
    made = db.write_now(operations.load_library, NOW, None)
    assert len(made) == 1
    newest = db.read_now(lambda s: queries.version(s, made[0]))
    assert (newest.number, newest.status, newest.checklist_id) == (3, "published", AGENT)
    assert db.write_now(operations.load_library, NOW, None) == []


def test_publishing_leaves_a_trail_line_with_the_hash(db: Database) -> None:
    key = draft(db)
    publish(db, key)

    def line(session: Session) -> TrailLine:
        return session.exec(select(TrailLine).where(TrailLine.subject_id == key)).one()

    found = db.read_now(line)
    assert (found.act, found.actor_id, found.subject_kind) == ("checklist.published", "acc-admin", "checklist_version")
    assert found.detail["sha256"] == db.read_now(lambda s: queries.version(s, key)).body_sha256


def test_a_version_is_published_once(db: Database) -> None:
    key = draft(db)
    publish(db, key)
    with pytest.raises(Conflict):
        publish(db, key)


def test_one_draft_at_a_time(db: Database) -> None:
    draft(db)
    with pytest.raises(Conflict):
        draft(db, "another")


def test_drafts_are_not_read(db: Database) -> None:
    key = draft(db)
    for read in (queries.version, queries.sheet_for, queries.document_for):
        with pytest.raises(NotFound):
            db.read_now(read, key)


def test_the_version_in_force_on_a_day(db: Database) -> None:
    old = db.read_now(version_of, AGENT)
    key = draft(db)
    publish(db, key, on=date(2027, 1, 1), comparable=old)

    def in_force(on: date) -> str | None:
        found = db.read_now(queries.current_version, AGENT, on)
        return found and found.id

    assert in_force(date(2026, 12, 31)) == old
    assert in_force(date(2027, 1, 1)) == key
    assert in_force(date(2000, 1, 1)) is None
    db.write_now(operations.retire, key, NOW, None)
    assert in_force(date(2027, 1, 1)) == old
    assert db.read_now(queries.current_version, "no-such", NOW.date()) is None


def test_the_sheet_of_a_version_is_the_one_of_its_text_and_comes_from_memory(db: Database) -> None:
    key = db.read_now(version_of, AGENT)
    stored = db.read_now(lambda s: queries.version(s, key))
    first = db.read_now(queries.sheet_for, key)
    assert first == compile_sheet(document_of(stored.body))
    assert first.version_sha256 == stored.body_sha256
    with db.engine.connect() as connection:
        statements: list[str] = []
        sa.event.listen(db.engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
        with Session(connection) as session:
            assert queries.sheet_for(session, key) is first
        assert statements == []


CHANGES: dict[str, Any] = {
    "body": b"{}",
    "body_sha256": "0" * 64,
    "number": 9,
    "checklist_id": "own-hall-basic",
    "published_at": NOW + timedelta(days=1),
    "title_en": "Other",
    "effective_from": date(2020, 1, 1),
    "comparable_with": None,
    "status": "draft",
}


@pytest.mark.parametrize("column", CHANGES)
def test_a_published_version_cannot_change(db: Database, column: str) -> None:
    key = draft(db)
    publish(db, key, comparable=db.read_now(version_of, AGENT))
    change = sa.update(ChecklistVersion).where(ChecklistVersion.id == key).values({column: CHANGES[column]})  # type: ignore[arg-type]
    with pytest.raises(sa.exc.IntegrityError, match=MESSAGE):
        db.write_now(lambda s: s.execute(change))


def test_a_published_version_cannot_be_deleted_or_replaced(db: Database) -> None:
    key = db.read_now(version_of, AGENT)
    for status in ("published", "retired"):
        with pytest.raises(sa.exc.IntegrityError, match=MESSAGE):
            db.write_now(lambda s: s.execute(sa.text("DELETE FROM checklist_version WHERE id = :id"), {"id": key}))
        if status == "published":
            db.write_now(operations.retire, key, NOW, None)
    if db.sqlite:
        copy = "INSERT OR REPLACE INTO checklist_version SELECT * FROM checklist_version WHERE id = :id"
        with pytest.raises(sa.exc.IntegrityError, match=MESSAGE):
            db.write_now(lambda s: s.execute(sa.text(copy), {"id": key}))


def test_a_retired_version_stays_retired_and_readable(db: Database) -> None:
    key = db.read_now(version_of, AGENT)
    db.write_now(operations.retire, key, NOW, None)
    assert db.read_now(queries.sheet_for, key).checklist_id == AGENT
    for status in ("published", "draft"):
        back = sa.update(ChecklistVersion).where(ChecklistVersion.id == key).values(status=status)  # type: ignore[arg-type]
        with pytest.raises(sa.exc.IntegrityError, match=MESSAGE):
            db.write_now(lambda s, change=back: s.execute(change))


def test_a_draft_may_change_and_go(db: Database) -> None:
    key = draft(db)
    db.write_now(lambda s: s.execute(sa.update(ChecklistVersion).where(ChecklistVersion.id == key).values(body=b"{}")))  # type: ignore[arg-type]
    db.write_now(lambda s: s.execute(sa.delete(ChecklistVersion).where(ChecklistVersion.id == key)))  # type: ignore[arg-type]
    assert count(db) == 6

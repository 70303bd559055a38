"""Acting as a member of the cast in tests of the review."""

from collections.abc import Callable
from typing import Any

from sqlmodel import col, select, update

from audit_app.access.rules import Actor
from audit_app.kit.db import Database, Session
from audit_app.organisation.queries import grants_of
from audit_app.review import operations, opinions, queries, rules
from audit_app.review.models import Review, SecondOpinion
from audit_app.standards.queries import sheet_for
from audit_app.visits.models import Visit
from tests import world
from tests.world import NOW

NOTE = rules.Approval("Taken with changes")


def actor(session: Session, username: str) -> Actor:
    key = world.account_id(username)
    return Actor(key, username, username, tuple(grants_of(session, key)))


def do(db: Database, who: str, operation: Callable[..., Any], *args: Any, **kw: Any) -> Any:
    return db.write_now(lambda s: operation(s, actor(s, who), *args, **kw))


def ask(db: Database, who: str, query: Callable[..., Any], *args: Any, **kw: Any) -> Any:
    return db.read_now(lambda s: query(s, actor(s, who), *args, **kw))


def draw(key: str) -> str:
    return f"seed-{key}"


def owner(db: Database, review_id: str) -> str:
    return str(db.read_now(lambda s: s.get_one(Review, review_id).reviewer_id)).removeprefix("acc-")


def colleague(name: str) -> str:
    return "reviewer-2" if name == "reviewer" else "reviewer"


def status(db: Database, visit_id: str) -> str:
    return db.read_now(lambda s: str(s.get_one(Visit, visit_id).status))


def lay_open(db: Database, review_id: str) -> None:
    """Nobody has the review: nobody was there when it came."""
    nobody = update(Review).where(col(Review.id) == review_id).values(reviewer_id=None, claimed_at=None)
    db.write_now(lambda s: s.execute(nobody))


def latest_review(db: Database, visit_id: str) -> str:
    wanted = select(Review.id).where(Review.visit_id == visit_id).order_by(Review.revision.desc())  # type: ignore[attr-defined]
    return db.read_now(lambda s: s.scalars(wanted).first() or "")


def worsen(db: Database, review_id: str, items: int, who: str = "") -> None:
    """The reviewer takes the points of so many items away."""
    name = who or owner(db, review_id)

    def change(session: Session) -> None:
        visit = session.get_one(Visit, session.get_one(Review, review_id).visit_id)
        sheet, done = sheet_for(session, visit.checklist_version_id), 0
        for item in sheet.items():
            plain = len(item.options) > 1 and not item.many and item.critical is None and item.show_if is None
            if done == items or not plain or item.id in sheet.conditions or item.effect != "normal":
                continue
            worst = min(item.options, key=lambda option: option.points)
            operations.overlay(session, actor(session, name), review_id,
                               rules.NewOverlay(item.id, "The photo shows otherwise", [worst.id]), NOW)  # fmt: skip
            done += 1
        assert done == items

    db.write_now(change)


def pending(db: Database, visit_id: str) -> SecondOpinion:
    found = db.read_now(queries.opinion_on, visit_id)
    assert found is not None
    return found


def approve(db: Database, review_id: str) -> None:
    do(db, owner(db, review_id), operations.approve, review_id, NOTE, draw, NOW)


def ask_void(db: Database, review_id: str, *items: str) -> str:
    new = rules.NewVoid("false_evidence", "The photo is of another hall.", list(items))
    return str(do(db, owner(db, review_id), opinions.ask_void, review_id, new, NOW))

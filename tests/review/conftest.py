"""A visit of the cast that waits for review."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import select

from audit_app.kit.db import Database, Session
from audit_app.kit.ids import random_id
from audit_app.planning.models import Assignment
from audit_app.review import operations
from audit_app.review.models import Review
from audit_app.testers.models import Assessor
from audit_app.visits import operations as visits
from audit_app.visits.rules import DECODER, Sent
from tests.visits.sending import Body, bodies, raw, sha
from tests.world import NOW

Submit = Callable[..., str]


@pytest.fixture
def submit(db: Database) -> Submit:
    """`submit("as-hall")` sends a visit with its files and opens its review; returns the visit's id."""

    def send(job: str = "as-hall", change: Callable[[Body], None] | None = None, **how: Any) -> str:
        body = bodies(db, job, **how)
        if change:
            change(body)
        return db.write_now(send_body, job, body)

    return send


def send_body(session: Session, job: str, body: Body, visit_id: str = "") -> str:
    """A revision with all its files; its review opens."""
    content = raw(body)
    account = session.get_one(Assessor, session.get_one(Assignment, job).assessor_id).account_id
    sent = Sent(visit_id or random_id(), DECODER.decode(content), content, sha(content))
    visits.submit(session, account, sent, NOW)
    for line in body["evidence"]:
        visits.file_stored(session, account, line["sha256"], NOW)
    operations.open_review(session, sent.visit_id, NOW)
    return sent.visit_id


@pytest.fixture
def review_of(db: Database) -> Callable[[str], str]:
    """The id of the latest review of a visit."""

    def find(visit_id: str) -> str:
        def ask(session: Session) -> str:
            statement = select(Review.id).where(Review.visit_id == visit_id).order_by(Review.revision.desc())  # type: ignore[attr-defined]
            return session.scalars(statement).first() or ""

        return db.read_now(ask)

    return find

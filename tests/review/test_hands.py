"""Who has the word on a visit when things change meanwhile: another revision, another reviewer, another worker."""

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlmodel import col, insert, select, update

from audit_app.access.models import Account
from audit_app.kit.db import Database, Session
from audit_app.kit.errors import Conflict, NotFound
from audit_app.kit.ids import random_id
from audit_app.notices.models import Notice
from audit_app.reactions import REACTIONS
from audit_app.review import affairs, holders, jobs, operations, queries, rules, telling
from audit_app.review.models import Review, SecondOpinion
from audit_app.trail.models import TrailLine
from audit_app.visits import operations as sending
from audit_app.visits import queries as visits
from audit_app.visits.models import ReviewOverlay, Visit
from audit_app.visits.rules import DECODER, Sent
from tests.review.acting import (
    approve,
    ask_void,
    colleague,
    do,
    draw,
    latest_review,
    owner,
    pending,
    status,
    worsen,
)
from tests.review.conftest import Submit
from tests.visits.sending import bodies, raw, sha
from tests.world import NOW, account_id

TEN_MINUTES = NOW + timedelta(minutes=10)


def send_back(db: Database, review: str, at: datetime = NOW) -> None:
    visit = db.read_now(lambda s: s.get_one(Review, review).visit_id)
    item = db.read_now(lambda s: next(iter(queries.effective_answers(s, s.get_one(Visit, visit)))))
    do(db, owner(db, review), operations.return_visit, review, at, [rules.ItemNote(item, "Which desk?")])


def answer(db: Database, visit: str) -> None:
    """The assessor sends the second revision; nobody has looked at it."""
    content = raw(bodies(db, "as-hall") | {"revision": 2})
    sent = Sent(visit, DECODER.decode(content), content, sha(content))
    db.write_now(sending.submit, account_id("tester"), sent, NOW)


def leave(db: Database, who: str) -> None:
    gone = update(Account).where(col(Account.id) == account_id(who)).values(active=False)
    db.write_now(lambda s: s.execute(gone))


def lines(db: Database, act: str) -> list[str | None]:
    """Who did it, each time."""
    return list(db.read_now(lambda s: s.scalars(select(TrailLine.actor_id).where(TrailLine.act == act)).all()))


def told(db: Database, who: str, kind: str) -> int:
    of = select(Notice.id).where(Notice.account_id == account_id(who), Notice.kind == kind)
    return len(db.read_now(lambda s: s.scalars(of).all()))


@pytest.fixture
def waiting(db: Database, submit: Submit) -> tuple[str, str, str]:
    """(visit, review, its reviewer)"""
    visit = submit("as-hall")
    review = latest_review(db, visit)
    return visit, review, owner(db, review)


def test_nobody_voids_a_revision_that_nobody_read(db: Database, waiting: tuple[str, str, str]) -> None:
    visit, review, name = waiting
    send_back(db, review)
    key = ask_void(db, review)
    answer(db, visit)
    assert status(db, visit) == "submitted"
    with pytest.raises(Conflict):
        do(db, colleague(name), affairs.confirm, key, draw, NOW)
    assert status(db, visit) == "submitted"
    assert pending(db, visit).status == "open"
    db.write_now(operations.open_review, visit, NOW)
    assert pending(db, visit).status == "withdrawn"
    assert lines(db, "void.withdrawn") == [None]
    with pytest.raises(Conflict):  # nor by the review of the old one
        ask_void(db, review)
    ask_void(db, latest_review(db, visit))


def test_a_review_that_changes_hands_takes_no_question_along(db: Database, waiting: tuple[str, str, str]) -> None:
    """Else the one who is asked could be the one who then asks."""
    visit, review, name = waiting
    worsen(db, review, 8)
    approve(db, review)
    key = pending(db, visit).id
    leave(db, name)
    assert db.write_now(operations.assign_waiting, NOW) == 1
    assert owner(db, review) == colleague(name)
    assert pending(db, visit).status == "withdrawn"
    assert lines(db, "change.withdrawn") == [None]
    with pytest.raises(NotFound):
        do(db, colleague(name), affairs.confirm, key, draw, NOW)
    assert status(db, visit) == "in_review"


def test_nobody_confirms_in_the_name_of_another(db: Database, waiting: tuple[str, str, str]) -> None:
    visit, review, name = waiting
    worsen(db, review, 8)
    approve(db, review)
    other = update(Review).where(col(Review.id) == review).values(reviewer_id=account_id(colleague(name)))
    db.write_now(lambda s: s.execute(other))
    with pytest.raises(Conflict):
        do(db, colleague(name), affairs.confirm, pending(db, visit).id, draw, NOW)


def strike(db: Database, at: datetime) -> None:
    work: Any = jobs.strike_clocks.run
    work(SimpleNamespace(db=db, now=lambda: at), at)
    visit = db.read_now(lambda s: s.scalars(select(Visit.id)).one())
    db.write_now(telling.tell_expired, [visit], at)


def test_a_second_return_is_told_and_expires_as_the_first(db: Database, waiting: tuple[str, str, str]) -> None:
    visit, review, name = waiting
    at = NOW
    for times in (1, 2):
        send_back(db, review, at)
        db.write_now(telling.tell_returned, [visit], at)
        assert told(db, "tester", "visit.returned") == times
        strike(db, at + timedelta(days=2))
        assert told(db, name, "visit.return_expired") == times - 1
        at += timedelta(days=3)
        for _ in range(2):
            strike(db, at)
        assert len(lines(db, "visit.return_expired")) == times
        assert told(db, name, "visit.return_expired") == times
        do(db, name, affairs.go_on, review, at)


def test_a_return_whose_reviewer_has_left_goes_to_another(db: Database, waiting: tuple[str, str, str]) -> None:
    visit, review, name = waiting
    send_back(db, review)
    leave(db, name)
    assert db.write_now(operations.assign_waiting, NOW) == 1
    assert db.write_now(operations.assign_waiting, NOW) == 0
    assert owner(db, review) == colleague(name)
    at = NOW + timedelta(days=3)
    strike(db, at)
    assert told(db, colleague(name), "visit.return_expired") == 1
    do(db, colleague(name), affairs.go_on, review, at)
    assert status(db, visit) == "in_review"


def test_what_is_decided_stays_with_who_decided(db: Database, waiting: tuple[str, str, str]) -> None:
    visit, review, name = waiting
    send_back(db, review)
    answer(db, visit)
    db.write_now(operations.open_review, visit, NOW)
    leave(db, name)
    assert db.write_now(operations.assign_waiting, NOW) == 1
    assert owner(db, review) == name
    assert owner(db, latest_review(db, visit)) == colleague(name)


@pytest.mark.parametrize("job", ["as-hall", "as-overt"])
def test_what_is_put_back_does_not_come_back(db: Database, submit: Submit, job: str) -> None:
    visit = submit(job)
    review = latest_review(db, visit)
    first = owner(db, review)
    do(db, first, holders.put_back, review, NOW)
    db.write_now(operations.assign_waiting, TEN_MINUTES)
    second = owner(db, review)
    assert second == colleague(first)
    leave(db, first)
    with pytest.raises(Conflict):  # it would be theirs again in ten minutes
        do(db, second, holders.put_back, review, NOW)
    assert owner(db, review) == second
    for act in ("review.put_back", "visit.evidence_overdue"):
        assert REACTIONS[act] == ("review.tell_waiting",)


Meanwhile = Callable[[Session, str, str], Any]


def connected(session: Session, statement: Any, *rows: Any) -> None:
    """As another connection would: the session does not notice."""
    session.connection().execute(statement, *rows)


def asked_meanwhile(session: Session, visit: str, review: str) -> None:
    row = {"id": random_id(), "visit_id": visit, "review_id": review, "kind": "void", "unit_path": "36/", "items": [],
           "asked_by": "acc-reviewer", "asked_at": NOW, "status": "open", "reason": "", "note": "",
           "answer": ""}  # fmt: skip
    connected(session, insert(SecondOpinion.__table__), row)  # type: ignore[attr-defined]


def closed_meanwhile(session: Session, visit: str, review: str) -> None:
    table = Review.__table__  # type: ignore[attr-defined]
    connected(session, update(table).where(table.c.id == review).values(closed_at=NOW))


def given_meanwhile(session: Session, visit: str, review: str) -> None:
    table = Review.__table__  # type: ignore[attr-defined]
    connected(session, update(table).where(table.c.id == review).values(reviewer_id=None))


def changed_meanwhile(session: Session, visit: str, review: str) -> None:
    """One change is taken back."""
    one = queries.overlays_of(session, visit, 1)[0]
    row = {"id": random_id(), "visit_id": visit, "revision": 1, "item_id": one.item_id, "reason": "x", "old": one.new,
           "new": one.old, "created_by": one.created_by, "created_at": TEN_MINUTES}  # fmt: skip
    connected(session, insert(ReviewOverlay.__table__), row)  # type: ignore[attr-defined]


def questioned(s: Session, who: Any, review: str) -> None:
    item = queries.effective_answers(s, s.get_one(Visit, s.get_one(Review, review).visit_id))
    operations.note(s, who, review, rules.ItemNote(next(iter(item)), "Why?"), NOW)


def taken(s: Session, who: Any, review: str) -> None:
    operations.approve(s, who, review, rules.Approval(), draw, NOW)


@pytest.mark.parametrize(
    ("verb", "change", "refusal"),
    [
        (taken, asked_meanwhile, Conflict),
        (questioned, closed_meanwhile, Conflict),
        (taken, given_meanwhile, NotFound),
    ],
)
def test_what_others_did_while_a_verb_waited_is_seen(
    db: Database, waiting: tuple[str, str, str], monkeypatch: pytest.MonkeyPatch,
    verb: Callable[[Session, Any, str], None], change: Meanwhile, refusal: type[Exception],
) -> None:  # fmt: skip
    """The verb waits for the visit's row, as it does on PostgreSQL while another transaction has it."""
    visit, review, name = waiting
    monkeypatch.setattr(visits, "lock_visits", lambda session, keys: change(session, visit, review))
    with pytest.raises(refusal):
        do(db, name, lambda s, who: verb(s, who, review))
    assert status(db, visit) == "in_review"


def test_the_second_confirms_the_change_that_was_asked_about(
    db: Database, waiting: tuple[str, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    visit, review, name = waiting
    worsen(db, review, 8)
    approve(db, review)
    with monkeypatch.context() as patched:
        patched.setattr(visits, "lock_visits", lambda session, keys: changed_meanwhile(session, visit, review))
        with pytest.raises(Conflict):
            do(db, colleague(name), affairs.confirm, pending(db, visit).id, draw, NOW)
    do(db, colleague(name), affairs.confirm, pending(db, visit).id, draw, NOW)
    assert status(db, visit) == "approved"

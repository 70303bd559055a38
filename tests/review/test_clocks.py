"""Time limits: each strikes once, whoever runs the job and however often, and nothing is lost by them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from litestar.testing import TestClient
from sqlmodel import select

from audit_app.kit.db import Database, Session
from audit_app.kit.errors import Conflict, NotFound
from audit_app.notices.models import Notice
from audit_app.planning import operations as planning
from audit_app.planning.models import Assignment, Round
from audit_app.review import affairs, holders, jobs, operations, queries, rules, telling
from audit_app.review.models import Review
from audit_app.trail.models import TrailLine
from audit_app.visits import clocks
from audit_app.visits import operations as visits
from audit_app.visits.models import Visit, VisitClock, VisitFlag
from audit_app.visits.rules import DECODER, Sent
from tests import world
from tests.review.acting import colleague, do, draw, latest_review, owner, status
from tests.review.conftest import Submit, send_body
from tests.visits.sending import bodies, new_visit, raw, sha
from tests.world import NOW

Open = Callable[[str], TestClient]


def strike(db: Database, **after: int) -> None:
    """The job by the clock, so much later."""
    at = NOW + timedelta(**after)
    work: Any = jobs.strike_clocks.run
    work(SimpleNamespace(db=db, now=lambda: at), at)


def without_its_files(db: Database) -> str:
    body = bodies(db, "as-hall")
    content = raw(body)
    sent = Sent(new_visit(), DECODER.decode(content), content, sha(content))
    db.write_now(visits.submit, world.account_id("tester"), sent, NOW)
    return sent.visit_id


def acts(db: Database, act: str) -> int:
    return len(db.read_now(lambda s: s.scalars(select(TrailLine.id).where(TrailLine.act == act)).all()))


def flagged(db: Database, visit_id: str) -> set[str]:
    return set(db.read_now(lambda s: s.scalars(select(VisitFlag.kind).where(VisitFlag.visit_id == visit_id)).all()))


@pytest.mark.data
def test_missing_evidence_is_asked_for_once_and_given_to_a_reviewer_after_a_week(db: Database) -> None:
    visit = without_its_files(db)
    strike(db, hours=71)
    assert acts(db, "visit.evidence_asked") == 0
    for _ in range(3):  # another worker, or the same after a restart
        strike(db, hours=72)
    assert acts(db, "visit.evidence_asked") == 1
    assert latest_review(db, visit) == ""
    for _ in range(3):
        strike(db, days=7)
    assert acts(db, "visit.evidence_overdue") == 1
    review = latest_review(db, visit)
    assert status(db, visit) == "receiving"
    for verb, extra in ((operations.note, rules.ItemNote("x", "y")), (holders.put_back, None)):
        with pytest.raises(Conflict):
            do(db, owner(db, review), verb, review, *([extra] if extra else []), NOW)
    with pytest.raises(NotFound):
        do(db, colleague(owner(db, review)), affairs.go_on, review, NOW)
    do(db, owner(db, review), affairs.go_on, review, NOW)
    assert status(db, visit) == "in_review"
    assert "evidence_incomplete" in flagged(db, visit)
    with pytest.raises(Conflict):
        do(db, owner(db, review), affairs.go_on, review, NOW)
    do(db, owner(db, review), operations.approve, review, rules.Approval(), draw, NOW)
    assert status(db, visit) == "approved"


def test_two_workers_at_once_strike_once(db: Database) -> None:
    """Both have seen the visit before either wrote: the row decides."""
    without_its_files(db)
    at = NOW + timedelta(days=3)

    def twice(session: Session) -> list[int]:
        seen = clocks.queries.still_receiving(session, "evidence_asked", at, 10)
        return [len(clocks._strike(session, "evidence_asked", seen, at)) for _ in range(2)]

    assert db.write_now(twice) == [1, 0]


def test_files_that_come_after_all_go_on_as_ever(db: Database) -> None:
    visit = without_its_files(db)
    strike(db, days=7)
    review = latest_review(db, visit)

    def arrive(session: Session) -> None:
        body = queries.body_of(session, session.get_one(Visit, visit))
        for line in body.manifest:
            visits.file_stored(session, world.account_id("tester"), line.sha256, NOW)
        operations.open_review(session, visit, NOW)

    db.write_now(arrive)
    assert status(db, visit) == "in_review"
    assert latest_review(db, visit) == review
    assert "evidence_incomplete" not in flagged(db, visit)


@pytest.mark.data
def test_a_return_that_nobody_answers(db: Database, submit: Submit) -> None:
    visit = submit("as-hall")
    review = latest_review(db, visit)
    name = owner(db, review)
    item = db.read_now(lambda s: next(iter(queries.effective_answers(s, s.get_one(Visit, visit)))))
    do(db, name, operations.return_visit, review, NOW, [rules.ItemNote(item, "Which desk?")])
    with pytest.raises(Conflict):
        do(db, name, affairs.go_on, review, NOW + timedelta(days=2))
    for _ in range(2):
        strike(db, days=3)
    assert acts(db, "visit.return_expired") == 1
    assert status(db, visit) == "returned"  # the answer may still come
    assert "return_expired" in flagged(db, visit)
    do(db, name, affairs.go_on, review, NOW + timedelta(days=3))
    assert status(db, visit) == "in_review"
    do(db, name, operations.approve, review, rules.Approval(), draw, NOW)
    assert status(db, visit) == "approved"
    assert db.read_now(lambda s: s.get_one(Review, review).deadline) is not None  # still counted as returned


def test_a_late_answer_is_taken_until_the_reviewer_goes_on(db: Database, submit: Submit) -> None:
    visit = submit("as-hall")
    review = latest_review(db, visit)
    item = db.read_now(lambda s: next(iter(queries.effective_answers(s, s.get_one(Visit, visit)))))
    do(db, owner(db, review), operations.return_visit, review, NOW, [rules.ItemNote(item, "?")])
    strike(db, days=4)
    body = bodies(db, "as-hall")
    db.write_now(send_body, "as-hall", body | {"revision": 2}, visit)
    assert status(db, visit) == "in_review"
    with pytest.raises(Conflict):
        do(db, owner(db, review), affairs.go_on, review, NOW + timedelta(days=4))


def test_who_is_told(db: Database, submit: Submit) -> None:
    visit = without_its_files(db)
    db.write_now(telling.tell_files, [visit], NOW)
    db.write_now(telling.tell_files, [visit], NOW)
    kinds = select(Notice.account_id, Notice.kind)
    assert [tuple(row) for row in db.read_now(lambda s: s.execute(kinds).all())] == [
        (world.account_id("tester"), "visit.files_missing")
    ]


def test_the_first_mirrored_draft_starts_the_job_once(client_for: Open, db: Database) -> None:
    def job(key: str) -> tuple[str, datetime]:
        return db.read_now(lambda s: (s.get_one(Assignment, key).status, s.get_one(Assignment, key).status_at))

    tester, other = client_for("tester"), client_for("tester-2")
    assert other.put(f"/api/v1/drafts/{new_visit()}", json={"assignment_id": "as-hall"}).status_code == 200
    assert job("as-hall")[0] == "accepted"  # somebody else's
    key = new_visit()
    assert tester.put(f"/api/v1/drafts/{key}", json={"assignment_id": "as-hall", "answers": {}}).status_code == 200
    began = job("as-hall")
    assert began[0] == "started"
    assert tester.put(f"/api/v1/drafts/{key}", json={"assignment_id": "as-hall"}).status_code == 200
    assert job("as-hall") == began
    assert acts(db, "assignment.started") == 1
    for odd in ({"assignment_id": 7}, {"assignment_id": "as-offered"}, {}, []):
        assert tester.put(f"/api/v1/drafts/{new_visit()}", json=odd).status_code == 200
    assert job("as-offered")[0] == "offered"
    assert db.write_now(planning.expire_offers, NOW + timedelta(days=30)) > 0
    assert job("as-hall")[0] == "started"  # a visit that was begun is not taken away


def test_a_round_is_closed_when_nothing_in_it_is_open(client_for: Open, db: Database) -> None:
    planner = client_for("province-supervisor")
    assert planner.post("/rounds/round-covert/closure").status_code == 409
    for job in ("as-hall", "as-offered", "as-tester-2", "as-chief"):
        assert planner.post(f"/assignments/{job}/cancellation", data={"reason": ""}).status_code == 303
    assert "/closure" in planner.get("/rounds/round-covert").text
    assert client_for("city-supervisor").post("/rounds/round-covert/closure").status_code == 404
    assert client_for("outsider").post("/rounds/round-covert/closure").status_code == 404
    assert planner.post("/rounds/round-covert/closure").status_code == 303
    assert db.read_now(lambda s: s.get_one(Round, "round-covert").status) == "closed"
    assert planner.post("/rounds/round-covert/closure").status_code == 409
    assert acts(db, "round.closed") == 1


def test_the_clock_rows_say_what_struck(db: Database) -> None:
    visit = without_its_files(db)
    strike(db, days=8)
    rows = db.read_now(lambda s: {(c.visit_id, c.revision, c.kind) for c in s.scalars(select(VisitClock)).all()})
    assert rows == {(visit, 1, "evidence_asked"), (visit, 1, "evidence_overdue")}

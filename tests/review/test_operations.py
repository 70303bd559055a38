"""The verbs of the review on both databases: queue, result, release."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlmodel import func, select

from audit_app.access.models import Account
from audit_app.access.rules import Actor
from audit_app.kit.db import Database, Session
from audit_app.kit.errors import Conflict, NotFound
from audit_app.organisation.models import RoleGrant
from audit_app.organisation.queries import grants_of
from audit_app.planning.models import Assignment
from audit_app.review import jobs, operations, rules
from audit_app.review.models import Release, Review, VisitResult
from audit_app.visits.models import Visit
from tests import world
from tests.review.conftest import Submit
from tests.world import NOW

pytestmark = pytest.mark.data
Find = Callable[[str], str]


def actor(session: Session, username: str) -> Actor:
    key = world.account_id(username)
    return Actor(key, username, username, tuple(grants_of(session, key)))


def do(db: Database, who: str, operation: Callable[..., Any], *args: Any, **kw: Any) -> Any:
    return db.write_now(lambda s: operation(s, actor(s, who), *args, **kw))


def approve(db: Database, review_id: str, days: int = 0) -> None:
    """By whoever has it, as if drawn for the given secret."""
    who = reviewer(db, review_id)
    do(db, who, operations.approve, review_id, rules.Approval("kept"), lambda key: f"seed-{days}", NOW)


def reviewer(db: Database, review_id: str) -> str:
    key = db.read_now(lambda s: s.get_one(Review, review_id).reviewer_id)
    assert key is not None
    return str(key).removeprefix("acc-")


def status(db: Database, visit_id: str) -> str:
    return db.read_now(lambda s: str(s.get_one(Visit, visit_id).status))


def test_opening_twice_makes_one_review(db: Database, submit: Submit) -> None:
    visit = submit()
    db.write_now(operations.open_review, visit, NOW)
    count = select(func.count()).select_from(Review).where(Review.visit_id == visit)
    assert db.read_now(lambda s: s.scalar(count)) == 1
    db.write_now(operations.open_review, "nowhere", NOW)


def test_work_is_given_out_evenly_and_never_across_provinces(db: Database, submit: Submit, review_of: Find) -> None:
    given = [reviewer(db, review_of(submit(job))) for job in ("as-hall", "as-tester-2", "as-overt", "as-call")]
    assert sorted(given) == ["reviewer", "reviewer", "reviewer-2", "reviewer-2"]


def test_nobody_gets_their_own_visit(db: Database, submit: Submit, review_of: Find) -> None:
    def make_reviewer(session: Session) -> None:
        for name in ("reviewer", "reviewer-2"):
            session.get_one(Account, world.account_id(name)).active = False
        session.add(RoleGrant(account_id="acc-tester", role="reviewer", unit_code="36", granted_at=NOW))

    db.write_now(make_reviewer)
    own, other = submit("as-hall"), submit("as-tester-2")
    assert db.read_now(lambda s: s.get_one(Review, review_of(own)).reviewer_id) is None
    assert reviewer(db, review_of(other)) == "tester"

    def force(session: Session) -> None:
        session.get_one(Review, review_of(own)).reviewer_id = "acc-tester"

    db.write_now(force)
    with pytest.raises(NotFound):
        do(db, "tester", operations.note, review_of(own), rules.ItemNote("x", "y"), NOW)


def test_a_review_moves_on_when_its_reviewer_loses_the_role(db: Database, submit: Submit, review_of: Find) -> None:
    review = review_of(submit())
    first = reviewer(db, review)

    def revoke(session: Session) -> None:
        found = session.scalars(select(RoleGrant).where(RoleGrant.account_id == world.account_id(first))).all()
        for grant in found:
            grant.revoked_at = NOW

    db.write_now(revoke)
    with pytest.raises(NotFound):
        do(db, first, operations.note, review, rules.ItemNote("x", "y"), NOW)
    assert db.write_now(operations.assign_waiting, NOW) == 1
    assert reviewer(db, review) not in (first, "outsider-reviewer")
    assert db.write_now(operations.assign_waiting, NOW) == 0


def test_overt_is_released_at_once_and_covert_waits_for_its_day(db: Database, submit: Submit, review_of: Find) -> None:
    overt, covert = submit("as-overt"), submit("as-hall")
    for visit in (overt, covert):
        approve(db, review_of(visit))
    assert status(db, overt) == "released"
    assert status(db, covert) == "approved"
    rows = db.read_now(lambda s: [(v.id, v.outward_id is not None) for v in s.scalars(select(Visit)).all()])
    assert dict(rows) == {overt: True, covert: False}
    release = db.read_now(lambda s: s.get_one(Release, covert).due_at)
    assert timedelta(days=2) < release - NOW < timedelta(days=11)
    visible = db.read_now(lambda s: {a.id: a.visible_at is not None for a in s.scalars(select(Assignment)).all()})
    assert visible["as-overt"]
    assert not visible["as-hall"]


def release(db: Database, days: int) -> None:
    """The job by the clock, so many days later."""
    at = NOW + timedelta(days=days)
    work: Any = jobs.release_due.run
    work(SimpleNamespace(db=db, now=lambda: at), at)


def test_the_job_catches_up_and_releases_alone_only_on_the_last_day(
    db: Database, submit: Submit, review_of: Find
) -> None:
    visit = submit("as-hall")
    approve(db, review_of(visit))
    for days in (2, 9):
        release(db, days)
        assert status(db, visit) == "approved"
    release(db, 30)  # the worker was off for weeks
    assert status(db, visit) == "released"
    assert db.read_now(lambda s: s.get_one(Release, visit).released_at) == NOW + timedelta(days=30)
    release(db, 31)


def test_three_of_one_county_are_released_together(db: Database, submit: Submit, review_of: Find) -> None:
    visits = [submit("as-hall"), submit("as-chief"), submit("as-tester-2")]
    for visit in visits:
        approve(db, review_of(visit))

    def same_county(session: Session) -> None:
        for visit in visits:
            found = session.get_one(Release, visit)
            found.county_path, found.due_at = "36/3601/360102/", NOW + timedelta(days=4)

    db.write_now(same_county)
    release(db, 3)
    assert {status(db, v) for v in visits} == {"approved"}
    release(db, 4)
    assert {status(db, v) for v in visits} == {"released"}
    assert len({db.read_now(lambda s, v=v: s.get_one(Visit, v).outward_id) for v in visits}) == 3


def test_a_voided_visit_holds_nobody_up(db: Database, submit: Submit, review_of: Find) -> None:
    gone, kept = submit("as-hall"), submit("as-tester-2")
    for visit in (gone, kept):
        approve(db, review_of(visit))

    def void(session: Session) -> None:
        session.get_one(Visit, gone).status = "void"

    db.write_now(void)
    release(db, 30)
    assert status(db, gone) == "void"
    assert status(db, kept) == "released"


def test_results_are_numbered_and_never_replaced(db: Database, submit: Submit, review_of: Find) -> None:
    visit = submit()
    approve(db, review_of(visit))

    def correct(session: Session) -> int:
        return operations.store_result(session, session.get_one(Visit, visit), "correction", None, NOW).number

    assert db.write_now(correct) == 2
    numbers = select(VisitResult.number).where(VisitResult.visit_id == visit).order_by(VisitResult.number)  # type: ignore[arg-type]
    assert list(db.read_now(lambda s: s.scalars(numbers).all())) == [1, 2]


def test_a_closed_review_takes_nothing_more(db: Database, submit: Submit, review_of: Find) -> None:
    review = review_of(submit())
    who = reviewer(db, review)
    approve(db, review)
    for verb, extra in (
        (operations.note, rules.ItemNote("x", "y")),
        (operations.overlay, rules.NewOverlay("x", "y")),
    ):
        with pytest.raises(Conflict):
            do(db, who, verb, review, extra, NOW)
    with pytest.raises(Conflict):
        do(db, who, operations.return_visit, review, NOW)
    with pytest.raises(Conflict):
        approve(db, review)

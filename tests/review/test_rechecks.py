"""A supervisor's second look at low and much changed scores, and how reviewers review."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from litestar.testing import TestClient
from sqlmodel import col, select, update

from audit_app.kit.db import Database, Session
from audit_app.kit.errors import Conflict, Forbidden, Invalid, NotFound
from audit_app.organisation.models import RoleGrant
from audit_app.planning.models import Assignment
from audit_app.review import affairs, operations, opinions, queries, rechecks, rules
from audit_app.review.models import Recheck, Review
from audit_app.visits.models import Visit
from tests import world
from tests.counting import statements
from tests.review.acting import ask, ask_void, colleague, do, draw, latest_review, owner, status, worsen
from tests.review.conftest import Submit
from tests.world import NOW

Open = Callable[[str], TestClient]


def approve(db: Database, visit: str, changes: int = 0) -> str:
    """Approved, confirmed where that is needed; returns the review."""
    review = latest_review(db, visit)
    if changes:
        worsen(db, review, changes)
    name = owner(db, review)
    do(db, name, operations.approve, review, rules.Approval("kept"), draw, NOW)
    if status(db, visit) == "in_review":
        waiting = db.read_now(queries.opinion_on, visit)
        assert waiting is not None
        do(db, colleague(name), affairs.confirm, waiting.id, draw, NOW)
    return review


def low(db: Database, visit: str) -> str:
    """A re-check of the visit; returns its id."""
    approve(db, visit, 14)
    return str(db.read_now(lambda s: s.scalars(select(Recheck.id).where(Recheck.visit_id == visit)).one()))


def test_only_low_or_much_changed_scores_are_looked_at_again(db: Database, submit: Submit) -> None:
    good, bad = submit("as-tester-2"), submit("as-hall")
    approve(db, good)
    key = low(db, bad)
    found = db.read_now(lambda s: s.get_one(Recheck, key))
    assert (found.low, found.changed) == (found.experience is not None and found.experience <= 7000, True)
    rows = ask(db, "province-supervisor", queries.rechecks, "open", "").page.rows
    assert [row.id for row in rows] == [key]
    assert not rows[0].released


@pytest.mark.data
def test_the_score_stands(db: Database, submit: Submit) -> None:
    key = low(db, submit("as-hall"))
    for who in ("city-supervisor", "county-supervisor", "outsider", "reviewer", "hr"):  # a covert visit of the province
        with pytest.raises(NotFound):
            do(db, who, rechecks.confirm, key, "", NOW)
    with pytest.raises(Invalid):
        do(db, "province-supervisor", rechecks.confirm, key, "x" * 2001, NOW)
    do(db, "province-supervisor", rechecks.confirm, key, "Looked at every photo.", NOW)
    decided = db.read_now(lambda s: s.get_one(Recheck, key))
    assert (decided.status, decided.decided_by, decided.note) == (
        "confirmed", world.account_id("province-supervisor"), "Looked at every photo.",
    )  # fmt: skip
    for verb, extra in ((rechecks.confirm, ""), (rechecks.revisit, order("round-covert"))):
        with pytest.raises(Conflict):
            do(db, "province-supervisor", verb, key, extra, NOW)


def order(round_id: str, who: str = "chief-tester") -> rules.Revisit:
    today = world.NOW.date()
    return rules.Revisit(round_id, world.assessor_id(who), today, today + timedelta(days=5), "Go on a weekday.")


def test_a_chief_tester_goes_again(client_for: Open, db: Database, submit: Submit) -> None:
    key = low(db, submit("as-hall"))
    for wrong in (order("round-covert", "tester-2"), order("round-overt"), order("no-such")):
        with pytest.raises(Invalid):
            do(db, "province-supervisor", rechecks.revisit, key, wrong, NOW)
    page = client_for("province-supervisor").get(f"/rechecks/{key}").text
    assert world.assessor_id("chief-tester") in page
    assert world.assessor_id("tester-2") not in page
    made = do(db, "province-supervisor", rechecks.revisit, key, order("round-covert"), NOW)
    job = db.read_now(lambda s: s.get_one(Assignment, made))
    assert (job.touchpoint_id, job.assessor_id, job.status) == (
        "hall-bell-2", world.assessor_id("chief-tester"), "offered",
    )  # fmt: skip
    assert db.read_now(lambda s: s.get_one(Recheck, key)).assignment_id == made


def test_an_overt_one_by_whoever_plans_it_and_before_and_after_its_release(
    client_for: Open, db: Database, submit: Submit
) -> None:
    key = low(db, submit("as-overt"))
    assert client_for("city-supervisor").get(f"/rechecks/{key}").status_code == 200
    assert client_for("city-supervisor-2").get(f"/rechecks/{key}").status_code == 404
    assert client_for("reviewer").get(f"/rechecks/{key}").status_code == 403
    form = {"note": "", "round_id": "round-overt", "assessor_id": world.assessor_id("inspector"),
            "first_day": "2026-11-24", "last_day": "2026-11-28"}  # fmt: skip
    refused = client_for("city-supervisor").post(f"/rechecks/{key}/revisit", data=form)
    assert refused.status_code == 422
    assert client_for("city-supervisor").post(f"/rechecks/{key}/confirmation", data={"note": ""}).status_code == 303


def test_nobody_looks_again_at_their_own(db: Database, submit: Submit) -> None:
    from audit_app.organisation.models import RoleGrant

    key = low(db, submit("as-hall"))

    visit = db.read_now(lambda s: s.get_one(Recheck, key).visit_id)
    name = owner(db, latest_review(db, visit))

    def grant_to(session: Session) -> None:
        for role in ("supervisor", "covert_planner"):
            session.add(RoleGrant(account_id=world.account_id(name), role=role, unit_code="36", granted_at=NOW))

    db.write_now(grant_to)
    with pytest.raises(Forbidden):
        do(db, name, rechecks.confirm, key, "", NOW)
    assert ask(db, name, rechecks.build, key, NOW).own


def test_a_void_visit_leaves_the_queue(db: Database, submit: Submit) -> None:
    visit = submit("as-hall")
    key = low(db, visit)
    review = latest_review(db, visit)
    name = owner(db, review)
    asked = do(db, name, opinions.ask_void, review, rules.NewVoid("other", "No", []), NOW)
    do(db, colleague(name), affairs.confirm, asked, draw, NOW)
    assert ask(db, "province-supervisor", queries.count_rechecks) == 0
    with pytest.raises(Conflict):
        do(db, "province-supervisor", rechecks.confirm, key, "", NOW)


def figures(db: Database, who: str, days: int = 90) -> dict[str, Any]:
    found = ask(db, who, queries.reviewers, days, NOW + timedelta(hours=1))
    return {row.name: row for row in found.rows}


def test_how_reviewers_review(client_for: Open, db: Database, submit: Submit) -> None:
    visits = [submit("as-hall"), submit("as-overt")]

    def to_one(session: Session) -> None:
        for review in session.scalars(select(Review)).all():
            review.reviewer_id = "acc-reviewer"

    db.write_now(to_one)
    approve(db, visits[0], 8)
    approve(db, visits[1])
    rows = figures(db, "province-supervisor")
    assert list(rows) == ["Reviewer", "Reviewer 2"]  # by name
    mine = rows["Reviewer"].figures
    assert (mine.decided, mine.returned, mine.void, mine.agreed) == (2, 0.0, 0.0, 100.0)
    assert mine.mean_change is not None
    assert mine.mean_change > Decimal("2.5")
    assert rows["Reviewer 2"].figures.decided == 0
    assert figures(db, "city-supervisor") == {}  # no reviewer's role lies in the city
    page = client_for("province-supervisor").get("/reviewers")
    assert page.status_code == 200
    for code in ("0317", "Tester", world.assessor_id("tester")):
        assert code not in page.text.replace("Testers", "")
    assert client_for("reviewer").get("/reviewers").status_code == 403
    assert [row.name for row in ask(db, "outsider", queries.reviewers, 90, NOW).rows] == ["Outsider Reviewer"]


@pytest.mark.data
def test_a_void_is_counted_once_it_may_be_known(db: Database, submit: Submit, monkeypatch: pytest.MonkeyPatch) -> None:
    """A supervisor who plans no covert visits learns of a voided one when it could have been released, or was."""
    visit, other = submit("as-hall"), submit("as-tester-2")
    reviews = [latest_review(db, key) for key in (visit, other)]

    def settle(session: Session) -> None:
        session.add(RoleGrant(account_id="acc-reviewer", role="reviewer", unit_code="360102", granted_at=NOW))
        session.execute(update(Review).values(reviewer_id="acc-reviewer"))

    db.write_now(settle)
    worsen(db, reviews[1], 1)
    approve(db, other)
    do(db, "reviewer-2", affairs.confirm, ask_void(db, reviews[0]), draw, NOW)

    def seen(**later: int) -> tuple[Any, ...]:
        rows = ask(db, "county-supervisor", queries.reviewers, 90, NOW + timedelta(**later)).rows
        return next((f.decided, f.void, f.mean_change) for f in [row.figures for row in rows if row.name == "Reviewer"])

    assert seen(days=10) == (0, None, None)
    assert seen(days=12) == (1, 100.0, None)
    db.write_now(lambda s: s.execute(update(Visit).values(outward_id=sa.func.substr(Visit.id, 1, 32))))
    decided, void, change = seen(hours=1)
    assert (decided, void) == (2, 50.0)
    assert change > 0
    earlier = update(Review).where(col(Review.id) == reviews[1]).values(opened_at=NOW - timedelta(hours=10))
    db.write_now(lambda s: s.execute(earlier))
    assert figures(db, "province-supervisor")["Reviewer"].figures.median_hours == 5
    monkeypatch.setattr(rules, "MEDIAN_OF", 1)
    assert figures(db, "province-supervisor")["Reviewer"].figures.median_hours in (0, 10)


def test_the_figures_of_one_reviewer() -> None:
    decided = rules.Decided(count=4, returned=2, void=1, changes=3, moved=400, hours=[1, 2, 4, 6])
    found = rules.figures(decided, 1, 2)
    assert (found.decided, found.median_hours, found.returned, found.void, found.agreed) == (4, 3, 50, 25, 50)
    assert found.mean_change == Decimal(400) / 300
    assert rules.figures(rules.Decided(), 0, 0) == rules.Figures(0, None, None, None, None, None)


def test_statements_do_not_grow(db: Database, submit: Submit) -> None:
    keys = [low(db, submit(job)) for job in ("as-hall", "as-overt")]
    looks: list[Callable[[], Any]] = [
        lambda: ask(db, "province-supervisor", queries.rechecks, "open", ""),
        lambda: figures(db, "province-supervisor"),
    ]
    counted = []
    for look in looks:
        with statements(db) as found:
            look()
        counted.append(len(found))
    keys.append(low(db, submit("as-tester-2")))
    for look, before in zip(looks, counted, strict=True):
        with statements(db) as found:
            look()
        assert 0 < len(found) == before
    assert len(keys) == 3

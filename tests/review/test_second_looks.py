"""Second reviewers: changes over 5 points, voids, and who may say what about them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from litestar.testing import TestClient
from sqlmodel import col, select, update

from audit_app.access.models import Account
from audit_app.analytics import operations as analytics
from audit_app.analytics.models import VisitFact
from audit_app.kit.db import Database, Session
from audit_app.kit.errors import Conflict, Invalid, NotFound
from audit_app.planning.models import Assignment
from audit_app.reporting import operations as reporting
from audit_app.reporting.models import Scorecard
from audit_app.review import affairs, operations, opinions, queries, rules
from audit_app.review.models import Recheck, Review, SecondOpinion, VisitResult
from audit_app.review.replay import replay
from audit_app.visits.models import Visit, VisitVoid
from tests.review.acting import (
    NOTE,
    approve,
    ask,
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
from tests.world import NOW, account_id

Open = Callable[[str], TestClient]


@pytest.fixture
def changed(db: Database, submit: Submit) -> tuple[str, str, str]:
    """(visit, review, its reviewer): approved with a change of more than 5 points."""
    visit = submit("as-hall")
    review = latest_review(db, visit)
    worsen(db, review, 8)
    approve(db, review)
    return visit, review, owner(db, review)


@pytest.mark.data
def test_a_change_of_more_than_five_points_waits_for_another_reviewer(
    db: Database, changed: tuple[str, str, str]
) -> None:
    visit, review, name = changed
    opinion = pending(db, visit)
    assert status(db, visit) == "in_review"
    assert (opinion.kind, opinion.asked_by) == ("change", account_id(name))
    assert opinion.second_id == account_id(colleague(name))
    assert opinion.change is not None
    assert opinion.change < -500
    for who in (name, "outsider-reviewer"):
        with pytest.raises(NotFound):
            do(db, who, affairs.confirm, opinion.id, draw, NOW)
        with pytest.raises(NotFound):
            do(db, who, opinions.refuse, opinion.id, "No", NOW)
    with pytest.raises(Conflict):  # nothing moves meanwhile
        worsen(db, review, 1)
    do(db, colleague(name), affairs.confirm, opinion.id, draw, NOW)
    assert status(db, visit) == "approved"
    decided = db.read_now(lambda s: s.get_one(Review, review))
    assert (decided.outcome, decided.release_note, decided.change) == ("approved", "Taken with changes", opinion.change)
    assert pending(db, visit).status == "confirmed"
    with pytest.raises(NotFound):
        do(db, colleague(name), affairs.confirm, opinion.id, draw, NOW)
    assert db.read_now(lambda s: s.scalars(select(Recheck.changed)).all()) == [True]


def test_a_small_change_waits_for_nobody(db: Database, submit: Submit) -> None:
    visit = submit("as-hall")
    review = latest_review(db, visit)
    worsen(db, review, 1)
    approve(db, review)
    assert status(db, visit) == "approved"
    assert db.read_now(queries.opinion_on, visit) is None
    change = db.read_now(lambda s: s.get_one(Review, review).change)
    assert change is not None
    assert -500 <= change < 0


def test_a_refusal_says_why_and_hands_back(db: Database, changed: tuple[str, str, str]) -> None:
    visit, review, name = changed
    opinion = pending(db, visit)
    with pytest.raises(Invalid):
        do(db, colleague(name), opinions.refuse, opinion.id, "  ", NOW)
    do(db, colleague(name), opinions.refuse, opinion.id, "The photo shows a full rack.", NOW)
    assert pending(db, visit).answer == "The photo shows a full rack."
    assert status(db, visit) == "in_review"
    later = NOW + timedelta(minutes=1)
    do(db, name, operations.approve, review, NOTE, draw, later)  # asked again, as nothing was taken back
    assert pending(db, visit).status == "open"
    with pytest.raises(NotFound):
        do(db, colleague(name), opinions.withdraw, pending(db, visit).id, NOW)
    do(db, name, opinions.withdraw, pending(db, visit).id, NOW)
    assert pending(db, visit).status == "withdrawn"


def test_the_second_reviewer_reads_the_visit_only_while_asked(client_for: Open, db: Database, submit: Submit) -> None:
    visit = submit("as-hall")
    review = latest_review(db, visit)
    name = owner(db, review)
    second = client_for(colleague(name))
    assert second.get(f"/reviews/{review}").status_code == 404
    key = ask_void(db, review)
    page = second.get(f"/reviews/{review}")
    assert page.status_code == 200
    assert f"/opinions/{key}/confirmation" in page.text
    for form in ("approval", "overlays", "return", "void", "flags"):
        assert f'action="/reviews/{review}/{form}"' not in page.text
    assert review in second.get("/opinions").text
    first = client_for(name)
    assert f"/opinions/{key}/withdrawal" in first.get(f"/reviews/{review}").text
    assert review not in first.get("/opinions").text
    assert first.post(f"/opinions/{key}/confirmation").status_code == 404
    assert client_for("outsider-reviewer").post(f"/opinions/{key}/confirmation").status_code == 404
    assert second.post(f"/opinions/{key}/refusal", data={"answer": ""}).status_code == 422
    assert second.post(f"/opinions/{key}/confirmation").status_code == 303
    assert second.get(f"/reviews/{review}").status_code == 404
    assert status(db, visit) == "void"
    assert "The photo is of another hall." in first.get(f"/reviews/{review}").text


@pytest.mark.data
def test_a_released_score_is_superseded_by_a_void(db: Database, submit: Submit) -> None:
    visit = submit("as-overt")
    review = latest_review(db, visit)
    approve(db, review)
    assert status(db, visit) == "released"
    db.write_now(analytics.keep_facts, [visit])
    db.write_now(reporting.keep_cards, [visit])
    key = ask_void(db, review)
    do(db, colleague(owner(db, review)), affairs.confirm, key, draw, NOW)
    assert status(db, visit) == "void"
    results = db.read_now(lambda s: s.scalars(select(VisitResult).order_by(col(VisitResult.number))).all())
    assert [(r.cause, r.experience is None, r.outcome) for r in results] == [
        ("approval", False, "ok"), ("void", True, "void"),
    ]  # fmt: skip
    assert results[0].answers_sha256 == results[1].answers_sha256
    assert db.read_now(replay).differences == []
    db.write_now(analytics.keep_facts, [visit])  # as the reaction to the trail line does
    db.write_now(reporting.keep_cards, [visit])
    assert db.read_now(lambda s: s.scalars(select(VisitFact.visit_id)).all()) == []
    assert set(db.read_now(lambda s: s.scalars(select(Scorecard.visits)).all())) == {0}
    assert db.read_now(lambda s: s.get_one(Assignment, "as-overt").reason) == "void"


@pytest.mark.data
def test_two_ask_at_once_and_one_gets_through(db: Database, submit: Submit) -> None:
    """The second request of the same moment meets the first one's row."""
    visit = submit("as-hall")
    review = latest_review(db, visit)
    name = owner(db, review)
    ask_void(db, review)
    with pytest.raises(Conflict):
        ask_void(db, review)

    def twice(session: Session) -> None:
        found, of = queries.review_of(session, _actor(session, name), review)
        queries_is_waiting = queries.is_waiting
        try:
            queries.is_waiting = lambda *_: False  # as if both had looked before either wrote
            opinions.ask(session, _actor(session, name), found, of, "void", NOW)
        finally:
            queries.is_waiting = queries_is_waiting

    with pytest.raises(Conflict):
        db.write_now(twice)


def _actor(session: Session, name: str) -> Any:
    from tests.review.acting import actor

    return actor(session, name)


def test_the_assessor_reads_what_was_voided_and_may_go_again(client_for: Open, db: Database, submit: Submit) -> None:
    visit = submit("as-hall")
    review = latest_review(db, visit)
    item = db.read_now(lambda s: next(iter(queries.effective_answers(s, s.get_one(Visit, visit)))))
    key = ask_void(db, review, item)
    tester = client_for("tester")
    told = tester.get(f"/api/v1/visits/{visit}").json()
    assert told["void"] is None
    do(db, colleague(owner(db, review)), affairs.confirm, key, draw, NOW)
    told = tester.get(f"/api/v1/visits/{visit}").json()
    assert told["status"] == "void"
    assert told["void"] == {"reason": "false_evidence", "items": [item], "note": "The photo is of another hall."}
    page = tester.get(f"/field/visits/{visit}")
    assert "The photo is of another hall." in page.text
    for other in ("tester-2", "inspector"):
        assert client_for(other).get(f"/field/visits/{visit}").status_code == 404
    again = submit("as-hall")
    assert status(db, again) == "in_review"
    assert db.read_now(lambda s: s.get_one(Assignment, "as-hall").reason) == ""


def test_a_void_needs_a_reason_and_words(db: Database, submit: Submit) -> None:
    review = latest_review(db, submit("as-hall"))
    for reason, note, items in (("", "x", []), ("other", " ", []), ("nonsense", "x", []), ("other", "x", ["nix"])):
        with pytest.raises(Invalid):
            do(db, owner(db, review), opinions.ask_void, review, rules.NewVoid(reason, note, items), NOW)
    for who in (colleague(owner(db, review)), "outsider-reviewer"):
        with pytest.raises(NotFound):
            do(db, who, opinions.ask_void, review, rules.NewVoid("other", "x", []), NOW)


def test_a_second_reviewer_is_looked_for_until_there_is_one(db: Database, submit: Submit) -> None:
    visit = submit("as-hall")
    review = latest_review(db, visit)
    name = owner(db, review)

    def active(on: bool) -> None:
        change = update(Account).where(col(Account.id) == account_id(colleague(name))).values(active=on)
        db.write_now(lambda s: s.execute(change))

    active(False)
    ask_void(db, review)
    assert pending(db, visit).second_id is None
    assert db.write_now(opinions.place_waiting, NOW) == 0
    active(True)
    assert db.write_now(opinions.place_waiting, NOW) == 1
    assert pending(db, visit).second_id == account_id(colleague(name))
    assert ask(db, colleague(name), queries.count_opinions) == 1
    active(False)
    assert db.write_now(opinions.place_waiting, NOW + timedelta(hours=1)) == 0
    assert pending(db, visit).second_id is None


def test_nobody_confirms_a_visit_of_their_own(db: Database, submit: Submit) -> None:
    """Not even as the only other reviewer."""
    from audit_app.organisation.models import RoleGrant

    visit = submit("as-hall")
    review = latest_review(db, visit)
    name = owner(db, review)

    def only_the_tester(session: Session) -> None:
        session.get_one(Account, account_id(colleague(name))).active = False
        session.add(RoleGrant(account_id="acc-tester", role="reviewer", unit_code="36", granted_at=NOW))

    db.write_now(only_the_tester)
    key = ask_void(db, review)
    assert pending(db, visit).second_id is None

    def force(session: Session) -> None:
        session.get_one(SecondOpinion, key).second_id = "acc-tester"

    db.write_now(force)
    with pytest.raises(NotFound):
        do(db, "tester", affairs.confirm, key, draw, NOW)
    assert db.read_now(lambda s: s.get(VisitVoid, visit)) is None

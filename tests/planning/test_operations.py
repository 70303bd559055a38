"""The life of a job on both databases."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import select

from audit_app.access.rules import Actor
from audit_app.kit.db import Database, Session
from audit_app.kit.errors import Conflict, Forbidden, Invalid, NotFound
from audit_app.organisation.queries import grants_of
from audit_app.planning import operations, queries, rules
from audit_app.planning.models import Assignment, Programme, Round
from audit_app.trail.models import TrailLine
from tests import world
from tests.world import NOW

pytestmark = pytest.mark.data


def actor(session: Session, username: str) -> Actor:
    key = world.account_id(username)
    return Actor(key, username, username, tuple(grants_of(session, key)))


def do(db: Database, who: str, operation: Any, *args: Any) -> Any:
    return db.write_now(lambda s: operation(s, actor(s, who), *args))


def status(db: Database, key: str) -> str:
    return db.read_now(lambda s: str(s.get_one(Assignment, key).status))


def job(db: Database, **other: Any) -> rules.NewAssignment:
    given: dict[str, Any] = {
        "touchpoint_id": "outlet-bell", "assessor_id": "ass-tester-2", "first_day": date(2026, 11, 25),
        "last_day": date(2026, 12, 1), "checklist_version_id": db.read_now(world.version_of, "outlet-partner"),
    }  # fmt: skip
    return rules.NewAssignment(**(given | other))


def test_a_job_in_a_published_round_is_offered_at_once_and_answered(db: Database) -> None:
    key = do(db, "province-supervisor", operations.assign, "round-covert", job(db), NOW)
    assert status(db, key) == "offered"
    for stranger in ("tester", "inspector", "outsider"):
        with pytest.raises(NotFound):
            do(db, stranger, operations.accept, key, NOW)
    do(db, "tester-2", operations.accept, key, NOW)
    do(db, "tester-2", operations.accept, key, NOW)
    assert status(db, key) == "accepted"
    with pytest.raises(Invalid):
        do(db, "tester-2", operations.decline, key, "because", "", NOW)
    do(db, "tester-2", operations.decline, key, "health", "", NOW)
    assert status(db, key) == "declined"
    with pytest.raises(Conflict):
        do(db, "tester-2", operations.accept, key, NOW)


def test_an_offer_ends_when_nobody_answers(db: Database) -> None:
    with pytest.raises(Conflict):
        do(db, "tester", operations.accept, "as-offered", NOW + timedelta(days=2))
    assert db.write_now(operations.expire_offers, NOW + timedelta(days=2)) == 1
    assert status(db, "as-offered") == "expired"
    assert status(db, "as-hall") == "accepted"
    assert db.write_now(operations.expire_offers, NOW + timedelta(days=9)) > 0
    assert status(db, "as-hall") == "expired"


def test_withdrawing_needs_the_right_at_the_owner(db: Database) -> None:
    for who in ("county-supervisor", "city-supervisor", "outsider"):
        with pytest.raises(NotFound):
            do(db, who, operations.cancel, "as-hall", "", NOW)
    assert do(db, "province-supervisor", operations.cancel, "as-hall", "", NOW) == "round-covert"
    assert status(db, "as-hall") == "cancelled"
    with pytest.raises(Conflict):
        do(db, "province-supervisor", operations.cancel, "as-hall", "", NOW)


def test_a_hidden_visit_is_only_not_available(db: Database) -> None:
    """The city must not learn that the province sent somebody covertly to its halls: no list shows it, and who tries
    to send the same person is answered "not available"."""

    def visited(session: Session) -> None:
        for job in ("as-chief", "as-tester-2"):
            found = session.get_one(Assignment, job)
            found.assessor_id, found.status, found.visited_at = "ass-inspector", "done", NOW - timedelta(days=9)

    db.write_now(visited)
    overt = db.read_now(world.version_of, "own-hall-overt")
    rows = db.read_now(
        lambda s: queries.choice_screen(s, actor(s, "city-supervisor"), "round-overt", "hall-drum", overt, NOW)
    )
    inspector = next(c for c in rows.candidates if c.id == "ass-inspector")
    assert inspector.refusals == []
    assert inspector.load == 1  # only the city's own job is counted
    assert "ass-tester-far" not in {c.id for c in rows.candidates}
    new = rules.NewAssignment("hall-drum", "ass-inspector", overt, NOW.date(), NOW.date())
    with pytest.raises(Invalid) as refused:
        do(db, "city-supervisor", operations.assign, "round-overt", new, NOW)
    assert [f.code for f in refused.value.fields] == ["unavailable"]
    due = db.read_now(lambda s: queries.round_screen(s, actor(s, "city-supervisor"), "round-overt", NOW,
                                                     queries.Listing(all=True))).due.rows  # fmt: skip
    assert {row.id: row.last for row in due}["hall-bell"] is None
    own = db.read_now(lambda s: queries.round_screen(s, actor(s, "province-supervisor"), "round-covert", NOW,
                                                     queries.Listing(all=True))).due.rows  # fmt: skip
    assert {row.id: row.last for row in own}["hall-bell"] == NOW - timedelta(days=9)


def test_days_must_lie_in_the_round_and_not_in_the_past(db: Database) -> None:
    for days in ((date(2026, 11, 20), date(2026, 11, 23)), (date(2026, 12, 1), date(2026, 11, 30)),
                 (date(2027, 6, 1), date(2027, 6, 2))):  # fmt: skip
        with pytest.raises(Invalid):
            do(db, "province-supervisor", operations.assign, "round-covert",
               job(db, first_day=days[0], last_day=days[1]), NOW)  # fmt: skip


def test_a_notice_is_given_once_by_the_owner(db: Database) -> None:
    def unsaid(session: Session) -> None:
        found = session.get_one(Programme, "prog-overt")
        found.notice, found.notice_at = "", None

    db.write_now(unsaid)
    with pytest.raises((Forbidden, NotFound)):
        do(db, "county-supervisor", operations.give_notice, "prog-overt", "Visits will come.", NOW)
    do(db, "city-supervisor", operations.give_notice, "prog-overt", "Visits will come.", NOW)
    with pytest.raises(Conflict):
        do(db, "city-supervisor", operations.give_notice, "prog-overt", "Again", NOW)
    assert db.read_now(lambda s: s.get_one(Programme, "prog-overt").notice_at) == NOW


def test_a_round_is_published_once_and_later_jobs_go_out_at_once(db: Database) -> None:
    new = rules.NewRound("R", date(2026, 11, 24), date(2026, 12, 20))
    round_id = do(db, "province-supervisor", operations.create_round, "prog-covert", new, NOW)
    with pytest.raises(Conflict):
        do(db, "province-supervisor", operations.publish_round, round_id, NOW)
    key = do(db, "province-supervisor", operations.assign, round_id, job(db), NOW)
    assert status(db, key) == "draft"
    with pytest.raises(NotFound):
        do(db, "tester-2", operations.accept, key, NOW)
    assert do(db, "province-supervisor", operations.publish_round, round_id, NOW) == 1
    respond = db.read_now(lambda s: s.scalars(select(Assignment.respond_by).where(Assignment.id == key)).one())
    assert respond == NOW + timedelta(days=3)
    assert db.read_now(lambda s: s.get_one(Round, round_id).status) == "published"


def set_pool(db: Database, who: str, fewest: int, reason: str = "") -> None:
    do(db, who, operations.set_pool, "prog-covert", rules.Pool(fewest, reason), NOW)


def thin(db: Database, round_id: str) -> list[tuple[str, int]]:
    def found(session: Session) -> list[tuple[str, int]]:
        programme = session.get_one(Programme, "prog-covert")
        rows = queries.thin_jobs(session, actor(session, "province-supervisor"), programme, round_id, NOW.date())
        return [(row.touchpoint_id, row.eligible) for row in rows]

    return db.read_now(found)


def test_a_covert_job_needs_enough_to_choose_from(db: Database) -> None:
    """With too few eligible staff could guess who came: it is neither made nor, if they grew fewer, published."""
    new = rules.NewRound("R", date(2026, 11, 24), date(2026, 12, 20))
    round_id = do(db, "province-supervisor", operations.create_round, "prog-covert", new, NOW)
    rows = db.read_now(
        lambda s: queries.choice_screen(s, actor(s, "province-supervisor"), round_id, "outlet-bell", "", NOW)
    )
    there = len(rows.eligible)
    assert there >= 2
    set_pool(db, "province-supervisor", there + 1, "trial")
    with pytest.raises(Invalid) as refused:
        do(db, "province-supervisor", operations.assign, round_id, job(db), NOW)
    assert [(f.code, f.params) for f in refused.value.fields] == [("too-few", {"fewest": there + 1, "found": there})]
    set_pool(db, "province-supervisor", there, "trial")
    do(db, "province-supervisor", operations.assign, round_id, job(db), NOW)
    assert thin(db, round_id) == []  # the draft itself is no clash of the one who is to go
    set_pool(db, "province-supervisor", there + 1, "trial")
    assert thin(db, round_id) == [("outlet-bell", there)]
    with pytest.raises(Conflict) as kept:
        do(db, "province-supervisor", operations.publish_round, round_id, NOW)
    assert kept.value.code == operations.THIN
    set_pool(db, "province-supervisor", there, "trial")
    assert do(db, "province-supervisor", operations.publish_round, round_id, NOW) == 1


def test_fewer_than_usual_needs_a_reason_on_the_trail(db: Database) -> None:
    for fewest, reason in ((0, "trial"), (51, ""), (4, ""), (4, "because")):
        with pytest.raises(Invalid):
            set_pool(db, "province-supervisor", fewest, reason)
    for stranger in ("city-supervisor", "county-supervisor", "outsider"):
        with pytest.raises(NotFound):
            set_pool(db, stranger, 1, "trial")
    set_pool(db, "province-supervisor", 3, "small_area")
    set_pool(db, "province-supervisor", 50, "small_area")  # no reason is kept where none is needed
    lines = db.read_now(
        lambda s: s.scalars(select(TrailLine.detail).where(TrailLine.act == "programme.pool_set")).all()
    )
    assert list(lines) == [{"before": 1, "after": 3, "reason": "small_area"}, {"before": 3, "after": 50}]


def test_an_overt_job_needs_nobody_to_hide_among(db: Database) -> None:
    def thinned(session: Session) -> None:
        session.get_one(Programme, "prog-overt").fewest_eligible = 50

    db.write_now(thinned)
    overt = db.read_now(world.version_of, "own-hall-overt")
    new = rules.NewAssignment("hall-drum", "ass-inspector", overt, NOW.date(), NOW.date())
    assert do(db, "city-supervisor", operations.assign, "round-overt", new, NOW)

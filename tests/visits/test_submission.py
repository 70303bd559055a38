"""Sending a visit: once, whoever sends how often; refused with every gap; never for a job of somebody else."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from audit_app.kit.db import Database, Session
from audit_app.kit.errors import Conflict, NotFound
from audit_app.planning.models import Assignment
from audit_app.trail.models import TrailLine
from audit_app.visits import operations
from audit_app.visits.models import Visit, VisitDraft, VisitFlag, VisitRevision
from audit_app.visits.rules import Sent
from audit_app.visits.sending import read_visit, take
from tests.visits.sending import Body, Client, bodies, new_visit, put, raw, sha, without_files
from tests.world import NOW, account_id

ME = account_id("tester")
Count = Callable[[type], int]


def sent(visit_id: str, body: Body) -> Sent:
    content = raw(body)
    return Sent(visit_id, read_visit(content), content, sha(content))


@pytest.fixture
def body(db: Database) -> Body:
    """A whole visit of the outlet, whose checklist demands no photo."""
    return bodies(db, "as-offered")


def test_first_sending_is_created_and_the_same_bytes_give_the_same_receipt(tester: Client, body: Body) -> None:
    key = new_visit()
    first, second = put(tester, key, body), put(tester, key, body)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.content == second.content
    receipt = first.json()
    assert receipt["visit_id"] == key
    assert receipt["body_sha256"] == sha(raw(body))
    assert receipt["status"] == "submitted"
    assert receipt["missing_evidence"] == []
    assert first.headers["cache-control"] == "no-store"


def test_the_bytes_are_kept_as_sent_and_the_job_is_done(tester: Client, db: Database, body: Body) -> None:
    key = new_visit()
    content = json.dumps(body, indent=3).encode()
    assert put(tester, key, content).status_code == 201

    def look(session: Session) -> tuple[bytes, str, str, str]:
        revision = session.get_one(VisitRevision, (key, 1))
        visit = session.get_one(Visit, key)
        return revision.body, revision.body_sha256, visit.series, session.get_one(Assignment, "as-offered").status

    assert db.read_now(look) == (content, sha(content), "covert", "done")


@pytest.mark.parametrize("change", [{"visit_code": "x"}, {"assignment_id": "as-tester-2"}, {"revision": 2}])
def test_other_bytes_are_refused_with_the_first_receipt(tester: Client, body: Body, change: Body) -> None:
    key = new_visit()
    first = put(tester, key, body).json()
    second = put(tester, key, {**body, **change})
    assert second.status_code == 409
    assert second.headers["content-type"].startswith("application/problem+json")
    assert second.json()["receipt"] == first


def test_a_second_device_gets_the_first_receipt(tester: Client, body: Body, count: Count) -> None:
    first = put(tester, new_visit(), body).json()
    second = put(tester, new_visit(), body)
    assert (second.status_code, second.json()["receipt"]) == (409, first)
    assert count(Visit) == 1


@pytest.mark.data
def test_fifty_equal_sendings_at_once_make_one_visit(db: Database, body: Body, count: Count) -> None:
    async def race() -> list[Any]:
        one = sent(new_visit(), body)
        return await asyncio.gather(*(take(db, ME, one) for _ in range(50)))

    outcomes = asyncio.run(race())
    assert len({outcome.receipt.received_at for outcome in outcomes}) == 1
    assert all(outcome.receipt == outcomes[0].receipt for outcome in outcomes)
    assert sum(outcome.created for outcome in outcomes) == 1
    assert (count(Visit), count(VisitRevision)) == (1, 1)


@pytest.mark.data
def test_two_processes_race_for_one_visit(db: Database, db_url: str, body: Body, count: Count) -> None:
    """Two doors to the database, as two servers have: only the constraint stands between them."""
    other = Database(db_url)

    async def race() -> list[Any]:
        one = sent(new_visit(), body)
        return await asyncio.gather(*(take(door, ME, one) for door in (db, other) * 10))

    outcomes = asyncio.run(race())
    other.close()
    assert sum(outcome.created for outcome in outcomes) == 1
    assert len({outcome.receipt.received_at for outcome in outcomes}) == 1
    assert count(Visit) == 1


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.lists(st.tuples(st.sampled_from(["a", "b"]), st.sampled_from(["one", "two"])), min_size=1, max_size=8))
def test_replays_in_any_order_leave_the_first_visit(db: Database, order: list[tuple[str, str]]) -> None:
    """Two devices (ids), two contents, any order, any number: the first one taken stays, everything else is told so."""
    base = bodies(db, "as-offered")
    contents = {"one": base, "two": {**base, "visit_code": "other"}}
    ids = {"a": new_visit(), "b": new_visit()}

    def play(session: Session) -> None:
        first = None
        for device, content in order:
            one = sent(ids[device], contents[content])
            if first is None:
                first = (device, content, operations.submit(session, ME, one, NOW).receipt)
                continue
            if (device, content) == first[:2]:
                assert operations.submit(session, ME, one, NOW + timedelta(hours=1)).receipt == first[2]
                continue
            with pytest.raises(Conflict) as refusal:
                operations.submit(session, ME, one, NOW)
            assert refusal.value.extra["receipt"]["body_sha256"] == first[2].body_sha256

    db.read_now(play)  # thrown away: the next order begins with an empty table


def test_a_job_of_somebody_else_does_not_exist(
    tester: Client, colleague: Client, outsider: Client, body: Body, count: Count
) -> None:
    unknown = put(tester, new_visit(), {**body, "assignment_id": "nothing"})
    for answer in (put(colleague, new_visit(), body), put(outsider, new_visit(), body)):
        assert answer.status_code == 404
        assert answer.content == unknown.content
    assert count(Visit) == 0


def test_a_foreign_visit_id_does_not_exist(tester: Client, colleague: Client, db: Database, body: Body) -> None:
    key = new_visit()
    assert put(tester, key, body).status_code == 201
    own = bodies(db, "as-tester-2")
    assert put(colleague, key, own).status_code == 404
    assert colleague.get(f"/api/v1/visits/{key}").status_code == 404
    assert tester.get(f"/api/v1/visits/{key}").status_code == 200


@pytest.mark.parametrize(
    ("who", "status"), [("tester", 200), ("outsider", 403), ("reviewer", 403), ("hr", 403), ("", 401)]
)
def test_who_may_ask_for_jobs(client_for: Callable[[str], Client], who: str, status: int) -> None:
    assert client_for(who).get("/api/v1/assignments").status_code == status


def test_sealed_visits_come_later(tester: Client) -> None:
    answer = put(tester, new_visit(), b"sealed", "application/vnd.mingcha.sealed")
    assert (answer.status_code, answer.json()["status"]) == (415, 415)
    assert put(tester, new_visit(), b"x=1", "application/x-www-form-urlencoded").status_code == 415


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"null", b"[]", b"\xff\xfe", b'{"revision": 1e999}', b'"\\ud800"', b"[" * 5000],
)
def test_unreadable_bodies_are_refused(tester: Client, content: bytes) -> None:
    assert put(tester, new_visit(), content).status_code in (400, 422)


@pytest.mark.parametrize(
    "extra",
    ["id", "status", "score", "series", "assessor_id", "touchpoint_id", "unit_path", "received_at", "programme_id",
     "local_date", "day_part", "outward_id", "missing", "status_at", "role", "actor_id", "result", "experience", "void",
     "__class__"],
)  # fmt: skip
def test_unknown_fields_are_refused(tester: Client, body: Body, extra: str, count: Count) -> None:
    assert put(tester, new_visit(), {**body, extra: "x"}).status_code == 422
    answers = [{**body["answers"][0], extra: "x"}, *body["answers"][1:]]
    assert put(tester, new_visit(), {**body, "answers": answers}).status_code == 422
    assert count(Visit) == 0


@pytest.mark.parametrize("field", ["revision", "assignment_id", "checklist_version_id", "started_at", "finished_at",
                                   "answers", "declaration"])  # fmt: skip
def test_what_must_be_there(tester: Client, body: Body, field: str) -> None:
    assert put(tester, new_visit(), {k: v for k, v in body.items() if k != field}).status_code == 422


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("started_at", "2026-11-24T10:00:00"), ("started_at", "2026-11-24"),
        ("started_at", "0001-01-01T00:00:00+14:00"),
        ("finished_at", "9999-12-31T23:59:59-12:00"), ("declaration", False), ("revision", 0),
        ("assignment_id", "a\u0000b"), ("answers", {}),
    ],
)  # fmt: skip
def test_wrong_values(tester: Client, body: Body, field: str, value: Any) -> None:
    assert put(tester, new_visit(), {**body, field: value}).status_code == 422


@pytest.mark.parametrize("key", ["x", "A" * 32, "018f" * 9, "0" * 31])
def test_the_phone_mints_a_random_id(tester: Client, body: Body, key: str) -> None:
    assert put(tester, key, body).status_code == 422


def test_all_gaps_come_at_once(tester: Client, body: Body, count: Count) -> None:
    scoring = [a for a in body["answers"] if "option_id" in a][-3:]
    kept = [a for a in body["answers"] if a not in scoring]
    kept.append({"item_id": scoring[0]["item_id"], "not_applicable": True, "option_id": scoring[0]["option_id"]})
    kept.append({"item_id": "no.such.item", "option_id": "x"})
    answer = put(tester, new_visit(), {**body, "answers": kept})
    assert answer.status_code == 422
    found = {(fault["params"]["item_id"], fault["code"]) for fault in answer.json()["errors"]}
    assert {(scoring[1]["item_id"], "unanswered"), (scoring[2]["item_id"], "unanswered"),
            (scoring[0]["item_id"], "ambiguous"), ("no.such.item", "unknown_item")} <= found  # fmt: skip
    assert all(fault["message"] for fault in answer.json()["errors"])
    assert count(Visit) == 0


def test_a_photo_that_is_demanded_must_be_named(tester: Client, db: Database) -> None:
    whole = bodies(db, "as-hall")
    assert whole["evidence"]
    answer = put(tester, new_visit(), without_files(whole))
    wanted = {line["item_id"] for line in whole["evidence"]}
    assert {f["params"]["item_id"] for f in answer.json()["errors"] if f["code"] == "photo"} == wanted


def test_an_answer_must_not_name_a_file_that_the_list_lacks(tester: Client, db: Database) -> None:
    whole = bodies(db, "as-hall")
    answer = put(tester, new_visit(), {**whole, "evidence": []})
    assert "unlisted_evidence" in {f["code"] for f in answer.json()["errors"]}


def test_times_keep_their_zone(tester: Client, db: Database, body: Body) -> None:
    """23:30 in Shanghai is the same day there, though it is the day's middle in UTC; -05:00 says the same instant."""
    key = new_visit()
    times = {"started_at": "2026-11-20T10:30:00-05:00", "finished_at": "2026-11-20T23:55:00+08:00"}
    assert put(tester, key, {**body, **times}).status_code == 201
    visit = db.read_now(lambda session: session.get_one(Visit, key))
    assert (visit.local_date.isoformat(), visit.day_type, visit.day_part) == ("2026-11-20", "workday", "evening")


@pytest.mark.parametrize("state", ["cancelled", "expired"])
def test_a_job_withdrawn_meanwhile_is_taken_with_a_flag(tester: Client, db: Database, body: Body, state: str) -> None:
    def withdraw(session: Session) -> None:
        session.get_one(Assignment, "as-offered").status = state

    db.write_now(withdraw)
    key = new_visit()
    assert put(tester, key, body).status_code == 201
    assert f"assignment_{state}" in _flags(db, key)
    assert db.read_now(lambda session: session.get_one(Assignment, "as-offered").status) == state


@pytest.mark.parametrize("state", ["draft", "declined"])
def test_a_job_that_is_not_given_does_not_exist(tester: Client, db: Database, body: Body, state: str) -> None:
    def change(session: Session) -> None:
        session.get_one(Assignment, "as-offered").status = state

    db.write_now(change)
    assert put(tester, new_visit(), body).status_code == 404


def _flags(db: Database, key: str) -> set[str]:
    def ask(session: Session) -> set[str]:
        return set(session.scalars(select(VisitFlag.kind).where(VisitFlag.visit_id == key)))

    return db.read_now(ask)


def test_odd_times_are_flags_and_never_refusals(tester: Client, db: Database, body: Body) -> None:
    key = new_visit()
    odd = {"started_at": "2025-01-01T10:00:00+08:00", "finished_at": "2025-01-01T10:01:00+08:00",
           "client": {"clock_offset_ms": 9e15}}  # fmt: skip
    assert put(tester, key, {**body, **odd}).status_code == 201
    assert {"late", "short", "outside_window", "clock_skew"} <= _flags(db, key)


def test_an_ordinary_visit_has_no_flag(tester: Client, db: Database, body: Body) -> None:
    key = new_visit()
    put(tester, key, body)
    assert _flags(db, key) == set()


def test_the_trail_has_one_line_per_visit(tester: Client, db: Database, body: Body) -> None:
    key = new_visit()
    for _ in range(3):
        put(tester, key, body)

    def lines(session: Session) -> list[tuple[str, str | None]]:
        found = session.scalars(select(TrailLine).where(TrailLine.subject_id == key))
        return [(line.act, line.actor_id) for line in found]

    assert db.read_now(lines) == [("visit.submitted", ME)]


def test_the_draft_ends_with_the_receipt(tester: Client, body: Body, count: Count) -> None:
    key = new_visit()
    assert tester.put(f"/api/v1/drafts/{key}", json={"answers": {}}).status_code == 200
    assert put(tester, key, body).status_code == 201
    assert count(VisitDraft) == 0
    assert tester.put(f"/api/v1/drafts/{key}", json={"answers": {}}).status_code == 409  # a straggler


def test_a_returned_visit_takes_one_more_revision(tester: Client, db: Database, body: Body) -> None:
    key = new_visit()
    put(tester, key, body)
    again = {**body, "revision": 2, "visit_code": "mended"}
    assert put(tester, key, again).status_code == 409

    def give_back(session: Session) -> None:
        operations.set_status(session, key, "in_review", NOW)
        operations.set_status(session, key, "returned", NOW)

    db.write_now(give_back)
    assert put(tester, key, {**again, "revision": 3}).status_code == 409
    assert put(tester, key, again).status_code == 201
    assert put(tester, key, again).status_code == 200
    assert put(tester, key, body).json()["body_sha256"] == sha(raw(body))
    read = tester.get(f"/api/v1/visits/{key}").json()
    assert (read["revision"], read["status"], read["body"]["visit_code"]) == (2, "submitted", "mended")


def test_the_group_survives_a_bad_neighbour(db: Database, body: Body, count: Count) -> None:
    """One caller's failure in the middle of a group undoes nothing of the others."""

    def broken(session: Session) -> None:
        session.connection().exec_driver_sql("INSERT INTO visit_draft (visit_id, account_id) VALUES ('x', 'nobody')")

    async def crowd() -> list[Any]:
        good = take(db, ME, sent(new_visit(), body))
        bad = take(db, "acc-tester-2", sent(new_visit(), body))
        return await asyncio.gather(db.group_write(broken), good, bad, return_exceptions=True)

    failed, kept, refused = asyncio.run(crowd())
    assert isinstance(failed, IntegrityError)
    assert isinstance(refused, NotFound)
    assert kept.created
    assert count(Visit) == 1

"""Every verb on every state of a job and of a round, by everybody of the cast: it moves as the table says, or nothing
changes."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col

from audit_app.kit.db import Database, Session
from audit_app.kit.errors import Conflict, Forbidden, NotFound
from audit_app.planning import operations, rules
from audit_app.planning.models import Assignment, Round
from tests.review.acting import actor
from tests.world import CAST, NOW

JOB, ROUND = "as-hall", "round-covert"  # the tester's
LATER = NOW + timedelta(days=400)
JOBS = ("draft", "offered", "accepted", "started", "declined", "expired", "done", "cancelled")
ROUNDS = ("draft", "proposed", "published", "closed")
PLANNERS = {"province-supervisor", "programme-office", "programme-office-second"}
REFUSED = (Conflict, Forbidden, NotFound)

Verb = Callable[[Session, Any], Any]
BY_HAND: dict[str, tuple[set[str], Verb]] = {
    "accept": ({"tester"}, lambda s, who: operations.accept(s, who, JOB, NOW)),
    "decline": ({"tester"}, lambda s, who: operations.decline(s, who, JOB, "health", "", NOW)),
    "start": ({"tester"}, lambda s, who: operations.start(s, who.account_id, JOB, NOW)),
    "cancel": (PLANNERS, lambda s, who: operations.cancel(s, who, JOB, "", NOW)),
}
BY_ITSELF: dict[str, Callable[[Session], Any]] = {
    "finish": lambda s: operations.finish(s, JOB, NOW, NOW),
    "expire": lambda s: operations.expire_offers(s, LATER),
}
# verb → state before → state after; with every other state nothing changes
MOVES: dict[str, dict[str, str]] = {
    "accept": {"offered": "accepted"},
    "decline": {"offered": "declined", "accepted": "declined"},
    "start": {"accepted": "started"},
    "cancel": dict.fromkeys(("draft", "offered", "accepted", "started"), "cancelled"),
    "finish": dict.fromkeys(("offered", "accepted", "started"), "done"),
    "expire": dict.fromkeys(("offered", "accepted"), "expired"),
}
OF_ROUND: dict[str, Verb] = {
    "publish": lambda s, who: operations.publish_round(s, who, ROUND, NOW),
    "close": lambda s, who: operations.close_round(s, who, ROUND, NOW),
}
ROUND_MOVES: dict[str, dict[str, str]] = {
    "publish": dict.fromkeys(("draft", "proposed"), "published"),
    "close": {"published": "closed"},
}


class Undone(Exception):
    """Takes back what was tried."""


def tried(db: Database, model: Any, key: str, state: str, work: Callable[[Session], Any]) -> str:
    """The state to which the work leads from `state`, undone afterwards."""
    found: list[str] = []

    def run(session: Session) -> None:
        session.execute(update(model).where(col(model.id) == key).values(status=state))
        session.expire_all()
        try:
            with session.begin_nested():
                work(session)
        except REFUSED:
            pass
        session.expire_all()
        found.append(session.get_one(model, key).status)
        raise Undone

    with pytest.raises(Undone):
        db.write_now(run)
    return found[0]


def test_the_verbs_bring_about_every_move_of_the_table() -> None:
    told = {(old, new) for moves in MOVES.values() for old, new in moves.items()}
    published = {("draft", "offered")}  # by the round's publication
    at_once = {("accepted", "done")}  # the phone was offline when the visit began
    table = {(old, new) for old, after in rules.ASSIGNMENT.items() for new in after}
    assert table <= told | published | at_once
    assert {state for pair in table for state in pair} == set(JOBS)


def test_every_verb_on_every_state_of_a_job_by_everybody(db: Database) -> None:
    actors = db.read_now(lambda s: {name: actor(s, name) for name, *_ in CAST})
    wrong = []
    for verb, (able, act) in BY_HAND.items():
        for state in JOBS:
            for who, acting in actors.items():
                after = tried(db, Assignment, JOB, state, lambda s, act=act, acting=acting: act(s, acting))  # type: ignore[misc]
                if after != (MOVES[verb].get(state, state) if who in able else state):
                    wrong.append(f"{verb} on {state} by {who}: {after}")
    for verb, done in BY_ITSELF.items():
        for state in JOBS:
            after = tried(db, Assignment, JOB, state, done)
            if after != MOVES[verb].get(state, state):
                wrong.append(f"{verb} on {state}: {after}")
    assert not wrong, "\n".join(wrong)


def test_every_verb_on_every_state_of_a_round_by_everybody(db: Database) -> None:
    def ready(session: Session) -> None:
        """Something to publish, or nothing left open."""
        jobs = update(Assignment).where(col(Assignment.round_id) == ROUND)
        session.execute(jobs.values(status="done"))

    db.write_now(ready)
    actors = db.read_now(lambda s: {name: actor(s, name) for name, *_ in CAST})
    wrong = []
    for verb, act in OF_ROUND.items():
        for state in ROUNDS:
            for who, acting in actors.items():

                def work(session: Session, verb: str = verb, act: Verb = act, acting: Any = acting) -> None:
                    if verb == "publish":
                        session.execute(update(Assignment).where(col(Assignment.id) == JOB).values(status="draft"))
                    act(session, acting)

                after = tried(db, Round, ROUND, state, work)
                if after != (ROUND_MOVES[verb].get(state, state) if who in PLANNERS else state):
                    wrong.append(f"{verb} on {state} by {who}: {after}")
    assert not wrong, "\n".join(wrong)

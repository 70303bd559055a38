"""Every verb of the review on every state of a visit by every role: it moves as the table says, or nothing changes."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col

from audit_app.kit.db import Database, Session
from audit_app.kit.errors import Conflict, Forbidden, Invalid, NotFound
from audit_app.review import affairs, holders, operations, opinions, rechecks, rules
from audit_app.review.models import Recheck, Review, SecondOpinion
from audit_app.visits import operations as visits
from audit_app.visits.models import Visit
from audit_app.visits.rules import VISIT
from tests import world
from tests.review.acting import actor, colleague, draw, latest_review, owner
from tests.review.conftest import Submit
from tests.world import CAST, NOW

STATES = (*VISIT, "void")
LATER = NOW + timedelta(days=10)
VOID = rules.NewVoid("other", "Not there at all", [])
ROLES = sorted({role for _, role, *_ in CAST})


class Undone(Exception):
    """Takes back what was tried."""


Verb = Callable[[Session, Any, str, str], Any]
VERBS: dict[str, Verb] = {
    "return": lambda s, who, review, item: operations.return_visit(s, who, review, NOW, [rules.ItemNote(item, "?")]),
    "approve": lambda s, who, review, item: operations.approve(s, who, review, rules.Approval(), draw, NOW),
    "go on": lambda s, who, review, item: affairs.go_on(s, who, review, LATER),
    "ask void": lambda s, who, review, item: opinions.ask_void(s, who, review, VOID, NOW),
    "put back": lambda s, who, review, item: holders.put_back(s, who, review, NOW),
}
# verb → state before → state after; every other pair is refused
MOVES: dict[str, dict[str, str]] = {
    "return": {"in_review": "returned"},
    "approve": {"in_review": "approved"},
    "go on": {"receiving": "in_review", "returned": "in_review"},
    "ask void": {state: state for state, after in VISIT.items() if "void" in after},
    "put back": {"in_review": "in_review"},
}


@pytest.fixture
def waiting(db: Database, submit: Submit) -> tuple[str, str, str, str]:
    """(visit, review, its reviewer, an item)"""
    visit = submit("as-hall")
    review = latest_review(db, visit)
    item = db.read_now(lambda s: next(iter(operations.queries.effective_answers(s, s.get_one(Visit, visit)))))
    return visit, review, owner(db, review), item


def put_into(session: Session, visit: str, state: str) -> None:
    """The visit and its review as they lie in that state."""
    session.execute(update(Visit).where(col(Visit.id) == visit).values(status=state, answer_by=NOW))
    closed = state in ("returned", "approved", "released", "final", "void")
    outcome = {"returned": "returned", "void": "void"}.get(state, "approved") if closed else ""
    values = {"closed_at": NOW if closed else None, "outcome": outcome}
    session.execute(update(Review).where(col(Review.visit_id) == visit).values(**values))
    session.expire_all()


def tried(db: Database, work: Callable[[Session], str]) -> str:
    """What the work comes to, undone afterwards."""
    found: list[str] = []

    def run(session: Session) -> None:
        found.append(work(session))
        raise Undone

    with pytest.raises(Undone):
        db.write_now(run)
    return found[0]


def every() -> Iterator[tuple[str, str]]:
    for verb in VERBS:
        for state in STATES:
            yield verb, state


def test_every_verb_on_every_state(db: Database, waiting: tuple[str, str, str, str]) -> None:
    visit, review, name, item = waiting
    wrong = []
    for verb, state in every():

        def work(session: Session, verb: str = verb, state: str = state) -> str:
            put_into(session, visit, state)
            try:
                VERBS[verb](session, actor(session, name), review, item)
            except (Conflict, Invalid) as refusal:
                return f"refused {type(refusal).__name__}"
            session.expire_all()
            return str(session.get_one(Visit, visit).status)

        after = tried(db, work)
        expected = MOVES[verb].get(state, "refused Conflict")
        if after != expected:
            wrong.append(f"{verb} on {state}: {after}, not {expected}")
    assert not wrong, "\n".join(wrong)


def test_every_verb_by_every_role(db: Database, waiting: tuple[str, str, str, str]) -> None:
    """Only the reviewer to whom it was given finds it, whatever its state; a colleague and an outsider do not."""
    visit, review, name, item = waiting
    seen = []
    for verb, state in every():
        for username, role, *_ in CAST:
            if username == name:
                continue

            def work(session: Session, verb: str = verb, state: str = state, who: str = username) -> str:
                put_into(session, visit, state)
                try:
                    VERBS[verb](session, actor(session, who), review, item)
                except NotFound:
                    return ""
                return f"{who} could {verb} on {state}"

            seen.append((role, tried(db, work)))
    assert {role for role, _ in seen} == set(ROLES)
    assert [found for _, found in seen if found] == []


ANSWERS: dict[str, Callable[[Session, Any, str], Any]] = {
    "confirm": lambda s, who, key: affairs.confirm(s, who, key, draw, NOW),
    "refuse": lambda s, who, key: opinions.refuse(s, who, key, "No", NOW),
    "withdraw": lambda s, who, key: opinions.withdraw(s, who, key, NOW),
}


@pytest.mark.parametrize("kind", ["change", "void"])
def test_every_answer_to_every_opinion_by_everybody(
    db: Database, waiting: tuple[str, str, str, str], kind: str
) -> None:
    visit, review, name, _ = waiting
    second, key = colleague(name), "opinion"

    def plant(session: Session) -> None:
        session.add(SecondOpinion(id=key, visit_id=visit, review_id=review, kind=kind, unit_path="36/", items=[],
                                  asked_by=world.account_id(name), asked_at=NOW, reason="other", note="n", change=0,
                                  second_id=world.account_id(second)))  # fmt: skip

    db.write_now(plant)
    wrong = []
    for verb, answer in ANSWERS.items():
        for state in ("open", "confirmed", "refused", "withdrawn"):
            for username, *_ in CAST:

                def work(session: Session, answer: Any = answer, state: str = state, who: str = username) -> str:
                    session.get_one(SecondOpinion, key).status = state
                    session.flush()
                    try:
                        answer(session, actor(session, who), key)
                    except (NotFound, Conflict) as refusal:
                        return type(refusal).__name__
                    session.expire_all()
                    return str(session.get_one(SecondOpinion, key).status)

                after = tried(db, work)
                by_right_one = username == (name if verb == "withdraw" else second)
                expected = "NotFound"
                if by_right_one and state == "open":
                    expected = {"confirm": "confirmed", "refuse": "refused", "withdraw": "withdrawn"}[verb]
                elif by_right_one and verb == "withdraw":
                    expected = "Conflict"
                if after != expected:
                    wrong.append(f"{verb} on {state} by {username}: {after}, not {expected}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("state", STATES)
def test_a_confirmed_void_or_approval_needs_its_state(
    db: Database, waiting: tuple[str, str, str, str], state: str
) -> None:
    visit, review, name, _ = waiting
    expected = {"void": "void" if "void" in VISIT.get(state, ()) else "Conflict",
                "change": "approved" if state == "in_review" else "Conflict"}  # fmt: skip
    for kind, wanted in expected.items():

        def work(session: Session, kind: str = kind) -> str:
            put_into(session, visit, state)
            session.add(SecondOpinion(id="op", visit_id=visit, review_id=review, kind=kind, unit_path="36/", items=[],
                                      asked_by=world.account_id(name), asked_at=NOW, reason="other", note="n", change=0,
                                      second_id=world.account_id(colleague(name))))  # fmt: skip
            session.flush()
            try:
                affairs.confirm(session, actor(session, colleague(name)), "op", draw, NOW)
            except Conflict:
                return "Conflict"
            session.expire_all()
            return str(session.get_one(Visit, visit).status)

        assert tried(db, work) == wanted, (kind, state)


def test_every_pair_of_states_goes_through_the_one_door(db: Database, waiting: tuple[str, str, str, str]) -> None:
    visit = waiting[0]
    for old in STATES:
        for new in STATES:

            def work(session: Session, old: str = old, new: str = new) -> str:
                put_into(session, visit, old)
                try:
                    visits.set_status(session, visit, new, NOW)
                except Conflict:
                    return "Conflict"
                return new

            assert tried(db, work) == (new if new in VISIT.get(old, ()) else "Conflict"), (old, new)


def test_every_answer_to_a_recheck_by_everybody(db: Database, waiting: tuple[str, str, str, str]) -> None:
    """Who may plan the covert programme decides, once, and not of a visit that is void."""
    visit = waiting[0]
    deciders = {"province-supervisor"}
    again = rules.Revisit("round-covert", "ass-chief-tester", NOW.date(), NOW.date() + timedelta(days=5), "Look again.")
    verbs: dict[str, tuple[str, Callable[[Session, Any], Any]]] = {
        "confirm": ("confirmed", lambda s, who: rechecks.confirm(s, who, "look", "It stands.", NOW)),
        "revisit": ("revisit", lambda s, who: rechecks.revisit(s, who, "look", again, NOW)),
    }

    def plant(session: Session) -> None:
        put_into(session, visit, "approved")
        session.add(Recheck(id="look", visit_id=visit, unit_path="36/3601/360102/", opened_at=NOW, low=True,
                            changed=False, experience=100))  # fmt: skip

    db.write_now(plant)
    wrong = []
    for verb, (to, answer) in verbs.items():
        for state, void in (("open", False), ("confirmed", False), ("revisit", False), ("open", True)):
            for username, *_ in CAST:

                def work(session: Session, answer: Any = answer, state: str = state, void: bool = void,
                         who: str = username) -> str:  # fmt: skip
                    session.get_one(Recheck, "look").status = state
                    session.get_one(Visit, visit).status = "void" if void else "approved"
                    session.flush()
                    try:
                        answer(session, actor(session, who))
                    except (NotFound, Conflict, Forbidden) as refusal:
                        return type(refusal).__name__
                    session.expire_all()
                    return str(session.get_one(Recheck, "look").status)

                after = tried(db, work)
                expected = "NotFound"
                if username in deciders:
                    expected = to if state == "open" and not void else "Conflict"
                if after != expected:
                    wrong.append(f"{verb} on {state}{' (void)' if void else ''} by {username}: {after}")
    assert not wrong, "\n".join(wrong)

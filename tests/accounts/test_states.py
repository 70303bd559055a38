"""Both answers to a waiting change of roles, from every state, by everybody: one of two administrators decides what the
other asked for, once; whoever asked may only take it back."""

from typing import Any

import pytest

from audit_app.accounts import operations, rules
from audit_app.accounts.models import Proposal
from audit_app.kit.db import Database, Session
from audit_app.kit.errors import Conflict, Forbidden, NotFound
from tests import world
from tests.review.acting import actor

ANSWERS = {"confirmed": operations.confirm, "refused": operations.refuse}


class Undone(Exception):
    """Takes back what was tried."""


def test_every_answer_to_every_state_by_everybody(db: Database) -> None:
    def plant(session: Session) -> None:
        session.add(Proposal(id="asked", account_id="acc-staff", kind="grant", role="hr", unit_code="36",
                             reason="new", status="waiting", asked_by="acc-admin", asked_at=world.NOW))  # fmt: skip

    db.write_now(plant)
    actors = db.read_now(lambda s: {name: actor(s, name) for name, *_ in world.CAST})
    wrong = []
    for new, answer in ANSWERS.items():
        for state in rules.PROPOSAL:
            for who, acting in actors.items():
                found: list[str] = []

                def run(session: Session, answer: Any = answer, state: str = state, acting: Any = acting,
                        found: list[str] = found) -> None:  # fmt: skip
                    session.get_one(Proposal, "asked").status = state
                    session.flush()
                    try:
                        with session.begin_nested():
                            answer(session, acting, "asked", world.NOW)
                    except (Conflict, Forbidden, NotFound):
                        pass
                    session.expire_all()
                    found.append(session.get_one(Proposal, "asked").status)
                    raise Undone

                with pytest.raises(Undone):
                    db.write_now(run)
                may = who == "admin-second" or (who == "admin" and new == "refused")
                if found != [new if may and state == "waiting" else state]:
                    wrong.append(f"{new} from {state} by {who}: {found}")
    assert not wrong, "\n".join(wrong)

"""An outlet that was there after all: what nobody looked at stays out of the score, and stops nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from audit_app.appeals import jobs, terms
from audit_app.appeals.models import Appeal
from audit_app.jobs.registry import Registry
from audit_app.kit.db import Session
from audit_app.kit.errors import Conflict, Invalid
from audit_app.review import operations as review
from audit_app.review.replay import replay
from audit_app.visits.models import ReviewOverlay, Visit
from tests import world
from tests.appeals.conftest import KEEP, Court, results

Open = Callable[[str], TestClient[Litestar]]
FOUND = "outlet-partner.outlet-found"


def test_not_found_can_be_upheld(closed: Court, client_for: Open) -> None:
    appeal = closed.file(item=FOUND)
    page = client_for(closed.panel(appeal)[0]).get(f"/hearings/{closed.hearing(appeal).id}").text
    assert 'value="option:yes"' in page
    assert "The rest was not looked at: the total would be shown, not averaged." in page
    assert closed.decide(appeal, closed.best(FOUND)) == "upheld"
    first, second = closed.look(results, closed.visit)
    assert (first.experience, second.cause, second.basis) == (0, "appeal", "insufficient")
    assert closed.look(replay).differences == []
    void = lambda s: review.store_result(s, s.get_one(Visit, closed.visit), "void", None, world.NOW)  # noqa: E731
    assert closed.db.write_now(void).outcome == "void"


def test_what_was_hidden_meanwhile_can_only_be_kept(closed: Court, client_for: Open) -> None:
    """The outlet was found: nothing is heard any more of what the other answer hides."""
    appeal = closed.file(item=FOUND)
    note = closed.best(FOUND)
    lay = ReviewOverlay(visit_id=closed.visit, revision=1, item_id=FOUND, old={}, new={"value": "x"}, reason="x",
                        created_by="acc-reviewer", created_at=world.NOW)  # fmt: skip
    closed.db.write_now(lambda s: s.add(lay))
    client = client_for(closed.panel(appeal)[0])
    page = client.get(f"/hearings/{closed.hearing(appeal).id}")
    assert page.status_code == 200
    assert "only reject is left" in page.text
    with pytest.raises(Invalid, match="correct"):
        closed.vote(appeal, note)
    assert closed.decide(appeal, KEEP) == "rejected"


def test_one_that_cannot_be_decided_stops_no_other(court: Court, monkeypatch: pytest.MonkeyPatch) -> None:
    stuck, late = (court.file(item=item) for item in court.lost()[:2])
    hearing, real = court.hearing(stuck), terms.panels.settle

    def settle(session: Session, appeal: Appeal, *args: Any, **how: Any) -> str:
        if appeal.id == stuck:
            raise Conflict
        return real(session, appeal, *args, **how)

    monkeypatch.setattr(terms.panels, "settle", settle)
    assert court.db.write_now(terms.press_late, hearing.decide_by) == 1
    assert {court.hearing(one).overdue_at for one in (stuck, late)} == {hearing.decide_by}  # both panels are told


def test_visits_become_final_whatever_the_panels_do() -> None:
    assert {"appeals.terms", "appeals.final"} <= set(Registry([jobs]).declared)

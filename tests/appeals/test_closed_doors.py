"""An outlet that was there after all: what nobody looked at stays out of the score, and stops nothing."""

from collections.abc import Callable

from litestar import Litestar
from litestar.testing import TestClient

from audit_app.review import operations as review
from audit_app.review.replay import replay
from audit_app.visits.models import Visit
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

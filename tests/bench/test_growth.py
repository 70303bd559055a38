"""The measurement of growth multiplies visits truly, and no page asks more of the database for more of them."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from litestar.testing import TestClient

from audit_app.analytics import operations
from audit_app.analytics.models import ItemFact, VisitMonth
from audit_app.bench import growth
from audit_app.kit.db import Database, Session
from audit_app.visits.models import Visit, VisitRevision
from tests.analytics.test_overview import PLANS
from tests.counting import statements
from tests.reporting.made import make

Open = Callable[[str], TestClient]
PAGES = {
    "province-supervisor": (
        "/", "/overview", "/overview?kind=outlet", "/overdue", "/programmes", "/assignments", "/scorecards",
        "/reviewers", "/rechecks",
    ),
    "auditor": ("/trail", "/trail?kind=visit", "/trail?unit=3601", "/trail?who=reviewer", "/trail?what=x"),
    "reviewer": ("/reviews", "/reviews?show=done"),
    "outlet-manager": ("/results",),
}  # fmt: skip


def _counts(session: Session) -> list[int]:
    asked = [sa.select(sa.func.count()).select_from(table) for table in (Visit, VisitRevision, ItemFact)]
    whole = sa.select(sa.func.sum(VisitMonth.visits)).where(VisitMonth.unit_path == "36/")  # type: ignore[arg-type]
    return [int(session.scalar(one) or 0) for one in (*asked, whole)]


@pytest.mark.data
def test_statements_stay_the_same_while_visits_grow(client_for: Open, db: Database) -> None:
    db.write_now(operations.keep_facts, make(db, *PLANS))
    clients = {who: client_for(who) for who in PAGES}
    before, asked = db.read_now(_counts), _asked(db, clients)
    assert min(before) >= len(PLANS)
    for copy in range(1, 4):
        db.write_now(growth._multiply, copy)
    operations.mend(db)
    assert db.read_now(_counts) == [4 * count for count in before]
    assert _asked(db, clients) == asked
    assert all(asked.values())


def _asked(db: Database, clients: dict[str, TestClient]) -> dict[str, int]:
    found = {}
    for who, addresses in PAGES.items():
        for address in addresses:
            assert clients[who].get(address).status_code == 200, address
            with statements(db) as asked:
                clients[who].get(address)
            found[address] = len(asked)
    return found

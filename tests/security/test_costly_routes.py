"""Nobody keeps the worker or the renderer busy for everybody else: so many runs an hour, so many new documents in five minutes."""  # noqa: E501

from datetime import timedelta

import pytest
from sqlmodel import col, select

from audit_app.access.rules import Limit
from audit_app.auditing import operations as auditing
from audit_app.kit.db import Database
from audit_app.reporting import downloads
from audit_app.reporting import operations as reporting
from audit_app.reporting.models import Scorecard
from tests import world
from tests.access.conftest import ClientFor
from tests.reporting import made

TWO = Limit("two", 2)


def test_runs_and_exports(client_for: ClientFor, db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    assert auditing.RUNS_PER_ACCOUNT.tries >= 20
    monkeypatch.setattr(auditing, "RUNS_PER_ACCOUNT", TWO)
    monkeypatch.setattr(reporting, "RUNS_PER_ACCOUNT", TWO)
    auditor, other = client_for("auditor"), client_for("outsider-auditor")
    assert auditor.get("/trail.csv").status_code == 200
    assert auditor.post("/trail/verifications").status_code == 303
    refused = auditor.get("/trail.xlsx")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "300")
    assert auditor.post("/trail/verifications").status_code == 429
    assert other.get("/trail.csv").status_code == 200, "others are not held up"
    made.make(db, made.Plan())
    hr = client_for("hr")
    assert [hr.post("/report-runs").status_code for _ in range(3)] == [303, 303, 429]


def test_new_documents_but_not_known_ones(client_for: ClientFor, db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "DOCUMENTS_PER_ACCOUNT", TWO)
    monkeypatch.setattr(downloads.Press, "render", lambda *_: b"%PDF-1.7 planted")
    visits = made.make(db, *(made.Plan(started_at=world.NOW - timedelta(days=10 + n)) for n in range(3)))
    cards = db.read_now(lambda s: s.exec(select(Scorecard.id).where(col(Scorecard.visit_id).in_(visits))).all())
    hr = client_for("hr")
    assert [hr.get(f"/scorecards/{card}.pdf").status_code for card in cards] == [200, 200, 429]
    assert [hr.get(f"/scorecards/{card}.pdf").status_code for card in cards[:2]] == [200, 200]

"""Every download, every look at somebody's personal data and every change of a score leaves a line on the trail."""

import re

import pytest
import sqlalchemy as sa

from audit_app.reporting import downloads
from audit_app.trail.models import TrailLine
from tests.architecture.source import modules
from tests.authz.house import House
from tests.authz.table import PEOPLE, VISITOR, table
from tests.authz.test_matrix import asked

# Files that hold nothing of anybody: the headings of a kind of import.
EMPTY = {"/imports/templates/units"}
# Pages that show one person's data, and the act of looking at them.
LOOKS = {"/accounts/acc-staff": "account.viewed", "/accounts/acc-tester": "account.viewed"}


@pytest.fixture(autouse=True)
def no_press(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads.Press, "render", lambda *_: b"%PDF-1.7 planted")


def lines(house: House) -> list[str]:
    """The acts so far, in order of writing."""
    wanted = sa.select(TrailLine.act).order_by(TrailLine.id)  # type: ignore[call-overload]
    return list(house.db.read_now(lambda session: session.execute(wanted).scalars().all()))


def test_downloads_and_looks_leave_a_line(house: House) -> None:
    """Asks for every readable thing as somebody who may have it. Whatever comes as a file must be on the trail."""
    files, silent = [], []
    for method, path, rule, values in asked(table(house), safe=True):
        reader = next((who for who in PEOPLE if who != VISITOR and rule.may(who, values)), None)
        if reader is None or method != "GET":
            continue
        before = len(lines(house))
        answer = house.browser(reader).get(path)
        new = lines(house)[before:]
        if "attachment" in answer.headers.get("content-disposition", "") and path not in EMPTY:
            files.append(path)
            if not any(act.endswith(("downloaded", "exported", "opened")) for act in new):
                silent.append(f"{reader} {path}: {new}")
        if path in LOOKS and LOOKS[path] not in new:
            silent.append(f"{reader} {path}: {new}")
    assert silent == []
    kinds = {re.sub(r"[0-9a-f]{32}", "*", path) for path in files}
    assert {"/trail.csv", "/trail.xlsx", "/scorecards/*.pdf"} <= kinds


def test_who_writes_a_score_writes_the_trail() -> None:
    """The modules that make results or overlays record acts themselves."""
    makers = [
        module
        for module in modules()
        if module.package not in ("demo", "bench", "migrations")
        and re.search(r"(?<!class )\b(?:VisitResult|ReviewOverlay)\(", module.text)
    ]
    assert {module.package for module in makers} >= {"review"}
    assert [m.name for m in makers if not re.search(r"\brecord\(|\b_record\(|trail\.", m.text)] == []

"""No form takes more than it shows: every column that any table has, sent along, changes nothing; nor does anybody else's id."""  # noqa: E501

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import SQLModel

from audit_app.bench.bodies import filled
from audit_app.kit import clock
from audit_app.kit.db import Session
from audit_app.planning.models import Assignment
from audit_app.scoring.sheet import Sheet
from audit_app.standards.queries import sheet_for
from tests import world
from tests.security.forms import Form
from tests.security.sandbox import Contents, Sandbox, sandbox
from tests.visits.sending import raw

VALUES = {
    "status": "released", "role": "admin", "unit_path": "35/", "unit_code": "35", "score": "100", "points": "100",
    "active": "1", "demo": "1", "missing": "0", "revision": "9", "outward_id": "f" * 32, "kind": "appeal",
    "account_id": "acc-admin", "reviewer_id": "acc-outsider-reviewer", "assessor_id": "ass-tester-far",
    "touchpoint_id": "hall-far", "via": "system", "permission": "accounts.manage",
}  # fmt: skip
MOST_OTHERS, MOST_ROWS = 5, 12
# Fields that a form reads though the page shows them only sometimes, and values beside the offered ones that are right.
ALSO_READ = {
    "/assignments/{}/cancellation": {"reason"},
    "/field/assignments/{}/form": {"badge", "desk", "description", "agent_no", "visit_code", "declaration", "revision"},
}
OWN = {"/touchpoints/{}/moves": {unit for unit, *_ in world.UNITS if unit.startswith("36")}}


@pytest.fixture(scope="module")
def box(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with sandbox(sqlite_template, tmp_path_factory.mktemp("extra")) as made:
        yield made


def columns() -> dict[str, str]:
    """Every column name of every table, and a value that would do harm."""
    names = {column.name for one in SQLModel.metadata.sorted_tables for column in one.columns}
    names |= {"via", "permission", "permissions", "grants", "points", "score", "actor", "owner"}
    found = {
        name: VALUES.get(name, "acc-admin" if name.endswith("_by") else "2020-01-01T00:00:00+00:00") for name in names
    }
    return found | {name: "hall-far" for name in found if name.endswith("_id") and name not in VALUES}


@pytest.fixture(autouse=True)
def still(frozen_clock: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two requests that do the same write the same."""
    monkeypatch.setattr(clock, "now", lambda: world.NOW)


def test_columns_sent_along_change_nothing(box: Sandbox) -> None:
    wrong, taken = [], set()
    for template in sorted(box.forms):
        who, form, plain, after = box.chosen(template)
        own = form.known | ALSO_READ.get(template, set())
        extra = [(name, value) for name, value in columns().items() if name not in own]
        answer, changed = box.send(who, form, form.sent() + extra)
        if (answer.status_code, changed) != (plain.status_code, after):
            told = f"{plain.status_code}, {answer.status_code} {differs(after, changed)}"
            wrong.append(f"{who} {form.action}: {told}")
        taken |= {template} if plain.status_code < 400 else set()
    assert len(taken) >= 45, sorted(taken)
    assert not wrong, "\n".join(wrong)


def differs(one: Contents, other: Contents) -> list[str]:
    """One row of each side of every table that is not the same."""
    found = []
    for name in one:
        found += [f"{name}: {row}" for row in one[name] if row not in other[name]][:1]
        found += [f"{name}: {row}" for row in other[name] if row not in one[name]][:1]
    return found


def test_a_second_id_in_the_address_belongs_to_the_first(box: Sandbox) -> None:
    """`/accounts/A/grants/G/end` with a grant of B, `/reviews/A/flags/F/settlement` with a flag of another review."""
    named, wrong, tried = box.named(), [], 0
    for template, forms in sorted(box.forms.items()):
        if template.count("{}") < 2:
            continue
        mine = {form.action for _, form in forms}
        for who, form in forms[:1]:
            parts = form.action.split("/")
            place = max(n for n, part in enumerate(template.split("/")) if part == "{}")
            for values in named.values():
                for other in sorted(values)[:MOST_ROWS] if parts[place] in values else ():
                    action = "/".join([*parts[:place], other, *parts[place + 1 :]])
                    if action in mine:
                        continue
                    answer, after = box.send(who, Form(action, False), form.sent())
                    tried += 1
                    if answer.status_code != 404 or after != box.base:
                        wrong.append(f"{who} {action}: {answer.status_code} {differs(box.base, after)}")
    assert tried > 60
    assert not wrong, "\n".join(wrong)


def test_json_takes_no_field_that_it_does_not_know(box: Sandbox) -> None:
    """Beside each object of a right body, at every depth."""
    ids, reviewer = box.house.ids, box.house.reviewer
    sheet, version = box.house.db.read_now(_sheet, "as-chief")
    visit = json.loads(raw(filled(sheet, "as-chief", version, world.NOW - timedelta(hours=2))))
    bodies: list[tuple[str, str, str, dict[str, Any]]] = [
        ("chief-tester", "PUT", f"/api/v1/visits/{'c' * 32}", visit),
        ("chief-tester", "POST", "/api/v1/assignments/as-chief/decline", {"reason": "time", "note": ""}),
        (reviewer["open:bell"], "POST", f"/api/v1/visits/{ids['open:bell']}/approval", {"release_note": ""}),
    ]
    for who, method, path, body in bodies:
        assert box.json(who, method, path, body)[0] < 300, path
        for name in ("status", "account_id", "reviewer_id", "score", "points", "id", "released_at", "unit_path"):
            for changed in [{**body, name: "1"}, *nested(body, name)]:
                assert box.json(who, method, path, changed) == (422, box.base), (path, name)


def nested(body: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The body with one field more in each object that it holds, or in the first of a list of objects."""
    found = []
    for key, value in body.items():
        if isinstance(value, dict):
            found.append({**body, key: {**value, name: "1"}})
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            found.append({**body, key: [{**value[0], name: "1"}, *value[1:]]})
    return found


def _sheet(session: Session, job_id: str) -> tuple[Sheet, str]:
    version = session.get_one(Assignment, job_id).checklist_version_id
    return sheet_for(session, version), version


@pytest.mark.full
def test_ids_of_others_are_refused(box: Sandbox) -> None:
    """Each value of a form that names a row, replaced by that of every row that the page does not offer."""
    named, base, wrong, tried = box.named(), box.contents(), [], 0
    for template in sorted(box.forms):
        who, form, _, _ = box.chosen(template)
        for place, (name, value) in enumerate(form.sent()):
            offered = form.offered.get(name, set()) | {value, ""}
            for column, values in named.items():
                if not value or value not in values:
                    continue
                for other in sorted(values - offered)[:MOST_OTHERS]:
                    pairs = form.sent()
                    pairs[place] = (name, other)
                    answer, after = box.send(who, form, pairs)
                    tried += 1
                    if after != base and other not in OWN.get(template, ()):
                        told = f"{name}={other} ({column}): {answer.status_code} {differs(base, after)}"
                        wrong.append(f"{who} {form.action} {told}")
    assert tried > 60
    assert not wrong, "\n".join(wrong)

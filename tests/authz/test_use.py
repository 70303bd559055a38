"""Whoever may do something gets a proper answer to an empty or senseless body, never a bug. Changes the house: its own one."""  # noqa: E501

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from audit_app.kit import clock
from tests import world
from tests.authz.house import House, furnish
from tests.authz.table import PEOPLE, VISITOR, table
from tests.authz.test_matrix import asked


@pytest.fixture(scope="module")
def used(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    began = time.monotonic()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: world.NOW + timedelta(seconds=time.monotonic() - began))
        made = furnish(sqlite_template, tmp_path_factory.mktemp("used"))
    yield made
    made.close()


BODIES: list[dict[str, Any]] = [
    {},
    {"json": {}},
    {"json": [1]},
    {"content": b"\xff\xfe{", "headers": {"content-type": "application/json"}},
    {"data": {"item_id": "\u4e2d\u6587", "reason": "x" * 3000, "status": "", "name": "\u200b"}},
    {"content": b"--b\r\nbroken", "headers": {"content-type": "multipart/form-data; boundary=b"}},
    {"content": b"%", "headers": {"content-type": "application/x-www-form-urlencoded"}},
]


@pytest.mark.full
def test_senseless_bodies(used: House) -> None:
    wrong = []
    for method, path, rule, values in asked(table(used), safe=False):
        if path == "/session/end":
            continue
        allowed = [username for username in PEOPLE if username != VISITOR and rule.may(username, values)]
        for place, username in enumerate(allowed):
            for body in BODIES if place == 0 else [BODIES[place % len(BODIES)]]:  # all of them once, one by each other
                answer = used.browser(username).request(method, path, **body)
                if answer.status_code >= 500:
                    wrong.append(f"{username} {method} {path} {body}: {answer.status_code}")
            if rule.own:
                break  # the same for everybody
    assert not wrong, "\n".join(wrong)

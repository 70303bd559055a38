"""One house for all tests of this folder: nothing that they do is allowed to change anything."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from audit_app.kit import clock
from tests import world
from tests.authz.house import House, furnish


@pytest.fixture(scope="package")
def house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    began = time.monotonic()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: world.NOW + timedelta(seconds=time.monotonic() - began))
        made = furnish(sqlite_template, tmp_path_factory.mktemp("authz"))
    yield made
    made.close()

"""Parts below these versions have known holes: a lock that falls under a floor fails here."""

import importlib.metadata
import json
import re
import sqlite3

import pytest

from audit_app.settings import ROOT

FLOORS = {
    "litestar": (2, 25),
    "weasyprint": (70, 0),
    "pillow": (12, 3),
    "jinja2": (3, 1, 6),
    "sqlalchemy": (2, 1),
    "cryptography": (44,),
    "dbos": (3, 4),
    "argon2-cffi": (25, 1),
}
SQLITE = (3, 51, 3)  # below, the write-ahead log can be reset under a reader
HTMX = (4, 0, 1)


def numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version.split("+")[0])[:3])


@pytest.mark.parametrize("part", FLOORS)
def test_installed(part: str) -> None:
    assert numbers(importlib.metadata.version(part)) >= FLOORS[part]


@pytest.mark.parametrize("part", FLOORS)
def test_locked(part: str) -> None:
    for lock in ("run.txt", "dev.txt"):
        found = re.search(
            rf"^{re.escape(part)}(?:\[[^\]]*\])?==(\S+)", (ROOT / "locks" / lock).read_text(), re.M | re.I
        )
        assert found, f"{part} is not in {lock}"
        assert numbers(found[1]) >= FLOORS[part]


def test_sqlite() -> None:
    """`audit_app` puts the newer library in the place of Python's own before anything imports it."""
    import audit_app  # noqa: F401

    assert numbers(sqlite3.sqlite_version) >= SQLITE
    assert numbers(sqlite3.connect(":memory:").execute("SELECT sqlite_version()").fetchone()[0]) >= SQLITE


def test_front_end() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert numbers(packages["node_modules/htmx.org"]["version"]) >= HTMX

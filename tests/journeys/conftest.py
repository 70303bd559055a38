"""One running system for the folder (with --full one more on PostgreSQL), one Chromium, and people to sit before it."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.journeys.house import House, new_database
from tests.journeys.people import DESK, PHONE, Desk, Faults, Handset, handset, signed_in, speak


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "store" in metafunc.fixturenames:
        both = metafunc.config.getoption("--full")
        metafunc.parametrize("store", ["sqlite", "postgres"] if both else ["sqlite"], scope="module")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report: Any = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


FAILED = pytest.StashKey[bool]()


@pytest.fixture(autouse=True)
def frozen_clock() -> None:
    """The server lives in its own process: here everybody has the real clock."""


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a house nobody has lived in yet, to be copied: building one takes seconds."""
    folder = tmp_path_factory.mktemp("built")
    house = House(folder, f"sqlite:///{folder / 'mingcha.db'}")
    house.build()
    with house.db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    house.db.close()
    return folder / "mingcha.db"


@pytest.fixture(scope="module")
def house(store: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[House]:
    folder = tmp_path_factory.mktemp(f"house-{store}")
    if store == "postgres":
        house = House(folder, new_database(request.getfixturevalue("postgres_server")))
        house.build()
    else:
        shutil.copy(request.getfixturevalue("built"), folder / "mingcha.db")
        house = House(folder, f"sqlite:///{folder / 'mingcha.db'}")
    house.start()
    yield house
    house.stop()
    house.db.close()


@pytest.fixture
def faults() -> Iterator[Faults]:
    """What the pages complained of; add to `expected` what a test provokes."""
    found = Faults()
    yield found
    assert found.seen == []


@pytest.fixture
def contexts(
    chromium: Browser, house: House, faults: Faults, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Callable[..., BrowserContext]]:
    """`contexts("hr")` is a browser of its own in which she is signed in. Pictures are kept of a test that fails."""
    open_ones: list[BrowserContext] = []

    def open_for(username: str, locale: str = "en", theme: str = "light", **how: Any) -> BrowserContext:
        context = signed_in(chromium, house, username, **how)
        context.on("page", faults.watch)
        speak(context, house.base, locale, theme)
        open_ones.append(context)
        return context

    yield open_for
    for number, context in enumerate(open_ones):
        if request.node.stash.get(FAILED, False):
            for page in context.pages:
                name = re.sub(r"\W+", "-", page.url.split("/", 3)[-1])[:60]
                page.screenshot(path=tmp_path / f"{number}-{name}.png")
                print(f"{page.url} is shown in {tmp_path / f'{number}-{name}.png'}")
        context.close()


@pytest.fixture
def desk(contexts: Callable[..., BrowserContext], house: House) -> Callable[..., Desk]:
    """`desk("reviewer")`: somebody at a desk."""
    return lambda username, **how: Desk(contexts(username, **{**DESK, **how}).new_page(), house.base)


@pytest.fixture
def phone(contexts: Callable[..., BrowserContext], house: House) -> Callable[..., Handset]:
    """`phone("tester")`: somebody with a phone."""
    return lambda username, **how: handset(contexts(username, **{**PHONE, **how}), house.base)

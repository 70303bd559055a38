"""The worlds of this folder, each built once; nothing that is asked of them changes them."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from audit_app.access.keys import Keys
from audit_app.kit import clock
from audit_app.personal.queries import looks
from audit_app.reporting import downloads, jobs, render
from audit_app.reporting.facts import Facts, facts_sha256
from audit_app.trail import queries as trail
from tests import world
from tests.anonymity.crawl import Reach, Seen, everything
from tests.anonymity.worlds import Build, Kind, World, furnish

Crawled = Callable[..., Seen]


@pytest.fixture(autouse=True)
def frozen_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not a moment passes."""
    monkeypatch.setattr(clock, "now", lambda: world.NOW)


class Proof:
    """A press that sets the document and prints no paper: everything that goes into the PDF, as text."""

    def __init__(self, **_: Any) -> None: ...

    def __enter__(self) -> "Proof":
        return self

    def __exit__(self, *_: object) -> None: ...

    def render(self, facts: Facts, locale: Any) -> bytes:
        photos = {name: hashlib.sha256(content).hexdigest() for name, content in render._photos(facts).items()}
        return f"%PDF {facts_sha256(facts)} {photos}\n{render.html(facts, locale)}".encode()

    def render_many(self, documents: Any) -> Iterator[Any]:
        for key, facts, locale in documents:
            yield key, self.render(facts, locale)


@pytest.fixture(scope="package")
def proofs(request: pytest.FixtureRequest) -> Iterator[None]:
    """Documents as proofs; with --full as real PDFs."""
    if request.config.getoption("--full"):
        yield
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(downloads, "press", Proof)
        patch.setattr(jobs, "RenderPool", Proof)
        yield


def _before_the_crawl(lines: Callable[..., Any]) -> Callable[..., Any]:
    """Who saw a result is told to the person whom it scores; who of us went through a world first must not show."""
    return lambda *given: [line for line in lines(*given) if line.at < world.NOW]


@pytest.fixture(scope="package")
def worlds(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, proofs: None) -> Iterator[Build]:
    """`worlds(SWAPPED)`: that world, built when first asked for."""
    folder = tmp_path_factory.mktemp("worlds")
    monkey = pytest.MonkeyPatch()
    monkey.setattr(looks.trail, "lines_about", _before_the_crawl(trail.lines_about))
    keys, built = Keys(folder), dict[str, World]()

    def of(kind: Kind) -> World:
        if kind.name not in built:
            built[kind.name] = furnish(kind, sqlite_template, folder / kind.name, keys)
        return built[kind.name]

    yield of
    for one in built.values():
        one.close()
    monkey.undo()


@pytest.fixture(scope="package")
def crawled(worlds: Build) -> Crawled:
    """What somebody sees of a world; everybody goes through each world once."""
    known: dict[tuple[str, str, str, Reach], Seen] = {}

    def of(kind: Kind, username: str, locale: str = "en", reach: Reach = Reach()) -> Seen:
        key = (kind.name, username, locale, reach)
        if key not in known:
            known[key] = everything(worlds(kind), username, locale, reach)
        return known[key]

    return of

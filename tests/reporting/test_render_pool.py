"""One bad document costs only itself: bombs, fatal errors and killed workers."""

import os
import signal
from dataclasses import replace

import psutil
import pytest
from weasyprint.urls import FatalURLFetchingError

from audit_app.reporting import pool as pooling
from audit_app.reporting.facts import Facts, OfficeTouchpoint, OfficeVisit
from audit_app.reporting.pool import Failure, RenderPool
from audit_app.reporting.render import render
from audit_app.reporting.samples import sample


def small(number: int = 1) -> OfficeVisit:
    card = sample("visit", "office", photos=0)
    assert isinstance(card, OfficeVisit)
    return replace(card, items=card.items[:3], losses=card.losses[:2], revision=number)


def bomb() -> Facts:
    """A period of 4,000 visits, each with 2,000 characters of note."""
    card = sample("scorecard", "office")
    assert isinstance(card, OfficeTouchpoint)
    block = card.blocks[0]
    row = replace(block.rows[0], release_note="字 x" * 600)
    return replace(card, blocks=(replace(block, rows=(row,) * 4_000),))


def test_a_bomb_ends_as_a_failure_and_the_batch_goes_on() -> None:
    documents = [(number, small(number), "zh") for number in range(6)]
    documents.insert(2, (99, bomb(), "zh"))
    with RenderPool(2, seconds=2) as pool:
        outcomes = dict(pool.render_many(documents))  # type: ignore[arg-type]
    assert isinstance(outcomes.pop(99), Failure)
    assert sorted(outcomes) == list(range(6))
    assert all(isinstance(outcome, bytes) for outcome in outcomes.values())
    assert outcomes[3] == render(small(3), "zh")


def test_memory_is_limited() -> None:
    with RenderPool(1, seconds=15, memory=440 * 2**20) as pool:
        outcomes = dict(pool.render_many([(0, bomb(), "zh"), (1, small(), "zh")]))
    assert isinstance(outcomes[0], Failure)
    assert outcomes[0].reason == "died"
    assert isinstance(outcomes[1], bytes)


def test_a_killed_worker_does_not_stop_the_batch() -> None:
    with RenderPool(2) as pool:
        stream = pool.render_many([(number, small(number), "en") for number in range(16)])
        done = [next(stream)]
        workers = [
            child for child in psutil.Process(os.getpid()).children() if "spawn_main" in " ".join(child.cmdline())
        ]
        assert workers
        workers[0].send_signal(signal.SIGKILL)
        done.extend(stream)
    assert sorted(key for key, _ in done) == list(range(16))
    assert all(isinstance(outcome, bytes) for _, outcome in done)


def test_a_refused_document_says_why_without_its_text() -> None:
    too_long = replace(small(), release_note="SECRET" * 400)
    with RenderPool(1) as pool:
        assert pool.render_one(too_long, "zh") == Failure("refused", "TextTooLong")
        assert isinstance(pool.render_one(small(), "zh"), bytes)


@pytest.mark.parametrize("error", [FatalURLFetchingError("x"), KeyboardInterrupt(), ValueError("x")])
def test_no_error_leaves_the_worker(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> bytes:
        raise error

    monkeypatch.setattr(pooling, "render", fail)
    assert pooling._render(small(), "zh") == Failure("refused", type(error).__name__)

"""One bad document costs only itself: bombs, fatal errors and killed workers."""

import io
import os
import signal
from dataclasses import replace

import psutil
import pytest
from PIL import Image
from weasyprint.urls import FatalURLFetchingError

from audit_app.reporting import pool as pooling
from audit_app.reporting.facts import Facts, OfficeTouchpoint, OfficeVisit, Photo
from audit_app.reporting.parts import Text
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


def too_big_a_photo() -> Facts:
    """A picture of 36 million pixels in a few kilobytes."""
    content = io.BytesIO()
    Image.new("RGB", (6000, 6000)).save(content, "PNG", compress_level=1)
    drawn = Photo(content=content.getvalue(), item_code="A1", caption=Text("x"), taken_at=small().when.started_at)
    return replace(small(), photos=(drawn,))


def test_a_bomb_ends_as_a_failure_and_the_batch_goes_on() -> None:
    documents = [(0, small(0), "zh"), (99, bomb(), "zh"), (1, small(1), "zh"), (2, small(2), "zh")]
    with RenderPool(1, seconds=4) as pool:
        outcomes = dict(pool.render_many(documents))  # type: ignore[arg-type]
    failure = outcomes.pop(99)
    assert isinstance(failure, Failure)
    assert failure.reason in {"timeout", "died"}
    assert outcomes == {number: render(small(number), "zh") for number in range(3)}


def test_memory_is_limited_and_a_refusal_says_why_without_the_text() -> None:
    too_long = replace(small(), release_note="SECRET" * 400)
    with RenderPool(1, memory=440 * 2**20) as pool:
        outcomes = dict(pool.render_many([(0, too_big_a_photo(), "zh"), (1, small(), "zh"), (2, too_long, "zh")]))
    assert outcomes[0] == Failure("died", "out of memory")
    assert isinstance(outcomes[1], bytes)
    assert outcomes[2] == Failure("refused", "TextTooLong")


def test_a_killed_worker_does_not_stop_the_batch() -> None:
    with RenderPool(2) as pool:
        stream = pool.render_many([(number, small(number), "en") for number in range(8)])
        done = [next(stream)]
        children = psutil.Process(os.getpid()).children()
        workers = [child for child in children if "spawn_main" in " ".join(child.cmdline())]
        assert workers
        workers[0].send_signal(signal.SIGKILL)
        done.extend(stream)
    assert sorted(key for key, _ in done) == list(range(8))
    assert all(isinstance(outcome, bytes) for _, outcome in done)


@pytest.mark.parametrize("error", [FatalURLFetchingError("x"), KeyboardInterrupt(), ValueError("x")])
def test_no_error_leaves_the_worker(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> bytes:
        raise error

    monkeypatch.setattr(pooling, "render", fail)
    assert pooling._render(small(), "zh") == Failure("refused", type(error).__name__)

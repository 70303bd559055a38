"""The comparison finds what somebody might get wrong (G3)."""

import re

import pytest

from tests.anonymity.conftest import Crawled
from tests.anonymity.crawl import Seen, again, differences
from tests.anonymity.leaks import LEAKS, Leak
from tests.anonymity.worlds import ONE, Build

pytestmark = pytest.mark.anonymity
MOST = 6


def fits(address: str, where: str) -> bool:
    """Whether the address begins so; "*" stands for an id, "/" for the home page alone."""
    start = re.escape(where).replace(r"\*", "[^/]+")
    return re.fullmatch(start if where == "/" else f"{start}.*", address) is not None


FIRST = 12  # found on every run; the others with --full


@pytest.mark.parametrize(
    "leak",
    [pytest.param(leak, marks=() if n < FIRST else pytest.mark.full, id=leak.name) for n, leak in enumerate(LEAKS)],
)
def test_a_leak_is_found(worlds: Build, crawled: Crawled, leak: Leak) -> None:
    known = crawled(ONE, leak.who).answers
    addresses = [a for a in known if fits(a, leak.where)][:MOST]
    assert addresses
    seen: list[Seen] = []
    for kind in (ONE, leak.worlds):
        with pytest.MonkeyPatch.context() as patch:
            leak.plant(patch, worlds(kind))
            seen.append(again(worlds(kind), leak.who, addresses))
    assert {answer.status for answer in seen[0].answers.values()} == {200}, "the planted fault must work"
    assert differences(*seen)


def test_there_are_ten() -> None:
    assert len(LEAKS) >= 10

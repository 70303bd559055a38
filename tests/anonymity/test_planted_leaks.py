"""The comparison finds what somebody might get wrong (G3)."""

import pytest

from tests.anonymity.conftest import Crawled
from tests.anonymity.crawl import Seen, again, differences
from tests.anonymity.leaks import LEAKS, Leak
from tests.anonymity.worlds import ONE, Build

pytestmark = pytest.mark.anonymity
MOST = 3


@pytest.mark.parametrize("leak", LEAKS, ids=lambda leak: leak.name)
def test_a_leak_is_found(worlds: Build, crawled: Crawled, leak: Leak) -> None:
    known = crawled(ONE, leak.who).answers
    addresses = [a for a in known if a == leak.where or (len(leak.where) > 1 and a.startswith(leak.where))][:MOST]
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

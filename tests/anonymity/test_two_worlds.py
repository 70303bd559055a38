"""Nobody below can tell who the tester was, at which minute, or that anything covert is under way (T1–T3, G3)."""

import pytest

from tests.anonymity.conftest import Crawled
from tests.anonymity.crawl import FAR, again, differences
from tests.anonymity.worlds import MOVED, ONE, QUIET, SWAPPED, Build, Kind

LOCAL = ["outlet-manager", "team-lead", "staff", "county-supervisor", "hr"]
MORE = [*LOCAL, "outlet-manager-2", "team-lead-2", "county-supervisor-2", "city-supervisor", "city-supervisor-2",
        "hr-second", "admin", "outsider"]  # fmt: skip
OTHERS = [SWAPPED, MOVED, QUIET]

pytestmark = pytest.mark.anonymity


def name(kind: Kind) -> str:
    return kind.name


@pytest.mark.parametrize("other", OTHERS, ids=name)
@pytest.mark.parametrize("username", LOCAL)
def test_the_worlds_look_alike(crawled: Crawled, username: str, other: Kind) -> None:
    one, there = crawled(ONE, username), crawled(other, username)
    assert sum(answer.status == 200 for answer in one.answers.values()) >= 3
    found = differences(one, there)
    assert not found, "\n".join(found)


@pytest.mark.full
@pytest.mark.timeout(900)
@pytest.mark.parametrize("other", OTHERS, ids=name)
def test_everything_in_both_languages(crawled: Crawled, other: Kind) -> None:
    """Everybody below the owner of the covert plans; with --full the documents are real PDFs."""
    count, found = 0, list[str]()
    for username in MORE:
        for locale in ("en", "zh"):
            one, there = crawled(ONE, username, locale, FAR), crawled(other, username, locale, FAR)
            count += len(one.answers)
            found += [f"{username} {locale} {line}" for line in differences(one, there)]
    assert count >= 300
    assert not found, "\n".join(found)
    print(f"{count} addresses alike")


def test_who_plans_does_see_the_difference(worlds: Build) -> None:
    """The worlds do differ: for holders of the covert plan."""
    for other in (SWAPPED, QUIET):
        seen = [again(worlds(kind), "province-supervisor", ["/assignments", "/rounds/round-covert"])
                for kind in (ONE, other)]  # fmt: skip
        assert len(differences(*seen)) == 2

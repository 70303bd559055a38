"""Nobody below can tell who the tester was, at which minute, or that anything covert is under way (T1–T3, G3)."""

import pytest

from tests import world
from tests.anonymity.conftest import Crawled
from tests.anonymity.crawl import FAR, again, differences
from tests.anonymity.worlds import CANARY, MOVED, ONE, QUIET, SWAPPED, TESTERS, Build, Kind

LOCAL = ["outlet-manager", "team-lead", "staff", "county-supervisor", "hr"]
MORE = [*LOCAL, "outlet-manager-2", "team-lead-2", "county-supervisor-2", "city-supervisor", "city-supervisor-2",
        "hr-second", "admin", "outsider"]  # fmt: skip
OTHERS = [SWAPPED, MOVED, QUIET]
BY_CODE = {"province-supervisor", "admin"}  # who plans and who keeps accounts

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


PLANS = ["/", "/overview", "/overview?series=covert", "/assignments", "/programmes", "/rounds/round-overt",
         "/rounds/round-overt?show=all", "/rounds/round-overt/touchpoints/hall-bell",
         "/rounds/round-overt/touchpoints/hall-drum", "/scorecards"]  # fmt: skip


@pytest.mark.parametrize("other", OTHERS, ids=name)
def test_covert_work_of_a_higher_unit_does_not_exist_below(worlds: Build, other: Kind) -> None:
    """Counts, lists, overdue places, who may go: a city that plans covertly itself knows nothing of the province."""
    one, there = (again(worlds(kind), "city-supervisor", PLANS) for kind in (ONE, other))
    assert {answer.status for answer in one.answers.values()} == {200}
    found = differences(one, there)
    assert not found, "\n".join(found)


OTHERS_BY_CODE = [*LOCAL, "province-supervisor", "reviewer", "admin"]


@pytest.mark.parametrize("username", OTHERS_BY_CODE)
def test_no_testers_name_on_any_page(crawled: Crawled, username: str) -> None:
    """Names belong to the programme office: planners and administrators see codes, reviewers pseudonyms (T3)."""
    seen = crawled(ONE, username).answers
    assert [address for address, answer in seen.items() if CANARY.encode() in answer.body] == []
    codes = [world.ASSESSORS[name][0].encode() for name in (*TESTERS, "chief-tester")]
    if username not in BY_CODE:
        pages = {a: answer for a, answer in seen.items() if "?" not in a}
        assert [a for a, answer in pages.items() if any(b">" + code in answer.body for code in codes)] == []


def test_the_painted_photo_is_shown(crawled: Crawled) -> None:
    photos = [a for a in crawled(ONE, "outlet-manager").answers if "/photos/" in a]
    assert len(photos) == 1, "of the photos of the visit only the one that was let out"

"""Release and subject: the pure decisions of the review."""

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit_app.kit import clock
from audit_app.review import rules
from audit_app.review.rules import Chosen, Person, Suggestion, Waiting
from tests.world import NOW


def days_after(visit_id: str, key: str = "k") -> int:
    due, _ = rules.release_days(visit_id, NOW, lambda text: f"{key}:{text}")
    return (clock.local_date(due) - clock.local_date(NOW)).days


def test_a_release_is_at_nine_on_one_of_eight_days_all_alike() -> None:
    seen = Counter(days_after(f"visit-{n}") for n in range(8000))
    assert set(seen) == set(range(3, 11))
    # chi-square with 7 degrees of freedom: beyond 24.3 once in a thousand; the draw is fixed, so this is no gamble
    assert sum((count - 1000) ** 2 / 1000 for count in seen.values()) < 24.3
    due, last = rules.release_days("v", NOW, lambda text: text)
    assert (clock.local(due).hour, clock.local(due).minute) == (9, 0)
    assert last == clock.at_local(clock.local_date(NOW) + timedelta(days=10), 9)


def test_the_day_hangs_on_the_secret_and_stays_the_same_under_it() -> None:
    visits = [f"visit-{n}" for n in range(50)]
    assert [days_after(v) for v in visits] == [days_after(v) for v in visits]
    assert [days_after(v, "a") for v in visits] != [days_after(v, "b") for v in visits]


def test_late_in_the_evening_the_shanghai_day_counts() -> None:
    """17:30 UTC is half past one of the next day in Shanghai."""
    late = datetime.combine(NOW.date(), datetime.min.time(), NOW.tzinfo) + timedelta(hours=17, minutes=30)
    due, _ = rules.release_days("v", late, lambda text: text)
    assert 3 <= (clock.local_date(due) - (NOW.date() + timedelta(days=1))).days <= 10


waitings = st.lists(
    st.builds(
        Waiting,
        visit_id=st.uuids().map(str),
        county_path=st.sampled_from(["36/3601/360102/", "36/3601/360103/"]),
        due_at=st.integers(-6, 6).map(lambda d: NOW + timedelta(days=d)),
        last_at=st.integers(-3, 9).map(lambda d: NOW + timedelta(days=d)),
    ),
    max_size=12,
    unique_by=lambda w: w.visit_id,
)


@given(waitings)
def test_nothing_is_released_before_its_day_nor_in_too_small_company(waiting: list[Waiting]) -> None:
    chosen = set(rules.to_release(waiting, NOW))
    for county in {w.county_path for w in waiting}:
        of_county = [w for w in waiting if w.county_path == county]
        due = [w for w in of_county if w.due_at <= NOW]
        out = [w for w in of_county if w.visit_id in chosen]
        assert all(w in due for w in out)
        if len(due) >= 3:
            assert out == due
        else:
            assert out == [w for w in due if w.last_at <= NOW]


@pytest.mark.parametrize(
    ("path", "county"),
    [("36/3601/360102/360102001/", "36/3601/360102/"), ("36/3601/360102/", "36/3601/360102/"), ("36/", "36/")],
)
def test_the_county_of_a_path(path: str, county: str) -> None:
    assert rules.county_of(path) == county


LI = Person("li", "Li", "B1", None, "1", True, None, date(2024, 1, 1))
WU = Person("wu", "Wu", "B2", None, "2", True, None, date(2024, 1, 1))
HE = Person("he", "He", "B3", None, "", False, None, date(2024, 1, 1))
TWIN = Person("twin", "Twin", "B9", None, "2", True, None, date(2024, 1, 1))
AN = Person("an", "An", None, "801", "", False, "team-1", date(2024, 1, 1))
BO = Person("bo", "Bo", None, "802", "", False, "team-2", date(2024, 1, 1))
NOBODY = rules.NOBODY


@pytest.mark.parametrize(
    ("people", "badge", "desk", "agent_no", "transfers", "expected"),
    [
        ([LI, WU, HE], "B1", "", "", 0, Suggestion("li", None, "badge", "exact")),
        ([LI, WU, HE], " b1 ", "1", "", 0, Suggestion("li", None, "badge", "exact")),
        ([LI, WU, HE], "B1", "2", "", 0, Suggestion("li", None, "badge", "likely")),  # the desk says another
        ([LI, WU, HE], "B3", "", "", 0, Suggestion("he", None, "badge", "likely")),  # not on the roster then
        ([LI, WU, HE], "", "2", "", 0, Suggestion("wu", None, "desk", "likely")),
        ([LI, WU, TWIN], "", "2", "", 0, NOBODY),  # two at one desk
        ([LI, WU], "B7", "", "", 0, NOBODY),
        ([LI, WU], "", "", "", 0, NOBODY),
        ([], "B1", "1", "", 0, NOBODY),
        ([AN, BO], "", "", "802", 0, Suggestion("bo", "team-2", "agent_no", "exact")),
        ([AN, BO], "", "", "802", 1, Suggestion(None, "team-2", "agent_no", "exact")),  # transferred: the team
        ([AN, BO], "", "", "899", 0, NOBODY),
        ([AN, replace(BO, agent_no="801")], "", "", "801", 0, NOBODY),
    ],
)
def test_whom_the_words_point_to(
    people: list[Person], badge: str, desk: str, agent_no: str, transfers: int, expected: Suggestion
) -> None:
    assert rules.suggest(people, badge, desk, agent_no, transfers) == expected


def test_how_a_subject_is_known() -> None:
    bo = Suggestion("bo", "team-2", "agent_no", "exact")
    team = Suggestion(None, "team-2", "agent_no", "exact")
    assert rules.how_known(Chosen("bo", "team-2"), bo) == ("agent_no", "exact")
    assert rules.how_known(Chosen("an", "team-1"), bo) == ("named", "likely")
    assert rules.how_known(Chosen(None, "team-2"), team) == ("agent_no", "exact")
    assert rules.how_known(Chosen(None, "team-1"), team) == ("named", "likely")
    assert rules.how_known(Chosen(None, "team-2"), bo) == ("named", "likely")
    assert rules.how_known(Chosen(), bo) == ("unresolved", "none")


def test_what_counts_for_a_person() -> None:
    notice, joined = clock.at_local(date(2026, 11, 1), 15), date(2020, 1, 1)
    counts = rules.counts_for_person
    assert counts(date(2026, 11, 8), notice, joined, True) == ""
    assert counts(date(2026, 11, 7), notice, joined, True) == "notice_too_late"
    assert counts(date(2026, 11, 20), None, joined, True) == "no_notice"
    assert counts(date(2026, 11, 20), notice, joined, False) == "no_incentives"
    assert counts(date(2026, 11, 20), notice, date(2026, 11, 14), True) == "just_joined"
    assert counts(date(2026, 11, 21), notice, date(2026, 11, 14), True) == ""

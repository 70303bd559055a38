"""Terms, panels and votes, without a database."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit_app.appeals import rules
from audit_app.appeals.rules import Matter, Member, Vote
from audit_app.appeals.weighing import weigh
from audit_app.kit import clock
from audit_app.kit.states import allowed
from audit_app.scoring.answers import Answer
from tests.scoring.sheets import item, section
from tests.scoring.sheets import sheet as made

COUNTY, CITY, PROVINCE = "36/3601/360102/", "36/3601/", "36/"
DAYS = st.dates(date(2015, 1, 1), date(2026, 11, 30))


def at(day: date, hour: int = 12) -> datetime:
    return clock.at_local(day, hour)


def test_states_and_who_may_move_them() -> None:
    states = set(rules.HEARING)
    reached = {(old, new) for old in states for new in states if allowed(rules.HEARING, old, new)}
    assert reached == {("open", end) for end in ("upheld", "partly", "rejected", "withdrawn")}


@pytest.mark.parametrize(
    ("released", "end"),
    [
        (date(2026, 11, 10), date(2026, 11, 18)),  # seven whole days follow the day itself
        (date(2026, 9, 28), date(2026, 10, 13)),  # seven days of National Day do not count
        (date(2026, 10, 1), date(2026, 10, 15)),  # released on the first of them
        (date(2026, 4, 30), date(2026, 5, 13)),  # five days of Labour Day
    ],
)
def test_the_window(released: date, end: date) -> None:
    assert rules.window_end(at(released)) == clock.day_start(end)


def test_a_weekend_is_no_public_holiday() -> None:
    assert not rules.public_holiday(date(2026, 11, 21))
    assert rules.public_holiday(date(2026, 10, 1))
    assert not rules.public_holiday(date(2026, 10, 10))  # a Saturday on which everybody works
    assert not rules.public_holiday(date(2099, 10, 1))  # beyond what is known


@given(DAYS, st.integers(0, 23), st.integers(1, 12))
def test_a_term_is_whole_shanghai_days(day: date, hour: int, days: int) -> None:
    end = rules.term(at(day, hour), days)
    assert clock.local(end).hour == 0
    assert clock.local_date(end) == day + timedelta(days=days + 1)
    assert rules.term(at(day, 23), days) == end  # the hour of the event does not matter
    assert rules.last_day(end) == day + timedelta(days=days)


@given(DAYS, st.integers(1, 12))
def test_holidays_only_ever_lengthen_a_term(day: date, days: int) -> None:
    plain, longer = rules.term(at(day), days), rules.term(at(day), days, over_holidays=True)
    assert longer >= plain
    length = (clock.local_date(longer) - day).days
    inside = [day + timedelta(days=n) for n in range(1, length)]
    assert sum(not rules.public_holiday(one) for one in inside) == days
    assert not rules.public_holiday(rules.last_day(longer))


@given(DAYS, st.integers(0, 30))
def test_days_left_reach_zero_at_the_end(day: date, passed: int) -> None:
    end = rules.term(at(day), 7)
    left = rules.days_left(end, at(day + timedelta(days=passed)))
    assert left == max(0, 8 - passed)
    assert (left == 0) == (at(day + timedelta(days=passed)) >= end)


def test_the_calendar_of_a_period_fits() -> None:
    """Last release on day 17, 7 days to appeal, 10 to decide, 3 to ask again, 7 to decide: before day 45."""
    first = date(2026, 6, 30)
    appealed = rules.window_end(at(first + timedelta(days=17))) - timedelta(seconds=1)
    decided = rules.decision_end(appealed, 1) - timedelta(seconds=1)
    asked = rules.ask_end(decided) - timedelta(seconds=1)
    assert rules.decision_end(asked, 2) == clock.day_start(first + timedelta(days=45))


def member(key: str, *seats: str, **how: object) -> Member:
    return Member(key, seats or (CITY,), **how)  # type: ignore[arg-type]


HALL = Matter(COUNTY, "hall", None, frozenset({"scorer", "reviewer"}), 1)


@pytest.mark.parametrize(
    ("who", "matter", "reason"),
    [
        (member("a"), HALL, ""),
        (member("a", "36/3602/"), HALL, "level"),  # another city
        (member("a", PROVINCE), HALL, "level"),
        (member("a", COUNTY), HALL, "level"),
        (member("scorer"), HALL, "involved"),
        (member("reviewer"), HALL, "involved"),
        (member("a", tied=(COUNTY,)), HALL, "county"),
        (member("a", tied=(COUNTY + "360102001/",)), HALL, "county"),
        (member("a", tied=("36/3601/360103/",)), HALL, ""),  # the county beside
        (member("a", tied=(CITY,)), HALL, ""),  # from the city, not from the county
        (member("a", touchpoints=frozenset({"hall"})), HALL, "touchpoint"),
        (member("a", PROVINCE), Matter(COUNTY, "hall", None, frozenset(), 2), ""),
        (member("a"), Matter(COUNTY, "hall", None, frozenset(), 2), "level"),
        (member("a", "35/"), Matter(COUNTY, "hall", None, frozenset(), 2), "level"),
        # A hotline of the province: any city's panel, but nobody of the team.
        (member("a"), Matter(PROVINCE, "line", "team-1", frozenset(), 1), ""),
        (member("a", teams=frozenset({"team-1"})), Matter(PROVINCE, "line", "team-1", frozenset(), 1), "team"),
        (
            member("a", teams=frozenset({"team-2"}), touchpoints=frozenset({"line"})),
            Matter(PROVINCE, "line", "team-1", frozenset(), 1),
            "",
        ),
        (member("a", touchpoints=frozenset({"line"})), Matter(PROVINCE, "line", None, frozenset(), 1), "touchpoint"),
    ],
)
def test_who_may_sit(who: Member, matter: Matter, reason: str) -> None:
    assert rules.objection(who, matter) == reason


def test_the_least_loaded_are_found_and_always_the_same() -> None:
    busy, tired = member("a", open=3), member("b", open=1, lately=9)
    fresh, fresh_too = member("d", open=1, lately=2), member("c", open=1, lately=2)
    for order in permutations([busy, tired, fresh, fresh_too]):
        assert rules.chosen(order, HALL, 2) == ["c", "d"]
    assert rules.chosen([busy, tired], HALL, 2, taken=["b"]) == ["a"]
    assert rules.chosen([tired, member("z", open=5, beside=True)], HALL, 1) == ["z"]  # hears that visit already
    assert rules.chosen([busy], HALL, -1) == []


def vote(key: str, better: int) -> Vote:
    return Vote(key, "rejected" if better == 0 else "upheld" if better == 4 else "partly", better, f"reason {key}")


def test_two_equal_votes_decide() -> None:
    found = rules.decided([vote("a", 4), vote("b", 4)])
    assert found is not None
    assert (found.vote.verdict, found.how, found.reason) == ("upheld", "equal", "reason a\n\nreason b")
    assert rules.decided([vote("a", 4)]) is None
    assert rules.decided([vote("a", 4), vote("b", 2)]) is None


@given(st.lists(st.integers(0, 4), min_size=3, max_size=3))
def test_of_three_the_middle_one_counts(marks: list[int]) -> None:
    votes = [vote(key, mark) for key, mark in zip("abc", marks, strict=True)]
    found = rules.decided(votes)
    assert found is not None
    assert found.vote.better == sorted(marks)[1]
    for two in ({marks[0], marks[1]}, {marks[1], marks[2]}, {marks[0], marks[2]}):
        if len(two) == 1:
            assert found.vote.better in two  # whatever two agree on
    assert rules.kinder(votes).vote.better == max(marks)


def test_verdicts_by_what_an_item_earns() -> None:
    def verdict(before: int, after: int | None) -> str:
        return rules.verdict_of(Fraction(before), None if after is None else Fraction(after), Fraction(3))

    assert [verdict(0, 3), verdict(0, 1), verdict(1, 1), verdict(2, 1), verdict(0, None)] == [
        "upheld", "partly", "rejected", "rejected", "upheld",
    ]  # fmt: skip
    assert rules.weight(None, Fraction(3)) < rules.weight(Fraction(3), Fraction(3))


def test_paths() -> None:
    assert rules.county_of("36/3601/360102/360102001/") == COUNTY
    assert rules.county_of(CITY) == ""
    assert datetime(2026, 1, 1, tzinfo=UTC) < rules.window_end(datetime(2026, 1, 1, tzinfo=UTC))


def test_what_takes_something_from_the_score() -> None:
    one, none = Fraction(1), Fraction(0)
    assert rules.lost("normal", none, one)
    assert rules.lost("deduction", -one, one)
    assert not rules.lost("deduction", none, one)  # nothing was taken
    assert not rules.lost("bonus", none, one)  # nor was anything given


def test_a_deduction_that_falls_away_is_upheld() -> None:
    late = item("late", "2", "no=0 some=-1 much=-2", effect="deduction")
    sheet, answers = made(section("a", "1", item("x"), late)), {"x": Answer("x", ("yes",)), "late": said("much")}

    def verdict(option: str) -> tuple[str, int]:
        found = weigh(sheet, answers, said(option))
        assert found is not None
        return rules.verdict_of(Fraction(-2), found.earned, found.most), rules.weight(found.earned, found.most)

    assert [verdict(o)[0] for o in ("no", "some", "much")] == ["upheld", "partly", "rejected"]
    assert verdict("no")[1] > rules.weight(None, Fraction(0)) > verdict("some")[1]


def said(option: str) -> Answer:
    return Answer("late", (option,))

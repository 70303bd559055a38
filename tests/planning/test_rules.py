"""Who may go, and what is due."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit_app.kit import clock
from audit_app.planning import rules
from audit_app.planning.rules import Candidate, Place

START = date(2026, 11, 24)
ALL = frozenset({"tester", "chief_tester", "inspector"})
HALL = Place("hall", 2, "36/3601/360102/")


def who(
    tier: str = "tester",
    reach: str = "36/",
    home: str | None = "36/3602/360202/",
    until: date | None = date(2099, 1, 1),
    last: datetime | None = None,
    busy: bool = False,
) -> Candidate:
    return Candidate(tier, reach, home, until, last, busy)


@pytest.mark.parametrize(
    ("place", "candidate", "tiers", "expected"),
    [
        (HALL, who(), ALL, []),
        (HALL, who(reach="35/"), ALL, ["reach"]),
        (HALL, who(reach="36/3602/"), ALL, ["reach"]),
        (HALL, who(tier="inspector"), frozenset({"tester"}), ["kind_of_assessor"]),
        (Place("hall", 1, HALL.unit_path), who(), ALL, ["tier_1"]),
        (Place("hall", 1, HALL.unit_path), who(tier="chief_tester"), ALL, []),
        (Place("hall", 1, HALL.unit_path), who(tier="inspector"), ALL, []),
        (HALL, who(home="36/3601/360102/"), ALL, ["home_county"]),
        (Place("outlet", None, "36/3601/360102/360102001/"), who(home="36/3601/360102/"), ALL, ["home_county"]),
        (Place("hotline", None, "36/3601/360102/"), who(home="36/3601/360102/"), ALL, []),
        (HALL, who(home=None), ALL, []),
        (HALL, who(until=None), ALL, ["not_certified"]),
        (HALL, who(until=START - timedelta(days=1)), ALL, ["not_certified"]),
        (HALL, who(until=START), ALL, []),
        (HALL, who(busy=True), ALL, ["unavailable"]),
        (HALL, who(reach="35/", until=None, busy=True), ALL, ["reach", "not_certified", "unavailable"]),
    ],
)
def test_every_rule_is_named(place: Place, candidate: Candidate, tiers: frozenset[str], expected: list[str]) -> None:
    assert rules.refusals(place, candidate, tiers, START) == expected


@given(st.sampled_from(["hall", "outlet", "agent", "hotline", "app"]), st.integers(0, 400))
def test_the_revisit_gap_is_counted_in_shanghai_days(kind: str, days: int) -> None:
    last = clock.at_local(START - timedelta(days=days), 0, 30)  # the day before in UTC
    found = rules.refusals(Place(kind, 2, "36/3601/360102/"), who(last=last), ALL, START)
    gap = {"hall": 180, "outlet": 180, "agent": 180, "hotline": 14}.get(kind)
    assert found == (["unavailable"] if gap is not None and days < gap else [])


@given(st.integers(0, 500))
def test_overdue_counts_from_the_coverage(days: int) -> None:
    last = START - timedelta(days=days)
    assert rules.days_overdue("hall", 1, last, START) == days - 30
    assert rules.days_overdue("hall", 3, last, START) == days - 91
    assert rules.days_overdue("outlet", None, last, START) == days - 365
    assert rules.days_overdue("hotline", None, last, START) == days - 7
    assert rules.days_overdue("agent", None, last, START) is None
    assert rules.days_overdue("hall", 1, None, START) is None

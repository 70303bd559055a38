"""Each rule of scoring by cases that a person can follow on paper."""

from decimal import Decimal
from fractions import Fraction

import pytest

from audit_app.scoring.answers import Answer
from audit_app.scoring.engine import Result, score, score_all
from audit_app.scoring.numbers import exact, plain, printed
from audit_app.scoring.sheet import Sheet
from tests.scoring.sheets import FLAG, ZERO, answers, cap, item, measured, section, sheet, shown_if


def totals(result: Result) -> tuple[str, str]:
    return str(result.raw_total), str(result.final_total)


def test_the_worked_example_gives_78_57() -> None:
    example = sheet(
        section("a", "50", item("a", "10", "all=10 most=8 none=0")),
        section("b", "30", item("b", "5")),
        section("c", "20", item("c", "8", "all=8 most=6 none=0")),
    )
    result = score(example, answers(a="most", b="na", c="most"))
    assert totals(result) == ("78.57", "78.57")
    assert result.band == "pass"
    assert (result.na_share, result.basis) == (Fraction(5, 23), "ok")
    assert [(s.section_id, s.earned, s.possible, s.percent) for s in result.sections] == [
        ("a", 8, 10, Decimal("80.00")),
        ("b", 0, 0, None),
        ("c", 6, 8, Decimal("75.00")),
    ]


RULE_1 = [
    ("yes", "100.00"),
    ("no", "0.00"),
]


@pytest.mark.parametrize(("chosen", "total"), RULE_1)
def test_an_item_earns_by_its_option(chosen: str, total: str) -> None:
    assert totals(score(sheet(section("a", "100", item("a", "3"))), answers(a=chosen)))[1] == total


@pytest.mark.parametrize(
    ("chosen", "total"),
    [
        ("greet", "40.00"),
        ("greet+name", "80.00"),
        ("greet+name+help", "100.00"),  # 2+2+3 held at 5
        ("greet+rude", "0.00"),  # 2-4 held at 0
        ("greet+name+help+rude", "60.00"),
    ],
)
def test_a_choice_of_many_earns_the_sum_held_within_its_points(chosen: str, total: str) -> None:
    many = item("a", "5", "help=3 greet=2 name=2 rude=-4", many=True)
    assert totals(score(sheet(section("a", "100", many)), answers(a=chosen)))[1] == total


@pytest.mark.parametrize(
    ("better", "steps", "value", "total"),
    [
        ("lower", "15:5 30:4 60:2", "15", "100.00"),
        ("lower", "15:5 30:4 60:2", "15.1", "80.00"),
        ("lower", "15:5 30:4 60:2", "30.0", "80.00"),
        ("lower", "15:5 30:4 60:2", "60", "40.00"),
        ("lower", "15:5 30:4 60:2", "60.000001", "0.00"),
        ("higher", "90:5 50:2.5", "90", "100.00"),
        ("higher", "90:5 50:2.5", "89.99", "50.00"),
        ("higher", "90:5 50:2.5", "49.9", "0.00"),
    ],
)
def test_a_measured_value_earns_by_its_thresholds(better: str, steps: str, value: str, total: str) -> None:
    result = score(sheet(section("a", "100", measured("a", "5", better, steps))), answers(a=f"={value}"))
    assert totals(result)[1] == total


def test_text_and_evidence_items_score_nothing() -> None:
    one = sheet(section("a", "100", item("a", "2"), *(item(t, "0", "x=0", type=t) for t in ("text", "photo", "audio"))))
    result = score(one, {**answers(a="yes"), "text": Answer("text", value="words")})
    assert totals(result)[1] == "100.00"
    assert [row.state for row in result.items] == ["scored", "unscored", "unscored", "unscored"]


def ten_items(allowed: bool = True) -> Sheet:
    return sheet(section("a", "100", *(item(f"i{n}", "1", na_allowed=allowed) for n in range(10))))


@pytest.mark.parametrize(
    ("not_applicable", "share", "basis", "averaged"),
    [(0, "0", "ok", True), (3, "3/10", "ok", True), (4, "2/5", "insufficient", False), (10, "1", "none", False)],
)
def test_na_leaves_the_divisor_and_above_30_percent_the_averages(
    not_applicable: int, share: str, basis: str, averaged: bool
) -> None:
    given = {f"i{n}": "na" if n < not_applicable else "yes" for n in range(10)}
    result = score(ten_items(), answers(**given))
    assert (result.na_share, result.basis, result.averaged) == (Fraction(share), basis, averaged)
    assert result.final_total == (None if basis == "none" else Decimal("100.00"))
    assert result.band == (None if basis == "none" else "excellent")


def test_na_where_it_is_not_allowed_is_no_answer() -> None:
    result = score(ten_items(allowed=False), answers(**{f"i{n}": "yes" for n in range(9)}, i9="na"))
    assert result.unanswered == ("i9",)
    assert (result.na_share, result.basis) == (0, "ok")


def test_unanswered_items_count_against_the_basis_never_against_the_total() -> None:
    result = score(ten_items(), answers(**{f"i{n}": "yes" for n in range(6)}))
    assert (result.final_total, result.basis, result.na_share) == (Decimal("100.00"), "insufficient", 0)


def test_hidden_items_are_neither_shown_nor_not_applicable() -> None:
    chain = sheet(
        section(
            "a", "100",
            item("found", "1"),
            item("open", "1", show_if=shown_if("found", "yes")),
            item("greeted", "8", show_if=shown_if("open", "yes"), critical=ZERO),
        )
    )  # fmt: skip
    closed = score(chain, answers(found="yes", open="no", greeted="no"))
    assert totals(closed) == ("50.00", "50.00")
    assert (closed.na_share, closed.fired) == (0, ())
    away = score(chain, answers(found="no", open="yes", greeted="no"))
    assert [row.state for row in away.items] == ["scored", "hidden", "hidden"]
    assert totals(away) == ("0.00", "0.00")
    assert totals(score(chain, answers(found="na", open="yes", greeted="yes"))) == ("None", "None")
    assert totals(score(chain, answers(found="yes", open="yes", greeted="yes"))) == ("100.00", "100.00")


@pytest.mark.parametrize(
    ("a", "extra", "fine", "total"),
    [
        ("most", "no", "none", "80.00"),
        ("most", "yes", "none", "100.00"),  # (8+2)/10
        ("all", "yes", "none", "100.00"),  # 12/10 held at 100
        ("most", "no", "some", "50.00"),  # (8-3)/10
        ("none", "no", "all", "0.00"),  # -6/10 held at 0
        ("most", "yes", "all", "40.00"),
        ("na", "yes", "none", "None"),  # an all-N/A section ignores them
        ("na", "no", "all", "None"),
    ],
)
def test_bonus_and_deduction_change_what_is_earned_not_what_could_be(a: str, extra: str, fine: str, total: str) -> None:
    one = sheet(
        section(
            "a", "100",
            item("a", "10", "all=10 most=8 none=0"),
            item("extra", "2", effect="bonus"),
            item("fine", "6", "none=0 some=-3 all=-6", effect="deduction"),
        )
    )  # fmt: skip
    assert totals(score(one, answers(a=a, extra=extra, fine=fine)))[1] == total


def test_a_bonus_in_an_all_na_section_does_not_help_another_section() -> None:
    one = sheet(
        section("a", "50", item("a", "10"), item("extra", "5", effect="bonus")),
        section("b", "50", item("b", "10", "all=10 half=5 none=0")),
    )
    assert totals(score(one, answers(a="na", extra="yes", b="half")))[1] == "50.00"


@pytest.mark.parametrize(
    ("given", "final", "outcome", "rule", "fired"),
    [
        ({}, "100.00", "ok", None, []),
        ({"flag": "no"}, "90.00", "fail", None, ["flag"]),
        ({"cap70": "no"}, "70.00", "ok", "cap", ["cap70"]),
        ({"cap70": "no", "cap60": "no"}, "60.00", "ok", "cap", ["cap70", "cap60"]),
        ({"cap60": "no", "zero": "no"}, "0.00", "ok", "zero", ["cap60", "zero"]),
        ({"cap60": "no", "flag": "no"}, "60.00", "fail", "cap", ["cap60", "flag"]),
        ({"zero": "no", "flag": "no"}, "0.00", "fail", "zero", ["zero", "flag"]),
        ({"zero": "na", "cap60": "na", "flag": "na"}, "100.00", "ok", None, []),
        ({"plain": "no", "cap70": "no"}, "30.00", "ok", None, ["cap70"]),  # 30 lies under the cap already
    ],
)
def test_critical_items(given: dict[str, str], final: str, outcome: str, rule: str | None, fired: list[str]) -> None:
    one = sheet(
        section(
            "a", "100",
            item("plain", "6"), item("cap70", "1", critical=cap("70")), item("cap60", "1", critical=cap("60")),
            item("zero", "1", critical=ZERO), item("flag", "1", critical=FLAG),
        )
    )  # fmt: skip
    all_good = dict.fromkeys(("plain", "cap70", "cap60", "zero", "flag"), "yes")
    result = score(one, answers(**{**all_good, **given}))
    assert (str(result.final_total), result.outcome, result.number_rule) == (final, outcome, rule)
    assert [fire.item_id for fire in result.fired] == fired
    assert result.raw_total is not None
    assert result.raw_total >= (result.final_total or 0)


def test_a_critical_item_fires_only_when_it_earns_nothing_at_all() -> None:
    one = sheet(section("a", "100", item("a", "4", "all=4 part=0.5 none=0", critical=ZERO)))
    assert totals(score(one, answers(a="part"))) == ("12.50", "12.50")
    assert totals(score(one, answers(a="none"))) == ("0.00", "0.00")


def test_the_three_results_have_their_own_items_divisor_and_critical_items() -> None:
    one = sheet(
        section("a", "60", item("staff", "4"), item("site", "4", answers_for="site", critical=ZERO)),
        section("b", "40", item("company", "2", answers_for="company", critical=FLAG)),
    )
    found = score_all(one, answers(staff="yes", site="no", company="no"))
    assert totals(found.experience) == ("30.00", "0.00")
    assert found.experience.outcome == "fail"
    assert totals(found.site) == ("50.00", "0.00")
    assert found.site.outcome == "ok"
    assert [s.section_id for s in found.site.sections] == ["a"]
    assert found.person is not None
    assert totals(found.person) == ("100.00", "100.00")
    assert found.person.fired == ()


def test_no_person_result_where_the_checklist_says_so() -> None:
    one = sheet(section("a", "100", item("a")), personal=False)
    assert score_all(one, answers(a="yes")).person is None


def test_a_condition_may_look_at_an_item_of_another_audience() -> None:
    one = sheet(
        section("a", "100", item("found", "1", answers_for="site"), item("a", "1", show_if=shown_if("found", "yes")))
    )
    assert score(one, answers(found="yes", a="yes"), "person").final_total == Decimal("100.00")
    assert score(one, answers(found="no", a="yes"), "person").basis == "none"


@pytest.mark.parametrize(
    ("earned", "possible", "total", "band"),
    [
        ("59.994", "100", "59.99", "fail"),
        ("59.995", "100", "60.00", "improve"),  # the band is that of the rounded value
        ("89.9949", "100", "89.99", "good"),
        ("89.995", "100", "90.00", "excellent"),
        ("100", "100", "100.00", "excellent"),
        ("0.005", "100", "0.01", "fail"),
        ("1", "3", "33.33", "fail"),
        ("2", "3", "66.67", "improve"),
    ],
)
def test_one_rounding_half_up_and_the_band_of_what_is_printed(
    earned: str, possible: str, total: str, band: str
) -> None:
    one = sheet(section("a", "100", item("a", possible, f"all={possible} some={earned} none=0")))
    result = score(one, answers(a="some"))
    assert (str(result.final_total), result.band) == (total, band)


def test_nothing_is_rounded_before_the_end() -> None:
    thirds = sheet(*(section(f"s{n}", "1", item(f"i{n}", "3", "all=3 one=1 none=0")) for n in range(3)))
    assert totals(score(thirds, answers(i0="one", i1="one", i2="one")))[1] == "33.33"
    mixed = sheet(*(section(f"s{n}", "1", item(f"i{n}", "3", "all=3 two=2 none=0")) for n in range(3)))
    assert totals(score(mixed, answers(i0="two", i1="two", i2="all")))[1] == "77.78"


@pytest.mark.parametrize("text", ["1/3", "1e3", " 1", "", "0x1", "1.", ".5", "+1", "NaN", "1.1234567", 1.5, None, True])
def test_only_decimal_text_is_a_number(text: object) -> None:
    with pytest.raises(ValueError, match="not a decimal text"):
        exact(text)  # type: ignore[arg-type]


def test_texts_of_numbers() -> None:
    assert [plain(exact(t)) for t in ("1.50", "0", "-2.0", "100", "0.000001")] == ["1.5", "0", "-2", "100", "0.000001"]
    with pytest.raises(ValueError, match="no finite decimal"):
        plain(Fraction(1, 3))
    assert [str(printed(Fraction(t))) for t in ("1/8", "-1/8", "0", "-1/1000")] == ["0.13", "-0.13", "0.00", "0.00"]

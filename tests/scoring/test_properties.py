"""What holds for every sheet and every answer; the naive reading of the rules is the oracle."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit_app.scoring.answers import Answer, effective, shown_ids
from audit_app.scoring.canonical import (
    answers_bytes,
    answers_from,
    answers_sha256,
    result_from_json,
    result_json,
    results_from_json,
    results_json,
)
from audit_app.scoring.engine import Result, score, score_all
from audit_app.scoring.gaps import gaps
from audit_app.scoring.numbers import exact, plain, printed
from audit_app.scoring.sheet import PARTIES, Sheet
from tests.scoring import naive
from tests.scoring.strategies import answered

thorough = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
Case = tuple[Sheet, dict[str, Answer]]
AUDIENCES = ("experience", "site", "person")


def every(case: Case) -> list[Result]:
    return [score(*case, audience) for audience in AUDIENCES]  # type: ignore[arg-type]


@pytest.mark.parametrize("audience", AUDIENCES)
@thorough
@given(case=answered())
def test_the_engine_agrees_with_the_naive_reading(audience: str, case: Case) -> None:
    ours, theirs = score(*case, audience), naive.total(*case, audience)  # type: ignore[arg-type]
    assert (ours.raw_total, ours.final_total) == (theirs["raw"], theirs["final"])
    assert (ours.outcome == "fail") == theirs["fail"]
    assert (ours.na_share, ours.basis) == (theirs["share"], theirs["basis"])


@thorough
@given(case=answered())
def test_totals_lie_between_0_and_100_with_two_places(case: Case) -> None:
    for result in every(case):
        for total in (result.raw_total, result.final_total):
            assert total is None or (0 <= total <= 100 and total.as_tuple().exponent == -2)


@thorough
@given(case=answered())
def test_critical_rules_never_raise_a_total(case: Case) -> None:
    for result in every(case):
        if result.raw_total is not None and result.final_total is not None:
            assert result.final_total <= result.raw_total
            assert (result.final_total == result.raw_total) or result.number_rule is not None


@thorough
@given(case=answered())
def test_zero_beats_cap_and_the_lowest_cap_wins(case: Case) -> None:
    for result in every(case):
        if result.final_total is None:
            continue
        if any(fire.rule == "zero" for fire in result.fired):
            assert result.final_total == 0
        for fire in result.fired:
            assert fire.cap is None or result.final_total <= printed(fire.cap)


@thorough
@given(case=answered())
def test_hidden_and_na_items_never_fire(case: Case) -> None:
    for result in every(case):
        states = {row.item_id: row.state for row in result.items}
        assert all(states[fire.item_id] == "scored" for fire in result.fired)


@thorough
@given(case=answered(), text=st.text(max_size=20))
def test_what_is_stored_for_hidden_items_changes_nothing(case: Case, text: str) -> None:
    sheet, answers = case
    kept = effective(sheet, answers)
    assert set(kept) == {i.id for i in sheet.items() if i.id in shown_ids(sheet, answers) and i.type != "text"}
    assert [score(sheet, kept, a) for a in AUDIENCES] == every(case)  # type: ignore[arg-type]
    noisy = {**kept, **{key: Answer(key, value=text) for key in answers.keys() - kept.keys()}}
    assert [score(sheet, noisy, a) for a in AUDIENCES] == every(case)  # type: ignore[arg-type]


@thorough
@given(case=answered())
def test_notes_times_reasons_evidence_and_order_change_nothing(case: Case) -> None:
    sheet, answers = case
    other = {
        key: replace(one, note="n", reason="r", answered_at="2026-01-01T00:00:00Z", evidence=("ab",))
        for key, one in reversed(answers.items())
    }
    assert results_json(score_all(sheet, other)) == results_json(score_all(sheet, answers))
    assert answers_sha256(other) == answers_sha256(answers)
    assert results_json(score_all(sheet, answers_from(answers_bytes(answers)))) == results_json(
        score_all(sheet, answers)
    )


@thorough
@given(case=answered(), factor=st.integers(2, 9))
def test_only_the_proportion_of_the_weights_counts(case: Case, factor: int) -> None:
    sheet, answers = case
    scaled = replace(sheet, sections=tuple(replace(s, weight=s.weight * factor) for s in sheet.sections))
    for audience in AUDIENCES:
        a, b = score(sheet, answers, audience), score(scaled, answers, audience)  # type: ignore[arg-type]
        assert (a.raw_total, a.final_total, a.band) == (b.raw_total, b.final_total, b.band)


@thorough
@given(case=answered())
def test_each_audience_has_exactly_its_own_items(case: Case) -> None:
    for result in every(case):
        wanted = [item.id for item in case[0].items() if item.answers_for in PARTIES[result.audience]]
        assert [row.item_id for row in result.items] == wanted
        alone = replace(
            case[0],
            sections=tuple(
                replace(
                    s, items=tuple(i for i in s.items if i.answers_for in PARTIES[result.audience] and not i.show_if)
                )
                for s in case[0].sections
            ),
        )
        if not any(item.show_if for item in case[0].items()):
            assert score(alone, case[1]).final_total == result.final_total


@thorough
@given(case=answered())
def test_the_printed_parts_add_up_to_the_raw_total(case: Case) -> None:
    for result in every(case):
        counting = [s for s in result.sections if s.share is not None]
        if result.raw_total is None:
            assert not counting
            continue
        total = 100 * sum(s.weight * (s.share or 0) for s in counting) / sum(s.weight for s in counting)
        assert printed(min(max(total, Fraction(0)), Fraction(100))) == result.raw_total
        for s in counting:
            rows = [row for row in result.items if row.section_id == s.section_id and row.state == "scored"]
            assert sum(row.earned for row in rows) == s.earned
            assert sum(row.points for row in rows if row.effect == "normal") == s.possible


@thorough
@given(case=answered())
def test_the_band_is_the_one_that_holds_the_printed_total(case: Case) -> None:
    for result in every(case):
        holding = [
            b.id for b in case[0].bands if result.final_total is not None and b.holds(Fraction(result.final_total))
        ]
        assert holding == ([] if result.final_total is None else [result.band])


@thorough
@given(case=answered())
def test_results_survive_json_and_hash_the_same(case: Case) -> None:
    results = score_all(*case)
    assert results_from_json(results_json(results)) == results
    assert all(result_from_json(result_json(result)) == result for result in results.each())
    assert results_json(results_from_json(results_json(results))) == results_json(results)
    assert (results.person is not None) == case[0].personal_scores


@thorough
@given(case=answered())
def test_a_complete_visit_has_no_gap_and_each_missing_answer_is_one(case: Case) -> None:
    sheet, answers = case
    assert gaps(sheet, answers.values(), {}) == []
    first = next((item for item in sheet.items() if item.scores and item.show_if is None), None)
    if first is not None:
        rest = [one for one in answers.values() if one.item_id != first.id]
        assert (first.id, "unanswered") in [(gap.item_id, gap.kind) for gap in gaps(sheet, rest, {})]
        assert first.id in score(sheet, {one.item_id: one for one in rest}).unanswered


@thorough
@given(case=answered(), data=st.data())
def test_a_better_option_never_lowers_a_total(case: Case, data: st.DataObject) -> None:
    sheet, answers = case
    watched = sheet.conditions
    plain_items = [
        i for i in sheet.items() if i.options and not i.many and i.effect == "normal" and i.id not in watched
    ]
    if not plain_items:
        return
    item = data.draw(st.sampled_from(plain_items))
    totals = [
        score(sheet, {**answers, item.id: Answer(item.id, option_ids=(option.id,))}).final_total
        for option in item.options
    ]
    numbers = [total for total in totals if total is not None]
    assert len(numbers) in (0, len(totals))
    assert numbers == sorted(numbers, reverse=True)


@thorough
@given(st.fractions(min_value=0, max_value=100, max_denominator=10**6))
def test_rounding_is_half_up_as_decimal_does_it(value: Fraction) -> None:
    assert printed(value) == naive.rounded(value)


@thorough
@given(st.decimals(-999999, 999999, places=4))
def test_decimal_text_goes_in_and_out_unchanged(value: Decimal) -> None:
    assert exact(plain(exact(f"{value:f}"))) == Fraction(value)

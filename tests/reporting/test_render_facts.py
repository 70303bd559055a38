"""Facts: period figures that anyone can recompute, editions that cannot hold what they must not say, stable hashes."""

import pickle
from dataclasses import fields, replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit_app.reporting.editions import hr_edition, outlet_edition
from audit_app.reporting.facts import (
    HrVisit,
    Loss,
    OfficeTouchpoint,
    OfficeVisit,
    OutletLoss,
    OutletVisit,
    Row,
    experience_figure,
    facts_sha256,
    site_figure,
    worst_first,
)
from audit_app.reporting.parts import Band, Mark, Text, half_up, period_figure, section_letter
from audit_app.reporting.samples import sample

CENTS = st.integers(0, 10_000).map(lambda cents: str(Decimal(cents).scaleb(-2).quantize(Decimal("0.01"))))


def mark(final: str | None, excluded: str | None = None) -> Mark:
    return Mark(raw=final, final=final, outcome="pass", na_share="0.00", excluded=excluded)  # type: ignore[arg-type]


def office_visit() -> OfficeVisit:
    card = sample("visit", "office", photos=1)
    assert isinstance(card, OfficeVisit)
    return card


def office_touchpoint() -> OfficeTouchpoint:
    card = sample("scorecard", "office")
    assert isinstance(card, OfficeTouchpoint)
    return card


def test_the_period_figure_is_the_mean_of_printed_finals_half_up() -> None:
    figure = period_figure((mark("85.50"), mark("86.00"), mark("83.11")), ())
    assert (figure.total, figure.mean, figure.count) == ("254.61", "84.87", 3)
    assert period_figure((mark("0.01"), mark("0.00")), ()).mean == "0.01"


def test_what_does_not_count_stays_out_of_sum_and_mean() -> None:
    figure = period_figure((mark("90.00"), mark("10.00", "insufficient"), mark(None, "no_score")), ())
    assert (figure.finals, figure.total, figure.mean) == (("90.00",), "90.00", "90.00")
    nothing = period_figure((mark("10.00", "void"),), ())
    assert nothing.mean is None
    assert nothing.band is None


@given(st.lists(CENTS, min_size=1, max_size=40))
def test_the_mean_is_within_half_a_cent_of_the_exact_one(finals: list[str]) -> None:
    figure = period_figure(tuple(mark(final) for final in finals), ())
    exact = sum((Fraction(final) for final in finals), Fraction()) / len(finals)
    assert figure.mean is not None
    assert -Fraction(1, 200) < Fraction(figure.mean) - exact <= Fraction(1, 200)


def test_bands_are_half_open_and_the_last_is_closed() -> None:
    low = Band(id="a", name=Text("x"), low="0", high="80")
    high = Band(id="b", name=Text("y"), low="80", high="100", closed=True)
    assert [band.id for score in ("79.99", "80.00", "100.00") for band in (low, high) if band.holds(score)] == [
        "a",
        "b",
        "b",
    ]


@pytest.mark.parametrize(("number", "text"), [("0.125", "0.13"), ("0.005", "0.01"), ("78.571", "78.57"), ("7", "7.00")])
def test_half_up(number: str, text: str) -> None:
    assert half_up(Fraction(number)) == text


def test_section_letters() -> None:
    assert [section_letter(index) for index in (0, 7, 25, 26, 27)] == ["A", "H", "Z", "AA", "AB"]


def test_series_have_their_own_figures() -> None:
    covert, overt = office_touchpoint().blocks
    assert (experience_figure(covert).mean, site_figure(covert).mean) != (
        experience_figure(overt).mean,
        site_figure(overt).mean,
    )
    assert experience_figure(covert).count == 3
    assert len(covert.rows) == 4


def test_losses_are_sorted_by_points_lost() -> None:
    lost = [loss.lost for loss in worst_first(office_visit().losses)]
    assert lost == sorted(lost, reverse=True)


def test_an_edition_has_no_field_for_what_its_readers_must_not_learn() -> None:
    private = {"photos", "assessor", "subject", "person", "note", "measured"}
    for kind in (HrVisit, OutletVisit, Loss, OutletLoss, Row):
        assert not private & {field.name for field in fields(kind)}
    assert "release_note" not in {field.name for field in fields(HrVisit)} | {field.name for field in fields(Row)}
    assert "times" not in {field.name for field in fields(Row)}


def test_narrowing_takes_nothing_private_along() -> None:
    card = office_visit()
    loud = replace(
        card,
        assessor="SECRET",
        subject="SECRET",
        losses=tuple(replace(loss, note="SECRET", measured=Text("SECRET")) for loss in card.losses),
    )
    for narrow in (hr_edition, outlet_edition):
        assert narrow(loud, card.issue) == narrow(card, card.issue)
        assert b"SECRET" not in pickle.dumps(narrow(loud, card.issue))
    period = office_touchpoint()
    named = replace(
        period,
        blocks=tuple(
            replace(block, rows=tuple(replace(row, assessor="SECRET") for row in block.rows)) for block in period.blocks
        ),
    )
    for narrow in (hr_edition, outlet_edition):
        assert b"SECRET" not in pickle.dumps(narrow(named, period.issue))


def test_the_hash_is_that_of_the_content() -> None:
    card = office_visit()
    assert facts_sha256(card) == facts_sha256(pickle.loads(pickle.dumps(card)))
    assert facts_sha256(card) != facts_sha256(replace(card, revision=card.revision + 1))
    photo = replace(card.photos[0], content=card.photos[0].content + b"x")
    assert facts_sha256(card) != facts_sha256(replace(card, photos=(photo,)))
    assert facts_sha256(hr_edition(card, card.issue)) != facts_sha256(outlet_edition(card, card.issue))

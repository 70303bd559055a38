"""What pages rely on in the macros: field names, the same words twice, exact kinds of numbers and gaps in charts."""

import re
from decimal import Decimal
from fractions import Fraction

from audit_app.kit.errors import FieldError

from .samples import macro

FORM = '{% import "components/form.html" as form %}'
CHARTS = '{% import "components/charts.html" as charts %}'


def test_an_error_stands_at_the_field_and_in_the_summary_in_the_same_words() -> None:
    errors = [FieldError("visit.code", "too-long", "At most %(most)s characters", {"most": 8})]
    text = macro(
        FORM + '{{ form.error_summary(errors) }}{{ form.text("visit.code", "Code", "<x>", errors) }}', errors=errors
    )
    assert text.count("At most 8 characters") == 2
    assert 'href="#f-visit-code"' in text
    assert 'id="f-visit-code"' in text
    assert 'aria-invalid="true"' in text
    assert 'aria-describedby="f-visit-code-error"' in text
    assert 'value="&lt;x&gt;"' in text
    assert "1 thing needs your attention" in text


def test_ready_text_may_hold_a_percent_sign() -> None:
    errors = [{"path": "share", "message": "more than 30 % not applicable"}, {"path": "", "message": "whole form"}]
    text = macro(FORM + "{{ form.error_summary(errors) }}", errors=errors)
    assert "more than 30 % not applicable" in text
    assert "<span>whole form</span>" in text
    assert "2 things need your attention" in text


def test_a_field_without_errors_is_quiet() -> None:
    text = macro(FORM + '{{ form.select("tier", "Tier", [(1, "One"), (2, "Two")], 2, hint="Why") }}')
    assert "aria-invalid" not in text
    assert '<option value="2" selected>' in text
    assert 'aria-describedby="f-tier-hint"' in text
    assert '<label for="f-tier">' in text


def test_a_score_key_that_is_chosen_is_checked() -> None:
    source = '{{ form.score_keys("c2", "C2", [("o1", "Met", "3", "y"), ("o2", "Not met", "0", "n")], "o2", "two") }}'
    text = macro(FORM + source)
    assert re.search(r'class="n"><input type="radio" name="c2" value="o2" checked>', text)
    assert text.count("checked") == 1


def test_cells_name_themselves_for_the_phone() -> None:
    source = (
        '{% from "components/table.html" import table, td, pagination %}'
        '{% call table("Visits", ["Name", ("Score", "r")]) %}'
        '<tr>{% call td("Score", "r") %}1{% endcall %}</tr>{% endcall %}{{ pagination("", "?after=7") }}'
    )
    text = macro(source)
    assert '<td data-label="Score" class="r">1</td>' in text
    assert 'rel="next"' in text
    assert 'rel="prev"' not in text


def test_charts_take_exact_numbers_and_leave_gaps() -> None:
    text = macro(
        CHARTS + "{{ charts.sparkline(values, 'Six periods') }}", values=[Decimal("82.10"), None, Fraction(169, 2), 86]
    )
    path = re.search(r' d="([^"]+)"', text)
    assert path is not None
    assert path.group(1).count("M") == 2
    assert "<title>Six periods</title>" in text
    assert 'role="img"' in text


def test_charts_without_values_or_spread_still_draw() -> None:
    assert "<path" not in macro(CHARTS + "{{ charts.sparkline([]) }}")
    assert "nan" not in macro(CHARTS + "{{ charts.sparkline([80, 80, 80]) }}{{ charts.sparkline([80]) }}").lower()
    assert "<svg" in macro(CHARTS + "{{ charts.line([none], [], 'Nothing yet') }}{{ charts.gauge(none, 'No score') }}")
    assert "<svg" in macro(
        CHARTS + "{{ charts.line([80], ['1'], 'One') }}{{ charts.ring(0, 0, 'None') }}{{ charts.hbar(0, 0) }}"
    )


def test_the_gauge_ends_where_its_value_is() -> None:
    """50 of 100 ends straight above the middle; arcs are paths, so that the PDF shows them."""
    text = macro(CHARTS + "{{ charts.gauge(50, 'Half', [60]) }}")
    assert "M16.0 96.0A84 84 0 0 1 100.0 12.0" in text
    assert "dasharray" not in text
    assert "50.0" in text


def test_heat_levels_change_at_their_limits() -> None:
    cells = "{% for v in (77.9, 78, 83, 87, 91) %}{{ heat_cell(v) }}{% endfor %}"
    source = '{% from "components/table.html" import heat_cell %}' + cells
    assert re.findall(r'class="h(\d)"', macro(source)) == ["1", "2", "3", "4", "5"]


def test_an_unknown_status_is_still_a_word() -> None:
    known, unknown = '{{ state("void", "Void") }}', '{{ state("brand_new", "Brand new") }}'
    text = macro('{% from "components/badge.html" import state %}' + known + unknown)
    assert "Brand new" in text
    assert '"tag r pill"' in text

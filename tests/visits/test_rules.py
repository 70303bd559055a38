"""Pure rules: the quick table against the full rules, time slots, series, overlays."""

from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from audit_app.bench.bodies import filled
from audit_app.kit.states import allowed
from audit_app.scoring.answers import Answer
from audit_app.scoring.gaps import gaps
from audit_app.standards.compiling import compile_sheet
from audit_app.standards.document import ChecklistDocument
from audit_app.standards.operations import LIBRARY
from audit_app.standards.rules import parse_checklist
from audit_app.visits import sheets, slots
from audit_app.visits.rules import VISIT, VisitBody, answers_of, with_overlays
from audit_app.visits.sending import read_visit
from tests.visits.sending import raw
from tests.world import NOW


@cache
def library() -> list[ChecklistDocument]:
    return [parse_checklist(path.read_bytes()) for path in sorted(LIBRARY.glob("*.yaml"))]


@cache
def prepared(place: int) -> sheets.Ready:
    document = library()[place]
    return sheets.prepare("v", compile_sheet(document), document.expected_minutes)


def body_of(content: dict[str, Any]) -> VisitBody:
    return read_visit(raw(content))


@examples(max_examples=60, deadline=None)
@given(place=st.integers(0, 5), data=st.data())
def test_what_the_table_calls_clear_has_no_gap(place: int, data: st.DataObject) -> None:
    """Random changes of a whole body: wherever the quick table sees no gap, the full rules see none either."""
    ready = prepared(place)
    pick = data.draw(st.integers(0, 5))
    content = filled(ready.sheet, "a", "v", NOW, option_at=lambda item: pick % max(1, len(item.options)))
    for _ in range(data.draw(st.integers(0, 4))):
        answer = data.draw(st.sampled_from(content["answers"]))
        change: dict[str, Any] = data.draw(
            st.sampled_from(
                [
                    {"option_id": "nothing"}, {"not_applicable": True}, {"note": ""}, {"note": "x", "reason": "y"},
                    {"value": "-1"}, {"value": "12.5"}, {"value": "x"}, {"evidence": []}, {"option_ids": []},
                    {"item_id": "no.such"}, {"item_id": content["answers"][0]["item_id"]}, {"reason": " "},
                ]
            )
        )  # fmt: skip
        answer.update(change)
    body = body_of(content)
    media = {line.sha256: line.kind for line in body.manifest}
    full = gaps(ready.sheet, [answer.typed() for answer in body.answers], media)
    if sheets.clear(ready, body, media):
        assert full == []
    found = [(fault.params["item_id"], fault.code) for fault in sheets.faults(ready, body) if "item_id" in fault.params]
    assert [one for one in found if one[1] != "unlisted_evidence"] == [(gap.item_id, gap.kind) for gap in full]


@pytest.mark.parametrize("place", range(6))
def test_a_whole_body_takes_the_quick_way(place: int) -> None:
    """Else the table would be of no use: an ordinary visit never needs the full rules."""
    ready = prepared(place)
    body = body_of(filled(ready.sheet, "a", "v", NOW))
    assert sheets.clear(ready, body, {line.sha256: line.kind for line in body.manifest})


@pytest.mark.parametrize(
    ("at", "kind", "part"),
    [
        ("08:59", "hall", "morning"), ("10:59", "hall", "morning"), ("11:00", "hall", "midday"),
        ("13:59", "outlet", "midday"), ("14:00", "hall", "afternoon"), ("16:59", "hall", "afternoon"),
        ("17:00", "hall", "evening"), ("23:00", "hall", "evening"), ("21:59", "hotline", "evening"),
        ("22:00", "hotline", "night"), ("06:59", "hotline", "night"), ("07:00", "hotline", "morning"),
    ],
)  # fmt: skip
def test_day_parts(at: str, kind: str, part: str) -> None:
    local = datetime.fromisoformat(f"2026-11-24T{at}:00+08:00")
    assert slots.day_part(local, kind) == slots.day_part(local.astimezone(UTC), kind) == part


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (date(2025, 10, 1), "holiday"),  # National Day, a Wednesday
        (date(2025, 9, 28), "workday"),  # a Sunday worked for it
        (date(2025, 11, 22), "holiday"), (date(2025, 11, 24), "workday"),
        (date(2060, 1, 1), "workday"), (date(2060, 1, 3), "holiday"), (date(1999, 1, 1), "workday"),
    ],
)  # fmt: skip
def test_day_types(day: date, kind: str) -> None:
    assert slots.day_type(day) == kind


@pytest.mark.parametrize(
    ("sheet", "manner", "series"),
    [("by_manner", "covert", "covert"), ("by_manner", "overt", "overt"), ("hotline", "covert", "hotline"),
     ("none", "overt", "none"), ("self_check", "overt", "none")],
)  # fmt: skip
def test_series(sheet: str, manner: str, series: str) -> None:
    assert slots.series(sheet, manner) == series


def test_overlays_lie_on_top_in_order() -> None:
    answers = {"a": Answer("a", ("yes",), note="mine", evidence=("e",)), "b": Answer("b", ("no",))}
    laid = with_overlays(
        answers, [("a", {"option_ids": ["no"]}), ("a", {"not_applicable": True}), ("c", {"value": "3"})]
    )
    assert (laid["a"].option_ids, laid["a"].not_applicable, laid["a"].note, laid["a"].evidence) == (
        (),
        True,
        "mine",
        ("e",),
    )
    assert laid["b"] is answers["b"]
    assert laid["c"].value == "3"
    assert answers["a"].option_ids == ("yes",)


def test_answers_are_read_back_as_typed() -> None:
    ready = prepared(0)
    body = body_of(filled(ready.sheet, "a", "v", NOW))
    assert set(answers_of(body)) == {item.id for item in ready.sheet.items()}


@pytest.mark.parametrize(
    ("old", "new", "may"),
    [
        ("receiving", "submitted", True), ("receiving", "in_review", False), ("submitted", "in_review", True),
        ("in_review", "approved", True), ("returned", "receiving", True), ("approved", "returned", False),
        ("final", "void", False), ("void", "submitted", False), ("released", "approved", False),
    ],
)  # fmt: skip
def test_the_states_of_a_visit(old: str, new: str, may: bool) -> None:
    assert allowed(VISIT, old, new) is may

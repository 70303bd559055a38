"""Everything that is missing is named at once."""

import pytest

from audit_app.scoring.answers import Answer
from audit_app.scoring.gaps import Gap, gaps
from audit_app.scoring.sheet import Item
from tests.scoring.sheets import answer, answers, evidence, item, measured, section, sheet, shown_if

PHOTO, SOUND = "a" * 64, "b" * 64
MEDIA = {PHOTO: "image/jpeg", SOUND: "audio/mp4"}


def found(one: Item, given: Answer | None, *others: Item) -> list[str]:
    whole = sheet(section("a", "100", *others, one))
    return [gap.kind for gap in gaps(whole, [] if given is None else [given], MEDIA) if gap.item_id == one.id]


ASKS = {"photo": "on_loss", "audio": "on_loss", "note": "on_loss"}


@pytest.mark.parametrize(
    ("one", "given", "kinds"),
    [
        (item("a"), None, ["unanswered"]),
        (item("a"), Answer("a"), ["unanswered"]),
        (item("a"), Answer("a", note="only words"), ["unanswered"]),
        (item("a"), answer("a", "yes"), []),
        (item("a"), answer("a", "perhaps"), ["option"]),
        (item("a"), answer("a", "yes+no"), ["option"]),
        (item("a", "2", "x=1 y=1", many=True), answer("a", "x+y"), []),
        (item("a", "2", "x=1 y=1", many=True), answer("a", "x+x"), ["option"]),
        (item("a"), Answer("a", value="3"), ["value"]),
        (item("a"), Answer("a", option_ids=("yes",), not_applicable=True), ["ambiguous"]),
        (item("a", na_allowed=False), answer("a", "na"), ["na_not_allowed"]),
        (item("a"), answer("a", "na"), []),
        (item("a", na_reason_required=True), answer("a", "na"), ["na_reason"]),
        (item("a", na_reason_required=True), Answer("a", not_applicable=True, reason="  "), ["na_reason"]),
        (item("a", na_reason_required=True), Answer("a", not_applicable=True, reason="shut"), []),
        (measured("a", "2", "lower", "9:2"), Answer("a"), ["unanswered"]),
        (measured("a", "2", "lower", "9:2"), Answer("a", value="12.5"), []),
        (measured("a", "2", "lower", "9:2"), Answer("a", value="-1"), ["value"]),
        (measured("a", "2", "lower", "9:2"), Answer("a", value="1e3"), ["value"]),
        (measured("a", "2", "lower", "9:2"), Answer("a", value="soon"), ["value"]),
        (measured("a", "2", "lower", "9:2"), Answer("a", option_ids=("yes",)), ["option"]),
        (measured("a", "0", "lower", "9:0"), None, []),
        (item("a", evidence=evidence(**ASKS)), answer("a", "yes"), []),
        (item("a", evidence=evidence(**ASKS)), answer("a", "no"), ["photo", "audio", "note"]),
        (item("a", evidence=evidence(**ASKS)), Answer("a", ("no",), note="x", evidence=(PHOTO, SOUND)), []),
        (item("a", evidence=evidence(**ASKS)), Answer("a", ("no",), note="x", evidence=(SOUND,)), ["photo"]),
        (item("a", evidence=evidence(**ASKS)), Answer("a", ("no",), note="x", evidence=(PHOTO, "c" * 64)), ["audio"]),
        (item("a", evidence=evidence(**ASKS)), answer("a", "na"), []),
        (item("a", evidence=evidence(photo="always", note="always")), answer("a", "yes"), ["photo", "note"]),
        (item("a", evidence=evidence(time="always")), answer("a", "yes"), []),
        (item("a", "0", "x=0", type="text", evidence=evidence(note="always")), None, []),
        (item("a", "0", "x=0", type="photo"), None, []),
        (item("a", "3", "all=3 most=2 none=0", evidence=evidence(note="on_loss")), answer("a", "most"), ["note"]),
        (item("a", "2", "n=0 y=-2", effect="deduction", evidence=evidence(note="on_loss")), answer("a", "y"), ["note"]),
        (item("a", "2", "n=0 y=-2", effect="deduction", evidence=evidence(note="on_loss")), answer("a", "n"), []),
        (item("a", "2", effect="bonus", evidence=evidence(note="on_loss")), answer("a", "no"), []),
    ],
)  # fmt: skip
def test_the_gaps_of_one_item(one: Item, given: Answer | None, kinds: list[str]) -> None:
    assert found(one, given) == kinds


def test_an_item_that_others_hang_on_needs_an_answer_though_it_earns_nothing() -> None:
    whole = sheet(section("a", "100", item("town", "0"), item("a", show_if=shown_if("town", "yes"))))
    assert gaps(whole, [], {}) == [Gap("town", "unanswered")]
    assert gaps(whole, answers(town="no").values(), {}) == []
    assert gaps(whole, answers(town="yes").values(), {}) == [Gap("a", "unanswered")]


def test_answers_to_hidden_items_are_ignored() -> None:
    whole = sheet(section("a", "100", item("found"), item("a", show_if=shown_if("found", "yes"))))
    assert gaps(whole, answers(found="no", a="nonsense").values(), {}) == []


def test_all_gaps_come_at_once_in_the_order_of_the_sheet_strangers_last() -> None:
    whole = sheet(section("a", "50", item("a"), item("b")), section("b", "50", item("c")))
    given = [answer("b", "maybe"), answer("x", "yes"), answer("b", "maybe")]
    assert gaps(whole, given, {}) == [
        Gap("a", "unanswered"), Gap("b", "option"), Gap("c", "unanswered"), Gap("x", "unknown_item"),
        Gap("b", "repeated_item"),
    ]  # fmt: skip

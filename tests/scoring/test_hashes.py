"""The bytes that are hashed."""

from audit_app.scoring.answers import Answer
from audit_app.scoring.canonical import answers_bytes, answers_sha256, result_json
from audit_app.scoring.engine import score
from tests.scoring.sheets import answers, cap, item, section, sheet


def test_the_bytes_of_answers_hold_only_what_a_score_depends_on() -> None:
    given = {
        "b": Answer("b", ("y", "x"), note="private words", evidence=("f" * 64,)),
        "a": Answer("a", value="35.0", answered_at="2026-11-24T10:00:00+08:00"),
        "c": Answer("c", not_applicable=True, reason="none there"),
        "d": Answer("d", note="not answered"),
    }
    assert answers_bytes(given) == b'{"a":{"value":"35"},"b":{"options":["x","y"]},"c":{"na":true}}'


def test_the_hash_changes_with_every_change_that_can_move_a_score() -> None:
    base = answers(a="yes", b="=35", c="na")
    others = [answers(a="no", b="=35", c="na"), answers(a="yes", b="=36", c="na"), answers(a="yes", b="=35", c="yes")]
    assert len({answers_sha256(one) for one in [base, *others]}) == 4


def test_numbers_of_a_result_are_text() -> None:
    one = sheet(section("a", "100", item("a", "2", "all=2 some=1.5 none=0"), item("b", "1", critical=cap("60.5"))))
    data = result_json(score(one, answers(a="some", b="no")))
    assert (data["raw_total"], data["final_total"], data["na_share"]) == ("50.00", "50.00", "0")
    assert data["fired"] == [{"item": "b", "rule": "cap", "cap": "60.5"}]
    assert data["sections"] == [{"id": "a", "weight": "100", "earned": "1.5", "possible": "3"}]

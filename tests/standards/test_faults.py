"""A file with mistakes gets all of them named, by path; nothing that somebody writes raises anything else."""

import copy
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from audit_app.kit.errors import Invalid
from audit_app.kit.i18n import catalogue
from audit_app.standards.operations import LIBRARY
from audit_app.standards.rules import check_checklist, parse_checklist


def loaded(name: str) -> Any:
    return yaml.load((LIBRARY / f"{name}.yaml").read_bytes(), Loader=yaml.CSafeLoader)


SOURCE, SMALL = loaded("own-hall-flagship"), loaded("payment-agent")
ITEM = "sections[0].items[0]"


def written(tree: Any) -> bytes:
    return yaml.dump(tree, Dumper=yaml.CSafeDumper, allow_unicode=True, encoding="utf-8")  # type: ignore[no-any-return]


def at(tree: Any, path: str) -> tuple[Any, Any]:
    """The container and key of a path such as sections[0].items[2].points."""
    steps: list[Any] = []
    for part in path.split("."):
        name, *places = part.replace("]", "").split("[")
        steps += [name, *(int(place) for place in places)]
    for step in steps[:-1]:
        tree = tree[step]
    return tree, steps[-1]


def faults_of(path: str, value: Any) -> set[tuple[str, str]]:
    tree = copy.deepcopy(SOURCE)
    holder, key = at(tree, path)
    if value is DELETE:
        del holder[key]
    else:
        holder[key] = value
    document, faults = check_checklist(written(tree))
    assert (document is None) == bool(faults)
    return {(fault.path, fault.code) for fault in faults}


DELETE = object()
GRADED = {"id": "x", "text": {"zh": "x", "en": "x"}, "points": 1}


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        ("id", "Own Hall", ("id", "slug")),
        ("id", DELETE, ("id", "missing")),
        ("schema", 2, ("schema", "whole")),
        ("channel", "shop", ("channel", "choice")),
        ("title.en", "", ("title.en", "text")),
        ("title.en", DELETE, ("title.en", "missing")),
        ("title", "Hall", ("title", "map")),
        ("purpose.zh", "x" * 2001, ("purpose.zh", "text")),
        ("colour", "red", ("colour", "unknown")),
        ("applies_to.tiers", [4], ("applies_to.tiers[0]", "choice")),
        ("applies_to.tiers", [1, 1], ("applies_to.tiers", "repeats")),
        ("applies_to.manner", "covert", ("applies_to.manner", "list")),
        ("expected_minutes", "40", ("expected_minutes", "whole")),
        ("personal_scores", "yes", ("personal_scores", "flag")),
        ("bands", [], ("bands", "empty")),
        ("bands[1].from", 81, ("bands[1]", "gap")),
        ("bands[1].to", 91, ("bands[0]", "overlap")),
        ("bands[0].to_inclusive", False, ("bands[0]", "closed")),
        ("bands[1].to_inclusive", True, ("bands[1]", "closed")),
        ("bands[0].to", 99, ("bands", "top")),
        ("bands[4].from", 1, ("bands[4]", "gap")),
        ("bands[2].to", 70, ("bands[2]", "empty-band")),
        ("bands[1].id", "excellent", ("bands[1].id", "repeats")),
        ("sections", [], ("sections", "empty")),
        ("sections[0].weight", 9, ("sections", "weights")),
        ("sections[0].weight", 0, ("sections[0].weight", "weight")),
        ("sections[0].weight", -1, ("sections[0].weight", "decimal")),
        ("sections[0].id", SOURCE["sections"][1]["id"], ("sections[1].id", "repeats")),
        ("sections[0].items", [], ("sections[0].items", "unscored")),
        (f"{ITEM}.id", "own-hall-flagship.other", (f"{ITEM}.id", "id")),
        (f"{ITEM}.type", "yesno", (f"{ITEM}.type", "choice")),
        (f"{ITEM}.points", "3.0000001", (f"{ITEM}.points", "decimal")),
        (f"{ITEM}.points", 1e400, (f"{ITEM}.points", "decimal")),
        (f"{ITEM}.points", 4, (f"{ITEM}.options", "ends")),
        (f"{ITEM}.options[1].points", 1, (f"{ITEM}.options", "ends")),
        (f"{ITEM}.options[0].points", 0, (f"{ITEM}.options", "ends")),
        (f"{ITEM}.options[1].points", 5, (f"{ITEM}.options", "order")),
        (f"{ITEM}.options[1].id", "yes", (f"{ITEM}.options", "repeats")),
        (f"{ITEM}.options", [GRADED], (f"{ITEM}.options", "options")),
        (f"{ITEM}.many", True, (f"{ITEM}.many", "many")),
        (f"{ITEM}.effect", "double", (f"{ITEM}.effect", "choice")),
        (f"{ITEM}.thresholds", {"unit": "seconds", "better": "lower", "steps": [], "otherwise": 0},
         (f"{ITEM}.thresholds", "thresholds")),
        (f"{ITEM}.not_applicable", {"allowed": False, "reason_required": True}, (f"{ITEM}.not_applicable", "na")),
        (f"{ITEM}.critical", {"rule": "halve"}, (f"{ITEM}.critical.rule", "choice")),
        (f"{ITEM}.critical", {"rule": "cap"}, (f"{ITEM}.critical", "cap")),
        (f"{ITEM}.critical", {"rule": "cap", "cap": 100}, (f"{ITEM}.critical", "cap")),
        (f"{ITEM}.critical", {"rule": "zero", "cap": 60}, (f"{ITEM}.critical", "cap")),
        (f"{ITEM}.loss_reasons", [], (f"{ITEM}.loss_reasons", "count")),
        (f"{ITEM}.evidence.photo", "sometimes", (f"{ITEM}.evidence.photo", "choice")),
        (f"{ITEM}.evidence.photo", "never", (f"{ITEM}.evidence", "camera")),
        (f"{ITEM}.answers_for", "boss", (f"{ITEM}.answers_for", "choice")),
        (f"{ITEM}.clause", [], (f"{ITEM}.clause", "clause")),
        (f"{ITEM}.clause", ["S43"], (f"{ITEM}.clause[0]", "clause")),
        (f"{ITEM}.show_if", {"item": "own-hall-flagship.hours-posted", "options": ["yes"]},
         (f"{ITEM}.show_if.item", "condition")),
        ("sections[0].items[1].show_if", {"item": "own-hall-flagship.open-on-time", "options": ["perhaps"]},
         ("sections[0].items[1].show_if.options", "condition")),
        ("scenarios[0].segment", "everyone", ("scenarios[0].segment", "choice")),
        ("scenarios[0].time_limit.minutes", 500, ("scenarios[0].time_limit.minutes", "whole")),
    ],
)  # fmt: skip
def test_a_mistake_is_named_where_it_stands(path: str, value: Any, fault: tuple[str, str]) -> None:
    assert fault in faults_of(path, value)


def test_all_mistakes_come_at_once() -> None:
    tree = copy.deepcopy(SOURCE)
    tree["channel"], tree["sections"][0]["weight"], tree["bands"][1]["from"] = "shop", 9, 81
    with pytest.raises(Invalid) as refusal:
        parse_checklist(written(tree))
    assert {fault.path for fault in refusal.value.fields} == {"channel", "sections", "bands[1]"}


def test_a_zero_rule_needs_evidence_and_somebody_who_answers() -> None:
    tree = copy.deepcopy(SOURCE)
    item = tree["sections"][0]["items"][2]
    item |= {"critical": {"rule": "zero"}, "answers_for": "company", "nature": "subjective"}
    item["evidence"] |= {"photo": "never", "live_camera": False}
    found = check_checklist(written(tree))[1]
    assert [fault.path for fault in found] == ["sections[0].items[2].critical"] * 3


def measured_item(tree: Any) -> Any:
    return next(i for s in tree["sections"] for i in s["items"] if i["thresholds"])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"steps": []}, "missing"),
        ({"steps": [{"at_most": 9, "points": 5}, {"at_most": 3, "points": 1}]}, "order"),
        ({"steps": [{"at_most": 3, "points": 1}, {"at_most": 9, "points": 5}]}, "ends"),
        ({"better": "higher"}, "unknown"),
        ({"otherwise": 99}, "ends"),
    ],
)
def test_thresholds_go_from_best_to_worst(change: dict[str, Any], code: str) -> None:
    tree = copy.deepcopy(SOURCE)
    measured_item(tree)["thresholds"] |= change
    assert code in {fault.code for fault in check_checklist(written(tree))[1]}


@pytest.mark.parametrize(
    ("many", "points", "code"),
    [([3, 2, -4], 5, None), ([3, 2, -4], 6, "ends"), ([2, 3], 5, "order")],
)
def test_a_choice_of_many_must_be_able_to_reach_its_points(many: list[int], points: int, code: str | None) -> None:
    tree = copy.deepcopy(SOURCE)
    options = [{"id": f"o{n}", "text": {"zh": f"z{n}", "en": f"e{n}"}, "points": p} for n, p in enumerate(many)]
    tree["sections"][0]["items"][2] |= {"type": "choice", "many": True, "points": points, "options": options}
    assert [fault.code for fault in check_checklist(written(tree))[1]] == ([code] if code else [])


def test_a_deduction_runs_from_nothing_to_all_of_it() -> None:
    tree = copy.deepcopy(SOURCE)
    item = tree["sections"][0]["items"][2]
    item["effect"] = "deduction"
    item["options"][0]["points"], item["options"][1]["points"] = 0, -2
    document = parse_checklist(written(tree))
    assert [option.points for option in list(document.items())[2].options] == ["0", "-2"]


@pytest.mark.parametrize(
    "source",
    [
        b"", b"[]", b"5", b"x: [", b"\xff\xfe", b"a: 1\na: 2", b"a: &x 1\nb: *x", b"? [a]\n: 1", b"--- 1\n--- 2",
        b"a: !!python/object/apply:os.getcwd []", b"a: 2026-13-45", b"[" * 100_000, b"x" * 1_000_001, b"a: .nan",
        b"a: \x00", b"<<: {a: 1}", b"sections: [[[]]]", b"sections: {a: 1}", b"sections: [{items: [5]}]",
    ],
)  # fmt: skip
def test_bytes_that_are_no_checklist_are_refused_with_words(source: bytes) -> None:
    document, faults = check_checklist(source)
    assert document is None
    assert all(fault.message in catalogue("zh") for fault in faults)


def test_the_line_of_broken_yaml_is_named() -> None:
    assert check_checklist(b"id: a\nid: b")[1][0].path == "line 2"


WORDS = st.sampled_from(["id", "sections", "items", "bands", "title", "zh", "points", "options", "show_if", "critical"])
TREES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), WORDS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(WORDS, inner, max_size=5)),
    max_leaves=20,
)


@settings(max_examples=100, deadline=None)
@given(tree=TREES)
def test_no_tree_whatever_raises(tree: Any) -> None:
    document, faults = check_checklist(written(tree))
    assert document is None
    assert faults


@settings(max_examples=100, deadline=None)
@given(data=st.data(), junk=TREES)
def test_no_spoilt_checklist_raises(data: st.DataObject, junk: Any) -> None:
    tree = copy.deepcopy(SMALL)
    holder: Any = tree
    key: Any = "sections"
    for _ in range(data.draw(st.integers(0, 6))):
        key = data.draw(st.sampled_from(list(holder) if isinstance(holder, dict) else list(range(len(holder)))))
        if not isinstance(holder[key], dict | list) or not holder[key]:
            break
        holder, key = holder[key], next(iter(holder[key])) if isinstance(holder[key], dict) else 0
    holder[key] = junk
    document, faults = check_checklist(written(tree))
    assert (document is None) == bool(faults)

"""Reads one item of a checklist file."""

from audit_app.scoring.sheet import Effect, ItemType, Party, Rule, When
from audit_app.standards.document import (
    Better,
    CriticalRule,
    EvidenceRule,
    ItemText,
    Nature,
    NotApplicable,
    OptionText,
    ShowIfRule,
    StepText,
    Text,
    ThresholdsText,
)
from audit_app.standards.fields import LARGEST_MEASURE, MOST_POINTS, Node

_KEYS = (
    "id", "concept", "text", "guidance", "type", "points", "options", "many", "effect", "thresholds", "not_applicable",
    "critical", "loss_reasons", "evidence", "show_if", "nature", "answers_for", "clause",
)  # fmt: skip


def read_item(node: Node) -> ItemText:
    """The item as written; every fault of form is reported, faults of sense are `checks.py`."""
    node.only(*_KEYS)
    return ItemText(
        id=node.text("id"),
        concept=node.text("concept"),
        text=node.pair("text"),
        guidance=node.pair("guidance"),
        type=node.choice("type", ItemType),
        points=node.decimal("points"),
        options=node.nodes("options", _option),
        many=node.flag("many", default=False),
        effect=node.choice("effect", Effect, default="normal"),
        thresholds=_thresholds(node.node("thresholds")) if node.given("thresholds") else None,
        not_applicable=_not_applicable(node.node("not_applicable")),
        critical=_critical(node),
        loss_reasons=node.nodes("loss_reasons", _text),
        evidence=_evidence(node.node("evidence")),
        show_if=_show_if(node.node("show_if")) if node.given("show_if") else None,
        nature=node.choice("nature", Nature),
        answers_for=node.choice("answers_for", Party),
        clause=tuple(str(ref) for ref in node.sequence("clause")),
    )


def _text(node: Node) -> Text:
    node.only("zh", "en")
    return Text(zh=node.text("zh"), en=node.text("en"))


def _option(node: Node) -> OptionText:
    node.only("id", "text", "points")
    return OptionText(node.text("id"), node.pair("text"), node.decimal("points", -MOST_POINTS))


def _thresholds(node: Node) -> ThresholdsText:
    node.only("unit", "better", "steps", "otherwise")
    better: Better = node.choice("better", Better)
    key = "at_most" if better == "lower" else "at_least"

    def step(one: Node) -> StepText:
        one.only(key, "points")
        return StepText(one.decimal(key, most=LARGEST_MEASURE), one.decimal("points", -MOST_POINTS))

    return ThresholdsText(node.text("unit"), better, node.nodes("steps", step), node.decimal("otherwise", -MOST_POINTS))


def _not_applicable(node: Node) -> NotApplicable:
    node.only("allowed", "reason_required")
    return NotApplicable(node.flag("allowed"), node.flag("reason_required"))


def _critical(node: Node) -> CriticalRule | None:
    """`none`, or a map with the rule and, for a cap, its height."""
    if node.raw("critical") in (None, "none"):
        return None
    rule = node.node("critical")
    rule.only("rule", "cap")
    return CriticalRule(rule.choice("rule", Rule), rule.decimal("cap") if rule.given("cap") else None)


def _evidence(node: Node) -> EvidenceRule:
    node.only("photo", "audio", "note", "time", "live_camera")
    when = {key: node.choice(key, When) for key in ("photo", "audio", "note", "time")}
    return EvidenceRule(**when, live_camera=node.flag("live_camera"))


def _show_if(node: Node) -> ShowIfRule:
    node.only("item", "options")
    return ShowIfRule(node.text("item"), tuple(str(option) for option in node.sequence("options")))

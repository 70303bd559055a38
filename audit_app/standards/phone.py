"""The checklist as the phone reads it: both languages of every text, numbers as decimal text."""

from typing import Any

from audit_app.standards.document import (
    ChecklistDocument,
    ItemText,
    SectionText,
    Text,
    ThresholdsText,
)


def phone_json(document: ChecklistDocument, version_id: str, sha256: str) -> dict[str, Any]:
    """The body of `GET /api/v1/checklists/{version}`; `id` is the version's id, every text is `{"zh", "en"}`."""
    return {
        "id": version_id,
        "checklist_id": document.id,
        "sha256": sha256,
        "title": _text(document.title),
        "purpose": _text(document.purpose),
        "channel": document.channel,
        "kind": document.kind,
        "expected_minutes": document.expected_minutes,
        "sections": [_section(section) for section in document.sections],
        "scenarios": [
            {
                "id": scenario.id,
                "segment": scenario.segment,
                "persona": _text(scenario.persona),
                "goal": _text(scenario.goal),
                "script": _text(scenario.script),
                "expected": _text(scenario.expected),
                "time_limit": {"minutes": scenario.minutes},
            }
            for scenario in document.scenarios
        ],
    }


def _text(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _section(section: SectionText) -> dict[str, Any]:
    return {
        "id": section.id,
        "title": _text(section.title),
        "weight": section.weight,
        "items": [_item(item) for item in section.items],
    }


def _item(item: ItemText) -> dict[str, Any]:
    evidence = item.evidence
    return {
        "id": item.id,
        "type": item.type,
        "text": _text(item.text),
        "guidance": _text(item.guidance),
        "points": item.points,
        "effect": item.effect,
        "many": item.many,
        "options": [{"id": o.id, "text": _text(o.text), "points": o.points} for o in item.options],
        "thresholds": None if item.thresholds is None else _thresholds(item.thresholds),
        "not_applicable_allowed": item.not_applicable.allowed,
        "not_applicable": {
            "allowed": item.not_applicable.allowed,
            "reason_required": item.not_applicable.reason_required,
        },
        "critical": None if item.critical is None else {"rule": item.critical.rule, "cap": item.critical.cap},
        "loss_reasons": [_text(loss) for loss in item.loss_reasons],
        "evidence": {
            "photo": evidence.photo,
            "audio": evidence.audio,
            "note": evidence.note,
            "time": evidence.time,
            "live_camera": evidence.live_camera,
        },
        "show_if": None if item.show_if is None else {"item": item.show_if.item, "options": list(item.show_if.options)},
        "answers_for": item.answers_for,
        "clause": list(item.clause),
    }


def _thresholds(rule: ThresholdsText) -> dict[str, Any]:
    key = "at_most" if rule.better == "lower" else "at_least"
    return {
        "unit": rule.unit,
        "better": rule.better,
        "steps": [{key: step.limit, "points": step.points} for step in rule.steps],
        "otherwise": rule.otherwise,
    }

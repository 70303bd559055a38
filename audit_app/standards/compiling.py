"""A checklist document as a scoring sheet: the same rules without the words."""

from audit_app.scoring.numbers import exact
from audit_app.scoring.sheet import (
    Band,
    Critical,
    Evidence,
    Item,
    Option,
    Section,
    Sheet,
    ShowIf,
    Step,
    Thresholds,
)
from audit_app.standards.document import ChecklistDocument, CriticalRule, ItemText, ThresholdsText, body_of, sha256_of


def compile_sheet(document: ChecklistDocument) -> Sheet:
    """The sheet of a checked document; the same document gives an equal sheet for ever."""
    return Sheet(
        checklist_id=document.id,
        version_sha256=sha256_of(body_of(document)),
        series=document.series,
        personal_scores=document.personal_scores,
        sections=tuple(
            Section(section.id, exact(section.weight), tuple(_item(item) for item in section.items))
            for section in document.sections
        ),
        bands=tuple(Band(band.id, exact(band.low), exact(band.high), band.to_inclusive) for band in document.bands),
    )


def _item(item: ItemText) -> Item:
    critical, show_if, evidence = item.critical, item.show_if, item.evidence
    return Item(
        id=item.id,
        type=item.type,
        points=exact(item.points),
        answers_for=item.answers_for,
        options=tuple(Option(option.id, exact(option.points)) for option in item.options),
        many=item.many,
        effect=item.effect,
        thresholds=None if item.thresholds is None else _thresholds(item.thresholds),
        na_allowed=item.not_applicable.allowed,
        na_reason_required=item.not_applicable.reason_required,
        critical=None if critical is None else _critical(critical),
        show_if=None if show_if is None else ShowIf(show_if.item, frozenset(show_if.options)),
        evidence=Evidence(evidence.photo, evidence.audio, evidence.note, evidence.time, evidence.live_camera),
        subjective=item.nature == "subjective",
    )


def _critical(critical: CriticalRule) -> Critical:
    return Critical(critical.rule, None if critical.cap is None else exact(critical.cap))


def _thresholds(rule: ThresholdsText) -> Thresholds:
    steps = tuple(Step(exact(step.limit), exact(step.points)) for step in rule.steps)
    return Thresholds(rule.better, steps, exact(rule.otherwise), rule.unit)

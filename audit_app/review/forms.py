"""The review's forms as typed input."""

from audit_app.kit.forms import Fields
from audit_app.review import rules


def overlay(fields: Fields) -> rules.NewOverlay:
    """A change of one answer. The score keys send `answer`: `option:<id>` (several for a choice of many), or `na`."""
    answers = fields.all("answer")
    return rules.NewOverlay(
        item_id=fields.text("item_id", 80, required=True),
        reason=fields.text("reason", 2000),
        option_ids=[a.removeprefix("option:") for a in answers if a.startswith("option:")],
        value=fields.text("value", 2000),
        not_applicable="na" in answers,
    )


def note(fields: Fields) -> rules.ItemNote:
    found = rules.ItemNote(item_id=fields.text("item_id", 80, required=True), note=fields.text("note", 2000))
    fields.check()
    return found


def approval(fields: Fields) -> rules.Approval:
    found = rules.Approval(release_note=fields.text("release_note", 2000))
    fields.check()
    return found

"""The forms around a tester's name."""

from audit_app.kit.forms import Fields
from audit_app.testers import rules


def _reason(fields: Fields) -> str:
    """Judged before the proof is: what the form lacks must not cost a one-time code."""
    found = fields.text("reason", rules.LONGEST_REASON, required=True)
    if found and not rules.says_why(found):
        fields.wrong("reason", "length", rules.SAY_WHY)
    return found


def look(fields: Fields) -> rules.Look:
    found = rules.Look(reason=_reason(fields))
    fields.check()
    return found


def request(fields: Fields) -> rules.Request:
    found = rules.Request(code=fields.text("code", 12, required=True), reason=_reason(fields))
    fields.check()
    return found


def proof(fields: Fields) -> str:
    """The code or password typed; never shown again."""
    return fields.values.get("proof", "")

"""The forms around a tester's name."""

from audit_app.kit.forms import Fields
from audit_app.testers import rules


def look(fields: Fields) -> rules.Look:
    found = rules.Look(reason=fields.text("reason", rules.LONGEST_REASON, required=True))
    fields.check()
    return found


def request(fields: Fields) -> rules.Request:
    found = rules.Request(
        code=fields.text("code", 12, required=True), reason=fields.text("reason", rules.LONGEST_REASON, required=True)
    )
    fields.check()
    return found


def proof(fields: Fields) -> str:
    """The code or password typed; never shown again."""
    return fields.values.get("proof", "")

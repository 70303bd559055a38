"""Planning's forms as typed input."""

from audit_app.kit.forms import Fields
from audit_app.planning import rules

KINDS = ("routine", "focused")
MANNERS = ("overt", "covert")
TOUCHPOINT_KINDS = ("hall", "outlet", "agent", "hotline")


def programme(fields: Fields, checklist_ids: list[str]) -> rules.NewProgramme:
    """A new programme; `checklist_ids` are those that may be chosen."""
    found = rules.NewProgramme(
        name=fields.text("name", 120, required=True),
        unit_code=fields.text("unit_code", 36, required=True),
        kind=fields.choice("kind", KINDS),
        manner=fields.choice("manner", MANNERS),
        touchpoint_kinds=fields.many("touchpoint_kinds", TOUCHPOINT_KINDS),
        checklist_ids=fields.many("checklist_ids", checklist_ids),
        purpose=fields.text("purpose", 500, required=True),
        for_incentives=fields.flag("for_incentives"),
        notice=fields.text("notice", 2000),
    )
    fields.check()
    return found


def round_of(fields: Fields) -> rules.NewRound:
    """A new round."""
    found = rules.NewRound(
        name=fields.text("name", 80, required=True),
        starts_on=fields.day("starts_on"),
        last_day=fields.day("last_day"),
    )
    fields.check()
    return found


def assignment(fields: Fields) -> rules.NewAssignment:
    """A job to be given out."""
    found = rules.NewAssignment(
        touchpoint_id=fields.text("touchpoint_id", 36, required=True),
        assessor_id=fields.text("assessor_id", 36, required=True),
        checklist_version_id=fields.text("checklist_version_id", 36, required=True),
        first_day=fields.day("first_day"),
        last_day=fields.day("last_day"),
        scenario_id=fields.text("scenario_id", 80),
    )
    fields.check()
    return found


def pool(fields: Fields) -> rules.Pool:
    """How many must be eligible for a covert job; what is no number is refused as 0 is."""
    typed = fields.text("fewest", 4, required=True)
    reason = fields.choice("reason", rules.FEWER_REASONS, required=False)
    fields.check()
    return rules.Pool(int(typed) if typed.isascii() and typed.isdigit() else 0, reason)


def notice(fields: Fields) -> str:
    """The text of a programme's notice to staff."""
    found = fields.text("notice", 2000, required=True)
    fields.check()
    return found

"""The filters of the list of cards as typed input: what is not in the list of choices is no filter."""

from collections.abc import Mapping

from audit_app.reporting import rules

NAMES = ("period", "kind", "unit", "touchpoint_kind", "q")
LONGEST = 80


def filters(values: Mapping[str, str]) -> rules.Filters | None:
    """The filters of an address or a form; None when it names none of them at all."""
    if not any(name in values for name in NAMES):
        return None
    given = {name: values.get(name, "").strip()[:LONGEST] for name in NAMES}
    if not rules.PERIOD.fullmatch(given["period"]):
        given["period"] = ""
    if given["kind"] not in rules.KINDS:
        given["kind"] = ""
    if given["touchpoint_kind"] not in rules.TOUCHPOINT_KINDS:
        given["touchpoint_kind"] = ""
    return rules.Filters(**given)

"""Words for the facts of an import, in the language of the request."""

from audit_app.kit.i18n import gettext as _
from audit_app.kit.i18n import pick
from audit_app.organisation import columns
from audit_app.organisation.rules import Change, Fault

FAULTS = {
    "empty": "Must not be empty.",
    "control-characters": "Holds characters that cannot be shown.",
    "not-a-code": "“%(value)s” is not a code (letters, digits, dots and dashes, at most 36).",
    "too-long": "Is longer than %(most)s characters.",
    "not-a-choice": "“%(value)s” is none of: %(choices)s.",
    "not-a-time": "“%(value)s” is not a time such as 09:00.",
    "not-a-date": "“%(value)s” is not a date such as 2026-01-31.",
    "not-degrees": "“%(value)s” is not a number of degrees.",
    "not-a-number": "“%(value)s” is not a number or mark of at most 24 letters and digits.",
    "not-a-phone-number": "“%(value)s” is not a telephone number.",
    "merged": "This entry was a double and has been merged; use the code of the entry that was kept.",
    "repeated": "Stands in row %(line)s already.",
    "outside": "Lies outside the area in which you may import.",
    "level-fixed": "The level of a unit cannot change; it is %(old)s.",
    "parent-fixed": "A unit cannot move; it belongs to %(old)s.",
    "parent-of-province": "A province has no parent.",
    "parent-needed": "The parent is missing.",
    "no-such-unit": "There is no org unit %(value)s.",
    "parent-wrong": "The parent stands in row %(line)s, which is wrong itself.",
    "parent-level": "%(value)s is no unit of the level %(level)s.",
    "code-taken": "This code cannot be used.",
    "kind-fixed": "The kind of a touchpoint cannot change; it is %(old)s.",
    "closes-before-opens": "Closes (%(closes)s) before it opens (%(opens)s).",
    "tier-needed": "A hall needs a tier from 1 to 3.",
    "tier-of-halls": "Only halls have a tier.",
    "hotline-number-needed": "A hotline needs its number.",
    "hotline-number-of-hotlines": "Only hotlines have a hotline number.",
    "half-a-place": "Latitude and longitude belong together.",
    "swapped": "Latitude %(lat)s and longitude %(lon)s seem to be swapped.",
    "not-here": "Latitude %(lat)s, longitude %(lon)s lies abroad.",
    "datum-needed": "A position needs its datum: GCJ-02 or WGS-84.",
    "no-such-touchpoint": "There is no touchpoint %(value)s.",
    "left-before-joined": "Left on %(left)s, before joining on %(joined)s.",
    "team-code-needed": "A team needs its code.",
    "team-of-hotlines": "Only hotlines have teams.",
    "team-elsewhere": "Team %(value)s belongs to another touchpoint.",
    "team-named-twice": "Row %(line)s gives this team another name.",
    "number-taken": "%(value)s is somebody else's number.",
    "no-such-staff": "There is no staff member %(value)s.",
    "no-time-at-all": "The shift ends when it starts.",
    "shift-too-long": "The shift is longer than %(hours)s hours.",
    "not-employed-then": "Not employed on this day (from %(joined)s %(left)s).",
    "overlaps-line": "Overlaps with row %(line)s.",
    "overlaps-shifts": "Overlaps with %(count)s shifts that are there already.",
}
_VALUE_PARAMS = frozenset({"old", "level"})


def value_text(value: str, kind_of_cell: str = "level") -> str:
    """A cell's value as people say it. Only cells that choose from a vocabulary have words for their values."""
    if kind_of_cell not in columns.CHOICES:
        return value
    found = columns.words(f"tier-{value}" if kind_of_cell == "tier" else value)
    return pick(found) if found else value


def column_text(kind: str, code: str) -> str:
    return pick(columns.column(kind, code).label)


def fault_text(kind: str, fault: Fault) -> str:
    params = {name: value_text(v) if name in _VALUE_PARAMS else v for name, v in fault.params.items()}
    if fault.code == "not-a-choice":
        cell = columns.column(kind, fault.column).type
        params["choices"] = ", ".join(value_text(v, cell) for v in columns.spellings(cell))
    return _(FAULTS[fault.code]) % params


def change_texts(kind: str, change: Change) -> tuple[str, str, str]:
    """Column, old and new value."""
    cell = columns.column(kind, change.column).type
    return column_text(kind, change.column), value_text(change.old, cell) or "—", value_text(change.new, cell)


def kind_text(kind: str) -> str:
    return {
        "units": _("Org units"),
        "touchpoints": _("Touchpoints"),
        "staff": _("Staff"),
        "rosters": _("Rosters"),
    }[kind]


def verdict_text(verdict: str) -> str:
    return {"new": _("New"), "changed": _("Changed"), "unchanged": _("Unchanged"), "wrong": _("Wrong")}[verdict]

"""The verdict on every line of a file, one module per kind of file. Pure: what is known comes in as `Known`."""

from collections.abc import Callable

from audit_app.organisation.reading import Table
from audit_app.organisation.rules import Draft, Line, Report, drafts
from audit_app.organisation.verdicts import rosters, staff, touchpoints, units
from audit_app.organisation.verdicts.known import Known

Judge = Callable[[list[Draft], Known], list[Line]]

JUDGES: dict[str, Judge] = {
    "units": units.judge,
    "touchpoints": touchpoints.judge,
    "staff": staff.judge,
    "rosters": rosters.judge,
}


def judge(table: Table, known: Known) -> Report:
    """What the table would do to what is known."""
    lines = JUDGES[table.kind](drafts(table.kind, table.rows), known)
    return Report(table.kind, table.file_name, table.sha256, table.heading.codes, list(table.heading.unknown), lines)

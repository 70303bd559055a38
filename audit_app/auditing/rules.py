"""What an auditor may know of a line, and the filters of the trail. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date

READ = "trail.read"
PAGE = 50
EXPORT_PAGE = 1000
MOST_XLSX = 200_000  # lines; a CSV file has no end

# Kinds of things that belong to a programme. An unreleased covert one exists for nobody but its planners.
WORK = frozenset({"visit", "assignment", "round", "programme", "appeal"})

# Kinds that tell nothing of work that is not released. A kind that stands in neither list is shown to nobody.
OPEN = frozenset(
    {
        "account",
        "session",
        "token",
        "import_run",
        "org_unit",
        "staff",
        "touchpoint",
        "report_run",
        "scorecard",
        "checklist_version",
        "trail",
        "verification",
        "assessor",
        "identity_permit",
    }
)

VERIFICATION: Mapping[str, frozenset[str]] = {
    "waiting": frozenset({"running"}),
    "running": frozenset({"running", "whole", "broken"}),
    "whole": frozenset(),
    "broken": frozenset(),
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What was asked for. `who` is a name, a sign-in name or a tester's code; `what` the id of a thing."""

    who: str = ""
    act: str = ""
    kind: str = ""
    what: str = ""
    unit: str = ""
    since: date | None = None
    until: date | None = None

    def values(self) -> dict[str, str]:
        """As they stand in an address."""
        return {name: str(value) for name, value in asdict(self).items() if value}


def facts(filters: Filters) -> dict[str, str | bool]:
    """What of the filters goes on the trail: codes and days, never a name that was typed."""
    kept: dict[str, str | bool] = {name: value for name, value in filters.values().items() if name != "who"}
    return kept | ({"who": True} if filters.who else {})

"""What the database knows when a file is judged: every row that its lines may name, as texts in canonical form."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class KnownRow:
    """A row that is there: its id, the place in the tree that decides who may write it, and its cells."""

    id: str
    path: str
    cells: dict[str, str]
    merged: str = ""  # id of the row that this one was a double of


@dataclass(frozen=True, slots=True)
class KnownTeam:
    id: str
    touchpoint_code: str
    name: str


@dataclass(frozen=True, slots=True)
class KnownShift:
    id: str
    starts_at: datetime
    ends_at: datetime
    touchpoint_code: str
    desk: str


@dataclass
class Known:
    """`paths` are the subtrees in which the person may import; None stands for everywhere (the command line)."""

    paths: tuple[str, ...] | None = None
    units: dict[str, KnownRow] = field(default_factory=dict)
    touchpoints: dict[str, KnownRow] = field(default_factory=dict)
    staff: dict[str, KnownRow] = field(default_factory=dict)
    teams: dict[str, KnownTeam] = field(default_factory=dict)
    shifts: dict[str, list[KnownShift]] = field(default_factory=dict)  # by code of the staff member

    def may_write(self, path: str) -> bool:
        return self.paths is None or any(path.startswith(allowed) for allowed in self.paths)

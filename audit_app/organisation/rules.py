"""The verdict on each line of an imported file, and the life of an import. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from audit_app.organisation.cells import Unfit, canonical
from audit_app.organisation.columns import Heading, column
from audit_app.organisation.reading import Row, Table

VERDICTS = ("new", "changed", "unchanged", "wrong")
UP = {"city": "province", "county": "city", "town": "county"}
LEVELS = ("province", "city", "county", "town")
TOUCHPOINT_KINDS = ("hall", "outlet", "agent", "hotline")

RUN_STATES: Mapping[str, frozenset[str]] = {"checked": frozenset({"applied"}), "applied": frozenset()}


@dataclass(frozen=True, slots=True)
class Post:
    """A role in a place: a subtree, or narrowed to a touchpoint or team of it. Empty where it is not narrowed."""

    role: str
    unit_code: str
    unit_path: str
    touchpoint_id: str = ""
    team_id: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a cell (or, with no column, the line) cannot be taken."""

    column: str
    code: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    column: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line judged. `cells` are in canonical form, so that judging them again gives the same."""

    number: int
    verdict: str
    cells: dict[str, str]
    faults: tuple[Fault, ...] = ()
    changes: tuple[Change, ...] = ()
    key: str = ""  # of the row that is there already


@dataclass(frozen=True)
class Report:
    """What a file would do. Nothing of it is written yet."""

    kind: str
    file_name: str
    file_sha256: str
    columns: list[str]
    unknown: list[str]
    lines: list[Line]

    @property
    def counts(self) -> dict[str, int]:
        counts = dict.fromkeys(VERDICTS, 0)
        for line in self.lines:
            counts[line.verdict] += 1
        return counts


@dataclass
class Draft:
    """A line while it is being judged."""

    number: int
    cells: dict[str, str]
    faults: list[Fault] = field(default_factory=list)

    def wrong(self, column_code: str, code: str, **params: str) -> None:
        self.faults.append(Fault(column_code, code, params))

    def get(self, column_code: str) -> str:
        return self.cells.get(column_code, "")

    def settled(self, old: Mapping[str, str] | None, key: str = "") -> Line:
        """The verdict. An empty cell never clears what is there."""
        if self.faults:
            return Line(self.number, "wrong", self.cells, tuple(self.faults), key=key)
        if old is None:
            return Line(self.number, "new", self.cells)
        changes = tuple(
            Change(code, old.get(code, ""), value)
            for code, value in self.cells.items()
            if value and value != old.get(code, "")
        )
        return Line(self.number, "changed" if changes else "unchanged", self.cells, (), changes, key)


def drafts(kind: str, rows: Iterable[Row]) -> list[Draft]:
    """Every cell of every row checked by itself."""
    known = {}
    found = []
    for row in rows:
        draft = Draft(row.number, {})
        for code, text in row.cells.items():
            if code not in known:
                known[code] = column(kind, code)
            try:
                draft.cells[code] = canonical(known[code], text)
            except Unfit as fault:
                draft.cells[code] = text[:300]
                draft.wrong(code, fault.code, **fault.params)
        found.append(draft)
    return found


def refuse_repeats(found: Iterable[Draft], code: str = "code") -> dict[str, Draft]:
    """Marks every later line with a key that an earlier one has; returns the first line of each key."""
    first: dict[str, Draft] = {}
    for draft in found:
        key = draft.get(code)
        if not key:
            continue
        if key in first:
            draft.wrong(code, "repeated", line=str(first[key].number))
        else:
            first[key] = draft
    return first


def as_document(report: Report) -> dict[str, Any]:
    """The report as it is stored: short lists, since there may be 50,000 lines."""
    return {
        "columns": report.columns,
        "unknown": report.unknown,
        "lines": [
            [
                line.number,
                line.verdict,
                [line.cells.get(code, "") for code in report.columns],
                [[f.column, f.code, dict(f.params)] for f in line.faults],
                [[c.column, c.old, c.new] for c in line.changes],
                line.key,
            ]
            for line in report.lines
        ],
    }


def from_document(kind: str, file_name: str, sha256: str, document: Mapping[str, Any]) -> Report:
    """:func:`as_document` undone."""
    columns = list(document["columns"])
    lines = [
        Line(
            number,
            verdict,
            dict(zip(columns, cells, strict=True)),
            tuple(Fault(*fault) for fault in faults),
            tuple(Change(*change) for change in changes),
            key,
        )
        for number, verdict, cells, faults, changes, key in document["lines"]
    ]
    return Report(kind, file_name, sha256, columns, list(document["unknown"]), lines)


def table_again(report: Report) -> Table:
    """The table that a report was made from, to judge it anew."""
    heading = Heading({code: place for place, code in enumerate(report.columns)}, tuple(report.unknown))
    rows = [Row(line.number, line.cells) for line in report.lines]
    return Table(report.kind, report.file_name, report.file_sha256, heading, rows)

"""What the import pages show: one typed object per template, made of facts and of words for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from audit_app.kit.errors import FieldError
from audit_app.kit.paging import PageOf
from audit_app.organisation import columns, words
from audit_app.organisation.directory import TouchpointScreen
from audit_app.organisation.people import PersonScreen
from audit_app.organisation.queries import RunRow
from audit_app.organisation.rules import VERDICTS, Line, Report

LINES_PER_PAGE = 50


@dataclass(frozen=True)
class PlaceScreen:
    """A touchpoint, with the form of its move as it was sent if something is wrong with it."""

    place: TouchpointScreen
    errors: Sequence[FieldError] = ()
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PersonPage:
    """A staff member, with the form of a move as it was sent if something is wrong with it."""

    person: PersonScreen
    today: date
    errors: Sequence[FieldError] = ()
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class KindHelp:
    """What a file of this kind holds: (column, code, needed, accepted values)."""

    kind: str
    title: str
    columns: list[tuple[str, str, bool, str]]


@dataclass(frozen=True)
class ImportsScreen:
    kinds: list[KindHelp]
    page: PageOf[RunRow]
    chosen: str = "touchpoints"
    errors: Sequence[FieldError] = ()


@dataclass(frozen=True)
class LineView:
    """A judged line in words. `changes`: (column, old, new); `faults`: (column, why)."""

    number: int
    verdict: str
    title: str
    code: str
    changes: list[tuple[str, str, str]]
    faults: list[tuple[str, str]]


@dataclass(frozen=True)
class RunScreen:
    run: RunRow
    verdict: str
    lines: list[LineView]
    page: int
    pages: int
    matched: int
    columns: list[tuple[str, str]]  # label, code
    unknown: list[str]
    may_apply: bool
    errors: Sequence[FieldError] = ()
    fresh: bool = False

    @property
    def total(self) -> int:
        return sum(self.run.counts.values())

    @property
    def to_write(self) -> int:
        return self.run.counts["new"] + self.run.counts["changed"]


def imports_screen(page: PageOf[RunRow], chosen: str = "units", errors: Sequence[FieldError] = ()) -> ImportsScreen:
    return ImportsScreen([_help(kind) for kind in columns.KINDS], page, chosen, errors)


def _help(kind: str) -> KindHelp:
    rows = []
    for column in columns.columns(kind):
        values = columns.spellings(column.type) if column.type in columns.CHOICES else ()
        said = ", ".join(words.value_text(value, column.type) for value in values)
        rows.append((words.column_text(kind, column.code), column.code, column.required, said))
    return KindHelp(kind, words.kind_text(kind), rows)


def run_screen(
    run: RunRow,
    report: Report,
    verdict: str,
    page: int,
    *,
    may_apply: bool,
    errors: Sequence[FieldError] = (),
    fresh: bool = False,
) -> RunScreen:
    """A page of the lines with the verdict; without a verdict the first that there are, the wrong ones before all."""
    order = ("wrong", "changed", "new", "unchanged")
    chosen = verdict if verdict in VERDICTS else next((v for v in order if run.counts[v]), "new")
    matched = [line for line in report.lines if line.verdict == chosen]
    pages = max(1, -(-len(matched) // LINES_PER_PAGE))
    page = min(max(1, page), pages)
    shown = matched[(page - 1) * LINES_PER_PAGE : page * LINES_PER_PAGE]
    return RunScreen(
        run=run,
        verdict=chosen,
        lines=[line_view(report.kind, line) for line in shown],
        page=page,
        pages=pages,
        matched=len(matched),
        columns=[(words.column_text(report.kind, code), code) for code in report.columns],
        unknown=report.unknown,
        may_apply=may_apply and run.status == "checked",
        errors=errors,
        fresh=fresh,
    )


def line_view(kind: str, line: Line) -> LineView:
    cells = line.cells
    if kind == "rosters":
        title, code = (
            f"{cells.get('date', '')} {cells.get('starts', '')}–{cells.get('ends', '')}",
            cells.get("staff_code", ""),
        )
    else:
        title, code = cells.get("name", ""), cells.get("code", "")
    return LineView(
        line.number,
        line.verdict,
        title,
        code,
        [words.change_texts(kind, change) for change in line.changes],
        [(words.column_text(kind, f.column), words.fault_text(kind, f)) for f in line.faults],
    )

"""The overview of a supervisor, by a number of statements that does not grow with visits or units."""

from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from urllib.parse import urlencode

import msgspec

from audit_app.access.rules import Actor
from audit_app.analytics import rules
from audit_app.analytics.queries import duties, overdue, scores
from audit_app.analytics.queries.scope import Scope, Unit, scope
from audit_app.kit import clock
from audit_app.kit.db import Session

MOST_ROWS = 60
MOST_QUARTERS = 8


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the heat table. `code` "" cannot be opened; `cells` follow the headings."""

    code: str
    name: str
    child: bool
    opens: bool
    open: bool
    cells: list[float | None]
    total: float | None
    trend: list[float | None]
    visits: int


@dataclass(frozen=True)
class Overview:
    """The whole screen. Figures are rounded; `change` is to the quarter before, None where one of both is missing."""

    scope: Scope
    filters: rules.Filters
    quarter: rules.Quarter
    quarters: list[str]
    series: str
    mean: float | None
    averaged: int
    change: float | None
    visits: int
    planned: int
    trend: list[float | None]
    months: list[date]
    counts: list[int]
    headings: list[scores.Column]
    rows: list[Row]
    whole: Row
    lost: list[scores.LostItem]
    overdue: overdue.OverdueList
    cadence: list[duties.Cadence]
    waiting: duties.Waiting

    def address(self, **changes: str) -> str:
        """This page under other filters."""
        return "/overview?" + self._query(changes)

    @property
    def export(self) -> str:
        """What is shown, as a workbook."""
        return "/overview/workbook?" + self._query({})

    @property
    def overdue_address(self) -> str:
        """The whole list of what is overdue."""
        return "/overdue?" + urlencode({"unit": self.scope.unit.code, "kind": self.filters.kind})

    def _query(self, changes: dict[str, str]) -> str:
        now = {"unit": self.scope.unit.code, "county": "", "period": self.quarter.code}
        values = msgspec.structs.asdict(self.filters) | now | changes
        return urlencode({key: value for key, value in values.items() if value})

    @property
    def target(self) -> int:
        return rules.TARGET

    @property
    def any(self) -> bool:
        return any(self.counts)


def overview(session: Session, actor: Actor, filters: rules.Filters, now: datetime) -> Overview:
    """NotFound for a unit that the asker may not see."""
    today = clock.local_date(now)
    found = scope(session, actor, filters.unit, filters.county)
    quarter, series = rules.quarter_named(filters.period, today), rules.series_of(filters.kind, filters.series)
    cut = scores.Cut(found.unit.path, filters.kind, series, quarter)
    headings = scores.headings(session, cut)
    held = scores.held(session, cut, found.unit.level == "county")
    all_months = held.whole
    span = _span(all_months, min(cut.last, rules.month_index(today)), cut.last - rules.TREND_MONTHS + 1)
    now_mean, before = figure(all_months, cut.first, cut.last), figure(all_months, cut.first - 3, cut.first - 1)
    ids = [column.id for column in headings]
    rows = _rows(session, found, filters, cut, held, ids)
    return Overview(
        scope=found, filters=filters, quarter=quarter, quarters=_quarters(today), series=series,
        mean=rules.shown(now_mean), averaged=sum(m.n for k, m in all_months.items() if k >= cut.first),
        change=_change(now_mean, before), visits=count(all_months, cut), planned=duties.planned(session, actor, cut),
        trend=[rules.shown(figure(all_months, m, m)) for m in span], months=[rules.month_start(m) for m in span],
        counts=[all_months[m].visits if m in all_months else 0 for m in span], headings=headings, rows=rows,
        whole=_row(("", found.unit.name), cut, all_months, held.parts, ids), lost=scores.most_lost(session, cut),
        overdue=overdue.overdue(session, actor, found.unit.path, filters.kind, today),
        cadence=duties.cadence(session, found, quarter, today),
        waiting=duties.waiting(session, actor, found.unit.path, now),
    )  # fmt: skip


def _span(months: dict[int, scores.Month], last: int, first: int) -> range:
    """The months drawn: of the last year from the first with a visit on, at least half a year."""
    return range(max(first, min([*months, last - rules.ROW_MONTHS + 1])), last + 1)


def figure(months: dict[int, scores.Month], first: int, last: int) -> Fraction | None:
    """The mean of the printed finals of the months [first, last]."""
    held = [month for key, month in months.items() if first <= key <= last]
    return rules.mean(sum(m.total for m in held), sum(m.n for m in held))


def count(months: dict[int, scores.Month], cut: scores.Cut) -> int:
    return sum(month.visits for key, month in months.items() if cut.first <= key <= cut.last)


def _change(now: Fraction | None, before: Fraction | None) -> float | None:
    shown, earlier = rules.shown(now), rules.shown(before)
    return None if shown is None or earlier is None else round(shown - earlier, 2)


def _quarters(today: date) -> list[str]:
    found = [rules.quarter_of(today)]
    while len(found) < MOST_QUARTERS:
        found.append(found[-1].before)
    return [one.code for one in found]


def _row(
    key: tuple[str, str], cut: scores.Cut, months: dict[int, scores.Month], parts: dict[str, Fraction], ids: list[str],
    child: bool = False, opens: bool = False, opened: bool = False,
) -> Row:  # fmt: skip
    trend = [rules.shown(figure(months, m, m)) for m in range(cut.last - rules.ROW_MONTHS + 1, cut.last + 1)]
    return Row(
        code=key[0], name=key[1], child=child, opens=opens, open=opened,
        cells=[rules.shown(parts.get(one), 0) for one in ids],
        total=rules.shown(figure(months, cut.first, cut.last), 1), trend=trend, visits=count(months, cut),
    )  # fmt: skip


def _rows(
    session: Session, found: Scope, filters: rules.Filters, cut: scores.Cut, held: scores.Held, ids: list[str]
) -> list[Row]:
    """The units below with their figures, best first; a city that is open is followed by its counties."""
    if found.unit.level == "county":
        names = scores.touchpoint_names(session, list(held.months))
        units = [Unit(key, names.get(key, ""), "touchpoint", None, "") for key in held.months]
    else:
        units = found.children + ([found.unit] if "" in held.months else [])
    opened = _opened(found, filters)
    below = _below(session, found, opened, cut, ids) if opened else []
    rows = []
    for unit in units:
        key = "" if unit is found.unit else unit.code
        opens = found.unit.level == "province" and bool(key)
        is_open = opened is not None and unit.code == opened.code
        named = (key if unit.level != "touchpoint" else "", unit.name)
        months, parts = held.months.get(key, {}), held.by_group.get(key, {})
        rows.append((_row(named, cut, months, parts, ids, False, opens, is_open), is_open))
    rows.sort(key=lambda pair: (pair[0].total is None, -(pair[0].total or 0), pair[0].name))
    made: list[Row] = []
    for row, is_open in rows[:MOST_ROWS]:
        made += [row, *below] if is_open else [row]
    return made


def _opened(found: Scope, filters: rules.Filters) -> Unit | None:
    unit = found.named(filters.open) if filters.open else None
    return unit if unit and unit.level == "city" else None


def _below(session: Session, found: Scope, city: Unit, cut: scores.Cut, ids: list[str]) -> list[Row]:
    inside = scores.Cut(city.path, cut.kind, cut.series, cut.quarter)
    held = scores.held(session, inside, single=False)
    counties = found.children_of(city.code)
    return [
        _row(
            (one.code, one.name),
            inside,
            held.months.get(one.code, {}),
            held.by_group.get(one.code, {}),
            ids,
            child=True,
        )
        for one in counties
    ]

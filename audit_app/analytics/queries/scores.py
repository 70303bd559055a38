"""Means of printed finals, section scores and lost items, grouped by the database."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlmodel import col

from audit_app.analytics import rules
from audit_app.analytics.models import ItemMonth, SectionFact, SectionMonth, VisitFact, VisitMonth
from audit_app.kit.db import Session
from audit_app.kit.sql import all_of, columns
from audit_app.organisation.models import OrgUnit, Touchpoint
from audit_app.organisation.scope import under
from audit_app.standards.queries import document_for

LOST = 5


def code_of(path: str) -> str:
    """The code of the unit at the path."""
    return path.rstrip("/").rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Cut:
    """Which figures: one series of one kind of touchpoint, in one subtree, in one quarter."""

    path: str
    kind: str
    series: str
    quarter: rules.Quarter

    def where(self, table: Any, first: int, last: int) -> ColumnElement[bool]:
        """Rows of the months [first, last]."""
        return all_of(
            table.kind == self.kind, table.series == self.series, under(col(table.unit_path), self.path),
            col(table.month) >= first, col(table.month) <= last,
        )  # fmt: skip

    def whole(self, table: Any, first: int) -> ColumnElement[bool]:
        """Sums of the unit itself, which hold all below it, from the month on."""
        return all_of(table.unit_path == self.path, self._of(table, first))

    def around(self, table: Any, first: int) -> ColumnElement[bool]:
        """Sums of the unit and of those right below it, from the month on."""
        here = sa.or_(OrgUnit.code == self.code, OrgUnit.parent_code == self.code)
        return all_of(col(table.unit_path).in_(columns(OrgUnit.path).where(here)), self._of(table, first))

    def _of(self, table: Any, first: int) -> ColumnElement[bool]:
        return all_of(
            table.kind == self.kind, table.series == self.series, col(table.month) >= first,
            col(table.month) <= self.last,
        )  # fmt: skip

    @property
    def code(self) -> str:
        return code_of(self.path)

    @property
    def first(self) -> int:
        return self.quarter.last_month - 2

    @property
    def last(self) -> int:
        return self.quarter.last_month


@dataclass(frozen=True, slots=True)
class Month:
    """Sums of one month: all visits, those averaged, and the sum of their finals."""

    visits: int
    n: int
    total: int

    def __sub__(self, other: "Month") -> "Month":
        return Month(self.visits - other.visits, self.n - other.n, self.total - other.total)


Months = dict[str, dict[int, Month]]
Parts = dict[str, Fraction]


@dataclass(frozen=True)
class Held:
    """Figures of a subtree and of its groups: the units below, or a county's touchpoints. Group "" is what belongs to
    the unit itself and to none of those below."""

    whole: dict[int, Month]
    months: Months
    parts: Parts  # section → mean of its printed scores in the quarter, of the whole
    by_group: dict[str, Parts]


def held(session: Session, cut: Cut, single: bool) -> Held:
    """The last year by month and the quarter by section; `single`: by touchpoint instead of by unit below."""
    months, sections = _months(session, cut), _sections(session, cut)
    whole, parts = months.pop(cut.code, {}), sections.pop(cut.code, {})
    if single:
        return Held(whole, _months_of_places(session, cut), _means(parts), _sections_of_places(session, cut))
    if own := _rest(whole, list(months.values())):
        months[""] = own
    groups = {code: _means(of) for code, of in sections.items()}
    groups[""] = _means(_rest(parts, list(sections.values())))
    return Held(whole, months, _means(parts), groups)


@dataclass(frozen=True, slots=True)
class Score:
    """Printed section scores: how many, and their sum."""

    n: int
    total: int

    def __sub__(self, other: "Score") -> "Score":
        return Score(self.n - other.n, self.total - other.total)


def _rest(whole: Mapping[Any, Any], parts: Sequence[Mapping[Any, Any]]) -> dict[Any, Any]:
    """What is left of the whole without its parts, where anything is left."""
    found = {}
    for key, amount in whole.items():
        for part in parts:
            amount = amount - part[key] if key in part else amount
        if any(astuple(amount)):
            found[key] = amount
    return found


def _means(of: Mapping[str, Score]) -> Parts:
    return {section: Fraction(score.total, score.n * 100) for section, score in of.items()}


def _months(session: Session, cut: Cut) -> Months:
    m = VisitMonth
    statement = (
        columns(m.unit_path, m.month, sa.func.sum(m.visits), sa.func.sum(m.averaged), sa.func.sum(m.total))
        .where(cut.around(m, cut.last - rules.TREND_MONTHS + 1))
        .group_by(m.unit_path, m.month)
    )
    found: Months = {}
    for path, month, visits, n, total in session.execute(statement):
        found.setdefault(code_of(path), {})[month] = Month(int(visits), int(n), int(total))
    return found


def _sections(session: Session, cut: Cut) -> dict[str, dict[str, Score]]:
    m = SectionMonth
    statement = (
        columns(m.unit_path, m.section_id, sa.func.sum(m.visits), sa.func.sum(m.total))
        .where(cut.around(m, cut.first))
        .group_by(m.unit_path, m.section_id)
    )
    found: dict[str, dict[str, Score]] = {}
    for path, section, n, total in session.execute(statement):
        found.setdefault(code_of(path), {})[section] = Score(int(n), int(total))
    return found


def _months_of_places(session: Session, cut: Cut) -> Months:
    f = VisitFact
    total = sa.func.coalesce(sa.func.sum(f.final), 0)
    statement = (
        columns(f.touchpoint_id, f.month, sa.func.count(), sa.func.count(f.final), total)
        .where(cut.where(f, cut.last - rules.TREND_MONTHS + 1, cut.last))
        .group_by(f.touchpoint_id, f.month)
    )
    found: Months = {}
    for place, month, visits, n, total in session.execute(statement):
        found.setdefault(place, {})[month] = Month(visits, n, int(total))
    return found


def _sections_of_places(session: Session, cut: Cut) -> dict[str, Parts]:
    f = SectionFact
    statement = (
        columns(f.touchpoint_id, f.section_id, sa.func.count(), sa.func.sum(f.score))
        .where(cut.where(f, cut.first, cut.last))
        .group_by(f.touchpoint_id, f.section_id)
    )
    found: dict[str, Parts] = {}
    for place, section, n, total in session.execute(statement):
        found.setdefault(place, {})[section] = Fraction(int(total), n * 100)
    return found


@dataclass(frozen=True, slots=True)
class Column:
    """A section as a heading; the same section of several checklists is one column."""

    id: str
    title: dict[str, str]


def headings(session: Session, cut: Cut) -> list[Column]:
    """The sections of the checklists used in the last year, those of the one used most first."""
    m = VisitMonth
    used = (
        columns(m.checklist_version_id, sa.func.sum(m.visits).label("n"))
        .where(cut.whole(m, cut.last - rules.TREND_MONTHS + 1))
        .group_by(m.checklist_version_id)
    )
    rows = sorted(session.execute(used), key=lambda row: (-row.n, row.checklist_version_id))
    found: dict[str, Column] = {}
    for row in rows:
        for section in document_for(session, row.checklist_version_id).sections:
            if any(item.points != "0" for item in section.items):
                title = {"zh": section.title.zh, "en": section.title.en}
                found.setdefault(section.id, Column(section.id, title))
    return list(found.values())


@dataclass(frozen=True, slots=True)
class LostItem:
    """An item with the share of visits that lost points on it, in percent; `change` in points to the quarter before."""

    code: str
    text: dict[str, str]
    percent: float
    change: float | None


def most_lost(session: Session, cut: Cut) -> list[LostItem]:
    """The items on which the largest share of visits lost points."""
    m, before = ItemMonth, cut.first
    now = sa.case((col(m.month) >= before, 1), else_=0)
    statement = (
        columns(m.item_id, m.checklist_version_id, now.label("now"), sa.func.sum(m.visits), sa.func.sum(m.lost))
        .where(cut.whole(m, cut.first - 3))
        .group_by(m.item_id, m.checklist_version_id, now)
    )
    sums: dict[str, dict[int, list[int]]] = {}
    versions: dict[str, str] = {}
    for item, version, period, n, lost in session.execute(statement):
        held = sums.setdefault(item, {}).setdefault(period, [0, 0])
        held[0] += int(n)
        held[1] += int(lost)
        versions[item] = max(version, versions.get(item, ""))
    rates = {item: Fraction(of[1][1] * 100, of[1][0]) for item, of in sums.items() if 1 in of}
    worst = sorted((item for item in rates if rates[item]), key=lambda item: (-rates[item], item))[:LOST]
    return [_lost(session, item, versions[item], rates[item], sums[item].get(0)) for item in worst]


def _lost(session: Session, item: str, version: str, rate: Fraction, before: list[int] | None) -> LostItem:
    code, text = _words(session, version, item)
    earlier = Fraction(before[1] * 100, before[0]) if before else None
    shown = rules.shown(rate, 0) or 0.0
    change = None if earlier is None else shown - (rules.shown(earlier, 0) or 0.0)
    return LostItem(code, text, shown, change)


def _words(session: Session, version: str, item: str) -> tuple[str, dict[str, str]]:
    for letter, section in zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", document_for(session, version).sections, strict=False):
        for number, one in enumerate(section.items, 1):
            if one.id == item:
                return f"{letter}{number}", {"zh": one.text.zh, "en": one.text.en}
    return "", {"zh": item, "en": item}


def touchpoint_names(session: Session, ids: Sequence[str]) -> dict[str, str]:
    """Names of touchpoints found in figures that the asker may see."""
    statement = columns(Touchpoint.id, Touchpoint.name).where(col(Touchpoint.id).in_(list(ids)))
    return {row.id: row.name for row in session.execute(statement)}

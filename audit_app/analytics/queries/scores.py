"""Means of printed finals, section scores and lost items, grouped by the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlmodel import col

from audit_app.analytics import rules
from audit_app.analytics.models import ItemFact, SectionFact, VisitFact
from audit_app.kit.db import Session
from audit_app.kit.sql import all_of, columns
from audit_app.organisation.models import Touchpoint
from audit_app.organisation.scope import under
from audit_app.standards.queries import document_for

LOST = 5


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


Months = dict[str, dict[int, Month]]


def months(session: Session, cut: Cut, group: str) -> Months:
    """Sums by month over the last year, by the values of a column (`city`, `county`, `touchpoint_id`)."""
    f = VisitFact
    key = getattr(f, group)
    statement = (
        columns(key, f.month, sa.func.count(), sa.func.count(f.final), sa.func.coalesce(sa.func.sum(f.final), 0))
        .where(cut.where(f, cut.last - rules.TREND_MONTHS + 1, cut.last))
        .group_by(key, f.month)
    )
    found: Months = {}
    for value, month, visits, n, total in session.execute(statement):
        found.setdefault(value, {})[month] = Month(visits, n, int(total))
    return found


def sections(session: Session, cut: Cut, group: str) -> dict[str, dict[str, Fraction]]:
    """Mean printed section scores of the quarter: group → section → percent."""
    f = SectionFact
    key = getattr(f, group)
    statement = (
        columns(key, f.section_id, sa.func.count(), sa.func.sum(f.score))
        .where(cut.where(f, cut.first, cut.last))
        .group_by(key, f.section_id)
    )
    found: dict[str, dict[str, Fraction]] = {}
    for value, section, n, total in session.execute(statement):
        found.setdefault(value, {})[section] = Fraction(int(total), n * 100)
    return found


@dataclass(frozen=True, slots=True)
class Column:
    """A section as a heading; the same section of several checklists is one column."""

    id: str
    title: dict[str, str]


def headings(session: Session, cut: Cut) -> list[Column]:
    """The sections of the checklists used in the last year, those of the one used most first."""
    f = VisitFact
    used = (
        columns(f.checklist_version_id, sa.func.count().label("n"))
        .where(cut.where(f, cut.last - rules.TREND_MONTHS + 1, cut.last))
        .group_by(f.checklist_version_id)
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
    f, before = ItemFact, cut.first
    now = sa.case((col(f.month) >= before, 1), else_=0)
    statement = (
        columns(f.item_id, f.checklist_version_id, now.label("now"), sa.func.count(), sa.func.sum(f.lost))
        .where(cut.where(f, cut.first - 3, cut.last))
        .group_by(f.item_id, f.checklist_version_id, now)
    )
    sums: dict[str, dict[int, list[int]]] = {}
    versions: dict[str, str] = {}
    for item, version, period, n, lost in session.execute(statement):
        held = sums.setdefault(item, {}).setdefault(period, [0, 0])
        held[0] += n
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

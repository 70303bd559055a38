"""Every SELECT on cards and runs. A card is found only through who asks; what it says is gathered by `sources.py`."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlmodel import col

from audit_app.access.rules import Actor
from audit_app.kit.db import Session
from audit_app.kit.errors import NotFound
from audit_app.kit.paging import PageOf, keyset, page_of
from audit_app.kit.search import matches
from audit_app.kit.sql import all_of, any_of, columns
from audit_app.organisation.models import OrgUnit, Touchpoint
from audit_app.organisation.scope import under, within
from audit_app.planning.models import Programme
from audit_app.reporting import assembly, rules
from audit_app.reporting.facts import Facts
from audit_app.reporting.models import RenderedDocument, Scorecard
from audit_app.reporting.parts import Edition, half_up
from audit_app.reporting.queries import sources
from audit_app.review.models import VisitResult, VisitSubject
from audit_app.review.queries import latest
from audit_app.visits.models import Visit

PAGE = 30
MOST_PERIODS = 40


@dataclass(frozen=True, slots=True)
class SeriesFigure:
    """The experience figure of one series: the mean of `n` printed finals; None where none counts."""

    series: str
    n: int
    mean: str | None


@dataclass(frozen=True, slots=True)
class CardRow:
    """A card in a list. `on` and `day_part` only for the card of one visit."""

    id: str
    kind: str
    period: str
    visits: int
    touchpoint_id: str
    code: str
    name: str
    touchpoint_kind: str
    unit_name: str
    visit_id: str | None
    on: date | None
    day_part: str | None
    figures: tuple[SeriesFigure, ...] = ()


@dataclass(frozen=True, slots=True)
class UnitChoice:
    code: str
    name: str
    level: str


@dataclass(frozen=True, slots=True)
class CardList:
    """A page of cards with what the filters offer."""

    page: PageOf[CardRow]
    filters: rules.Filters
    periods: list[str]
    units: list[UnitChoice]
    total: int


@dataclass(frozen=True, slots=True)
class Found:
    """A card that the actor may read, in the edition that is the actor's."""

    id: str
    unit_path: str
    edition: Edition


def seen_card(actor: Actor) -> ColumnElement[bool]:
    """The condition on `Scorecard` under which the actor may read it: the subtree of HR and supervisors, the own
    touchpoint, the hotline visits of the own team. A card without a released visit exists for nobody."""
    wide = within(col(Scorecard.unit_path), rules.paths_of(actor, "hr") + rules.paths_of(actor, "office"))
    return all_of(col(Scorecard.visits) > 0, any_of(wide, own(actor, Scorecard.touchpoint_id, Scorecard.visit_id)))


def own(actor: Actor, touchpoint_id: Any, visit_id: Any) -> ColumnElement[bool]:
    """What an outlet manager or team lead may read: the own touchpoint, or visits that count for the own team."""
    teams = columns(VisitSubject.visit_id).where(col(VisitSubject.team_id).in_(rules.own_teams(actor)))
    return any_of(col(touchpoint_id).in_(rules.own_touchpoints(actor)), col(visit_id).in_(teams))


def card(session: Session, actor: Actor, card_id: str) -> Found:
    """One card; NotFound if there is none or it is not for the actor to see."""
    row = session.execute(
        columns(Scorecard, VisitSubject.team_id)
        .select_from(Scorecard)
        .join(VisitSubject, col(VisitSubject.visit_id) == Scorecard.visit_id, isouter=True)
        .where(Scorecard.id == card_id, seen_card(actor))
    ).first()
    if row is None:
        raise NotFound
    found: Scorecard = row.Scorecard
    edition = rules.edition_for(actor, found.unit_path, found.touchpoint_id, row.team_id)
    if edition is None:
        raise NotFound
    if edition == "office" and _holds_others_covert(session, actor, found):
        edition = "outlet"
    return Found(found.id, found.unit_path, edition)


def _holds_others_covert(session: Session, actor: Actor, found: Scorecard) -> bool:
    """Whether the card speaks of a covert visit whose owner's covert work the actor may not know: then its minutes,
    photos and words are not for the actor either, released or not."""
    if found.visit_id:
        meant = all_of(Visit.id == found.visit_id)
    else:
        first, end = rules.period_bounds(found.period)
        meant = all_of(
            Visit.touchpoint_id == found.touchpoint_id, col(Visit.local_date) >= first, col(Visit.local_date) < end
        )
    covert = (
        columns(Visit.id)
        .join(Programme, col(Programme.id) == Visit.programme_id)
        .where(meant, Programme.manner == "covert", ~within(col(Programme.unit_path), actor.paths("covert.plan")))
    )
    return bool(session.execute(columns(covert.exists())).scalar())


def scorecard_facts(session: Session, ids: Sequence[str], edition: Edition, now: datetime) -> dict[str, Facts]:
    """Card id → facts in an edition, by a fixed number of statements. Photos are not in them."""
    return {source.id: assembly.facts_of(source, edition) for source in sources.cards(session, ids, now)}


def rendered(session: Session, keys: Collection[str]) -> dict[str, RenderedDocument]:
    """Documents that were rendered before, by cache key."""
    if not keys:
        return {}
    statement = columns(RenderedDocument).where(col(RenderedDocument.key).in_(list(keys)))
    return {found.key: found for found in session.scalars(statement)}


def narrowed(session: Session, actor: Actor, filters: rules.Filters) -> ColumnElement[bool]:
    """The condition on `Scorecard` and `Touchpoint` of a filtered list, begun with what the actor may see."""
    conditions: list[ColumnElement[bool]] = [seen_card(actor)]
    if filters.period:
        conditions.append(all_of(Scorecard.period == filters.period))
    if filters.kind:
        conditions.append(all_of(Scorecard.kind == filters.kind))
    if filters.touchpoint_kind:
        conditions.append(all_of(Touchpoint.kind == filters.touchpoint_kind))
    if filters.unit:
        path = session.execute(columns(OrgUnit.path).where(OrgUnit.code == filters.unit, _reach(actor))).scalar()
        conditions.append(under(col(Scorecard.unit_path), path) if path else sa.false())
    if filters.q:
        # Asked once of each touchpoint, not once of each of its cards.
        found = columns(Touchpoint.id).where(matches(Touchpoint.search, filters.q))
        conditions.append(col(Scorecard.touchpoint_id).in_(found))
    return all_of(*conditions)


def _reach(actor: Actor) -> ColumnElement[bool]:
    return within(col(OrgUnit.path), rules.paths_of(actor, "hr") + rules.paths_of(actor, "office"))


def card_page(session: Session, actor: Actor, filters: rules.Filters, marker: str = "") -> PageOf[CardRow]:
    """A page of cards by touchpoint code, period and id."""
    s, t = Scorecard, Touchpoint
    statement = (
        columns(
            s.id, s.kind, s.period, s.visits, s.touchpoint_id, t.code, t.name, t.kind, OrgUnit.name.label("unit"),
            s.visit_id, Visit.local_date, Visit.day_part,
        )
        .select_from(s)
        .join(t, col(t.id) == s.touchpoint_id)
        .join(OrgUnit, col(OrgUnit.code) == t.unit_code)
        .join(Visit, col(Visit.id) == s.visit_id, isouter=True)
        .where(narrowed(session, actor, filters))
    )  # fmt: skip
    statement = keyset(statement, [col(t.code), col(s.period), col(s.id)], marker, PAGE)
    found = page_of([CardRow(*row) for row in session.execute(statement)], PAGE, lambda r: (r.code, r.period, r.id))
    return PageOf(_with_figures(session, found.rows), found.next)


def card_list(session: Session, actor: Actor, filters: rules.Filters | None, marker: str = "") -> CardList:
    """The screen of cards. Without filters: the newest period, one card per touchpoint where the actor sees any."""
    periods = _periods(session, actor)
    if filters is None:
        wide = rules.paths_of(actor, "hr") + rules.paths_of(actor, "office")
        filters = rules.Filters(period=periods[0] if periods else "", kind="touchpoint" if wide else "")
    choices = columns(OrgUnit.code, OrgUnit.name, OrgUnit.level).where(
        _reach(actor), col(OrgUnit.level).in_(("city", "county")), col(OrgUnit.active).is_(True)
    )
    units = [UnitChoice(*row) for row in session.execute(choices.order_by(OrgUnit.path))]
    counted = (
        columns(sa.func.count())
        .select_from(Scorecard)
        .join(Touchpoint, col(Touchpoint.id) == Scorecard.touchpoint_id)
        .where(narrowed(session, actor, filters))
    )
    return CardList(
        card_page(session, actor, filters, marker), filters, periods, units, session.execute(counted).scalar_one()
    )


def _periods(session: Session, actor: Actor) -> list[str]:
    """The periods in which the actor sees a card, the newest first. Asked one by one: a card is enough."""
    ends = [columns(of(Scorecard.period)).scalar_subquery() for of in (sa.func.min, sa.func.max)]
    first, last = session.execute(columns(*ends)).one()
    if first is None:
        return []
    asked = [
        columns(sa.literal(period).label("period")).where(
            columns(Scorecard.id).where(Scorecard.period == period, seen_card(actor)).exists()
        )
        for period in rules.periods_between(first, last, MOST_PERIODS)
    ]
    return sorted(session.scalars(sa.union_all(*asked)), reverse=True)


def _with_figures(session: Session, rows: Sequence[CardRow]) -> list[CardRow]:
    if not rows:
        return []
    starts, ends = zip(*(rules.period_bounds(row.period) for row in rows), strict=True)
    touchpoints = {row.touchpoint_id for row in rows if row.visit_id is None}
    in_period = all_of(
        col(Visit.touchpoint_id).in_(touchpoints),
        col(Visit.local_date) >= min(starts),
        col(Visit.local_date) < max(ends),
    )
    wanted = any_of(col(Visit.id).in_([row.visit_id for row in rows if row.visit_id]), in_period)
    statement = (
        columns(
            Visit.id, Visit.touchpoint_id, Visit.local_date, Visit.series, VisitResult.experience, VisitResult.basis
        )
        .select_from(Visit)
        .join(VisitResult, all_of(col(VisitResult.visit_id) == Visit.id, latest()))
        .where(wanted, col(Visit.status).in_(rules.SHOWN))
    )
    visits = session.execute(statement).all()
    return [_figured(row, visits) for row in rows]


def _figured(row: CardRow, visits: Sequence[Any]) -> CardRow:
    by_series: dict[str, list[int]] = {}
    for visit in visits:
        if row.visit_id:
            belongs = visit.id == row.visit_id
        else:
            belongs = visit.touchpoint_id == row.touchpoint_id and rules.period_of(visit.local_date) == row.period
        if belongs and visit.series in rules.SERIES:
            finals = by_series.setdefault(visit.series, [])
            if visit.basis == "ok" and visit.experience is not None:
                finals.append(visit.experience)
    figures = tuple(SeriesFigure(s, len(by_series[s]), mean_of(by_series[s])) for s in rules.SERIES if s in by_series)
    return replace(row, figures=figures)


def mean_of(finals: Sequence[int]) -> str | None:
    """The mean of printed finals in hundredths, half up to two places; None of nothing."""
    return half_up(Fraction(sum(finals), len(finals) * 100)) if finals else None


def within_hr(actor: Actor) -> ColumnElement[bool]:
    """Cards of the subtrees in which the actor is HR: what a batch, made in the HR edition, may hold."""
    return within(col(Scorecard.unit_path), rules.paths_of(actor, "hr"))

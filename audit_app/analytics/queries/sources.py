"""What the summary tables are made of: released visits with their latest results, and the rows behind the sums."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col

from audit_app.analytics import rules
from audit_app.analytics.models import ItemFact, SectionFact, VisitFact
from audit_app.analytics.sums import Change, Sum, drift
from audit_app.kit.db import Session
from audit_app.kit.sql import all_of, columns
from audit_app.organisation.models import Touchpoint
from audit_app.planning.models import Programme
from audit_app.review.models import VisitResult
from audit_app.visits.models import Visit

BATCH = 200


def released_ids(session: Session, after: str) -> list[str]:
    """The next released visits in the order of their ids."""
    shown = col(Visit.status).in_(rules.SHOWN)
    return list(session.scalars(columns(Visit.id).where(shown, col(Visit.id) > after).order_by(Visit.id).limit(BATCH)))


def released(session: Session, visit_ids: Sequence[str]) -> Sequence[Any]:
    """Those of the visits that are released, each with its latest result and its programme's owner."""
    other = aliased(VisitResult)
    newest = columns(sa.func.max(other.number)).where(col(other.visit_id) == VisitResult.visit_id).scalar_subquery()
    v, p = Visit, Programme
    statement = (
        columns(
            v.id, v.touchpoint_id, v.checklist_version_id, v.unit_path, v.series, v.local_date, Touchpoint.kind,
            p.unit_code.label("owner_code"), p.unit_path.label("owner_path"), p.level.label("owner_level"),
            VisitResult.results, VisitResult.experience, VisitResult.basis,
        )
        .select_from(v)
        .join(Touchpoint, col(Touchpoint.id) == v.touchpoint_id)
        .join(p, col(p.id) == v.programme_id)
        .join(VisitResult, all_of(col(VisitResult.visit_id) == v.id, col(VisitResult.number) == newest))
        .where(col(v.id).in_(list(visit_ids)), col(v.status).in_(rules.SHOWN))
    )  # fmt: skip
    return session.execute(statement).all()


def months_of(session: Session, one: Sum) -> list[int]:
    """The months that have rows or sums."""
    found = sa.union(sa.select(col(one.over.month)), sa.select(col(one.table.month)))
    return sorted(session.scalars(found))


def drift_of(session: Session, one: Sum, month: int) -> Change:
    """By how much the sums of a month differ from the rows behind them, both of one moment."""
    over, table = one.over.__table__, one.table.__table__
    keys = [over.c[name] for name in one.keys]
    figures = [_figure(one, name) for name in one.figures]
    rows = session.execute(sa.select(*keys, *figures).where(over.c.month == month).group_by(*keys)).all()
    n = len(one.keys)
    facts = [(dict(zip(one.keys, row[:n], strict=True)), [int(value) for value in row[n:]]) for row in rows]
    sums = session.execute(
        sa.select(*[table.c[name] for name in (*one.keys, *one.figures)]).where(table.c.month == month)
    )
    return drift(one, facts, [(tuple(row[:n]), list(row[n:])) for row in sums])


def _figure(one: Sum, name: str) -> Any:
    """A figure as the database adds it up over rows."""
    if name == "visits":
        return sa.func.count()
    if name == "averaged":
        return sa.func.count(VisitFact.final)
    column = {VisitFact: VisitFact.final, SectionFact: SectionFact.score, ItemFact: ItemFact.lost}[one.over]
    return sa.func.coalesce(sa.func.sum(column), 0)

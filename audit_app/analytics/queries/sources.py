"""What the summary tables are made of: released visits with their latest results."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col

from audit_app.analytics import rules
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

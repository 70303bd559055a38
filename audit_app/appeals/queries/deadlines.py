"""What the clock asks of appeals: second rounds not asked for, late panels, empty seats, final visits."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlmodel import col

from audit_app.access.models import Account
from audit_app.appeals import rules
from audit_app.appeals.models import Appeal, Hearing, PanelSeat
from audit_app.kit.db import Session
from audit_app.kit.sql import all_of, any_of, columns
from audit_app.organisation.models import OrgUnit, RoleGrant
from audit_app.visits.models import Visit

BATCH = 200
SHORTEST_WINDOW = timedelta(days=rules.WINDOW)


def unasked(session: Session, now: datetime) -> list[Appeal]:
    """Appeals whose first decision stands: the time to ask for the second round has passed."""
    return list(
        session.scalars(
            columns(Appeal)
            .where(col(Appeal.closed_at).is_(None), col(Appeal.ask_by) <= now)
            .order_by(Appeal.ask_by, Appeal.id)
            .limit(BATCH)
        )
    )


def late(session: Session, now: datetime) -> list[Hearing]:
    """Open rounds past their day of decision of which nobody was told yet, then those that have votes enough to be
    decided and are not."""
    voted = columns(sa.func.count()).where(
        PanelSeat.hearing_id == Hearing.id, col(PanelSeat.left_at).is_(None), col(PanelSeat.voted_at).is_not(None)
    )
    ripe = voted.correlate(Hearing).scalar_subquery() >= rules.SEATS
    told = col(Hearing.overdue_at).is_not(None)
    return list(
        session.scalars(
            columns(Hearing)
            .where(Hearing.status == "open", col(Hearing.decide_by) <= now, any_of(~told, ripe))
            .order_by(told, Hearing.decide_by, Hearing.id)
            .limit(BATCH)
        )
    )


def unfilled(session: Session) -> list[str]:
    """Open rounds with fewer than two members, or with one who has not voted and may no longer sit."""
    of_hearing = all_of(PanelSeat.hearing_id == Hearing.id, col(PanelSeat.left_at).is_(None))
    seats = columns(sa.func.count()).select_from(PanelSeat).where(of_hearing).correlate(Hearing).scalar_subquery()
    gone = columns(PanelSeat.account_id).where(of_hearing, col(PanelSeat.voted_at).is_(None), ~_able())
    return list(
        session.scalars(
            columns(Hearing.id)
            .join(Appeal, col(Appeal.id) == Hearing.appeal_id)
            .where(Hearing.status == "open", any_of(seats < rules.SEATS, gone.correlate(Hearing, Appeal).exists()))
            .order_by(Hearing.decide_by, Hearing.id)
            .limit(BATCH)
        )
    )


def may_sit(session: Session, hearing_id: str) -> set[str]:
    """Who sits in a hearing and may still vote."""
    asked = (
        columns(PanelSeat.account_id)
        .join(Hearing, col(Hearing.id) == PanelSeat.hearing_id)
        .join(Appeal, col(Appeal.id) == Hearing.appeal_id)
        .where(Hearing.id == hearing_id, _able())
    )
    return set(session.scalars(asked))


def _able() -> ColumnElement[bool]:
    """The condition on `PanelSeat` and `Appeal` that the account is active and holds the panel role there, as
    :func:`hearings.mine` asks of an actor."""
    unit, place = col(OrgUnit.path), col(Appeal.unit_path)
    return (
        columns(RoleGrant.id)
        .join(Account, col(Account.id) == RoleGrant.account_id)
        .join(OrgUnit, col(OrgUnit.code) == RoleGrant.unit_code)
        .where(
            RoleGrant.account_id == PanelSeat.account_id, RoleGrant.role == rules.ROLE,
            col(RoleGrant.revoked_at).is_(None), col(RoleGrant.touchpoint_id).is_(None), col(Account.active).is_(True),
            any_of(place.startswith(unit), unit.startswith(place)),
        )
        .correlate(PanelSeat, Appeal)
        .exists()
    )  # fmt: skip


def perhaps_final(session: Session, now: datetime, after: tuple[datetime, str] | None) -> list[Any]:
    """(id, status_at) of released visits without an open appeal whose window may have passed, by the time of release;
    `after`: where the last batch ended."""
    open_ = columns(Appeal.id).where(Appeal.visit_id == Visit.id, col(Appeal.closed_at).is_(None))
    statement = columns(Visit.id, Visit.status_at).where(
        Visit.status == "released",
        col(Visit.status_at) <= now - SHORTEST_WINDOW,
        ~open_.correlate(Visit).exists(),
    )
    if after is not None:
        at, key = after
        later = any_of(col(Visit.status_at) > at, all_of(col(Visit.status_at) == at, col(Visit.id) > key))
        statement = statement.where(later)
    return list(session.execute(statement.order_by(Visit.status_at, Visit.id).limit(BATCH)).all())


def with_open_appeal(session: Session, visit_ids: Collection[str]) -> set[str]:
    """Those of the visits that an appeal is open for."""
    asked = columns(Appeal.visit_id).where(col(Appeal.visit_id).in_(list(visit_ids)), col(Appeal.closed_at).is_(None))
    return set(session.scalars(asked))


def released(session: Session, visit_ids: Collection[str]) -> dict[str, str]:
    """Those of the visits that are released and not final yet: id → unit path."""
    asked = columns(Visit.id, Visit.unit_path).where(col(Visit.id).in_(list(visit_ids)), Visit.status == "released")
    return {row[0]: row[1] for row in session.execute(asked)}


def moot(session: Session, visit_id: str) -> list[Appeal]:
    """Open appeals of a visit that was voided, but for the one against the voiding."""
    return list(
        session.scalars(
            columns(Appeal).where(Appeal.visit_id == visit_id, col(Appeal.closed_at).is_(None), Appeal.kind != "void")
        )
    )

"""Notices of programmes to those who are scored."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col

from audit_app.access.rules import Actor
from audit_app.kit.db import Session
from audit_app.kit.sql import all_of, any_of, columns
from audit_app.planning.models import NoticeAcknowledgement, Programme


@dataclass(frozen=True)
class NoticeRow:
    """A notice as staff read it: nothing of it tells the programme, its dates or its places."""

    id: str
    text: str
    at: datetime
    acknowledged: bool


def notice_id(programme_id: str) -> str:
    """The id under which staff know a notice: the programme's own tells when it was made."""
    return hashlib.sha256(f"notice:{programme_id}".encode()).hexdigest()[:32]


def notices_for(session: Session, actor: Actor) -> list[NoticeRow]:
    """The general notices that reach a scored person or a touchpoint's manager: of programmes whose owner holds them.

    A notice tells neither dates nor places, so that a covert programme's is shown as well.
    """
    return list(_notices(session, actor).values())


def noticed_programme(session: Session, actor: Actor, wanted: str) -> str | None:
    """The programme behind a notice that reaches the actor."""
    return next((key for key, row in _notices(session, actor).items() if row.id == wanted), None)


def _notices(session: Session, actor: Actor) -> dict[str, NoticeRow]:
    paths = [g.unit_path for g in actor.grants if g.role in ("staff", "outlet_manager", "team_lead")]
    if not paths:
        return {}
    above = any_of(*[sa.literal(p).startswith(col(Programme.unit_path)) for p in paths])
    mine = all_of(
        col(NoticeAcknowledgement.programme_id) == Programme.id, NoticeAcknowledgement.account_id == actor.account_id
    )
    p = Programme
    rows = session.execute(
        columns(p.id, p.notice, p.notice_at, col(NoticeAcknowledgement.at).is_not(None))
        .join(NoticeAcknowledgement, mine, isouter=True)
        .where(above, col(p.notice_at).is_not(None), p.status == "active", p.notice != "")
        .order_by(col(p.notice_at).desc())
        .limit(20)
    )
    return {row[0]: NoticeRow(notice_id(row[0]), *row[1:]) for row in rows}

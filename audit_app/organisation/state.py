"""What the database knows of the organisation when a file is judged: a handful of statements, however long the file."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from audit_app.access.rules import Actor
from audit_app.kit.db import Session
from audit_app.organisation.cells import degrees
from audit_app.organisation.models import OrgUnit, Shift, StaffMember, Team, Touchpoint
from audit_app.organisation.reading import Table
from audit_app.organisation.rules import drafts
from audit_app.organisation.verdicts.known import Known, KnownRow, KnownShift, KnownTeam
from audit_app.organisation.verdicts.rosters import span_of

_select: Any = sa.select  # the columns of a table class are typed as their values


def known_for(session: Session, actor: Actor | None, table: Table) -> Known:
    """All that :func:`verdicts.judge` needs for the table. No actor: the command line, which may write everywhere."""
    known = Known(None if actor is None else actor.paths("organisation.import"), units=_units(session))
    if table.kind == "units":
        return known
    known.touchpoints = _touchpoints(session)
    if table.kind == "touchpoints":
        return known
    known.touchpoints = _followed(known.touchpoints)
    known.staff = _staff(session)
    if table.kind == "staff":
        known.teams = _teams(session)
    else:
        known.staff = _followed(known.staff)
        known.shifts = _shifts(session, table)
    return known


def _followed(rows: dict[str, KnownRow]) -> dict[str, KnownRow]:
    """Under the code of a double stands the row that was kept: whoever still writes the old code means that one."""
    by_id = {row.id: row for row in rows.values()}
    return {code: by_id.get(row.merged, row) for code, row in rows.items()}


def lock_organisation(session: Session) -> None:
    """Two imports never apply at once: the second waits here, on the rows of the provinces."""
    session.execute(
        _select(OrgUnit.code).where(OrgUnit.level == "province").order_by(col(OrgUnit.code)).with_for_update()
    )


def _flag(value: bool) -> str:
    return "yes" if value else "no"


def _units(session: Session) -> dict[str, KnownRow]:
    u = OrgUnit
    rows = session.execute(_select(u.code, u.name, u.level, u.parent_code, u.path, u.active))
    return {
        code: KnownRow(
            code,
            path,
            {"code": code, "name": name, "level": level, "parent_code": parent or "", "active": _flag(active)},
        )
        for code, name, level, parent, path, active in rows
    }


def _touchpoints(session: Session) -> dict[str, KnownRow]:
    t = Touchpoint
    rows = session.execute(
        _select(t.id, t.unit_path, t.code, t.name, t.kind, t.tier, t.unit_code, t.address, t.hotline_number,
                  t.lat, t.lon, t.datum, t.opens, t.closes, t.active, t.merged_into)
    )  # fmt: skip
    return {
        r.code: KnownRow(
            r.id,
            r.unit_path,
            {
                "code": r.code, "name": r.name, "kind": r.kind, "tier": str(r.tier or ""), "unit_code": r.unit_code,
                "address": r.address, "hotline_number": r.hotline_number or "",
                "lat": _degrees(r.lat), "lon": _degrees(r.lon),
                "datum": r.datum or "", "opens": r.opens, "closes": r.closes, "active": _flag(r.active),
            },
            r.merged_into or "",
        )
        for r in rows
    }  # fmt: skip


def _degrees(text: str | None) -> str:
    return degrees(Decimal(text)) if text else ""


def _staff(session: Session) -> dict[str, KnownRow]:
    s, t = StaffMember, Touchpoint
    rows = session.execute(
        _select(
            s.id, t.unit_path, s.code, s.name, col(t.code).label("touchpoint_code"),
            col(Team.code).label("team_code"), col(Team.name).label("team_name"),
            s.badge, s.agent_no, s.job, s.joined_on, s.left_on, s.merged_into,
        )
        .join(t, col(t.id) == s.touchpoint_id)
        .join(Team, col(Team.id) == s.team_id, isouter=True)
    )  # fmt: skip
    return {
        r.code: KnownRow(
            r.id,
            r.unit_path,
            {
                "code": r.code, "name": r.name, "touchpoint_code": r.touchpoint_code, "team_code": r.team_code or "",
                "team_name": r.team_name or "", "badge": r.badge or "", "agent_no": r.agent_no or "", "job": r.job,
                "joined_on": r.joined_on.isoformat(), "left_on": r.left_on.isoformat() if r.left_on else "",
            },
            r.merged_into or "",
        )
        for r in rows
    }  # fmt: skip


def _teams(session: Session) -> dict[str, KnownTeam]:
    rows = session.execute(
        _select(Team.code, Team.id, col(Touchpoint.code).label("place"), Team.name)
        .join(Touchpoint, col(Touchpoint.id) == Team.touchpoint_id)
    )  # fmt: skip
    return {code: KnownTeam(key, place, name) for code, key, place, name in rows}


def _shifts(session: Session, table: Table) -> dict[str, list[KnownShift]]:
    window = _window(table)
    if window is None:
        return {}
    rows = session.execute(
        _select(
            StaffMember.code, Shift.id, Shift.starts_at, Shift.ends_at, col(Touchpoint.code).label("place"), Shift.desk
        )
        .join(StaffMember, col(StaffMember.id) == Shift.staff_id)
        .join(Touchpoint, col(Touchpoint.id) == Shift.touchpoint_id)
        .where(col(Shift.starts_at) >= window[0], col(Shift.starts_at) < window[1])
        .order_by(col(Shift.starts_at))
    )
    found: dict[str, list[KnownShift]] = {}
    for code, key, starts, ends, place, desk in rows:
        found.setdefault(code, []).append(KnownShift(key, starts, ends, place, desk))
    return found


def _window(table: Table) -> tuple[datetime, datetime] | None:
    spans = [span_of(draft.cells) for draft in drafts(table.kind, table.rows) if not draft.faults]
    if not spans:
        return None
    return min(s for s, _ in spans) - timedelta(days=1), max(e for _, e in spans) + timedelta(days=1)

"""Writing the right lines of a report: a fixed number of statements per kind, each for all lines at once."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from audit_app.kit.db import Session, SQLModel
from audit_app.kit.ids import new_id, random_id
from audit_app.kit.search import text_of
from audit_app.organisation.models import OrgUnit, Shift, StaffMember, Team, Touchpoint
from audit_app.organisation.rules import LEVELS, Line, Report
from audit_app.organisation.verdicts.known import Known
from audit_app.organisation.verdicts.rosters import span_of

Row = dict[str, Any]


def write_report(session: Session, report: Report, known: Known) -> None:
    """Writes every line of the report: each must be new or changed."""
    _WRITERS[report.kind](session, report.lines, known)


def _insert(session: Session, model: type[SQLModel], rows: Sequence[Row]) -> None:
    if rows:
        session.connection().execute(sa.insert(model.__table__), list(rows))  # type: ignore[attr-defined]


def _update(session: Session, model: type[SQLModel], key: str, rows: Sequence[Row]) -> None:
    """One statement for all rows, which have the same columns; the key column finds each."""
    if not rows:
        return
    table: sa.Table = model.__table__  # type: ignore[attr-defined]
    values: Row = {name: sa.bindparam(f"v_{name}") for name in rows[0] if name != key}
    statement = table.update().where(table.c[key] == sa.bindparam("k")).values(values)
    bound = [{"k": row[key], **{f"v_{name}": row[name] for name in values}} for row in rows]
    session.connection().execute(statement, bound)


def _whole(line: Line, old: Mapping[str, str] | None) -> dict[str, str]:
    """The row after the change: what is there, under what the line says. Empty cells change nothing."""
    return {**(old or {}), **{code: value for code, value in line.cells.items() if value}}


def _write_units(session: Session, lines: list[Line], known: Known) -> None:
    paths = {code: row.path for code, row in known.units.items()}
    new: list[Row] = []
    changed: list[Row] = []
    for line in sorted(lines, key=lambda found: LEVELS.index(found.cells["level"])):
        old = known.units.get(line.cells["code"])
        whole = _whole(line, old.cells if old else None)
        parent = whole.get("parent_code") or None
        paths[whole["code"]] = (paths[parent] if parent else "") + whole["code"] + "/"
        active = whole.get("active", "yes") == "yes"
        if old:
            changed.append({"code": whole["code"], "name": whole["name"], "active": active})
        else:
            new.append({"code": whole["code"], "name": whole["name"], "level": whole["level"], "parent_code": parent,
                        "path": paths[whole["code"]], "active": active})  # fmt: skip
    _insert(session, OrgUnit, new)
    _update(session, OrgUnit, "code", changed)


def _write_touchpoints(session: Session, lines: list[Line], known: Known) -> None:
    new: list[Row] = []
    changed: list[Row] = []
    for line in lines:
        old = known.touchpoints.get(line.cells["code"])
        whole = _whole(line, old.cells if old else None)
        row = {
            "id": old.id if old else random_id(),
            "code": whole["code"],
            "kind": whole["kind"],
            "name": whole["name"],
            "tier": int(whole["tier"]) if whole.get("tier") else None,
            "unit_code": whole["unit_code"],
            "unit_path": known.units[whole["unit_code"]].path,
            "address": whole.get("address", ""),
            "hotline_number": whole.get("hotline_number") or None,
            "lat": whole.get("lat") or None,
            "lon": whole.get("lon") or None,
            "datum": whole.get("datum") or None,
            "opens": whole.get("opens") or "09:00",
            "closes": whole.get("closes") or "18:00",
            "active": whole.get("active", "yes") == "yes",
            "search": text_of(whole["name"], whole["code"], whole.get("hotline_number")),
        }
        (changed if old else new).append(row)
    _insert(session, Touchpoint, new)
    _update(session, Touchpoint, "id", changed)


def _write_staff(session: Session, lines: list[Line], known: Known) -> None:
    teams = {code: team.id for code, team in known.teams.items()}
    _write_teams(session, lines, known, teams)
    new: list[Row] = []
    changed: list[Row] = []
    for line in lines:
        old = known.staff.get(line.cells["code"])
        whole = _whole(line, old.cells if old else None)
        row = {
            "id": old.id if old else random_id(),
            "code": whole["code"],
            "name": whole["name"],
            "touchpoint_id": known.touchpoints[whole["touchpoint_code"]].id,
            "team_id": teams.get(whole.get("team_code", "")),
            "badge": whole.get("badge") or None,
            "agent_no": whole.get("agent_no") or None,
            "job": whole.get("job", ""),
            "joined_on": date.fromisoformat(whole["joined_on"]),
            "left_on": date.fromisoformat(whole["left_on"]) if whole.get("left_on") else None,
            "search": text_of(whole["name"], whole["code"], whole.get("badge"), whole.get("agent_no")),
        }
        (changed if old else new).append(row)
    _free_numbers(session, changed, known)
    _insert(session, StaffMember, new)
    _update(session, StaffMember, "id", changed)


def _free_numbers(session: Session, changed: list[Row], known: Known) -> None:
    """Lets go of agent numbers that change hands, so that two people may swap theirs."""
    moving = [
        {"id": row["id"], "agent_no": None}
        for row in changed
        if known.staff[row["code"]].cells["agent_no"] not in ("", row["agent_no"])
    ]
    _update(session, StaffMember, "id", moving)


def _write_teams(session: Session, lines: list[Line], known: Known, teams: dict[str, str]) -> None:
    """Makes the teams that lines name for the first time and renames those that a line names anew."""
    new: dict[str, Row] = {}
    renamed: dict[str, Row] = {}
    for line in lines:
        old = known.staff.get(line.cells["code"])
        code = line.cells.get("team_code") or (old.cells["team_code"] if old else "")
        name = line.cells.get("team_name", "")
        if not code:
            continue
        if code in known.teams:
            if name and name != known.teams[code].name:
                renamed[code] = {"id": known.teams[code].id, "name": name}
            continue
        row = new.setdefault(
            code,
            {
                "id": random_id(),
                "code": code,
                "name": "",
                "touchpoint_id": known.touchpoints[line.cells["touchpoint_code"]].id,
            },
        )
        row["name"] = row["name"] or name
        teams[code] = row["id"]
    _insert(session, Team, [{**row, "name": row["name"] or row["code"]} for row in new.values()])
    _update(session, Team, "id", list(renamed.values()))


def _write_rosters(session: Session, lines: list[Line], known: Known) -> None:
    new: list[Row] = []
    changed: list[Row] = []
    for line in lines:
        person = known.staff[line.cells["staff_code"]]
        stored = {shift.id: shift for shift in known.shifts.get(line.cells["staff_code"], [])}
        old = stored.get(line.key)
        starts, ends = span_of(line.cells)
        place = line.cells.get("touchpoint_code") or (old.touchpoint_code if old else person.cells["touchpoint_code"])
        row = {
            "id": line.key or new_id(),
            "staff_id": person.id,
            "touchpoint_id": known.touchpoints[place].id,
            "desk": line.cells.get("desk") or (old.desk if old else ""),
            "starts_at": starts,
            "ends_at": ends,
        }
        (changed if line.key else new).append(row)
    _update(session, Shift, "id", changed)
    _insert(session, Shift, new)


_WRITERS = {
    "units": _write_units,
    "touchpoints": _write_touchpoints,
    "staff": _write_staff,
    "rosters": _write_rosters,
}

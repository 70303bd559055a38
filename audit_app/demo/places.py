"""Units, touchpoints, staff and rosters, brought in by the import itself wherever a file could have held them."""

import csv
import io
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from audit_app.demo.material import DATA, Names, chance, read
from audit_app.kit import clock
from audit_app.kit.db import Session
from audit_app.kit.ids import new_id
from audit_app.organisation import operations
from audit_app.organisation.models import Shift, StaffMember, Touchpoint
from audit_app.organisation.reading import read_table
from audit_app.visits.slots import day_type

Row = dict[str, object]
BACK, AHEAD = 95, 14  # days of roster


def divisions() -> list[dict[str, str]]:
    """The province down to counties, and all towns of the one city that is built in full."""
    city = read("city")["city"]
    with (DATA / "jiangxi_divisions.csv").open(encoding="utf-8-sig") as file:
        return [row for row in csv.DictReader(file) if row["level"] != "town" or row["code"].startswith(city)]


def bring_in(session: Session, kind: str, rows: list[Row], now: datetime) -> None:
    """The rows as a CSV file through the import."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    operations.import_table(session, read_table(kind, f"{kind}.csv", text.getvalue().encode()), now)


def build_units(session: Session, now: datetime) -> None:
    bring_in(session, "units", [dict(row) for row in divisions()], now)


def build_touchpoints(session: Session, now: datetime) -> None:
    city, rng = read("city"), chance("touchpoints")
    rows = [_hall(n, hall) for n, hall in enumerate(city["halls"], 1)]
    names = {row["code"]: row["name"] for row in divisions()}
    towns = [row for row in divisions() if row["level"] == "town"]
    for n, town in enumerate(towns, 1):
        words = {"county": names[town["parent_code"]], "town": town["name"]}
        street = {"street": rng.choice(city["streets"]), "n": rng.randint(1, 199)}
        place = {"unit_code": town["code"], "address": words["town"] + city["number"].format(**street)}
        rows.append(spot(code=f"WD{n:04}", name=city["outlet"].format(**words), kind="outlet", closes="19:00", **place))
    for n, town in enumerate(rng.sample(towns, 24), 1):
        name = city["agent"].format(town=town["name"])
        rows.append(
            spot(code=f"DB{n:04}", name=name, kind="agent", unit_code=town["code"], opens="08:30", closes="20:30")
        )
    line = city["hotline"]
    rows.append(spot(code=line["code"], name=line["name"], kind="hotline", unit_code="36", address=line["address"],
                     hotline_number=line["number"], opens="00:00", closes="23:59"))  # fmt: skip
    for row in rows:
        if row["kind"] != "hotline":
            located(row, rng.uniform(-0.22, 0.22), rng.uniform(-0.3, 0.3), city["centre"])
    bring_in(session, "touchpoints", rows, now)


def spot(**cells: object) -> Row:
    """A line of the touchpoints' file."""
    empty = dict.fromkeys(("tier", "address", "hotline_number", "lat", "lon", "datum"), "")
    return {**empty, "opens": "09:00", "closes": "18:00", **cells}


def _hall(n: int, hall: list[object]) -> Row:
    unit, tier, name, address = hall
    hours = {"opens": "08:30", "closes": "20:00"} if tier == 1 else {"opens": "09:00", "closes": "18:00"}
    return spot(code=f"YT{n:03}", name=name, kind="hall", tier=tier, unit_code=unit, address=address, **hours)


def located(row: Row, north: float, east: float, centre: list[float]) -> None:
    """Gives the line a position near a centre."""
    row.update(lat=f"{centre[0] + north:.5f}", lon=f"{centre[1] + east:.5f}", datum="GCJ-02")


def build_staff(session: Session, today: date, now: datetime) -> None:
    """Four to ten people in a hall, two in an outlet, twelve in each team of the hotline."""
    rng, names, jobs = chance("staff"), Names(chance("staff-names")), read("people")["jobs"]
    places = session.scalars(sa.select(Touchpoint).order_by(Touchpoint.code)).all()
    rows: list[Row] = []

    def hire(place: Touchpoint, job: str, **cells: object) -> None:
        joined = today - timedelta(days=rng.randint(200, 3000))
        empty = dict.fromkeys(("team_code", "team_name", "badge", "agent_no"), "")
        who = {"code": f"YG{len(rows) + 1:05}", "name": names.next(), "touchpoint_code": place.code}
        rows.append({**who, **empty, "job": job, "joined_on": joined, **cells})

    for place in places:
        if place.kind == "hall":
            for n in range({1: 10, 2: 7, 3: 4}[place.tier or 3] - rng.randint(0, 1)):
                hire(
                    place, jobs["manager"] if n == 0 else rng.choice(jobs["hall"]), badge=f"{place.code[2:]}{n + 1:02}"
                )
        elif place.kind == "outlet":
            for job in jobs["outlet"]:
                hire(place, job)
        elif place.kind == "hotline":
            for t, (code, name) in enumerate(read("city")["teams"]):
                for n in range(12):
                    hire(place, jobs["agent"], team_code=code, team_name=name, agent_no=f"{8100 + 100 * t + n + 1}")
    bring_in(session, "staff", rows, now)


def build_rosters(session: Session, today: date) -> int:
    """Three months back and two weeks ahead. Halls and outlets open every day; each person has two days off a week."""
    rng = chance("rosters")
    people = session.execute(
        sa.select(StaffMember.id, StaffMember.code, Touchpoint.id, Touchpoint.kind, Touchpoint.opens, Touchpoint.closes)  # type: ignore[call-overload]
        .join(Touchpoint, Touchpoint.id == StaffMember.touchpoint_id)
        .order_by(StaffMember.code)
    ).all()
    days = [today + timedelta(days=n) for n in range(-BACK, AHEAD + 1)]
    kind_of_day = {day: day_type(day) for day in days}
    rows = []
    for place_in_list, (staff_id, _code, touchpoint_id, kind, opens, closes) in enumerate(people):
        off = {place_in_list % 7, (place_in_list + 3) % 7}
        desk = str(place_in_list % 6 + 1) if kind == "hall" else ""
        for day in days:
            if day.weekday() in off and (kind_of_day[day] != "holiday" or rng.random() < 0.7):
                continue
            start, end = hours(kind, opens, closes, place_in_list + day.toordinal() // 7)
            starts = clock.at_local(day, *start)
            ends = clock.at_local(day, *end) if end > start else clock.at_local(day + timedelta(days=1), *end)
            rows.append({"id": new_id(), "staff_id": staff_id, "touchpoint_id": touchpoint_id, "desk": desk,
                         "starts_at": starts, "ends_at": ends})  # fmt: skip
    session.connection().execute(sa.insert(Shift.__table__), rows)  # type: ignore[attr-defined]
    return len(rows)


def hours(kind: str, opens: str, closes: str, turn: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """When a shift begins and ends: a hotline works in three, in turn."""
    if kind == "hotline":
        return (((8, 0), (16, 0)), ((14, 0), (22, 0)), ((22, 0), (6, 0)))[turn % 3]
    return (int(opens[:2]), int(opens[3:])), (int(closes[:2]), int(closes[3:]))

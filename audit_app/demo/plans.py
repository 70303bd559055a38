"""Programmes and their rounds, from the data file, around the day of loading."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from audit_app.demo import cast
from audit_app.demo.material import read
from audit_app.kit import clock
from audit_app.kit.db import Session
from audit_app.organisation.models import OrgUnit
from audit_app.planning.models import Programme, Round

AUTHORS = {"province": "province-supervisor", "city": "city-supervisor", "county": "county-supervisor"}
NOTICE_BEFORE = timedelta(days=115)  # days before loading: well before the first visit


@dataclass(frozen=True)
class Plan:
    """A programme with its rounds, as the itinerary needs it."""

    key: str
    programme: Programme
    author_id: str
    rounds: list[Round]

    def round_on(self, day: date) -> Round:
        return next(r for r in self.rounds if r.starts_on <= day < r.ends_on)


def build_plans(session: Session, now: datetime) -> dict[str, Plan]:
    today, plans = clock.local_date(now), {}
    for words in read("programmes"):
        unit = session.get_one(OrgUnit, words["unit"])
        author = cast.account_id(session, AUTHORS[unit.level])
        at = now - NOTICE_BEFORE
        programme = Programme(
            name=words["name"], unit_code=unit.code, unit_path=unit.path, level=unit.level, kind=words["kind"],
            manner=words["manner"], touchpoint_kinds=words["kinds"], checklist_ids=words["checklists"],
            purpose=words["purpose"], for_incentives=words["incentives"], notice=words["notice"], notice_at=at,
            created_by=author, created_at=at,
        )  # fmt: skip
        session.add(programme)
        session.flush()
        rounds = [
            _round(programme, author, start, end, words["months"], today)
            for start, end in periods(today, words["months"])
        ]
        for one in rounds:
            session.add(one)
            session.flush()
        plans[words["key"]] = Plan(words["key"], programme, author, rounds)
    return plans


def periods(today: date, months: int, back: int = 95) -> list[tuple[date, date]]:
    """Calendar periods of so many months, from the one so many days ago to the one in two weeks."""
    first, last = today - timedelta(days=back), today + timedelta(days=15)
    start = date(first.year, (first.month - 1) // months * months + 1, 1)
    found = []
    while start <= last:
        end = _later(start, months)
        found.append((start, end))
        start = end
    return found


def _later(day: date, months: int) -> date:
    n = day.month - 1 + months
    return date(day.year + n // 12, n % 12 + 1, 1)


def _round(programme: Programme, author: str, start: date, end: date, months: int, today: date) -> Round:
    name = round_name(start, end, months)
    opened = clock.at_local(start - timedelta(days=4), 10)
    return Round(
        programme_id=programme.id, name=name, starts_on=start, ends_on=end,
        status="published" if end > today else "closed", published_at=opened,
        created_by=author, created_at=opened - timedelta(days=2),
    )  # fmt: skip


def round_name(start: date, end: date, months: int) -> str:
    """What a calendar period is called."""
    words: str = read("remarks")["rounds"][months]
    last, quarter = (end - timedelta(days=1)).month, (start.month - 1) // 3 + 1
    return words.format(year=start.year, month=start.month, last=last, quarter=quarter)

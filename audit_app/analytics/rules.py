"""Decisions of the overview: calendar periods, the cadence of each level, what may be averaged together. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import msgspec

KINDS = ("hall", "outlet", "agent", "hotline")
MANNERS = ("covert", "overt")
SHOWN = ("released", "final")  # only these count: a covert visit changes no figure before its release
TREND_MONTHS = 12
ROW_MONTHS = 6
TARGET = 88  # of the mean score, until an incentive scheme sets one

# S2: months of the calendar period in which each level owes at least one inspection.
CADENCE = {"province": 3, "city": 1, "county": 2}


class Filters(msgspec.Struct, frozen=True):
    """What the overview is cut to. `unit` "" is the asker's own, `county` one below it that narrows it (the second step
    of the scope bar); `open` names the city whose counties are shown."""

    unit: str = ""
    county: str = ""
    period: str = ""
    kind: str = "hall"
    series: str = "covert"
    open: str = ""


def series_of(kind: str, series: str) -> str:
    """The one series that figures are taken of: hotline figures are never mixed with halls, nor covert with overt."""
    if kind == "hotline":
        return "hotline"
    return series if series in MANNERS else "covert"


@dataclass(frozen=True, slots=True)
class Quarter:
    """A calendar quarter, `2026Q4`."""

    year: int
    number: int

    @property
    def code(self) -> str:
        return f"{self.year}Q{self.number}"

    @property
    def start(self) -> date:
        return date(self.year, self.number * 3 - 2, 1)

    @property
    def end(self) -> date:
        """The day after the last."""
        return self.next.start

    @property
    def next(self) -> "Quarter":
        return Quarter(self.year + self.number // 4, self.number % 4 + 1)

    @property
    def before(self) -> "Quarter":
        return Quarter(self.year - (self.number == 1), (self.number - 2) % 4 + 1)

    @property
    def last_month(self) -> int:
        return month_index(self.start) + 2


def quarter_of(day: date) -> Quarter:
    return Quarter(day.year, (day.month + 2) // 3)


def quarter_named(code: str, today: date) -> Quarter:
    """The quarter of that code; the present one for any other text or for the future."""
    here = quarter_of(today)
    if len(code) != 6 or code[4] != "Q" or not (code[:4] + code[5]).isascii() or not (code[:4] + code[5]).isdigit():
        return here
    year, number = int(code[:4]), int(code[5])
    if not 2000 <= year <= here.year or not 1 <= number <= 4:
        return here
    return min(Quarter(year, number), here, key=lambda q: q.start)


def month_index(day: date) -> int:
    """Months since the year 0: neighbours differ by one."""
    return day.year * 12 + day.month - 1


def month_start(index: int) -> date:
    return date(index // 12, index % 12 + 1, 1)


@dataclass(frozen=True, slots=True)
class Duty:
    """One calendar period of a level: months [first, end) by index."""

    level: str
    first: int
    end: int


def duties(level: str, quarter: Quarter, today: date) -> list[Duty]:
    """The calendar periods of a level that touch the quarter and have begun."""
    months = CADENCE[level]
    first, last = month_index(quarter.start), quarter.last_month
    found = []
    at = first - first % 12 % months
    while at <= min(last, month_index(today)):
        found.append(Duty(level, at, at + months))
        at += months
    return found


def mean(total: int, n: int) -> Fraction | None:
    """The mean of printed hundredths, exact; None of nothing."""
    return Fraction(total, n * 100) if n else None


def shown(value: Fraction | None, places: int = 2) -> float | None:
    """Rounded half up once, for the page."""
    if value is None:
        return None
    scale = 10**places
    return float(Fraction((value * scale + Fraction(1, 2)).__floor__(), scale))


def percent_hundredths(earned: Fraction, possible: Fraction) -> int:
    """A section's score in hundredths of a percent, half up: the printed figure."""
    return int((earned / possible * 10000 + Fraction(1, 2)).__floor__())


def units_over(path: str) -> list[str]:
    """The paths of the province, the city and the county of a place, as far as it has them, outermost first."""
    codes = path.strip("/").split("/")[:3]
    return ["".join(f"{code}/" for code in codes[: n + 1]) for n in range(len(codes))]


def levels_from(level: str) -> Sequence[str]:
    """This level and those below it that owe inspections."""
    order = list(CADENCE)
    return order[order.index(level) :] if level in order else []

"""The only place that reads the clock. Stored times are UTC; days and periods are Asia/Shanghai's, half-open."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """This instant, aware, in UTC."""
    return datetime.now(UTC)


def local(at: datetime) -> datetime:
    """The same instant on a Shanghai clock."""
    return at.astimezone(SHANGHAI)


def local_date(at: datetime) -> date:
    """The Shanghai calendar day that holds the instant."""
    return local(at).date()


def day_start(day: date) -> datetime:
    """The first instant (UTC) of a Shanghai day."""
    return datetime.combine(day, time(), SHANGHAI).astimezone(UTC)


def at_local(day: date, hour: int, minute: int = 0) -> datetime:
    """A wall-clock time of a Shanghai day as an instant in UTC."""
    return datetime.combine(day, time(hour, minute), SHANGHAI).astimezone(UTC)

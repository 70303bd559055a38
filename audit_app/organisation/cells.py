"""One cell: its text in the one form that we store and compare, or why it cannot be taken. Pure."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation

from audit_app.organisation.columns import Column, choices, fold, spellings

_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,35}")
_NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z ._-]{0,23}")
_PHONE = re.compile(r"\+?[0-9][0-9 -]{1,22}")
_CLOCK = re.compile(r"([01]?\d|2[0-3])[:\uff1a]([0-5]\d)(:[0-5]\d)?")
_DATE = re.compile(r"(\d{4})\D(\d{1,2})\D(\d{1,2})\D?(?: ?00:00(?::00)?)?")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


class Unfit(Exception):
    """The cell cannot be taken: a stable code and its parameters."""

    def __init__(self, code: str, **params: str) -> None:
        self.code, self.params = code, params
        super().__init__(code)


def canonical(column: Column, text: str) -> str:
    """The cell's text in canonical form; empty where there is none. Raises :class:`Unfit`."""
    if not text:
        if column.required:
            raise Unfit("empty")
        return ""
    if _CONTROL.search(text):
        raise Unfit("control-characters")
    return _BY_TYPE[column.type](column, text)


def _code(column: Column, text: str) -> str:
    if not _CODE.fullmatch(text):
        raise Unfit("not-a-code", value=text[:40])
    return text


def _text(column: Column, text: str) -> str:
    if len(text) > column.size:
        raise Unfit("too-long", most=str(column.size))
    return text


def _by(pattern: re.Pattern[str], code: str) -> Callable[[Column, str], str]:
    def check(column: Column, text: str) -> str:
        if not pattern.fullmatch(text):
            raise Unfit(code, value=text[:40])
        return text

    return check


def _choice(column: Column, text: str) -> str:
    value = choices(column.type).get(fold(text))
    if value is None:
        raise Unfit("not-a-choice", value=text[:40], choices=", ".join(spellings(column.type)))
    return value


def _clock(column: Column, text: str) -> str:
    found = _CLOCK.fullmatch(text)
    if not found:
        raise Unfit("not-a-time", value=text[:40])
    return f"{int(found[1]):02d}:{found[2]}"


def _date(column: Column, text: str) -> str:
    found = _DATE.fullmatch(text)
    try:
        if found:
            return date(int(found[1]), int(found[2]), int(found[3])).isoformat()
        return _compact(text).isoformat()
    except ValueError as fault:
        raise Unfit("not-a-date", value=text[:40]) from fault


def _compact(text: str) -> date:
    if not (len(text) == 8 and text.isascii() and text.isdigit()):
        raise ValueError(text)
    return date(int(text[:4]), int(text[4:6]), int(text[6:]))


def _degrees(most: int) -> Callable[[Column, str], str]:
    def check(column: Column, text: str) -> str:
        try:
            value = Decimal(text)
        except InvalidOperation as fault:
            raise Unfit("not-degrees", value=text[:40]) from fault
        if not value.is_finite() or abs(value) > most or len(text) > 20:
            raise Unfit("not-degrees", value=text[:40])
        return degrees(value)

    return check


def degrees(value: Decimal) -> str:
    """Decimal degrees without trailing zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


_BY_TYPE: dict[str, Callable[[Column, str], str]] = {
    "code": _code,
    "text": _text,
    "number": _by(_NUMBER, "not-a-number"),
    "phone": _by(_PHONE, "not-a-phone-number"),
    "level": _choice,
    "kind": _choice,
    "flag": _choice,
    "datum": _choice,
    "tier": _choice,
    "clock": _clock,
    "date": _date,
    "latitude": _degrees(90),
    "longitude": _degrees(180),
}

"""The wording of a document in one language, and the text filters of every value that is printed."""

import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache

from babel.dates import format_date
from markupsafe import Markup

from audit_app.kit.clock import local
from audit_app.reporting.assets import REPORTS
from audit_app.reporting.parts import Period, Text, TimeSlot

MOST_CHARACTERS = 2000
LOCALES = ("zh", "en")
_BABEL = {"zh": "zh_CN", "en": "en_GB"}
_LANG = {"zh": "zh-CN", "en": "en"}
_PERIOD = re.compile(r"(\d{4})(?:Q([1-4])|-(\d\d))?")
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff0-\uffff"
    "\ud800-\udfff\U0001f000-\U0001faff\U000e0000-\U000e0fff]"
)
_MAYBE_EMOJI = re.compile("[\u20e3\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff]")
_LONG_RUN = re.compile(r"([!-~]{20})(?=[!-~])")

Entry = str | Mapping[str, str]


class TextTooLong(ValueError):
    """A text of more than 2,000 characters: refused rather than cut, because a card must say all or fail."""


class Words:
    """Wording of `document` in `locale`; a template writes `w.t("key", n=3)`."""

    def __init__(self, document: str, locale: str) -> None:
        self.locale = locale
        self.lang = _LANG[locale]
        self._entries: dict[str, Entry] = {**_entries("base", locale), **_entries(document, locale)}

    def t(self, key: str, **values: object) -> str:
        """The text of `key`, its {places} filled; an entry may differ for n = 1 ("one") and else ("other")."""
        entry = self._entries[key]
        if not isinstance(entry, str):
            entry = entry["one" if str(values.get("n")) == "1" else "other"]
        return entry.format(**values) if values else entry

    def text(self, text: Text) -> str:
        return text.pick(self.locale)

    def day(self, day: date) -> str:
        return format_date(day, "long", locale=_BABEL[self.locale])

    def short_day(self, day: date) -> str:
        return format_date(day, self.t("pattern.short_day"), locale=_BABEL[self.locale])

    def clock(self, at: datetime) -> str:
        return local(at).strftime("%H:%M")

    def moment(self, at: datetime) -> str:
        return local(at).strftime("%Y-%m-%d %H:%M")

    def period(self, period: Period) -> str:
        match = _PERIOD.fullmatch(period.code)
        if not match:
            return period.code
        year, quarter, month = match.groups()
        if quarter:
            return self.t(f"period.q{quarter}", year=year)
        if month:
            pattern = self.t("pattern.month")
            return format_date(date(int(year), int(month), 1), pattern, locale=_BABEL[self.locale])
        return self.t("period.year", year=year)

    def slot(self, slot: TimeSlot) -> str:
        return self.t("slot", day=self.t(f"day.{slot.day_type}"), part=self.t(f"part.{slot.day_part}"))


@cache
def _entries(folder: str, locale: str) -> dict[str, Entry]:
    found: dict[str, Entry] = json.loads((REPORTS / folder / f"words.{locale}.json").read_text("utf-8"))
    return found


def printable(value: object) -> object:
    """Jinja's last step before escaping: U+2011 slows Pango by a minute, emoji have no glyph, controls no meaning."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    if len(value) > MOST_CHARACTERS:
        raise TextTooLong(f"a text of {len(value)} characters")
    if value.isascii() and value.isprintable():
        return value
    text = _UNPRINTABLE.sub("", value.replace("\u2011", "-"))
    return _MAYBE_EMOJI.sub(lambda found: found[0] if _in_gb2312(found[0]) else "", text)


def breakable(value: str) -> Markup:
    """Free text with places to break in runs that have none, so that it never leaves its column."""
    return Markup("<wbr>").join(_LONG_RUN.sub("\\1\0", str(printable(value))).split("\0"))


def short_id(number: str) -> str:
    """The printed form of a random id: its first ten digits in two groups."""
    return f"{number[:5]}-{number[5:10]}".upper() if len(number) >= 10 else number


def _in_gb2312(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True

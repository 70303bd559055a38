"""Language. English texts are the message ids; Chinese stands in `audit_app/locale/zh/*.po`, one file per package.

The locale of a request is a context variable set by middleware; background work passes a locale by hand.
"""

import json
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

LOCALES = ("zh", "en")
ON_THE_PHONE = "field"
HTML_LANG = {"zh": "zh-CN", "en": "en"}
FOLDER = Path(__file__).resolve().parent.parent / "locale"

locale_now: ContextVar[str] = ContextVar("locale_now", default="zh")


@cache
def catalogue(locale: str) -> dict[str, str | tuple[str, ...]]:
    """All messages of a locale: text → translation (a tuple of plural forms where there are some). English is empty.

    The catalogue of the phone's own scripts is a world of its own (:func:`messages_json`).
    """
    messages: dict[str, str | tuple[str, ...]] = {}
    for path in sorted((FOLDER / locale).glob("*.po")):
        if path.stem != ON_THE_PHONE:
            messages.update(read_catalogue(path))
    return messages


def read_catalogue(path: Path) -> dict[str, str | tuple[str, ...]]:
    """The translated messages of one .po file."""
    with path.open("rb") as file:
        book: Catalog = read_po(file, locale="zh", abort_invalid=True)
    found: dict[str, str | tuple[str, ...]] = {}
    for message in iter(book):
        if not message.id or message.fuzzy:
            continue
        key = message.id[0] if isinstance(message.id, tuple | list) else message.id
        text = tuple(message.string) if isinstance(message.string, tuple | list) else message.string
        if text and (isinstance(text, str) or all(text)):
            found[key] = text
    return found


def gettext(message: str, locale: str | None = None) -> str:
    """The text in the locale of the request, or in the one given; the message itself where there is no translation."""
    found = catalogue(locale or locale_now.get()).get(message, message)
    return found if isinstance(found, str) else found[0]


def ngettext(singular: str, plural: str, n: int, locale: str | None = None) -> str:
    """As :func:`gettext`, for a counted text. Chinese has one form."""
    chosen = locale or locale_now.get()
    found = catalogue(chosen).get(singular)
    if found is not None:
        return found if isinstance(found, str) else found[0]
    return singular if n == 1 else plural


def messages_json(domain: str, locale: str) -> str:
    """One package's catalogue as a JSON object, for the part of the program that runs on the phone."""
    path = FOLDER / locale / f"{domain}.po"
    return json.dumps(read_catalogue(path) if path.exists() else {}, ensure_ascii=False)


def pick(texts: Any, locale: str | None = None) -> str:
    """The reading language's text of a `{zh, en}` pair (dict or object); the other one where it is missing."""
    chosen = locale or locale_now.get()
    for locale_ in (chosen, "en" if chosen == "zh" else "zh"):
        text = texts.get(locale_) if isinstance(texts, dict) else getattr(texts, locale_, None)
        if text:
            return str(text)
    return ""

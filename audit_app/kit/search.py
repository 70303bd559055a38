"""Finding a row by any part of its name or code, of the name's pinyin, or of the pinyin's initials.

What can be found stands in a column of the row itself (:func:`text_of` makes it, on every write), so that a search
reads one short text and needs no dictionary: the library that knows how characters are read is loaded by writers only.
"""

import unicodedata
from functools import lru_cache
from itertools import islice, product
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import ColumnElement, event
from sqlmodel import Field, SQLModel

T = TypeVar("T", bound=SQLModel)
READINGS = 4  # of a name whose characters are read in several ways, so many are kept
LONGEST = 600


def normal(text: str) -> str:
    """A text as it is compared: one width, one case, no white space."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def text_of(name: str, *codes: str | None) -> str:
    """What a row is found by, one part a line: the name, each code, the readings of the name, their initials."""
    parts = [normal(name), *[normal(code) for code in codes if code], *_readings(name)]
    return "\n".join(dict.fromkeys(part for part in parts if part))[:LONGEST]


def matches(column: Any, asked: str) -> ColumnElement[bool]:
    """Rows whose :func:`text_of` contains what was asked for; all of them where nothing was."""
    wanted = normal(asked)
    return sa.type_coerce(column, sa.String).contains(wanted, autoescape=True) if wanted else sa.true()


def searchable(name: str, *codes: str) -> Any:
    """A column that holds the :func:`text_of` of these columns. Statements that insert rows fill it; those that update
    one of the columns set it there; for objects see :func:`kept_searchable`."""

    def of_statement(context: Any) -> str:
        given = context.get_current_parameters()
        return text_of(given[name], *[given.get(code) for code in codes])

    column = {"default": of_statement, "server_default": sa.literal_column("''"), "info": {"found_by": (name, *codes)}}
    return Field(default="", sa_type=sa.Text, sa_column_kwargs=column)


def kept_searchable(model: type[T]) -> type[T]:
    """Decorates a table class: its `search` follows the row whenever an object is flushed."""
    columns = model.__table__.c.search.info["found_by"]  # type: ignore[attr-defined]

    def of_object(_mapper: object, _connection: object, row: Any) -> None:
        row.search = text_of(*[getattr(row, column) for column in columns])

    event.listen(model, "before_insert", of_object)
    event.listen(model, "before_update", of_object)
    return model


@lru_cache(4096)
def _readings(name: str) -> tuple[str, ...]:
    import pypinyin  # a dictionary of 40 MB

    if name.isascii():
        return ()
    ways = pypinyin.pinyin(name, style=pypinyin.Style.NORMAL, heteronym=True)
    found = [[normal(way) for way in of_one] for of_one in ways]
    whole = list(islice(product(*found), READINGS))
    return tuple(["".join(one) for one in whole] + ["".join(_initial(part) for part in one) for one in whole])


def _initial(part: str) -> str:
    """The first letter of a syllable; what is no syllable (figures, Latin words) stays whole."""
    return part[:1] if part.isalpha() and part.isascii() else part

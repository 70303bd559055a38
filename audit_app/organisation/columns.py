"""What a file of each kind may hold, and which heading means which column. Pure; words are in `data/columns.yaml`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from audit_app.kit import errors
from audit_app.kit.errors import FieldError

CHOICES = frozenset({"level", "kind", "flag", "datum", "tier"})  # types of cells with a vocabulary
KINDS = ("units", "touchpoints", "staff", "rosters")
_FILE = Path(__file__).resolve().parent / "data" / "columns.yaml"
_NOISE = re.compile(r"[(\uff08].*?[)\uff09]|[\s_*\uff0a:\uff1a-]+")


@dataclass(frozen=True)
class Column:
    """One column: its code in files and in the report, the type of its cells, and its label `{zh, en}`."""

    code: str
    type: str
    label: Mapping[str, str]
    required: bool = False
    size: int = 36
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Heading:
    """What the first line of a file says: place of each known column, and the headings nobody knows."""

    places: Mapping[str, int]
    unknown: tuple[str, ...] = field(default=())

    @property
    def codes(self) -> list[str]:
        return list(self.places)


@cache
def _data() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(_FILE.read_text("utf-8"))
    return loaded


@cache
def columns(kind: str) -> tuple[Column, ...]:
    """The columns of a kind, in the order of the template."""
    rows = _data()["kinds"][kind]
    return tuple(Column(**{**row, "names": tuple(str(name) for name in row.get("names", ()))}) for row in rows)


@cache
def column(kind: str, code: str) -> Column:
    return next(c for c in columns(kind) if c.code == code)


@cache
def choices(vocabulary: str) -> dict[str, str]:
    """Every accepted spelling of a vocabulary's values, folded, with the value that it stands for."""
    found: dict[str, str] = {}
    for value, names in _data()["vocabularies"][vocabulary].items():
        for name in (value, *names):
            found[fold(str(name))] = str(value)
    return found


@cache
def words(value: str) -> Mapping[str, str] | None:
    """A vocabulary's value as `{zh, en}`; None where the value speaks for itself."""
    found: Mapping[str, str] | None = _data()["words"].get(value)
    return found


@cache
def spellings(vocabulary: str) -> tuple[str, ...]:
    """The values of a vocabulary as they stand in files."""
    return tuple(str(value) for value in _data()["vocabularies"][vocabulary])


def fold(text: str) -> str:
    """A heading or a word without what people put around it: blanks, stars, remarks in brackets, capitals."""
    return _NOISE.sub("", text).lower() or text.strip().lower()


def recognise(kind: str, headings: Sequence[str]) -> Heading:
    """Which column stands where. Invalid where a needed column is missing or one is there twice."""
    known = {fold(name): c.code for c in columns(kind) for name in (*c.names, *c.label.values(), c.code)}
    places: dict[str, int] = {}
    unknown: list[str] = []
    for place, text in enumerate(headings):
        code = known.get(fold(text))
        if code is None:
            if text.strip():
                unknown.append(text.strip()[:60])
        elif code in places:
            raise _refuse("column-twice", "The column %(name)s stands in the file twice.", text.strip()[:60])
        else:
            places[code] = place
    missing = [c for c in columns(kind) if c.required and c.code not in places]
    if missing:
        names = ", ".join(f"{c.label['zh']} ({c.code})" for c in missing)
        raise _refuse("column-missing", "The file lacks these columns: %(name)s", names)
    return Heading(places, tuple(unknown))


def _refuse(code: str, message: str, name: str) -> errors.Invalid:
    return errors.Invalid(fields=[FieldError("file", code, message, {"name": name})], code=code)

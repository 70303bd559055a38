"""Reads a tree of plain values field by field and collects every fault with its path."""

from collections.abc import Callable, Collection
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar, get_args

from audit_app.kit.errors import FieldError
from audit_app.scoring.numbers import exact
from audit_app.standards.document import Text

T = TypeVar("T")
LONGEST = 2000
MOST_POINTS = Fraction(1000)
LARGEST_MEASURE = Fraction(10_000_000)


class Faults:
    """The faults found so far."""

    def __init__(self) -> None:
        self.found: list[FieldError] = []

    def add(self, path: str, code: str, message: str, **params: object) -> None:
        self.found.append(FieldError(path, code, message, params))


class Node:
    """One map of the tree. Each reader returns a usable value (a harmless one where it reports a fault)."""

    def __init__(self, value: Any, path: str, faults: Faults) -> None:
        self.faults, self.path = faults, path
        self.values: dict[Any, Any] = value if isinstance(value, dict) else {}
        if not isinstance(value, dict):
            faults.add(path, "map", "This must be a map of keys and values.")

    def at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def fault(self, key: str, code: str, message: str, **params: object) -> None:
        self.faults.add(self.at(key) if key else self.path, code, message, **params)

    def only(self, *keys: str) -> None:
        """Reports keys that nobody knows: mostly a misspelt one."""
        for key in self.values:
            if key not in keys and self.values:
                self.fault(str(key), "unknown", "There is no key of this name.")

    def raw(self, key: str) -> Any:
        if key not in self.values:
            self.fault(key, "missing", "This is missing.")
        return self.values.get(key)

    def text(self, key: str) -> str:
        value = self.raw(key)
        if isinstance(value, str) and value.strip() and len(value) <= LONGEST:
            return value
        if key in self.values:
            self.fault(key, "text", "This must be a text of 1 to %(most)s characters.", most=LONGEST)
        return ""

    def pair(self, key: str) -> Text:
        node = self.node(key)
        node.only("zh", "en")
        return Text(zh=node.text("zh"), en=node.text("en"))

    def flag(self, key: str, default: bool | None = None) -> bool:
        if default is not None and key not in self.values:
            return default
        value = self.raw(key)
        if key in self.values and not isinstance(value, bool):
            self.fault(key, "flag", "This must be true or false.")
        return value is True

    def whole(self, key: str, least: int, most: int) -> int:
        value = self.raw(key)
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        if key in self.values:
            self.fault(key, "whole", "This must be a whole number from %(least)s to %(most)s.", least=least, most=most)
        return least

    def decimal(self, key: str, least: Fraction = Fraction(0), most: Fraction = MOST_POINTS) -> str:
        """The shortest text of a decimal number ("1.5"), written as a number or as text."""
        value = self.raw(key)
        text = decimal_text(value)
        if text is not None and least <= exact(text) <= most:
            return text
        if key in self.values:
            message = "This must be a decimal number from %(least)s to %(most)s."
            self.fault(key, "decimal", message, least=least, most=most)
        return "0"

    def choice(self, key: str, allowed: Any, default: str | None = None) -> Any:
        """One of the values of a Literal."""
        if default is not None and key not in self.values:
            return default
        values = get_args(allowed)
        value = self.raw(key)
        if isinstance(value, str) and value in values:
            return value
        if key in self.values:
            self.fault(key, "choice", "This must be one of: %(values)s.", values=", ".join(values))
        return values[0]

    def choices(self, key: str, allowed: Any) -> tuple[Any, ...]:
        """Several different values of a Literal, or whole numbers of a set."""
        values: Collection[Any] = get_args(allowed) if not isinstance(allowed, frozenset) else allowed
        chosen = self.sequence(key)
        for n, value in enumerate(chosen):
            if isinstance(value, list | dict) or value not in values:
                self.fault(f"{key}[{n}]", "choice", "This must be one of: %(values)s.", values=_listed(values))
        kept = tuple(v for v in chosen if not isinstance(v, list | dict) and v in values)
        if len(set(kept)) != len(kept):
            self.fault(key, "repeats", "A value stands here twice.")
        return kept

    def sequence(self, key: str) -> list[Any]:
        value = self.raw(key)
        if isinstance(value, list):
            return value
        if key in self.values:
            self.fault(key, "list", "This must be a list.")
        return []

    def node(self, key: str) -> "Node":
        if key not in self.values:
            self.raw(key)
            return Node({}, self.at(key), Faults())
        return Node(self.values[key], self.at(key), self.faults)

    def nodes(self, key: str, read: Callable[["Node"], T]) -> tuple[T, ...]:
        """Every map of a list, read by `read`."""
        return tuple(
            read(Node(value, f"{self.at(key)}[{n}]", self.faults)) for n, value in enumerate(self.sequence(key))
        )

    def given(self, key: str) -> bool:
        """Whether there is something other than nothing under the key."""
        return self.values.get(key) is not None


def decimal_text(value: Any) -> str | None:
    """The canonical decimal text of a whole number, a Decimal or a decimal text; None of anything else."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        text = f"{value:f}" if isinstance(value, Decimal) else str(value)
        exact(text)
    except ValueError:
        return None
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return str(int(text)) if "." not in text else text


def _listed(values: Collection[Any]) -> str:
    return ", ".join(str(value) for value in sorted(values, key=str))

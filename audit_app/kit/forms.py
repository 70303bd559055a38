"""Reading a plain form: each reader takes one field, remembers what is wrong with it, and `check` tells all at once."""

from collections.abc import Collection
from datetime import date
from typing import Any

from litestar import Request

from audit_app.kit.errors import BadRequest, FieldError, Invalid


def storable(text: str) -> bool:
    """Whether a text holds no control characters but line ends and tabs."""
    return not any(ord(c) < 32 and c not in "\n\t\r" for c in text)


class Fields:
    """The text fields of a submitted form. `values` keeps what was typed, to show it again beside an error."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        self._pairs = [(name, value.strip()) for name, value in pairs if isinstance(value, str)]
        self.errors: list[FieldError] = []

    @property
    def values(self) -> dict[str, str]:
        return dict(self._pairs)

    def all(self, name: str) -> list[str]:
        return [value for key, value in self._pairs if key == name and value]

    def whole(self, name: str) -> list[str]:
        """Every value of the name, the empty ones, too: fields that stand in lines belong together by their place."""
        return [value for key, value in self._pairs if key == name]

    def wrong(self, name: str, code: str, message: str, **params: object) -> None:
        self.errors.append(FieldError(name, code, message, params))

    def text(self, name: str, longest: int = 200, required: bool = False) -> str:
        """One line or many; control characters other than line ends are refused."""
        value = self.values.get(name, "").replace("\r\n", "\n")
        if required and not value:
            self.wrong(name, "required", "Please fill this in.")
        elif len(value) > longest:
            self.wrong(name, "too-long", "At most %(longest)s characters.", longest=longest)
        elif not storable(value):
            self.wrong(name, "characters", "This contains characters that cannot be used.")
        return value

    def choice(self, name: str, allowed: Collection[str], required: bool = True) -> str:
        value = self.values.get(name, "")
        if (value or required) and value not in allowed:
            self.wrong(name, "choice", "Please choose one of the list.")
            return ""
        return value

    def many(self, name: str, allowed: Collection[str], required: bool = True) -> list[str]:
        chosen = list(dict.fromkeys(self.all(name)))
        if required and not chosen:
            self.wrong(name, "required", "Please choose at least one.")
        if any(value not in allowed for value in chosen):
            self.wrong(name, "choice", "Please choose one of the list.")
        return chosen

    def day(self, name: str) -> date:
        """A day as a browser's date field sends it; year 1 stands for a wrong one (which `check` refuses)."""
        try:
            found = date.fromisoformat(self.values.get(name, ""))
        except ValueError:
            self.wrong(name, "day", "Please enter a day.")
            return date.min
        if not 2000 <= found.year <= 2100:
            self.wrong(name, "day", "Please enter a day.")
        return found

    def flag(self, name: str) -> bool:
        return self.values.get(name, "") not in ("", "0", "off")

    def check(self) -> None:
        """Raises Invalid if anything was wrong."""
        if self.errors:
            raise Invalid(fields=self.errors)


async def fields_of(request: Request[Any, Any, Any]) -> Fields:
    """The fields of the request's form, urlencoded or multipart. A NUL is refused: no page of ours sends one, and
    PostgreSQL takes no text with it."""
    pairs = list((await request.form()).multi_items())
    if any("\0" in text for pair in pairs for text in pair if isinstance(text, str)):
        raise BadRequest(code="nul-in-form")
    return Fields(pairs)

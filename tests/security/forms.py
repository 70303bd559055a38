"""The forms of a page as a person would send them: every field with what stands in it, the rest filled in honestly."""

from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

from tests import world

WORDS = "The scale on the wall was read twice."
LATER = (world.NOW + timedelta(days=40)).date().isoformat()
Pairs = list[tuple[str, str]]


@dataclass
class Form:
    """One form: where it goes and what it holds. `offered` are the values that a list of the page offers."""

    action: str
    multipart: bool
    pairs: Pairs = field(default_factory=list)
    offered: dict[str, set[str]] = field(default_factory=dict)
    buttons: Pairs = field(default_factory=list)

    @property
    def names(self) -> set[str]:
        return {name for name, _ in self.pairs}

    @property
    def known(self) -> set[str]:
        return self.names | set(self.offered) | {name for name, _ in self.buttons}

    def sent(self) -> Pairs:
        """What goes out when its first button is pressed."""
        return [(name, value) for name, value in self.pairs if name != "_csrf"] + self.buttons[:1]


class _Forms(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__()
        self.address, self.found = address, []  # type: ignore[var-annotated]
        self._form: Form | None = None
        self._select = self._area = ""
        self._chosen = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            if given.get("method", "get").lower() == "post":
                kind = given.get("enctype", "")
                self._form = Form(given.get("action") or self.address, kind.startswith("multipart"))
            return
        form = self._form
        if form is None or "disabled" in given:
            return
        name = given.get("name", "")
        if tag == "select":
            self._select, self._chosen = name, ""
        elif tag == "option" and self._select:
            self._option(form, given)
        elif tag == "textarea" and name:
            form.pairs.append((name, WORDS))
        elif tag == "button" and name:
            form.buttons.append((name, given.get("value", "")))
        elif tag == "input" and name:
            self._input(form, name, given)

    def _option(self, form: Form, given: dict[str, Any]) -> None:
        value = given.get("value", "")
        form.offered.setdefault(self._select, set()).add(value)
        if value and (not self._chosen or "selected" in given):
            self._chosen = value

    @staticmethod
    def _input(form: Form, name: str, given: dict[str, Any]) -> None:
        kind, value = given.get("type", "text"), given.get("value", "")
        if kind in ("radio", "checkbox"):
            form.offered.setdefault(name, set()).add(value)
            if kind == "radio" and name in form.names:
                return
            form.pairs.append((name, value or "1"))
        elif kind in ("submit", "button", "image"):
            form.buttons.append((name, value))
        elif kind != "file":
            form.pairs.append((name, value or _honest(kind, given)))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._form is not None:
            self.found.append(self._form)
            self._form = None
        elif tag == "select" and self._form is not None and self._select:
            self._form.pairs.append((self._select, self._chosen))
            self._select = ""


def _honest(kind: str, given: dict[str, str]) -> str:
    if kind == "datetime-local":
        return "2026-11-24T09:00" if "start" in given["name"] else "2026-11-24T09:40"
    return {"date": LATER, "number": given.get("min") or "1"}.get(kind, WORDS)


def forms_of(text: str, address: str) -> list[Form]:
    reader = _Forms(address)
    reader.feed(text)
    return reader.found

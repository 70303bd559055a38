"""The Jinja environment: escaping always on, undefined names are errors, one typed object per template."""

import hashlib
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import jinja2
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from audit_app.kit import clock, i18n
from audit_app.settings import ROOT

STATIC = ROOT / "static"


@cache
def asset(path: str) -> str:
    """The address of a file under `static/`, with its hash, so that it can be cached for ever."""
    file = STATIC / path
    version = hashlib.sha256(file.read_bytes()).hexdigest()[:10] if file.is_file() else "missing"
    return f"/static/{path}?v={version}"


def day(value: date | datetime) -> str:
    """A Shanghai day in the reader's language."""
    on = clock.local(value) if isinstance(value, datetime) else value
    if i18n.locale_now.get() == "zh":
        return i18n.gettext("{year}-{month}-{day}").format(year=on.year, month=on.month, day=on.day)
    return f"{on.day} {on:%b} {on.year}"


def short_day(value: date | datetime) -> str:
    """A Shanghai day without its year."""
    on = clock.local(value) if isinstance(value, datetime) else value
    if i18n.locale_now.get() == "zh":
        return i18n.gettext("{month}-{day}").format(month=on.month, day=on.day)
    return f"{on.day} {on:%b}"


def hour(value: datetime) -> str:
    """Hours and minutes on a Shanghai clock."""
    return f"{clock.local(value):%H:%M}"


def moment(value: datetime) -> str:
    """Day, hours and minutes."""
    return f"{short_day(value)} {hour(value)}"


def number(value: Decimal | int | float | str | None, places: int | None = None) -> str:
    """A figure as printed: thousands separated, trailing zeros kept only when `places` is given; — for none."""
    if value is None:
        return "—"
    amount = Decimal(str(value))
    if places is not None:
        return f"{amount:,.{places}f}"
    text = f"{amount:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@cache
def environment() -> Environment:
    env = Environment(
        loader=FileSystemLoader(ROOT / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    env.install_gettext_callables(i18n.gettext, i18n.ngettext, newstyle=True)  # type: ignore[attr-defined]
    env.globals.update(pick=i18n.pick, asset=asset)
    env.filters.update(day=day, short_day=short_day, hour=hour, moment=moment, number=number)
    return env


def render(name: str, **context: Any) -> str:
    """The text of a template. Runs on the event loop: hand it finished values, never a query."""
    template: jinja2.Template = environment().get_template(name)
    return template.render(**context)

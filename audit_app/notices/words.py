"""The sentence of a line, in the language of the request."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from audit_app.kit.i18n import gettext as _
from audit_app.kit.i18n import ngettext
from audit_app.kit.templates import day, moment
from audit_app.notices.rules import KINDS


def sentence(kind: str, params: Mapping[str, Any]) -> str:
    """What the line says. Facts called `until` are instants, `on` days, `day_part` day parts."""
    known = KINDS[kind]
    text = ngettext(known.text, known.several, int(params["count"])) if known.several else _(known.text)
    return text % {name: _fact(name, value) for name, value in params.items()} if params else text


def act(kind: str) -> str:
    return _(KINDS[kind].act)


def _fact(name: str, value: Any) -> Any:
    if name == "until":
        return moment(datetime.fromisoformat(value))
    if name == "on":
        return day(date.fromisoformat(value))
    if name == "day_part":
        return part(value)
    return value


def part(code: str) -> str:
    """A day part in words."""
    known = {
        "morning": _("opening to 11:00"), "midday": _("11:00 to 14:00"), "afternoon": _("14:00 to 17:00"),
        "evening": _("17:00 to closing"), "night": _("at night"),
    }  # fmt: skip
    return known.get(code, code)

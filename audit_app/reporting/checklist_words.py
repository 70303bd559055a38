"""The texts of a checklist as cards print them: codes of items, reasons of loss, measured values as bands. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from audit_app.kit.i18n import gettext
from audit_app.reporting.parts import Band, Checklist, Text, section_letter
from audit_app.reporting.queries.sources import Version
from audit_app.scoring.answers import Answer
from audit_app.scoring.numbers import exact, plain
from audit_app.standards.document import ChecklistDocument, ItemText

MINUTE = 60


@dataclass(frozen=True, slots=True)
class Coded:
    """An item with its printed code (B3) and the letter of its section."""

    section: str
    code: str
    text: Text
    item: ItemText


def coded(document: ChecklistDocument) -> Mapping[str, Coded]:
    """The items by id."""
    found = {}
    for n, section in enumerate(document.sections):
        letter = section_letter(n)
        for m, item in enumerate(section.items, start=1):
            found[item.id] = Coded(letter, f"{letter}{m}", Text(item.text.zh, item.text.en), item)
    return found


def checklist_of(version: Version) -> Checklist:
    """The version as a card names it."""
    document = version.document
    bands = tuple(
        Band(id=b.id, name=Text(b.text.zh, b.text.en), low=b.low, high=b.high, closed=b.to_inclusive)
        for b in document.bands
    )
    return Checklist(
        title=Text(document.title.zh, document.title.en), version=document.version, sha256=version.sha256, bands=bands,
        comparable=version.comparable,
    )  # fmt: skip


def reasons(item: ItemText, said: Answer | None, answer: Answer | None) -> tuple[Text, ...]:
    """Why points were lost, in texts of the checklist only: the reasons that were tapped, else the anchor chosen.

    The phone sends tapped reasons as one line, in the language in which they were read."""
    known = {text: Text(r.zh, r.en) for r in item.loss_reasons for text in (r.zh, r.en)}
    line = said.reason.strip() if said else ""
    tapped = [known[line]] if line in known else [known[part] for part in line.split("; ") if part in known]
    if tapped or item.type not in ("graded", "choice") or answer is None:
        return tuple(dict.fromkeys(tapped))
    return tuple(Text(o.text.zh, o.text.en) for o in item.options if o.id in answer.option_ids)


def measured(item: ItemText, answer: Answer | None) -> Text | None:
    """A measured value with its unit: "14 min 8 s"."""
    value = _value(item, answer)
    if value is None or item.thresholds is None:
        return None
    if item.thresholds.unit == "seconds" and value >= MINUTE:
        minutes, seconds = divmod(value, MINUTE)
        return _("%(minutes)s min %(seconds)s s", minutes=int(minutes), seconds=plain(seconds))
    return _amount(plain(value), item.thresholds.unit)


def measured_band(item: ItemText, answer: Answer | None) -> Text | None:
    """The band between the item's own thresholds that holds a measured value, never the value."""
    value = _value(item, answer)
    if value is None or item.thresholds is None:
        return None
    edges = sorted(exact(step.limit) for step in item.thresholds.steps)
    lower = item.thresholds.better == "lower"  # then a limit belongs to the band below it, else to the one above
    under = [edge for edge in edges if (edge < value if lower else edge <= value)]
    over = [edge for edge in edges if (edge >= value if lower else edge > value)]
    unit, scale = item.thresholds.unit, 1
    if unit == "seconds" and edges and all(edge % MINUTE == 0 for edge in edges):
        unit, scale = "minutes", MINUTE
    low, high = (plain(ends[at] / scale) if ends else "" for ends, at in ((under, -1), (over, 0)))
    if low and high:
        return _amount(f"{low}–{high}", unit)
    edge = _amount(low or high, unit)
    if low:
        return Text(zh=gettext("over %(amount)s", "zh") % {"amount": edge.zh}, en=f"over {edge.en}")
    return Text(zh=gettext("up to %(amount)s", "zh") % {"amount": edge.zh}, en=f"up to {edge.en}")


def _value(item: ItemText, answer: Answer | None) -> Fraction | None:
    if item.type not in ("duration", "number") or answer is None or answer.value is None:
        return None
    try:
        return exact(answer.value)
    except ValueError:
        return None


def _(message: str, **values: object) -> Text:
    return Text(zh=gettext(message, "zh") % values, en=message % values)


def _amount(amount: str, unit: str) -> Text:
    if unit == "seconds":
        return _("%(amount)s s", amount=amount)
    if unit == "minutes":
        return _("%(amount)s min", amount=amount)
    if unit == "percent":
        return _("%(amount)s %%", amount=amount)
    if unit == "people":
        return _("%(amount)s people", amount=amount)
    return Text(zh=f"{amount} {unit}", en=f"{amount} {unit}")

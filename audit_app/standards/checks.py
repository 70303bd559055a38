"""What must be true of a checklist before it may be published, beyond the form of each field. Pure."""

import re
from collections.abc import Iterable
from fractions import Fraction

from audit_app.kit.errors import FieldError
from audit_app.scoring.numbers import exact
from audit_app.scoring.sheet import BY_OPTION, WITHOUT_SCORE
from audit_app.standards.document import BandText, ChecklistDocument, ItemText
from audit_app.standards.fields import Faults
from audit_app.standards.item_checks import check_item

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
HUNDRED = Fraction(100)
MOST_CRITICAL, MOST_SUBJECTIVE = Fraction(10, 100), Fraction(20, 100)


def check_document(document: ChecklistDocument, faults: Faults) -> None:
    """Adds every fault of sense to `faults`."""
    if document.id and SLUG.fullmatch(document.id) is None:
        faults.add("id", "slug", "Only small letters, digits and single hyphens.")
    check_bands(document.bands, faults)
    _check_sections(document, faults)
    _check_items(document, faults)
    _repeats("scenarios", (scenario.id for scenario in document.scenarios), faults)
    if document.personal_scores and not any(_staff_scores(item) for item in document.items()):
        faults.add("personal_scores", "nobody", "Personal scores need a scored item that a staff member answers for.")


def check_bands(bands: tuple[BandText, ...], faults: Faults) -> None:
    """Bands are half-open, cover 0 to 100 without gap or overlap, and only the top one includes its upper end."""
    if not bands:
        faults.add("bands", "empty", "At least one band is needed.")
        return
    _repeats("bands", (band.id for band in bands), faults)
    place = {id(band): f"bands[{n}]" for n, band in enumerate(bands)}
    low = Fraction(0)
    for band in sorted(bands, key=lambda one: exact(one.low)):
        start, end, path = exact(band.low), exact(band.high), place[id(band)]
        if start >= end:
            faults.add(path, "empty-band", "The band is empty: its end must lie above its start.")
        if start > low:
            faults.add(path, "gap", "There is a gap between %(low)s and %(high)s.", low=low, high=band.low)
        if start < low:
            faults.add(path, "overlap", "The bands overlap between %(low)s and %(high)s.", low=band.low, high=low)
        if band.to_inclusive != (end == HUNDRED):
            faults.add(path, "closed", "Only the top band includes its upper end, which is 100.")
        low = max(low, end)
    if low != HUNDRED:
        faults.add("bands", "top", "The bands must end at 100.")


def _check_sections(document: ChecklistDocument, faults: Faults) -> None:
    if not document.sections:
        faults.add("sections", "empty", "At least one section is needed.")
        return
    _repeats("sections", (section.id for section in document.sections), faults)
    total = sum((exact(section.weight) for section in document.sections), Fraction(0))
    if total != HUNDRED:
        faults.add("sections", "weights", "The weights must sum to 100; they sum to %(total)s.", total=_short(total))
    for n, section in enumerate(document.sections):
        if exact(section.weight) <= 0:
            faults.add(f"sections[{n}].weight", "weight", "The weight must be above 0.")
        if not any(_scores(item) and item.effect == "normal" for item in section.items):
            faults.add(f"sections[{n}].items", "unscored", "The section has no scored item.")


def _check_items(document: ChecklistDocument, faults: Faults) -> None:
    seen: dict[str, ItemText] = {}
    for n, section in enumerate(document.sections):
        for m, item in enumerate(section.items):
            path = f"sections[{n}].items[{m}]"
            if item.id and item.id != f"{document.id}.{item.concept}":
                faults.add(f"{path}.id", "id", "The id must be %(wanted)s.", wanted=f"{document.id}.{item.concept}")
            if item.id in seen:
                faults.add(f"{path}.id", "repeats", "This id stands here twice.")
            check_item(item, path, faults)
            _check_condition(item, seen, path, faults)
            seen[item.id] = item


def _check_condition(item: ItemText, seen: dict[str, ItemText], path: str, faults: Faults) -> None:
    rule = item.show_if
    if rule is None:
        return
    earlier = seen.get(rule.item)
    if earlier is None or earlier.type not in BY_OPTION:
        faults.add(f"{path}.show_if.item", "condition", "The condition must name an earlier item with options.")
        return
    strange = set(rule.options) - {option.id for option in earlier.options}
    if strange or not rule.options:
        faults.add(f"{path}.show_if.options", "condition", "The condition must name options of that item.")


def advice_on(document: ChecklistDocument) -> list[FieldError]:
    """What the authors of the ready library hold themselves to, and a publisher should know; never a refusal."""
    faults, count = Faults(), max(document.item_count, 1)
    subjective = sum(item.nature == "subjective" for item in document.items())
    if Fraction(document.critical_count, count) > MOST_CRITICAL:
        faults.add("sections", "many-critical", "More than one item in ten is critical.")
    if Fraction(subjective, count) > MOST_SUBJECTIVE:
        faults.add("sections", "many-subjective", "More than one item in five is subjective.")
    return faults.found


def _scores(item: ItemText) -> bool:
    return item.type not in WITHOUT_SCORE and exact(item.points) > 0


def _staff_scores(item: ItemText) -> bool:
    return _scores(item) and item.answers_for == "staff"


def _repeats(place: str, ids: Iterable[str], faults: Faults) -> None:
    seen: set[str] = set()
    for n, key in enumerate(ids):
        if key and key in seen:
            faults.add(f"{place}[{n}].id", "repeats", "This id stands here twice.")
        seen.add(key)


def _short(value: Fraction) -> str:
    return f"{float(value):g}"

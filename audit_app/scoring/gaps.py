"""What still stands between a set of answers and a visit that can be taken: every gap at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from audit_app.scoring.answers import Answer, by_item, fault, read, shown_ids
from audit_app.scoring.sheet import WITHOUT_SCORE, Item, Sheet, When

Kind = Literal[
    "unanswered",  # a shown item that scores (or that others hang on) without option, value or N/A
    "na_reason",  # N/A without the reason it demands
    "photo",
    "audio",
    "note",
    "unknown_item",  # no such item on the sheet
    "repeated_item",  # two answers to one item
    "option",  # an option that the item does not have, or more than it takes
    "value",  # not a decimal of 0 or more, or a value where options are asked
    "na_not_allowed",
    "ambiguous",  # more than one of option, value, N/A
]


@dataclass(frozen=True, slots=True)
class Gap:
    item_id: str
    kind: Kind


def gaps(sheet: Sheet, answers: Iterable[Answer], media: Mapping[str, str]) -> list[Gap]:
    """All gaps, in the order of the sheet, unknown items last. `media`: SHA-256 → media type, from the manifest.

    An N/A answer owes its reason and no evidence. Answers to hidden items are ignored; text items are never gaps.
    """
    given = list(answers)
    known = by_item(given)
    shown = shown_ids(sheet, known)
    found = [
        gap
        for item in sheet.items()
        if item.id in shown and item.type not in WITHOUT_SCORE
        for gap in _item_gaps(sheet, item, known.get(item.id), media)
    ]
    return found + _stray(sheet, given)


def _stray(sheet: Sheet, given: list[Answer]) -> list[Gap]:
    seen: set[str] = set()
    found: list[Gap] = []
    for answer in given:
        if answer.item_id in seen:
            found.append(Gap(answer.item_id, "repeated_item"))
        elif answer.item_id not in sheet.by_id:
            found.append(Gap(answer.item_id, "unknown_item"))
        seen.add(answer.item_id)
    return found


def _item_gaps(sheet: Sheet, item: Item, answer: Answer | None, media: Mapping[str, str]) -> list[Gap]:
    wrong = None if answer is None else fault(item, answer)
    if wrong is not None:
        return [Gap(item.id, wrong)]
    reading = read(item, answer)
    if answer is None or reading is None:
        needed = item.scores or item.id in sheet.conditions
        return [Gap(item.id, "unanswered")] if needed else []
    if reading == "na":
        missing = item.na_reason_required and not answer.reason.strip()
        return [Gap(item.id, "na_reason")] if missing else []
    return _evidence_gaps(item, answer, loses(item, reading), media)


def loses(item: Item, earned: Fraction) -> bool:
    """Whether the answer loses points: less than the most that the item can give (a deduction: anything below 0)."""
    if item.effect == "bonus":
        return False
    return earned < (0 if item.effect == "deduction" else item.points)


def _evidence_gaps(item: Item, answer: Answer, lost: bool, media: Mapping[str, str]) -> list[Gap]:
    rule, found = item.evidence, []
    if _due(rule.photo, lost) and not _named(answer, media, "image/"):
        found.append(Gap(item.id, "photo"))
    if _due(rule.audio, lost) and not _named(answer, media, "audio/"):
        found.append(Gap(item.id, "audio"))
    if _due(rule.note, lost) and not (answer.note.strip() or answer.reason.strip()):  # a tapped loss reason says it
        found.append(Gap(item.id, "note"))
    return found


def _due(when: When, lost: bool) -> bool:
    return when == "always" or (when == "on_loss" and lost)


def _named(answer: Answer, media: Mapping[str, str], prefix: str) -> bool:
    return any(media.get(sha256, "").startswith(prefix) for sha256 in answer.evidence)

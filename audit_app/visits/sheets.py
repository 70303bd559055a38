"""The frozen version of a checklist, made ready for many submissions: most visits have no gap, and a table says so
without exact arithmetic. Whatever the table cannot prove goes to the full rules of scoring."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from audit_app.kit.db import Session
from audit_app.kit.errors import FieldError, NotFound
from audit_app.scoring.answers import Answer, Reading, read
from audit_app.scoring.gaps import Gap, gaps, loses
from audit_app.scoring.sheet import BY_OPTION, BY_VALUE, WITHOUT_SCORE, Item, Sheet, When
from audit_app.standards import queries as standards
from audit_app.visits.rules import IMAGES, SOUNDS, AnswerIn, VisitBody

PHOTO, AUDIO, NOTE = 1, 2, 4
KEPT = 64
MOST_WEIGHED = 4096

GAP_MESSAGES: Mapping[str, str] = {
    "unanswered": "This item has no answer.",
    "na_reason": "Say why this item does not apply.",
    "photo": "This answer needs a photo.",
    "audio": "This answer needs a recording.",
    "note": "This answer needs a note or a reason.",
    "unknown_item": "There is no such item in this checklist.",
    "repeated_item": "This item was answered twice.",
    "option": "This option does not belong to the item.",
    "value": "This must be a number of 0 or more.",
    "na_not_allowed": "This item cannot be left out.",
    "ambiguous": "Only one answer is possible here.",
}


@dataclass(frozen=True)
class Ready:
    """A version and what submissions need of it."""

    version_id: str
    sheet: Sheet
    minutes: int
    owed: Mapping[tuple[str, str], int]  # (item, option) → evidence that this answer owes, as bits
    free_to_skip: Mapping[str, bool]  # item → N/A is enough, without a reason
    measured: Mapping[str, Item]
    silent: frozenset[str]  # texts and evidence items: never a gap
    asked: frozenset[str]  # items that need an answer where they are shown
    live: frozenset[str]
    weighed: dict[tuple[str, str], int | None] = field(default_factory=dict)  # what measured values owe, as they come


_ready: dict[str, Ready] = {}


def ready(session: Session, version_id: str) -> Ready:
    """The prepared version; NotFound for a draft or none. A frozen version never changes, so it may be kept."""
    kept = _ready.get(version_id)
    if kept is None:
        document = standards.document_for(session, version_id)
        kept = prepare(version_id, standards.sheet_for(session, version_id), document.expected_minutes)
        if len(_ready) >= KEPT:
            _ready.pop(next(iter(_ready)), None)
        _ready[version_id] = kept
    return kept


def ready_for(session: Session, body_version: str, job_version: str) -> Ready:
    """The version that a phone began with: the job's own, or an earlier or later one of the same checklist."""
    chosen = ready(session, body_version)
    if body_version != job_version and ready(session, job_version).sheet.checklist_id != chosen.sheet.checklist_id:
        raise NotFound
    return chosen


def prepare(version_id: str, sheet: Sheet, minutes: int = 0) -> Ready:
    items = [item for item in sheet.items() if item.type not in WITHOUT_SCORE]
    owed: dict[tuple[str, str], int] = {}
    for item in items:
        if item.type in BY_OPTION:
            owed.update({(item.id, o.id): _owed(item, read(item, Answer(item.id, (o.id,)))) for o in item.options})
    return Ready(
        version_id=version_id,
        sheet=sheet,
        minutes=minutes,
        owed=owed,
        free_to_skip={item.id: not item.na_reason_required for item in sheet.items() if item.na_allowed},
        measured={item.id: item for item in items if item.type in BY_VALUE},
        silent=frozenset(item.id for item in sheet.items() if item.type in WITHOUT_SCORE),
        asked=frozenset(item.id for item in items if item.scores or item.id in sheet.conditions),
        live=frozenset(item.id for item in sheet.items() if item.evidence.live_camera),
    )


def _owed(item: Item, earned: Reading) -> int:
    """The evidence that an answer worth `earned` owes, as bits."""
    lost = isinstance(earned, Fraction) and loses(item, earned)
    rule = item.evidence
    return sum(bit for bit, when in ((PHOTO, rule.photo), (AUDIO, rule.audio), (NOTE, rule.note)) if _due(when, lost))


def _due(when: When, lost: bool) -> bool:
    return when == "always" or (when == "on_loss" and lost)


def clear(ready: Ready, body: VisitBody, media: Mapping[str, str]) -> bool:
    """Whether it is plain that the body has no gap. False only means that the full rules must be asked."""
    seen: set[str] = set()
    for answer in body.answers:
        if answer.item_id in seen or not _answer_clear(ready, answer, media):
            return False
        seen.add(answer.item_id)
    return ready.asked <= seen


def _answer_clear(ready: Ready, answer: AnswerIn, media: Mapping[str, str]) -> bool:
    if answer.item_id in ready.silent:
        return True
    if answer.not_applicable:
        free = ready.free_to_skip.get(answer.item_id)
        alone = answer.value is None and not answer.chosen()
        return alone and free is not None and (free or _said(answer.reason))
    if answer.value is not None:
        if answer.chosen():
            return False
        owed = _value_owes(ready, answer)
    else:
        chosen = answer.chosen()
        owed = ready.owed.get((answer.item_id, chosen[0])) if len(chosen) == 1 else None
    return owed == 0 or (owed is not None and _paid(owed, answer, media))


def _value_owes(ready: Ready, answer: AnswerIn) -> int | None:
    key = (answer.item_id, answer.value or "")
    if key in ready.weighed:
        return ready.weighed[key]
    item = ready.measured.get(answer.item_id)
    earned = None if item is None else read(item, Answer(answer.item_id, (), answer.value))
    owed = None if item is None or earned is None else _owed(item, earned)
    if len(ready.weighed) < MOST_WEIGHED:
        ready.weighed[key] = owed
    return owed


def _paid(owed: int, answer: AnswerIn, media: Mapping[str, str]) -> bool:
    if owed & NOTE and not (_said(answer.note) or _said(answer.reason)):
        return False
    named = [media.get(sha256, "") for sha256 in answer.evidence or ()]
    return (not owed & PHOTO or any(kind in IMAGES for kind in named)) and (
        not owed & AUDIO or any(kind in SOUNDS for kind in named)
    )


def _said(text: str | None) -> bool:
    return bool(text and text.strip())


def faults(ready: Ready, body: VisitBody) -> list[FieldError]:
    """Everything that keeps the body from being taken as a whole visit, at once."""
    manifest = body.manifest
    media = {line.sha256: line.kind for line in manifest}
    found = _manifest_faults(ready, body, media)
    if not clear(ready, body, media):
        found += [gap_fault(gap) for gap in gaps(ready.sheet, [answer.typed() for answer in body.answers], media)]
    if not body.declaration:
        found.append(FieldError("declaration", "declaration", "Please confirm the declaration."))
    if body.finished_at < body.started_at:
        found.append(FieldError("finished_at", "order", "The end lies before the beginning."))
    return found


def gap_fault(gap: Gap) -> FieldError:
    return FieldError(f"answers.{gap.item_id}", gap.kind, GAP_MESSAGES[gap.kind], {"item_id": gap.item_id})


def _manifest_faults(ready: Ready, body: VisitBody, media: Mapping[str, str]) -> list[FieldError]:
    found: list[FieldError] = []
    for n, line in enumerate(body.evidence or []):
        if line.kind not in IMAGES and line.kind not in SOUNDS:
            place = f"evidence[{n}].media_type"
            found.append(FieldError(place, "media_type", "Only photos and recordings can be sent."))
        if line.item_id is not None and line.item_id not in ready.sheet.by_id:
            found.append(FieldError(f"evidence[{n}].item_id", "unknown_item", GAP_MESSAGES["unknown_item"]))
    for answer in body.answers:
        if answer.evidence and not all(sha256 in media for sha256 in answer.evidence):
            found.append(
                FieldError(
                    f"answers.{answer.item_id}", "unlisted_evidence",
                    "The answer names a file that the list of files lacks.", {"item_id": answer.item_id},
                )
            )  # fmt: skip
    return found

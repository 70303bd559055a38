"""The plain form of a visit, for browsers without the script: fields → the same body that a phone sends.

Per item: `a.ID` the option (or `~na`), several where the item takes many; `v.ID` the measured value or text; `r.ID` the
reason, `n.ID` the note, `f.ID` files, `k.ID` files that came with an earlier try (sealed: nobody can name others').
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from litestar.datastructures import UploadFile

from audit_app.access.keys import Keys, Unreadable
from audit_app.kit import clock
from audit_app.kit.errors import FieldError, Invalid
from audit_app.kit.forms import Fields
from audit_app.scoring.sheet import BY_OPTION
from audit_app.standards.document import ChecklistDocument, ItemText
from audit_app.visits.media import NotShown, kind_of
from audit_app.visits.rules import VisitBody

SKIPPED = "~na"
LARGEST = 20 * 1024 * 1024
SUBJECT = ("badge", "desk", "description", "agent_no")


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that is here already, as it travels inside the form."""

    sha256: str
    size: int
    media_type: str


@dataclass
class Filled:
    """What the form says: the body to send, the new files, and everything typed, to be shown again."""

    body: dict[str, Any]
    values: dict[str, str]
    chosen: dict[str, list[str]]
    kept: dict[str, list[str]]
    new_files: dict[str, bytes] = field(default_factory=dict)

    @property
    def revision(self) -> int:
        return int(self.body.get("revision", 1))

    @property
    def raw(self) -> bytes:
        """The bytes to send: the same form gives the same bytes, so that sending twice is harmless."""
        return msgspec.json.encode(self.body)


class Sealer:
    """Seals the names of kept files to one account and one visit."""

    def __init__(self, keys: Keys, account_id: str, visit_id: str) -> None:
        self.keys, self.context = keys, f"form:{account_id}:{visit_id}"

    def close(self, one: KeptFile) -> str:
        return self.keys.seal_text(msgspec.json.encode([one.sha256, one.size, one.media_type]), self.context)

    def open(self, text: str) -> KeptFile | None:
        try:
            return KeptFile(*msgspec.json.decode(self.keys.open_text(text, self.context)))
        except (Unreadable, msgspec.DecodeError, TypeError):
            return None


async def read(form: Any, document: ChecklistDocument, assignment_id: str, version_id: str, sealer: Sealer) -> Filled:
    """The filled form. Wrong times and files are remembered in `form` errors by the caller's check of the body."""
    pairs = list(form.multi_items())
    fields = Fields(pairs)
    files = await _files(pairs)
    found = Filled({}, fields.values, {}, {})
    answers, manifest = [], []
    for item in document.items():
        lines = _item_files(item, fields, files, sealer, found)
        manifest += lines
        answers.append(_answer(item, fields, [line["sha256"] for line in lines], found))
    found.body = {
        "revision": _revision(fields),
        "assignment_id": assignment_id,
        "checklist_version_id": version_id,
        "started_at": _instant(fields, "started_at"),
        "finished_at": _instant(fields, "finished_at"),
        "answers": [answer for answer in answers if len(answer) > 1],
        "evidence": manifest,
        "subject": {name: fields.values[name][:80] for name in SUBJECT if fields.values.get(name)},
        "visit_code": fields.values.get("visit_code", "")[:80] or None,
        "declaration": fields.flag("declaration"),
        "client": {"build": "form"},
    }
    return found


def _revision(fields: Fields) -> int:
    text = fields.values.get("revision", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 1


async def _files(pairs: list[tuple[str, Any]]) -> dict[str, list[bytes]]:
    found: dict[str, list[bytes]] = {}
    for name, value in pairs:
        if isinstance(value, UploadFile):
            data = await value.read()
            if data:
                found.setdefault(name, []).append(data)
    return found


def _item_files(
    item: ItemText, fields: Fields, files: Mapping[str, list[bytes]], sealer: Sealer, found: Filled
) -> list[dict[str, Any]]:
    kept = [one for one in map(sealer.open, fields.all(f"k.{item.id}")) if one is not None]
    for data in files.get(f"f.{item.id}", []):
        try:
            kind = kind_of(data) if len(data) <= LARGEST else ""
        except NotShown:
            kind = ""
        sha256 = hashlib.sha256(data).hexdigest()
        if kind:
            found.new_files[sha256] = data
        kept.append(KeptFile(sha256, len(data), kind or "application/octet-stream"))
    found.kept[item.id] = [sealer.close(one) for one in kept if one.media_type != "application/octet-stream"]
    return [
        {"sha256": one.sha256, "size": one.size, "media_type": one.media_type, "source": "file", "item_id": item.id}
        for one in kept
    ]


def _answer(item: ItemText, fields: Fields, evidence: list[str], found: Filled) -> dict[str, Any]:
    chosen = fields.all(f"a.{item.id}")
    found.chosen[item.id] = chosen
    value = fields.values.get(f"v.{item.id}", "")
    answer: dict[str, Any] = {"item_id": item.id}
    if SKIPPED in chosen:
        answer["not_applicable"] = True
    elif item.type in BY_OPTION and chosen:
        answer["option_ids"] = chosen
    elif value and item.type not in BY_OPTION:
        answer["value"] = value
    for name, key in (("reason", "r"), ("note", "n")):
        text = fields.values.get(f"{key}.{item.id}", "").replace("\r\n", "\n")
        if text:
            answer[name] = text
    if evidence:
        answer["evidence"] = evidence
    return answer


def check_times(filled: Filled) -> None:
    """Refuses a form whose times were left empty or unreadable, at their fields."""
    missing = [name for name in ("started_at", "finished_at") if not filled.body[name]]
    if missing:
        raise Invalid(fields=[FieldError(name, "required", "Please fill this in.") for name in missing])


def _instant(fields: Fields, name: str) -> str:
    """A browser's local date and time, on a Shanghai clock."""
    try:
        typed = datetime.fromisoformat(fields.values.get(name, ""))
    except ValueError:
        return ""
    return typed.replace(tzinfo=clock.SHANGHAI).isoformat() if typed.tzinfo is None else typed.isoformat()


def values_of(body: VisitBody, sealer: Sealer) -> Filled:
    """The form of a visit that was sent before: for the next revision."""
    found = Filled({}, {"started_at": _typed(body.started_at), "finished_at": _typed(body.finished_at)}, {}, {})
    for answer in body.answers:
        found.chosen[answer.item_id] = [SKIPPED] if answer.not_applicable else list(answer.chosen())
        texts = {"v": answer.value, "r": answer.reason, "n": answer.note}
        found.values |= {f"{key}.{answer.item_id}": text for key, text in texts.items() if text}
    for line in body.manifest:
        sealed = sealer.close(KeptFile(line.sha256, line.size, line.kind))
        found.kept.setdefault(line.item_id or "", []).append(sealed)
    if body.subject:
        found.values |= {name: text for name in SUBJECT if (text := getattr(body.subject, name))}
    return found


def _typed(at: datetime) -> str:
    return f"{clock.local(at):%Y-%m-%dT%H:%M}"

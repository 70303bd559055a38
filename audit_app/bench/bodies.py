"""Filled-in visits for measurements and tests: a body that answers every item of a sheet, without a gap."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from audit_app.scoring.sheet import BY_OPTION, BY_VALUE, Item, Sheet

TAKING = timedelta(minutes=40)


def file_for(item_id: str, seed: str = "") -> bytes:
    """Some bytes that stand for the photo or recording of an item."""
    return f"file of {item_id} {seed}".encode()


def filled(
    sheet: Sheet,
    assignment_id: str,
    version_id: str,
    started_at: datetime,
    *,
    option_at: Callable[[Item], int] = lambda item: 0,
    note: str = "",
    content: Callable[[str], bytes] = file_for,
) -> dict[str, Any]:
    """A complete body. `option_at` picks the place of an option (0: best); needed files are named in the manifest, with
    the bytes that `content(item_id)` gives; `note` stands at every answer."""
    answers: list[dict[str, Any]] = []
    manifest: list[dict[str, Any]] = []
    for n, item in enumerate(sheet.items()):
        answer: dict[str, Any] = {
            "item_id": item.id,
            "note": note or ("seen" if item.evidence.note != "never" else ""),
            "answered_at": (started_at + timedelta(seconds=30 * n)).isoformat(),
        }
        answer |= _given(item, option_at)
        for kind in _owed(item, lost=option_at(item) > 0):
            data = content(f"{item.id}.{kind}")
            sha256 = hashlib.sha256(data).hexdigest()
            answer.setdefault("evidence", []).append(sha256)
            manifest.append(
                {"sha256": sha256, "size": len(data), "media_type": kind, "source": "camera", "item_id": item.id}
            )
        answers.append(answer)
    return {
        "revision": 1,
        "assignment_id": assignment_id,
        "checklist_version_id": version_id,
        "started_at": started_at.isoformat(),
        "finished_at": (started_at + TAKING).isoformat(),
        "check_in": {
            "at": started_at.isoformat(),
            "lat": "28.68",
            "lon": "115.89",
            "accuracy_m": 12,
            "datum": "WGS-84",
        },
        "check_out": None,
        "answers": answers,
        "evidence": manifest,
        "timeline": [{"mark": "arrived", "at": started_at.isoformat(), "added_later": False}],
        "subject": {"badge": "B1", "desk": "1"},
        "consents": {"position": True, "audio": False},
        "declaration": True,
        "client": {"build": "test", "device_id": "d1", "clock_offset_ms": 40},
    }


def _given(item: Item, option_at: Callable[[Item], int]) -> dict[str, Any]:
    if item.type in BY_OPTION and item.options:
        chosen = item.options[min(option_at(item), len(item.options) - 1)].id
        return {"option_ids": [chosen]} if item.many else {"option_id": chosen}
    if item.type in BY_VALUE:
        best = item.thresholds.steps[0].limit if item.thresholds and item.thresholds.steps else Fraction(1)
        return {"value": str(best.numerator if best.denominator == 1 else float(best))}
    return {"value": "seen"} if item.type == "text" else {}


def _owed(item: Item, *, lost: bool) -> list[str]:
    """The kinds of file that the answer must name."""
    rule = item.evidence
    kinds = [("image/jpeg", rule.photo), ("audio/mpeg", rule.audio)]
    return [kind for kind, when in kinds if when == "always" or (lost and when == "on_loss")]

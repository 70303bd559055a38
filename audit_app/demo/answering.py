"""A filled-in visit as the phone would send it: answers, evidence, times, the person met. Pure."""

import hashlib
import json
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from audit_app.demo.itinerary import Trip
from audit_app.demo.material import read
from audit_app.demo.pictures import Album
from audit_app.review.rules import change, is_big
from audit_app.scoring.answers import Answer, effective
from audit_app.scoring.answers import read as worth
from audit_app.scoring.engine import score
from audit_app.scoring.gaps import loses
from audit_app.scoring.sheet import Item, Sheet
from audit_app.standards.document import ChecklistDocument, ItemText
from audit_app.visits.rules import VisitBody, answers_of, with_overlays

MOST_PHOTOS = 6
MARKS = {"hotline": ("dial", "menu", "queue", "agent", "hang_up")}
CATEGORY = {
    "receipt": ("receipt", "no-extra", "agent-amount", "no-forced", "id-check"),
    "machine": ("ticket-machine", "machine-working", "demo-live"),
    "poster": ("tariff-board", "no-outdated", "complaint-contact", "hours-posted", "promise-board", "licence", "roster",
               "tariff-current", "outlet-tariff", "outlet-device-price", "outlet-claims", "demo-price",
               "agent-fee-sign"),
    "front": ("open-on-time", "step-free", "sign-legible", "outlet-found", "outlet-sign", "outlet-hours", "agent-found",
              "agent-sign", "entrance-clear", "outlet-authority"),
}  # fmt: skip
_BY_CONCEPT = {concept: name for name, concepts in CATEGORY.items() for concept in concepts}


@dataclass
class Filled:
    """A body on its way: `files` are the bytes that its manifest names, by hash."""

    body: dict[str, Any]
    files: dict[str, tuple[bytes, str]] = field(default_factory=dict)

    def raw(self) -> bytes:
        return json.dumps(self.body, ensure_ascii=False, separators=(",", ":")).encode()


class Pen:
    """Fills in one visit. `quality` is how well the place does, between 0 and 1."""

    def __init__(
        self, trip: Trip, sheet: Sheet, document: ChecklistDocument, quality: float, rng: random.Random, album: Album
    ) -> None:
        self.trip, self.sheet, self.rng, self.quality, self.album = trip, sheet, rng, quality, album
        self.texts = {item.id: item for item in document.items()}
        minutes = document.expected_minutes * rng.uniform(0.8, 1.3)
        self.ends_at = trip.starts_at + timedelta(minutes=minutes)
        self.files: dict[str, tuple[bytes, str]] = {}
        self.manifest: list[dict[str, Any]] = []
        self.good = True

    def fill(
        self, assignment_id: str, version_id: str, subject: dict[str, str], recording: bytes | None = None
    ) -> Filled:
        answers = self._answers()
        body: dict[str, Any] = {
            "revision": 1,
            "assignment_id": assignment_id,
            "checklist_version_id": version_id,
            "started_at": _iso(self.trip.starts_at),
            "finished_at": _iso(self.ends_at),
            "answers": answers,
            "subject": subject,
            "consents": {"position": self.trip.place.kind != "hotline", "audio": False},
            "declaration": True,
            "client": {
                "build": "demo",
                "device_id": self.trip.walker.username,
                "clock_offset_ms": self.rng.randint(-900, 900),
            },
        }
        if self.trip.place.kind == "hotline":
            body |= self._call()
            if recording:
                self._attach(recording, "audio/wav", None, self.ends_at, "file")
        else:
            body |= {"check_in": self._position(self.trip.starts_at), "check_out": self._position(self.ends_at)}
            body["timeline"] = [{"mark": "check_in", "at": _iso(self.trip.starts_at), "added_later": False}]
        body["evidence"] = self.manifest
        return Filled(body, self.files)

    def _answers(self) -> list[dict[str, Any]]:
        items, chosen, found = list(self.sheet.items()), dict[str, tuple[str, ...]](), []
        length = self.ends_at - self.trip.starts_at
        for n, item in enumerate(items):
            rule = item.show_if
            if rule is not None and rule.options.isdisjoint(chosen.get(rule.item, ())):
                continue
            answer = self._answer(item, self.texts[item.id])
            answer["answered_at"] = _iso(self.trip.starts_at + length * ((n + 1) / (len(items) + 1)))
            chosen[item.id] = tuple(
                answer.get("option_ids") or ([answer["option_id"]] if "option_id" in answer else [])
            )
            found.append(answer)
        return found

    def _answer(self, item: Item, text: ItemText) -> dict[str, Any]:
        answer: dict[str, Any] = {"item_id": item.id}
        if item.type in ("text", "photo", "audio"):
            return answer | {"value": self._story()} if item.type == "text" else answer
        if item.na_allowed and self.rng.random() < 0.06:
            return answer | {"not_applicable": True, "reason": self.rng.choice(read("remarks")["na"])}
        earned = self._choose(item, answer)
        lost = loses(item, earned)
        self.good = self.good and not lost
        self._prove(item, text, answer, lost)
        return answer

    def _choose(self, item: Item, answer: dict[str, Any]) -> Any:
        """Takes the best option, or a lesser one where the place is weak; returns what it earns."""
        weak = self.rng.random() > self._strength(item)
        if item.thresholds is not None:
            answer["value"] = self._measure(item, weak)
            return worth(item, Answer(item.id, (), answer["value"]))
        ranked = sorted(item.options, key=lambda option: -option.points)
        if item.many:
            good = [o.id for o in item.options if o.points > 0] or [ranked[0].id]
            answer["option_ids"] = self.rng.sample(good, max(1, len(good) - 1)) if weak else good
            return worth(item, Answer(item.id, tuple(answer["option_ids"])))
        lesser = ranked[1:]
        option = (
            self.rng.choices(lesser, [3 if o.points > 0 else 1 for o in lesser])[0] if weak and lesser else ranked[0]
        )
        answer["option_id"] = option.id
        return worth(item, Answer(item.id, (option.id,)))

    def _strength(self, item: Item) -> float:
        if item.id in self.sheet.conditions:
            return 0.99
        if item.critical is not None:
            return 0.985
        return self.quality

    def _measure(self, item: Item, weak: bool) -> str:
        rule = item.thresholds
        if rule is None or not rule.steps:
            return "1"
        limits = [float(step.limit) for step in rule.steps]
        if rule.better == "higher":
            value = self.rng.uniform(limits[-1] * 0.8, limits[0] * 0.98) if weak else limits[0] + self.rng.uniform(0, 6)
        else:
            value = self.rng.uniform(limits[0], limits[-1] * 1.15) if weak else limits[0] * self.rng.uniform(0.25, 0.95)
        return str(max(0, round(value)))

    def _prove(self, item: Item, text: ItemText, answer: dict[str, Any], lost: bool) -> None:
        rule = item.evidence
        if rule.note == "always" or (rule.note == "on_loss" and lost):
            reasons = [reason.zh for reason in text.loss_reasons] if lost else []
            answer["reason"] = self.rng.choice(reasons or read("remarks")["loss"])
        if rule.photo == "always" or (rule.photo == "on_loss" and lost):
            answer["evidence"] = [self._photo(item.id, text.concept)]

    def _photo(self, item_id: str, concept: str) -> str:
        taken = self.trip.starts_at + (self.ends_at - self.trip.starts_at) * self.rng.random()
        data = self.album.take(
            _BY_CONCEPT.get(concept, "hall"), f"{self.trip.place.code}/{item_id}/{taken:%Y%m%d%H%M%S}", self.rng
        )
        source = (
            "gallery" if self.rng.random() < 0.03 and not self.sheet.by_id[item_id].evidence.live_camera else "camera"
        )
        return self._attach(data, "image/jpeg", item_id, taken, source)

    def _attach(self, data: bytes, kind: str, item_id: str | None, taken: datetime, source: str) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        self.files[sha256] = (data, kind)
        self.manifest.append({"sha256": sha256, "size": len(data), "media_type": kind, "taken_at": _iso(taken),
                              "source": source, "item_id": item_id})  # fmt: skip
        return sha256

    def _story(self) -> str:
        words, line = read("remarks"), "call_" if self.trip.place.kind == "hotline" else ""
        parts = [self.rng.choice(words[f"{line}good"])]
        if self.quality < 0.9 or self.rng.random() < 0.4:
            parts.append(self.rng.choice(words[f"{line}bad"]))
        return "".join(parts)

    def _position(self, at: datetime) -> dict[str, Any]:
        place = self.trip.place
        lat = float(place.lat or 0) + self.rng.gauss(0, 0.0002)
        lon = float(place.lon or 0) + self.rng.gauss(0, 0.0002)
        return {
            "at": _iso(at),
            "lat": f"{lat:.5f}",
            "lon": f"{lon:.5f}",
            "accuracy_m": str(self.rng.randint(8, 60)),
            "datum": "GCJ-02",
        }

    def _call(self) -> dict[str, Any]:
        names = MARKS["hotline"]
        steps = [0, self.rng.randint(4, 9), self.rng.randint(20, 60), self.rng.randint(70, 150)]
        times = [self.trip.starts_at + timedelta(seconds=s) for s in steps] + [self.ends_at - timedelta(minutes=2)]
        transfers = 1 if self.rng.random() < 0.12 else 0
        return {
            "timeline": [{"mark": m, "at": _iso(at), "added_later": False} for m, at in zip(names, times, strict=True)],
            "call": {
                "number": self.trip.place.hotline_number,
                "transfers": transfers,
                "menu_depth": self.rng.randint(2, 4),
            },
        }


def improvable(sheet: Sheet, body: VisitBody) -> tuple[str, str] | None:
    """An item whose photo could show that it deserved its best option, and that option; none that moves the score so
    much that a second reviewer would be needed."""
    for answer in body.answers:
        item = sheet.by_id[answer.item_id]
        best = max(item.options, key=lambda option: option.points, default=None)
        decides = item.id in sheet.conditions  # another answer would show items that nobody has answered
        if not answer.evidence or best is None or item.many or decides or answer.option_id in (None, best.id):
            continue
        if not is_big(gain(sheet, body, item.id, best.id)):
            return item.id, best.id
    return None


def gain(sheet: Sheet, body: VisitBody, item_id: str, option_id: str) -> int:
    """By how much another answer would move the score, in hundredths."""
    answers = answers_of(body)
    other = with_overlays(answers, [(item_id, {"option_ids": [option_id]})])
    before, after = (score(sheet, effective(sheet, given)) for given in (answers, other))
    return change(before.final_total, after.final_total)


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds")

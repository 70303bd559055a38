"""A batch of past visits as rows: what the real road would have left, with scores by the real scoring."""

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from audit_app.demo.answering import Filled, Pen, gain, improvable
from audit_app.demo.full.ledger import insert, stamped
from audit_app.demo.full.programmes import Open
from audit_app.demo.full.trips import Booked
from audit_app.demo.material import chance, outward, read
from audit_app.demo.pictures import Album
from audit_app.kit import clock
from audit_app.kit.blobs import Blobs
from audit_app.kit.db import Session, SQLModel
from audit_app.organisation.models import Shift, StaffMember
from audit_app.planning.models import Assignment
from audit_app.review.models import Recheck, Release, Review, VisitResult, VisitSubject
from audit_app.review.operations import figures
from audit_app.review.rules import LOW_SCORE, RETURN_TIME, county_of
from audit_app.scoring.answers import effective
from audit_app.scoring.canonical import answers_bytes, results_json
from audit_app.scoring.engine import Results, score_all
from audit_app.scoring.sheet import Sheet
from audit_app.standards.models import ChecklistVersion
from audit_app.standards.queries import document_for, sheet_for
from audit_app.trail.operations import Past, chain_in
from audit_app.visits import sheets, slots
from audit_app.visits.models import Evidence, ReviewOverlay, Visit, VisitFlag, VisitNote, VisitRevision
from audit_app.visits.rules import VisitBody, answers_of, read_revision, with_overlays

CHANGED = 0.12  # share of the approvals in which the reviewer changes an answer
LATE = 0.02  # share of the visits that are sent days later
ORDER: tuple[type[SQLModel], ...] = (
    Assignment, Visit, VisitRevision, Evidence, VisitFlag, VisitNote, Review, ReviewOverlay, VisitResult, VisitSubject,
    Release, Recheck,
)  # fmt: skip


class Shelf(Album):
    """A few dozen pictures that stand in all visits; in one visit each at most once."""

    def __init__(self, pages: dict[str, list[bytes]], blobs: Blobs) -> None:
        super().__init__(pages)
        self.used: set[int] = set()
        for page in [page for of_one in pages.values() for page in of_one]:
            blobs.put(page)

    def take(self, name: str, mark: str, rng: random.Random) -> bytes:
        pages = self.pages[name]
        start = rng.randrange(len(pages))
        for n in range(len(pages)):
            page = pages[(start + n) % len(pages)]
            if id(page) not in self.used:
                break
        else:  # the scene has no further picture: any other will do
            page = next(p for of_one in self.pages.values() for p in of_one if id(p) not in self.used)
        self.used.add(id(page))
        return page


@dataclass
class Staffed:
    """Who works where, so far as an assessor can say whom they met."""

    by_place: dict[str, list[Any]]
    shifts: dict[tuple[str, str], list[tuple[datetime, datetime, str]]]

    def met(self, rng: random.Random, one: Booked) -> tuple[dict[str, str], Any, str, str]:
        """What the assessor writes down, the person, how and how surely the reviewer knows."""
        place, at = one.trip.place, one.trip.starts_at
        people = self.by_place.get(place.id, [])
        if place.kind == "hotline" and people:
            person = rng.choice(people)
            return {"agent_no": person.agent_no}, person, "agent_no", "exact"
        there = [(p, desk) for p in people for s, e, desk in self.shifts.get((place.id, p.id), ()) if s <= at < e]
        if place.kind != "hall" or not there:
            return {"description": rng.choice(read("remarks")["described"])}, None, "unresolved", "none"
        person, desk = rng.choice(there)
        if rng.random() < 0.8:
            return {"badge": person.badge}, person, "badge", "exact"
        alone = sum(1 for _, other in there if other == desk) == 1
        return {"desk": desk}, (person if alone else None), *(("desk", "likely") if alone else ("unresolved", "none"))


def staffed(session: Session, batch: Sequence[Booked]) -> Staffed:
    """The staff of the batch's halls and hotlines, and the shifts of its days."""
    places = {one.trip.place.id for one in batch if one.trip.place.kind in ("hall", "hotline")}
    s = StaffMember
    people = session.execute(
        sa.select(col(s.id), col(s.badge), col(s.agent_no), col(s.team_id), col(s.touchpoint_id), col(s.joined_on))
        .where(col(s.touchpoint_id).in_(places), sa.or_(col(s.badge).is_not(None), col(s.agent_no).is_not(None)))
        .order_by(col(s.code))
    ).all()
    halls = {one.trip.place.id for one in batch if one.trip.place.kind == "hall"}
    times = [one.trip.starts_at for one in batch]
    shifts = session.execute(
        sa.select(col(Shift.touchpoint_id), col(Shift.staff_id), col(Shift.starts_at), col(Shift.ends_at),
                  col(Shift.desk))
        .where(col(Shift.touchpoint_id).in_(halls), col(Shift.starts_at) >= min(times) - timedelta(days=1),
               col(Shift.starts_at) <= max(times))
        .order_by(col(Shift.starts_at))
    )  # fmt: skip
    found = Staffed({}, {})
    for person in people:
        found.by_place.setdefault(person.touchpoint_id, []).append(person)
    for place, staff_id, starts, ends, desk in shifts:
        found.shifts.setdefault((place, staff_id), []).append((starts, ends, desk))
    return found


@dataclass
class Desk:
    """What every batch needs."""

    programmes: dict[str, Open]
    reviewers: Sequence[str]
    supervisor: str
    versions: dict[str, str]
    shelf: Shelf
    quality: dict[str, float] = field(default_factory=dict)

    def quality_of(self, place_id: str, code: str) -> float:
        """How well a place does, steady over the year."""
        if place_id not in self.quality:
            self.quality[place_id] = min(0.985, max(0.66, chance(f"full-quality:{code}").gauss(0.87, 0.06)))
        return self.quality[place_id]


def versions(session: Session) -> dict[str, str]:
    """The published version of each checklist."""
    rows = session.execute(
        sa.select(col(ChecklistVersion.checklist_id), col(ChecklistVersion.id))
        .where(col(ChecklistVersion.status) == "published")
        .order_by(col(ChecklistVersion.number))
    )
    return dict(rows.all())


def write(session: Session, desk: Desk, number: int, batch: Sequence[Booked]) -> list[str]:
    """Writes the batch with its trail lines; the ids of the visits."""
    clerk = Clerk(session, desk, chance(f"full-visits:{number}"), staffed(session, batch))
    for one in batch:
        clerk.enter(one)
    for model in ORDER:
        insert(session, model, clerk.rows[model])
    chain_in(session, sorted(clerk.acts, key=lambda act: (act.at, act.id)))
    return [one.visit_id for one in batch]


class Clerk:
    """Enters visits one by one."""

    def __init__(self, session: Session, desk: Desk, rng: random.Random, staff: Staffed) -> None:
        self.session, self.desk, self.rng, self.staff = session, desk, rng, staff
        self.rows: dict[type[SQLModel], list[dict[str, Any]]] = {model: [] for model in ORDER}
        self.acts: list[Past] = []

    def enter(self, one: Booked) -> None:
        programme = self.desk.programmes[one.plan]
        version = self.desk.versions[one.trip.checklist]
        job = self._job(one, programme, version)
        said, person, how, sure = self.staff.met(self.rng, one)
        filled = self._filled(one, job, version, said)
        raw = filled.raw()
        body, sha256 = read_revision(raw), hashlib.sha256(raw).hexdigest()
        late = timedelta(hours=self.rng.randint(74, 100)) if self.rng.random() < LATE else timedelta(0)
        received = body.finished_at + timedelta(minutes=self.rng.randint(4, 90))
        received += late if one.approved_at is None or received + late < one.approved_at else timedelta(0)
        self._visit(one, programme, job, version, body, received)
        self.rows[VisitRevision].append({
            "visit_id": one.visit_id, "revision": 1, "body": raw, "body_sha256": sha256, "received_at": received,
        })  # fmt: skip
        self._evidence(one, body, filled, received)
        reviewer = self.rng.choice(self.desk.reviewers)
        self._flags(one, job, version, body, received, reviewer)
        act = "visit.received" if one.fate == "receiving" else "visit.submitted"
        self._act(one, act, received, one.trip.walker.account_id, {"revision": 1, "body_sha256": sha256})
        if one.fate != "receiving":
            self._review(one, version, body, received, reviewer, (person, how, sure))

    def _job(self, one: Booked, programme: Open, version: str) -> dict[str, Any]:
        day = clock.local_date(one.trip.starts_at)
        start = clock.day_start(day - timedelta(days=self.rng.randint(0, 4)))
        stories = [story.id for story in document_for(self.session, version).scenarios]
        row = {
            "id": outward(self.rng), "round_id": programme.round_on(day), "touchpoint_id": one.trip.place.id,
            "unit_path": one.trip.place.unit_path, "assessor_id": one.trip.walker.id, "checklist_version_id": version,
            "scenario_id": self.rng.choice(stories) if stories else None, "window_start": start,
            "window_end": start + timedelta(days=10), "respond_by": start, "status": "done",
            "status_at": one.trip.starts_at + timedelta(hours=2), "created_by": programme.author_id,
            "created_at": start - timedelta(days=5), "visited_at": clock.day_start(day),
            "visible_at": one.released_at,
        }  # fmt: skip
        self.rows[Assignment].append(row)
        return row

    def _filled(self, one: Booked, job: dict[str, Any], version: str, said: dict[str, str]) -> Filled:
        place = one.trip.place
        quality = self.desk.quality_of(place.id, place.code) + self.rng.gauss(0, 0.03)
        self.desk.shelf.used.clear()
        sheet, document = sheet_for(self.session, version), document_for(self.session, version)
        pen = Pen(one.trip, sheet, document, min(0.995, max(0.6, quality)), self.rng, self.desk.shelf)
        return pen.fill(str(job["id"]), version, said)

    def _visit(
        self, one: Booked, programme: Open, job: dict[str, Any], version: str, body: VisitBody, received: datetime
    ) -> None:
        local, sheet = clock.local(body.started_at), sheet_for(self.session, version)
        ready = sheets.ready(self.session, version)
        if faults := sheets.faults(ready, body):
            raise ValueError(f"the demonstration sends a visit with gaps: {faults}")
        at = one.released_at or one.approved_at or received + timedelta(minutes=1)
        self.rows[Visit].append({
            "id": one.visit_id, "assignment_id": job["id"], "programme_id": programme.id,
            "assessor_id": one.trip.walker.id, "touchpoint_id": one.trip.place.id, "unit_path": job["unit_path"],
            "checklist_version_id": version, "series": slots.series(sheet.series, programme.manner),
            "status": one.fate, "status_at": at, "revision": 1, "started_at": body.started_at,
            "finished_at": body.finished_at, "local_date": local.date(), "day_type": slots.day_type(local.date()),
            "day_part": slots.day_part(local, one.trip.place.kind), "received_at": received,
            "answer_by": received + RETURN_TIME if one.fate == "returned" else None,
            "missing": len(body.manifest) if one.fate == "receiving" else 0,
            "outward_id": outward(self.rng) if one.released_at else None,
        })  # fmt: skip

    def _evidence(self, one: Booked, body: VisitBody, filled: Filled, received: datetime) -> None:
        here = one.fate != "receiving"
        for line in body.manifest:
            blob, kind = (line.sha256, filled.files[line.sha256][1]) if here else (None, None)
            self.rows[Evidence].append({
                "id": stamped(self.rng, received), "visit_id": one.visit_id, "revision": 1, "item_id": line.item_id,
                "sha256": line.sha256, "size": line.size, "media_type": line.kind, "source": line.source,
                "taken_at": line.taken_at, "stored_at": received if here else None, "blob": blob, "view_blob": blob,
                "view_type": kind,
            })  # fmt: skip

    def _flags(
        self, one: Booked, job: dict[str, Any], version: str, body: VisitBody, received: datetime, reviewer: str
    ) -> None:
        ready = sheets.ready(self.session, version)
        window = (job["window_start"], job["window_end"])
        found = [*slots.clock_flags(body, window, ready.minutes, received), *slots.photo_flags(body, ready.live)]
        for flag in found:
            self.rows[VisitFlag].append({
                "id": stamped(self.rng, received), "visit_id": one.visit_id, "kind": flag.kind,
                "item_id": flag.item_id, "detail": dict(flag.detail or {}), "raised_at": received,
                "settled_at": one.approved_at, "settled_by": reviewer if one.approved_at else None,
                "settled_how": "explained" if one.approved_at else "",
                "settled_reason": read("full")["settled"] if one.approved_at else "",
            })  # fmt: skip

    def _review(
        self, one: Booked, version: str, body: VisitBody, received: datetime, reviewer: str,
        subject: tuple[Any, str, str],
    ) -> None:  # fmt: skip
        opened, closed = received + timedelta(minutes=1), one.approved_at
        review: dict[str, Any] = {
            "id": outward(self.rng), "visit_id": one.visit_id, "revision": 1, "unit_path": one.trip.place.unit_path,
            "reviewer_id": reviewer, "opened_at": opened, "claimed_at": opened, "closed_at": closed,
            "outcome": "approved" if closed else "", "deadline": None,
            "release_note": self.rng.choice(read("remarks")["release"]) if closed else "", "change": None,
        }  # fmt: skip
        self.rows[Review].append(review)
        self._act(one, "review.opened", opened)
        if one.fate == "returned":
            self._returned(one, review, body, received + timedelta(hours=2))
        if closed is not None:
            review["change"] = self._approved(one, version, body, reviewer, closed)
            transferred = bool(body.call and body.call.transfers)
            self._subject(one, reviewer, closed + timedelta(minutes=2), subject, transferred)

    def _returned(self, one: Booked, review: dict[str, Any], body: VisitBody, at: datetime) -> None:
        review.update(closed_at=at, outcome="returned", deadline=at + RETURN_TIME)
        items = [answer.item_id for answer in body.answers if answer.evidence] or [body.answers[0].item_id]
        for item, text in zip(items, read("remarks")["return"], strict=False):
            self.rows[VisitNote].append({
                "id": stamped(self.rng, at), "visit_id": one.visit_id, "revision": 1, "item_id": item, "note": text,
                "created_by": review["reviewer_id"], "created_at": at,
            })  # fmt: skip
        self._act(one, "visit.returned", at, review["reviewer_id"], {"items": len(items[:3]), "revision": 1})

    def _approved(self, one: Booked, version: str, body: VisitBody, reviewer: str, at: datetime) -> int:
        """By how much the reviewer changed the score."""
        sheet = sheet_for(self.session, version)
        layers = self._overlay(one, sheet, body, reviewer, at) if self.rng.random() < CHANGED else []
        answers = effective(sheet, with_overlays(answers_of(body), layers))
        results, stored = score_all(sheet, answers), answers_bytes(answers)
        self.rows[VisitResult].append({
            "id": outward(self.rng), "visit_id": one.visit_id, "number": 1, "revision": 1,
            "version_sha256": sheet.version_sha256, "answers": stored,
            "answers_sha256": hashlib.sha256(stored).hexdigest(), "results": results_json(results),
            **figures(results), "basis": results.experience.basis, "outcome": results.experience.outcome,
            "cause": "approval", "created_by": reviewer, "created_at": at,
        })  # fmt: skip
        self._act(one, "visit.approved", at, reviewer, {"revision": 1})
        if one.due:
            county = county_of(one.trip.place.unit_path)
            self.rows[Release].append({
                "visit_id": one.visit_id, "county_path": county, "approved_at": at, "due_at": one.due[0],
                "last_at": one.due[1], "released_at": one.released_at,
            })  # fmt: skip
        if one.released_at:
            self._act(one, "visit.released", one.released_at)
        if one.fate == "final" and one.released_at:
            self._act(one, "visit.final", one.released_at + timedelta(days=8))
        moved = gain(sheet, body, layers[0][0], layers[0][1]["option_ids"][0]) if layers else 0
        self._low(one, results, moved, at)
        return moved

    def _low(self, one: Booked, results: Results, moved: int, at: datetime) -> None:
        """A low score is looked at again; that of the last days still waits for it."""
        experience = figures(results)["experience"]
        if experience is None or experience > LOW_SCORE:
            return
        decided = at + timedelta(days=2) if one.fate == "final" else None
        self.rows[Recheck].append({
            "id": outward(self.rng), "visit_id": one.visit_id, "low": True, "changed": False,
            "experience": experience, "change": moved, "opened_at": at, "decided_at": decided,
            "status": "confirmed" if decided else "open", "decided_by": self.desk.supervisor if decided else None,
        })  # fmt: skip

    def _overlay(
        self, one: Booked, sheet: Sheet, body: VisitBody, reviewer: str, at: datetime
    ) -> list[tuple[str, dict[str, Any]]]:
        found = improvable(sheet, body)
        if found is None:
            return []
        item, best = found
        old = next(answer.option_id for answer in body.answers if answer.item_id == item)
        new = {"option_ids": [best]}
        self.rows[ReviewOverlay].append({
            "id": stamped(self.rng, at), "visit_id": one.visit_id, "revision": 1, "item_id": item,
            "old": {"option_ids": [old]}, "new": new, "reason": read("remarks")["overlay"], "created_by": reviewer,
            "created_at": at - timedelta(minutes=3),
        })  # fmt: skip
        self._act(one, "review.overlaid", at - timedelta(minutes=3), reviewer, {"item": item, "revision": 1})
        return [(item, new)]

    def _subject(
        self, one: Booked, reviewer: str, at: datetime, subject: tuple[Any, str, str], transferred: bool
    ) -> None:
        person, how, sure = subject
        if person is not None and person.joined_on > clock.local_date(one.trip.starts_at):
            person, how, sure = None, "unresolved", "none"
        self.rows[VisitSubject].append({
            "visit_id": one.visit_id, "staff_id": person.id if person and not transferred else None,
            "team_id": person.team_id if person else None, "how": how, "confidence": sure, "resolved_by": reviewer,
            "at": at,
        })  # fmt: skip
        self._act(one, "visit.subject_resolved", at, reviewer, {"how": how, "confidence": sure})

    def _act(
        self, one: Booked, act: str, at: datetime, by: str | None = None, detail: dict[str, Any] | None = None
    ) -> None:
        key, path = stamped(self.rng, at), one.trip.place.unit_path
        self.acts.append(Past(key, at, act, "visit", one.visit_id, by, path, detail or {}))

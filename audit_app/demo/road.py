"""Three months on the real road, day by day: jobs, bodies, reviews, subjects, releases. Only the clock is ours."""

import hashlib
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby

import sqlalchemy as sa

from audit_app.access.rules import Actor
from audit_app.demo.answering import Filled, Pen, improvable
from audit_app.demo.itinerary import Trip
from audit_app.demo.material import chance, outward, read
from audit_app.demo.pictures import Album, plain, recording
from audit_app.demo.plans import Plan
from audit_app.kit import clock
from audit_app.kit.blobs import Blobs
from audit_app.kit.db import Session
from audit_app.organisation.models import Shift, StaffMember
from audit_app.planning.models import Assignment
from audit_app.review import operations as review
from audit_app.review import queries as review_queries
from audit_app.review import rules as review_rules
from audit_app.review.models import Review
from audit_app.standards.models import ChecklistVersion
from audit_app.standards.queries import document_for, sheet_for
from audit_app.visits import operations as visits
from audit_app.visits import queries as visit_queries
from audit_app.visits.models import Visit
from audit_app.visits.rules import Sent, read_revision

UNREVIEWED = 7  # days: what came in since then waits for the reviewer
NEVER_SENT = 2  # of the newest visits, so many still lack their photos
ASKED_AGAIN = 3  # and so many were returned
CHANGED = 0.12  # share of the approvals in which the reviewer changes an answer


@dataclass
class Road:
    """The state of the walk."""

    session: Session
    plans: dict[str, Plan]
    reviewer: Actor
    blobs: Blobs
    now: datetime
    versions: dict[str, str] = field(default_factory=dict)
    rng: random.Random = field(default_factory=lambda: chance("road"))
    quality: dict[str, float] = field(default_factory=dict)
    waiting: dict[date, list[str]] = field(default_factory=dict)  # day of approval → reviews

    def version(self, checklist: str) -> str:
        if checklist not in self.versions:
            statement = sa.select(ChecklistVersion.id).where(  # type: ignore[call-overload]
                ChecklistVersion.checklist_id == checklist, ChecklistVersion.status == "published"
            )
            self.versions[checklist] = self.session.scalars(statement).one()
        return self.versions[checklist]

    def place_quality(self, key: str) -> float:
        """How well a place does: steady per place, a little different each day."""
        base = self.quality.setdefault(key, min(0.985, max(0.7, self.rng.gauss(0.86, 0.055))))
        return min(0.995, max(0.66, base + self.rng.gauss(0, 0.025)))

    def assignment(self, trip: Trip, status: str = "accepted", **times: datetime) -> Assignment:
        plan, day = self.plans[trip.plan], clock.local_date(trip.starts_at)
        version = self.version(trip.checklist)
        scenarios = [scenario.id for scenario in document_for(self.session, version).scenarios]
        start = clock.day_start(day - timedelta(days=self.rng.randint(0, 4)))
        made = Assignment(
            id=outward(self.rng), round_id=plan.round_on(day).id, touchpoint_id=trip.place.id,
            unit_path=trip.place.unit_path, assessor_id=trip.walker.id, checklist_version_id=version,
            scenario_id=self.rng.choice(scenarios) if scenarios else None,
            window_start=times.get("window_start", start),
            window_end=times.get("window_end", start + timedelta(days=10)), respond_by=times.get("respond_by", start),
            status=status, status_at=times.get("at", start - timedelta(days=2)),
            created_by=plan.author_id, created_at=times.get("at", start - timedelta(days=5)),
        )  # fmt: skip
        self.session.add(made)
        self.session.flush()
        return made

    def visit(self, trip: Trip, album: Album, sound: bytes | None = None, complete: bool = True) -> str:
        """Sends the visit and its files; returns its id."""
        job, version = self.assignment(trip), self.version(trip.checklist)
        sheet, document = sheet_for(self.session, version), document_for(self.session, version)
        pen = Pen(trip, sheet, document, self.place_quality(trip.place.id), self.rng, album)
        filled = pen.fill(job.id, version, self._met(trip), sound)
        raw, visit_id = filled.raw(), outward(self.rng)
        sent = Sent(visit_id, read_revision(raw), raw, _sha256(raw))
        at = pen.ends_at + timedelta(minutes=self.rng.randint(4, 90))
        visits.submit(self.session, trip.walker.account_id, sent, at)
        if complete:
            self._store(trip, visit_id, filled, at + timedelta(minutes=1))
        return visit_id

    def _store(self, trip: Trip, visit_id: str, filled: Filled, at: datetime) -> None:
        """The files arrive, and with them the copies to look at: ours need no decoder that a file could kill."""
        for sha256, (data, _kind) in filled.files.items():
            self.blobs.put(data)
            visits.file_stored(self.session, trip.walker.account_id, sha256, at)
        for one in visit_queries.to_view(self.session, visit_id):
            data, kind = filled.files[one.blob]
            visits.set_view(self.session, one.id, self.blobs.put(plain(data)), kind, "")

    def _met(self, trip: Trip) -> dict[str, str]:
        """Somebody who was on shift: by badge, desk or agent number; in an outlet only by looks."""
        on_shift = self.session.execute(
            sa.select(StaffMember.badge, StaffMember.agent_no, Shift.desk, StaffMember.account_id)  # type: ignore[call-overload]
            .join(Shift, Shift.staff_id == StaffMember.id)
            .where(
                Shift.touchpoint_id == trip.place.id, Shift.starts_at <= trip.starts_at, Shift.ends_at > trip.starts_at
            )
            .order_by(StaffMember.code)
        ).all()
        if trip.place.kind not in ("hall", "hotline") or not on_shift:
            return {"description": self.rng.choice(read("remarks")["described"])}
        weights = [4 if row.account_id else 1 for row in on_shift]  # who can sign in should find results
        badge, agent_no, desk, _account = self.rng.choices(on_shift, weights)[0]
        if agent_no:
            return {"agent_no": agent_no}
        return {"badge": badge} if badge and self.rng.random() < 0.8 else {"desk": desk}

    def open(self, visit_id: str, at: datetime) -> str:
        review.open_review(self.session, visit_id, at)
        return str(self.session.scalars(sa.select(Review.id).where(Review.visit_id == visit_id)).one())  # type: ignore[call-overload]

    def approve(self, review_id: str, at: datetime) -> None:
        """Approves, now and then with a changed answer, and says whom the visit scores."""
        note = self.rng.choice(read("remarks")["release"])
        if self.rng.random() < CHANGED:
            self._change_one(review_id, at)
        visit_id = review.approve(
            self.session, self.reviewer, review_id, review_rules.Approval(note), lambda key: f"demonstration:{key}", at
        )
        visit = self.session.get_one(Visit, visit_id)
        heard = review_queries.spoken(self.session, visit)
        people = review_queries.people_at(self.session, visit)
        guess = review_rules.suggest(people, heard.badge, heard.desk, heard.agent_no, heard.transfers)
        chosen = review_rules.Chosen(guess.staff_id, guess.team_id)
        review.resolve_subject(self.session, self.reviewer, visit_id, chosen, at + timedelta(minutes=2))

    def _change_one(self, review_id: str, at: datetime) -> None:
        """Gives back the points of one item that the photo shows to be in order."""
        visit = self.session.get_one(Visit, self.session.get_one(Review, review_id).visit_id)
        sheet = sheet_for(self.session, visit.checklist_version_id)
        found = improvable(sheet, review_queries.body_of(self.session, visit))
        if found:
            change = review_rules.NewOverlay(found[0], read("remarks")["overlay"], [found[1]])
            review.overlay(self.session, self.reviewer, review_id, change, at - timedelta(minutes=3))

    def send_back(self, review_id: str, at: datetime) -> None:
        found = self.session.get_one(Review, review_id)
        visit = self.session.get_one(Visit, found.visit_id)
        items = [answer.item_id for answer in review_queries.body_of(self.session, visit).answers if answer.evidence]
        items = items or [answer.item_id for answer in review_queries.body_of(self.session, visit).answers][:1]
        for item, text in zip(items, read("remarks")["return"], strict=False):
            review.note(self.session, self.reviewer, review_id, review_rules.ItemNote(item, text), at)
        review.return_visit(self.session, self.reviewer, review_id, at)


def _sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def by_day(trips: list[Trip]) -> Iterator[tuple[date, list[Trip]]]:
    for day, group in groupby(trips, key=lambda trip: clock.local_date(trip.starts_at)):
        yield day, list(group)


def walk(
    road: Road, trips: list[Trip], albums: tuple[Album, Album], progress: Callable[[str], None]
) -> None:  # fmt: skip
    """All days up to today."""
    days = dict(by_day(trips))
    fresh = _fresh(trips)
    first, last = min(days), max(days)
    for n in range((last - first).days + 2):
        day = first + timedelta(days=n)
        _day(road, day, days.get(day, []), fresh, albums)
        if n % 7 == 6 or day > last:
            progress(f"{day:%Y-%m-%d}")


@dataclass(frozen=True)
class Fresh:
    """What becomes of the newest visits, by place in the list of trips."""

    incomplete: frozenset[int]
    returned: frozenset[int]
    with_sound: frozenset[int]


def _fresh(trips: list[Trip]) -> Fresh:
    newest = trips[-60:]
    calls = [id(trip) for trip in newest if trip.plan == "hotline"]
    visits_ = [id(trip) for trip in newest if trip.plan == "covert" and trip.place.kind == "hall"]
    mine = [id(trip) for trip in newest if trip.walker.username == "tester" and trip.place.kind != "hotline"]
    returned = (mine[-1:] + visits_[:ASKED_AGAIN])[:ASKED_AGAIN]
    incomplete = [one for one in visits_ if one not in returned][-NEVER_SENT:]
    return Fresh(frozenset(incomplete), frozenset(returned), frozenset(calls[-2:]))


def _day(road: Road, day: date, trips: list[Trip], fresh: Fresh, albums: tuple[Album, Album]) -> None:
    nine = clock.at_local(day, 9)
    if nine <= road.now:
        review.release_due(road.session, nine)
    for review_id in road.waiting.pop(day, []):
        road.approve(review_id, clock.at_local(day, 10, road.rng.randint(0, 59)))
    age = (clock.local_date(road.now) - day).days
    recent, keen = age <= UNREVIEWED, 0.75 if age > UNREVIEWED // 2 else 0.15  # the reviewer takes the oldest first
    for trip in trips:
        sound = recording(trip.starts_at.isoformat()) if id(trip) in fresh.with_sound else None
        visit_id = road.visit(trip, albums[0] if recent else albums[1], sound, id(trip) not in fresh.incomplete)
        if id(trip) in fresh.incomplete:
            continue
        at = trip.starts_at + timedelta(hours=3)
        review_id = road.open(visit_id, min(at, road.now))
        if id(trip) in fresh.returned:
            road.send_back(review_id, min(at + timedelta(hours=2), road.now))
        elif id(trip) not in fresh.with_sound and (not recent or road.rng.random() < keen):
            due = day + timedelta(days=road.rng.randint(1, 4))
            if due < clock.local_date(road.now):
                road.waiting.setdefault(due, []).append(review_id)


def states(session: Session) -> dict[str, int]:
    """How many visits are in each state."""
    rows = session.execute(sa.select(Visit.status, sa.func.count().label("n")).group_by(Visit.status))  # type: ignore[call-overload]
    return {row.status: row.n for row in rows}

"""`audit-app demo --full`: the whole province in stages, each done once, whatever kills the command in between."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from audit_app.access.keys import Keys
from audit_app.analytics import operations as analytics
from audit_app.demo import load as small
from audit_app.demo.full import ahead, people, places, programmes, rosters, trips, visits
from audit_app.demo.full.ledger import Ledger, begin, begun
from audit_app.demo.full.sizes import Sizes
from audit_app.demo.pictures import Album
from audit_app.kit import clock
from audit_app.kit.blobs import Blobs
from audit_app.kit.db import Database, Session
from audit_app.organisation.models import Touchpoint
from audit_app.reporting import operations as reporting
from audit_app.settings import Settings
from audit_app.visits.models import Visit

BATCH = 250
PICTURES = 14  # of each scene
FINISHED = "finished"

Step = Callable[[str, int, int], None]
"""Told what is being done, how many steps of it are done, and how many it has."""


@dataclass(frozen=True)
class Loader:
    """What the stages share. `at` is the moment of the first beginning, also when the loading is taken up again."""

    db: Database
    settings: Settings
    blobs: Blobs
    sizes: Sizes
    at: datetime
    ledger: Ledger
    step: Step

    def run(self) -> None:
        today = clock.local_date(self.at)
        stages: list[tuple[str, Callable[..., object], tuple[object, ...]]] = [
            ("towns", places.build_towns, (self.at,)),
            ("touchpoints", places.build_touchpoints, (self.sizes, self.at)),
            ("staff", places.build_staff, (self.sizes, today, self.at)),
            ("accounts", people.build, (self.sizes, self.at)),
            ("programmes", programmes.build, (self.at,)),
        ]
        for n, (name, work, given) in enumerate(stages):
            self.step(name, n, len(stages))
            self.ledger.once(name, work, *given)
        self.step("programmes", len(stages), len(stages))
        self._visits()
        self.ledger.once("ahead", ahead.build, self.at)
        small.seal(self.db, self.settings)

    def _visits(self) -> None:
        opened = self.db.read_now(programmes.opened, self.at)
        self.step("itinerary", 0, 1)
        booked = trips.booked(
            self.db.read_now(people.walkers), self.db.read_now(_places),
            {key: one.manner for key, one in opened.items()}, self._wanted(), self.at,
        )  # fmt: skip
        self.step("itinerary", 1, 1)
        self._rosters(booked)
        desk = visits.Desk(
            opened, self.db.read_now(people.reviewers), opened["covert"].author_id, self.db.read_now(visits.versions),
            visits.Shelf(Album.drawn(PICTURES).halved().pages, self.blobs),
        )  # fmt: skip
        batches = [booked[n : n + BATCH] for n in range(0, len(booked), BATCH)]
        for n, batch in enumerate(batches):
            self.step("visits", n, len(batches))
            self.ledger.once(f"visits {n + 1}", _batch, desk, n, batch)
        self.step("visits", len(batches), len(batches))

    def _wanted(self) -> int:
        """Visits to add: known from the beginning, since a resumed run must book the same."""
        held = self.db.read_now(begun) or {}
        return max(0, round(self.sizes.visits * self.sizes.scale) - int(held.get("visits_before", 0)))

    def _rosters(self, booked: Sequence[trips.Booked]) -> None:
        visited: dict[str, set[date]] = {}
        for one in booked:
            if one.trip.place.kind == "hall":
                visited.setdefault(one.trip.place.id, set()).add(clock.local_date(one.trip.starts_at))
        who = self.db.read_now(rosters.people)
        parts = [who[n : n + rosters.PART] for n in range(0, len(who), rosters.PART)]
        for n, part in enumerate(parts):
            self.step("rosters", n, len(parts))
            self.ledger.once(f"rosters from {part[0][1]}", rosters.build, part, visited, self.at)
        self.step("rosters", len(parts), len(parts))


def load(
    db: Database, settings: Settings, blobs: Blobs, keys: Keys, step: Step, now: datetime, sizes: Sizes | None = None
) -> bool:
    """Brings the full province over the small demonstration, or over nothing. False, and nothing done, if it is there
    already or the database holds something else. A run that was killed is taken up where it was."""
    step("demonstration", 0, 1)
    small.load(db, settings, blobs, keys, lambda _text: None, now)
    step("demonstration", 1, 1)
    if not db.read_now(small.demonstration):
        return False
    sizes = sizes or Sizes()
    held = db.read_now(begun)
    if held is None:
        before = db.read_now(_count)
        given: dict[str, Any] = {
            "at": now.isoformat(),
            "scale": str(sizes.scale),
            "visits": sizes.visits,
            "visits_before": before,
        }
        db.write_now(begin, now, given)
        held = given
    at, sizes = datetime.fromisoformat(held["at"]), Sizes(float(held["scale"]), int(held["visits"]))
    ledger = Ledger(db, at)
    if FINISHED in ledger.done:
        return False
    Loader(db, settings, blobs, sizes, at, ledger, step).run()
    ledger.once(FINISHED, lambda _session: None)
    small.seal(db, settings)
    return True


def _batch(session: Session, desk: visits.Desk, number: int, batch: Sequence[trips.Booked]) -> None:
    keys = visits.write(session, desk, number, batch)
    session.flush()
    analytics.keep_facts(session, keys)
    reporting.keep_cards(session, keys)


def _places(session: Session) -> list[Touchpoint]:
    return list(session.scalars(sa.select(Touchpoint).order_by(col(Touchpoint.code))))


def _count(session: Session) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(Visit)) or 0

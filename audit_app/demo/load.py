"""Filling an empty database with the demonstration province."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from audit_app.access.keys import Keys
from audit_app.access.models import Account
from audit_app.analytics import operations as analytics
from audit_app.demo import ahead, cast, places, plans, road
from audit_app.demo.itinerary import Itinerary
from audit_app.demo.material import chance
from audit_app.demo.pictures import Album
from audit_app.kit import clock
from audit_app.kit.blobs import Blobs
from audit_app.kit.db import Database, Session
from audit_app.organisation.models import OrgUnit, Touchpoint
from audit_app.reporting import operations as reporting
from audit_app.settings import Settings
from audit_app.standards.operations import load_library
from audit_app.trail import operations as trail
from audit_app.trail.models import TrailLine
from audit_app.trail.relay import Relay
from audit_app.trail.signing import Signer
from audit_app.visits.models import Visit

Progress = Callable[[str], None]
LOADED = "demonstration.loaded"
BEFORE = timedelta(days=130)  # when everything was set up, as far as the rows tell


def load(
    db: Database, settings: Settings, blobs: Blobs, keys: Keys, progress: Progress, now: datetime | None = None
) -> bool:
    """Loads the demonstration as of `now` and says what it does. False, and nothing done, if the database is not empty.

    Deterministic: the same day gives the same people, places, visits and scores (ids of the database apart). All or
    nothing: a run that is killed leaves an empty database.
    """
    at = now or clock.now()
    if db.read_now(_filled):
        progress("The database is not empty: nothing was loaded.")
        if db.read_now(demonstration):
            seal(db, settings)  # in case the run that loaded it did not get so far
        return False
    jobs = db.write_now(_fill, blobs, at, progress)
    seal(db, settings)
    states = db.read_now(road.states)
    progress(", ".join(f"{count} {status}" for status, count in sorted(states.items())) + f"; {jobs} jobs to do")
    return True


def _fill(session: Session, blobs: Blobs, at: datetime, progress: Progress) -> int:
    """Everything in one transaction. Returns how many jobs there are to do."""
    progress("Organisation")
    _organisation(session, at)
    progress("People and programmes")
    walkers, given = _people(session, at)
    itinerary = Itinerary(walkers, _places(session), clock.local_date(at))
    booked = ahead.book(itinerary)
    past = itinerary.past(ahead.asked_again(itinerary))
    booked += ahead.calls(itinerary)
    progress("Pictures")
    album = Album.drawn()
    progress("Three months of visits")
    walked = road.Road(session, given, cast.actor(session, "reviewer"), blobs, at)
    road.walk(walked, past, (album, album.halved()), progress)
    cast.build_second_reviewer(session, at - BEFORE)
    progress("Jobs of the coming days")
    jobs = ahead.give_out(replace(walked, rng=chance("ahead")), booked)
    progress("Scorecards and trail")
    reporting.rebuild(session)
    analytics.keep_facts(session, list(session.scalars(sa.select(Visit.id).order_by(Visit.id))))  # type: ignore[call-overload]
    trail.record(session, LOADED, actor_id=None, subject_kind="demonstration", subject_id="small", now=at)
    return jobs


def seal(db: Database, settings: Settings) -> None:
    """Chains the lines of the past and wakes nothing by them: what they would have led to is done already."""
    Relay(db, lambda _name, _batch, _events: None, {}, Signer(settings.data_dir)).once()


def demonstration(session: Session) -> bool:
    """Whether the database holds the demonstration."""
    return session.scalars(sa.select(TrailLine.id).where(TrailLine.subject_kind == "demonstration")).first() is not None  # type: ignore[call-overload]


def _filled(session: Session) -> bool:
    return any(session.scalars(sa.select(column).limit(1)).first() for column in (OrgUnit.code, Account.id))  # type: ignore[call-overload]


def _organisation(session: Session, now: datetime) -> None:
    start = now - BEFORE
    places.build_units(session, start)
    places.build_touchpoints(session, start)
    places.build_staff(session, clock.local_date(now), start)
    places.build_rosters(session, clock.local_date(now))


def _people(session: Session, now: datetime) -> tuple[list[cast.Walker], dict[str, plans.Plan]]:
    start = now - BEFORE
    load_library(session, start, None)
    cast.build_accounts(session, start)
    cast.build_grants(session, start)
    return cast.build_assessors(session, now), plans.build_plans(session, now)


def _places(session: Session) -> list[Touchpoint]:
    return list(session.scalars(sa.select(Touchpoint).order_by(Touchpoint.code)))

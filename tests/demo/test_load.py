"""The demonstration: the same twice, once only, and something to look at for every account."""

import hashlib
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from audit_app.access.demo import DEMO_ACCOUNTS, PASSWORD
from audit_app.access.keys import Keys
from audit_app.access.models import Account
from audit_app.access.passwords import verify_now
from audit_app.demo import cast, itinerary, load, places
from audit_app.demo.pictures import Album
from audit_app.kit.blobs import Blobs
from audit_app.kit.db import Database
from audit_app.migrations import upgrade
from audit_app.organisation.models import OrgUnit, Shift, StaffMember, Touchpoint
from audit_app.planning.models import Assignment
from audit_app.reporting.models import Scorecard
from audit_app.review.models import Review, VisitResult, VisitSubject
from audit_app.review.replay import replay
from audit_app.settings import Settings
from audit_app.testers.models import Assessor
from audit_app.trail.queries import anything_loose
from audit_app.trail.signing import Signer
from audit_app.trail.verify import verify
from audit_app.visits.models import Evidence, Visit, VisitFlag, VisitRevision

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


class _Thin(Album):
    @staticmethod
    def drawn(each: int = 1) -> Album:
        return Album.drawn(each)


def loaded(folder: Path, said: list[str]) -> Database:
    db = Database(f"sqlite:///{folder / 'mingcha.db'}")
    upgrade(db)
    assert load.load(db, Settings(folder, db.url, demo=True), Blobs(folder / "blobs"), Keys(folder), said.append, NOW)
    return db


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    begun = time.monotonic()
    db = loaded(tmp_path_factory.mktemp("demo"), [])
    print(f"the demonstration loaded in {time.monotonic() - begun:.1f} s")
    yield db
    db.close()


def rows(db: Database, *columns: object, order: object = None) -> list[tuple[object, ...]]:
    statement = sa.select(*columns)  # type: ignore[call-overload]
    with db.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(statement.order_by(order) if order is not None else statement)]


def counts(db: Database, column: object) -> dict[object, int]:
    return dict(Counter(value for (value,) in rows(db, column)))


def fingerprint(db: Database) -> str:
    """What a person would notice: everything but the database's own ids."""
    chosen = [
        rows(db, OrgUnit.code, OrgUnit.name, OrgUnit.path, order=OrgUnit.code),
        rows(db, Touchpoint.code, Touchpoint.name, Touchpoint.lat, Touchpoint.address, order=Touchpoint.code),
        rows(db, StaffMember.code, StaffMember.name, StaffMember.joined_on, order=StaffMember.code),
        sorted(rows(db, Shift.starts_at, Shift.ends_at, Shift.desk), key=str),
        rows(db, Account.username, Account.display_name, order=Account.username),
        sorted(rows(db, Assessor.code, Assessor.tier, Assessor.home_county), key=str),
        rows(db, Assignment.id, Assignment.status, Assignment.window_start, order=Assignment.id),
        rows(db, Visit.id, Visit.status, Visit.started_at, Visit.series, order=Visit.id),
        sorted(rows(db, Evidence.visit_id, Evidence.sha256, Evidence.item_id), key=str),
        sorted(rows(db, VisitResult.visit_id, VisitResult.answers_sha256, VisitResult.experience), key=str),
        sorted(rows(db, VisitSubject.visit_id, VisitSubject.how), key=str),
    ]
    return hashlib.sha256(repr(chosen).encode()).hexdigest()


@pytest.mark.full
def test_loading_twice_gives_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, few in (("HOTLINE_CALLS", 12), ("OUTLETS", 6), ("AGENTS", 2), ("HALL_VISITS", {1: 1, 2: 1, 3: 1})):
        monkeypatch.setattr(itinerary, name, few)
    monkeypatch.setattr(places, "BACK", 93)
    monkeypatch.setattr(load, "Album", _Thin)
    found = []
    for n in ("a", "b"):
        (tmp_path / n).mkdir()
        db = loaded(tmp_path / n, [])
        found.append(fingerprint(db))
        db.close()
    assert found[0] == found[1]


def test_a_database_with_anything_in_it_is_left_alone(demonstration: Database, tmp_path: Path) -> None:
    said: list[str] = []
    before = fingerprint(demonstration)
    settings = Settings(tmp_path, demonstration.url, demo=True)
    assert not load.load(demonstration, settings, Blobs(tmp_path), Keys(tmp_path), said.append, NOW)
    assert said == ["The database is not empty: nothing was loaded."]
    assert fingerprint(demonstration) == before


def test_the_province(demonstration: Database) -> None:
    assert counts(demonstration, OrgUnit.level) == {"province": 1, "city": 11, "county": 100, "town": 139}
    assert counts(demonstration, Touchpoint.kind) == {"hall": 12, "outlet": 139, "agent": 24, "hotline": 1}
    assert counts(demonstration, Touchpoint.tier) == {None: 164, 1: 2, 2: 4, 3: 6}
    outlets = [name for name, kind in rows(demonstration, Touchpoint.name, Touchpoint.kind) if kind == "outlet"]
    counties = [name for name, level in rows(demonstration, OrgUnit.name, OrgUnit.level) if level == "county"]
    assert all(any(str(outlet).startswith(str(county)) for county in counties) for outlet in outlets)
    assert sum(1 for (number,) in rows(demonstration, StaffMember.agent_no) if number) == 36
    assert counts(demonstration, Assessor.tier) == {"tester": 26, "chief_tester": 4, "inspector": 2}


def test_every_account_can_sign_in(demonstration: Database) -> None:
    accounts = {
        name: (stored, demo)
        for name, stored, demo in rows(demonstration, Account.username, Account.password_hash, Account.demo)
    }
    assert {name for name, _role in DEMO_ACCOUNTS} <= set(accounts)
    assert all(demo for _stored, demo in accounts.values())
    assert verify_now(str(accounts["tester"][0]), PASSWORD)
    for name, _role in DEMO_ACCOUNTS:
        assert demonstration.read_now(cast.actor, name).grants, name


def test_three_months_of_visits_in_every_state(demonstration: Database) -> None:
    states = counts(demonstration, Visit.status)
    assert 250 <= sum(states.values()) <= 350
    assert states["in_review"] >= 8
    assert states["returned"] >= 1
    assert states["receiving"] >= 1
    assert states["approved"] >= 5
    assert states["released"] >= 200
    assert set(counts(demonstration, Visit.series)) == {"covert", "overt", "hotline"}
    assert "audio/wav" in counts(demonstration, Evidence.media_type)
    assert counts(demonstration, VisitFlag.kind).keys() <= {"gallery", "short", "late"}
    assert all(reviewer for (reviewer,) in rows(demonstration, Review.reviewer_id))
    waiting = {key for key, status in rows(demonstration, Visit.id, Visit.status) if status == "in_review"}
    series = {s for key, s in rows(demonstration, Visit.id, Visit.series) if key in waiting}
    assert "hotline" in series
    assert any(key in waiting for (key,) in rows(demonstration, Evidence.visit_id))


def test_all_scores_replay(demonstration: Database) -> None:
    found = demonstration.read_now(replay)
    assert found.results >= 200
    assert found.differences == []


def test_bodies_are_what_a_phone_sends(demonstration: Database) -> None:
    for body, sha256 in rows(demonstration, VisitRevision.body, VisitRevision.body_sha256):
        assert isinstance(body, bytes)
        assert hashlib.sha256(body).hexdigest() == sha256


def test_assessors_have_work(demonstration: Database) -> None:
    work: dict[str, list[tuple[str, str]]] = {}
    with demonstration.engine.connect() as connection:
        for name, kind, status in connection.execute(
            sa.select(Account.username, Touchpoint.kind, Assignment.status)  # type: ignore[call-overload]
            .join(Assessor, Assessor.account_id == Account.id)
            .join(Assignment, Assignment.assessor_id == Assessor.id)
            .join(Touchpoint, Touchpoint.id == Assignment.touchpoint_id)
            .where(Assignment.status.in_(("offered", "accepted")))  # type: ignore[attr-defined]
        ):
            work.setdefault(name, []).append((kind, status))
    for name in ("tester", "chief-tester", "inspector"):
        assert sorted(work[name]) == [("hall", "accepted"), ("hall", "offered"), ("hotline", "accepted")]


def test_manager_team_lead_and_staff_have_results(demonstration: Database) -> None:
    released = {key for key, status in rows(demonstration, Visit.id, Visit.status) if status == "released"}
    manager, staff = (demonstration.read_now(cast.actor, name) for name in ("outlet-manager", "staff"))
    hall, lead = manager.grants[0].touchpoint_id, demonstration.read_now(cast.actor, "team-lead").grants[0].team_id
    assert (
        sum(1 for key, place in rows(demonstration, Visit.id, Visit.touchpoint_id) if place == hall and key in released)
        >= 5
    )
    assert (
        sum(
            1
            for key, team in rows(demonstration, VisitSubject.visit_id, VisitSubject.team_id)
            if team == lead and key in released
        )
        >= 5
    )
    mine = [
        key
        for key, account in rows(demonstration, StaffMember.id, StaffMember.account_id)
        if account == staff.account_id
    ]
    assert len(mine) == 1
    assert any(
        person == mine[0] and key in released
        for key, person in rows(demonstration, VisitSubject.visit_id, VisitSubject.staff_id)
    )


def test_what_the_past_would_have_woken_is_done(demonstration: Database) -> None:
    assert not demonstration.read_now(anything_loose)
    folder = Path(demonstration.url.removeprefix("sqlite:///")).parent
    assert demonstration.read_now(verify, Signer(folder), NOW).ok
    cards = {key for (key,) in rows(demonstration, Scorecard.visit_id) if key}
    assert cards == {key for key, status in rows(demonstration, Visit.id, Visit.status) if status == "released"}
    assert all(view for stored, view in rows(demonstration, Evidence.blob, Evidence.view_blob) if stored)

"""The full province, a part of it: killed anywhere and taken up again it is the same, and every score replays."""

import hashlib
import multiprocessing
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import col

from audit_app.access.keys import Keys
from audit_app.analytics.models import VisitFact
from audit_app.demo import itinerary, load, places
from audit_app.demo.full import ledger
from audit_app.demo.full import load as full
from audit_app.demo.full.sizes import Sizes
from audit_app.demo.pictures import Album
from audit_app.kit.blobs import Blobs
from audit_app.kit.db import Database, Session
from audit_app.migrations import upgrade
from audit_app.organisation.models import OrgUnit, Shift, StaffMember, Touchpoint
from audit_app.planning.models import Assignment
from audit_app.reporting.models import Scorecard
from audit_app.review.models import VisitResult
from audit_app.review.replay import replay
from audit_app.settings import Settings
from audit_app.testers.models import Assessor
from audit_app.trail.queries import anything_loose
from audit_app.trail.signing import Signer
from audit_app.trail.verify import verify
from audit_app.visits.models import Evidence, Visit

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
SIZES = Sizes(0.03, 3600)  # 108 visits
fork = multiprocessing.get_context("fork")


class _Thin(Album):
    """One picture of each scene, as many files as asked for."""

    once: Album | None = None

    @staticmethod
    def drawn(each: int = 1) -> Album:
        _Thin.once = _Thin.once or Album.drawn(1)
        return Album({name: [p[0] + n.to_bytes() for n in range(each)] for name, p in _Thin.once.pages.items()})

    def halved(self) -> Album:
        return self


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a small demonstration that takes no time."""
    with pytest.MonkeyPatch.context() as patch:
        for name, few in (("HOTLINE_CALLS", 4), ("OUTLETS", 2), ("AGENTS", 1), ("HALL_VISITS", {1: 1, 2: 1, 3: 1})):
            patch.setattr(itinerary, name, few)
        patch.setattr(places, "BACK", 93)
        patch.setattr(load, "Album", _Thin)
        patch.setattr(full, "Album", _Thin)
        patch.setattr(full, "BATCH", 30)
        folder = tmp_path_factory.mktemp("small")
        db = Database(f"sqlite:///{folder / 'mingcha.db'}")
        upgrade(db)
        load.load(db, Settings(folder, db.url, demo=True), Blobs(folder / "blobs"), Keys(folder), lambda _: None, NOW)
        with db.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()
        yield folder


class _NoBlobs(Blobs):
    """Keeps nothing: the store's library starts threads, which a forked child lacks."""

    def __init__(self) -> None:
        pass

    def put(self, data: bytes) -> str:
        return hashlib.sha256(data).hexdigest()


def begin(folder: Path) -> bool:
    db = Database(f"sqlite:///{folder / 'mingcha.db'}")
    settings = Settings(folder, db.url, demo=True)
    done = full.load(db, settings, _NoBlobs(), Keys(folder), lambda *_: None, NOW, SIZES)
    db.close()
    return done


def begin_and_die(folder: Path, part: int, committed: bool) -> None:
    """Runs in a child, which is killed with the part done but not committed, or just committed."""
    once, noted, count = ledger.Ledger.once, ledger._note, [0]

    def die(result: object) -> object:
        count[0] += 1
        if count[0] == part:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    if committed:
        ledger.Ledger.once = lambda *given: die(once(*given))  # type: ignore[method-assign]
    else:
        ledger._note = lambda *given: die(noted(*given))  # type: ignore[assignment]
    begin(folder)


def rows(session: Session, *columns: object) -> list[tuple[object, ...]]:
    return sorted((tuple(row) for row in session.execute(sa.select(*columns))), key=repr)  # type: ignore[call-overload]


def fingerprint(session: Session) -> str:
    """What a person would notice, and every id that the loading mints itself."""
    chosen = [
        rows(session, OrgUnit.code, OrgUnit.path),
        rows(session, Touchpoint.code, Touchpoint.name, Touchpoint.lat, Touchpoint.search),
        rows(session, StaffMember.code, StaffMember.name, StaffMember.joined_on),
        rows(session, Shift.starts_at, Shift.ends_at, Shift.desk),
        rows(session, Assessor.code, Assessor.tier, Assessor.home_county),
        rows(session, Assignment.id, Assignment.status, Assignment.window_start),
        rows(session, Visit.id, Visit.status, Visit.started_at, Visit.series),
        rows(session, Evidence.visit_id, Evidence.sha256, Evidence.item_id),
        rows(session, VisitResult.visit_id, VisitResult.answers_sha256, VisitResult.experience),
    ]
    return hashlib.sha256(repr(chosen).encode()).hexdigest()


def copied(small: Path, to: Path) -> Path:
    shutil.copytree(small, to)
    return to


def read(folder: Path, work: Callable[[Session], object]) -> object:
    db = Database(f"sqlite:///{folder / 'mingcha.db'}")
    try:
        return db.read_now(work)
    finally:
        db.close()


@pytest.fixture(scope="module")
def whole(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Loaded in one go."""
    folder = copied(small, tmp_path_factory.mktemp("full") / "whole")
    assert begin(folder)
    return folder


def counts(folder: Path, column: object) -> dict[object, int]:
    def count(session: Session) -> dict[object, int]:
        return dict(session.execute(sa.select(column, sa.func.count()).group_by(column)).all())  # type: ignore[call-overload]

    return read(folder, count)  # type: ignore[return-value]


def test_the_sizes_are_those_asked_for(whole: Path) -> None:
    assert counts(whole, Touchpoint.kind) == {"hall": 12, "outlet": 144, "agent": 300, "hotline": 6}
    assert counts(whole, Assessor.tier) == {"tester": 26, "chief_tester": 4, "inspector": 4}
    assert sum(counts(whole, StaffMember.code).values()) == 600
    assert sum(counts(whole, Visit.id).values()) == 108
    assert counts(whole, OrgUnit.level)["town"] > 1700


def test_every_score_replays_and_the_chain_is_whole(whole: Path) -> None:
    found = read(whole, replay)
    assert found.results >= 90  # type: ignore[attr-defined]
    assert found.differences == []  # type: ignore[attr-defined]
    assert not read(whole, anything_loose)
    assert read(whole, lambda session: verify(session, Signer(whole), NOW).faults) == []


def test_what_is_released_has_its_card_and_its_figures(whole: Path) -> None:
    def ids(session: Session) -> list[set[str]]:
        shown = sa.select(col(Visit.id)).where(col(Visit.status).in_(("released", "final")))
        return [set(session.scalars(one)) for one in (shown, sa.select(col(VisitFact.visit_id)))]

    shown, figures = read(whole, ids)  # type: ignore[misc]
    assert len(shown) > 50
    assert figures == shown
    assert {key for key in counts(whole, Scorecard.visit_id) if key} == shown


def test_a_second_run_does_nothing(whole: Path) -> None:
    before = read(whole, fingerprint)
    assert not begin(whole)
    assert read(whole, fingerprint) == before


@pytest.mark.crash
def test_killed_anywhere_it_is_the_same_in_the_end(small: Path, whole: Path, tmp_path: Path) -> None:
    folder = copied(small, tmp_path / "killed")
    for part, committed in ((3, False), (2, True), (5, False), (8, True)):
        child = fork.Process(target=begin_and_die, args=(folder, part, committed))
        child.start()
        child.join(60)
        assert child.exitcode == -signal.SIGKILL
    assert begin(folder)
    assert read(folder, fingerprint) == read(whole, fingerprint)
    assert read(folder, lambda session: verify(session, Signer(folder), NOW).faults) == []


def test_a_database_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path / 'mingcha.db'}")
    upgrade(db)
    db.write_now(lambda session: session.add(OrgUnit(code="99", name="x", level="province", path="99/")))
    db.close()
    assert not begin(tmp_path)
    assert counts(tmp_path, OrgUnit.code) == {"99": 1}

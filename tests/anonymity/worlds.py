"""Worlds that differ only in what must stay hidden, and are otherwise built alike, down to the last id and instant.

What is minted before a release (visits, jobs, reviews, files: the phone's or the office's own business) is different in
each world; what is minted at the release or later is the same. So a byte that differs between two worlds tells either
of the tester or of something that existed before the release.
"""

import asyncio
import hashlib
import io
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from PIL import Image, ImageDraw
from sqlmodel import col, delete, select

from audit_app.access.keys import FILE, Keys
from audit_app.access.models import Account
from audit_app.analytics import operations as analytics
from audit_app.app import build
from audit_app.jobs.registry import JobContext
from audit_app.kit import clock, ids
from audit_app.kit.blobs import Blobs
from audit_app.kit.db import Database, Session
from audit_app.planning.models import Assignment, Programme, Round
from audit_app.reporting import jobs as reporting_jobs
from audit_app.reporting import operations as reporting
from audit_app.reporting.models import ReportRun
from audit_app.reporting.rules import Filters
from audit_app.review import operations as review
from audit_app.review.models import Redaction
from audit_app.settings import Settings
from audit_app.visits.media import covered
from audit_app.visits.models import Evidence, Visit
from tests import world
from tests.authz.asking import Browser
from tests.reporting import made

TESTERS = ("tester", "tester-2")
CANARY = "Zhuque"
DAY = world.NOW - timedelta(days=14)
MORNING = DAY.replace(hour=1, minute=20)  # 09:20 in Shanghai
COUNTY = "360102"


@dataclass(frozen=True)
class Kind:
    """How a world differs from the first one."""

    name: str
    first: str = "tester"  # who made the first covert visit, and every other odd one
    second: str = "tester-2"
    shift: timedelta = timedelta()  # of every covert visit, inside its part of the day
    words: str = "A note of mine"  # nobody of the house may read them
    quiet: bool = False  # no covert work is under way


ONE = Kind("one")
SWAPPED = Kind("swapped", first="tester-2", second="tester", words="Somebody else's note")
MOVED = Kind("moved", shift=timedelta(minutes=23), words="Another note")
QUIET = Kind("quiet", quiet=True)


class Ids:
    """Ids by number: of the world before a release, of all worlds alike from then on."""

    def __init__(self, own: str) -> None:
        self._own, self._stream, self._count = own, own, 0
        self._counts: dict[str, int] = {}

    @contextmanager
    def alike(self, stream: str) -> Iterator[None]:
        before, self._stream = self._stream, f"alike:{stream}"
        yield
        self._stream = before

    def _next(self) -> bytes:
        count = self._counts[self._stream] = self._counts.get(self._stream, 0) + 1
        return hashlib.sha256(f"{self._stream} {count}".encode()).digest()

    def token_hex(self, size: int) -> str:
        return self._next()[:size].hex()

    def uuid7(self) -> str:
        """Ordered by making as the real ones are."""
        text = self._next().hex()
        count = sum(self._counts.values())
        return f"{count:08x}-{text[8:12]}-7{text[13:16]}-8{text[17:20]}-{text[20:32]}"


@dataclass
class World:
    kind: Kind
    app: Litestar
    db: Database
    settings: Settings
    keys: Keys
    ids: Ids
    visits: dict[str, str] = field(default_factory=dict)
    runner: asyncio.Runner = field(default_factory=asyncio.Runner)
    _open: dict[str, Browser] = field(default_factory=dict)

    def browser(self, username: str) -> Browser:
        if username not in self._open:
            client = Browser(self.app, self.runner)
            with self.ids.alike(f"session {username}"):
                world.sign_in(client, self.db, self.settings, self.keys, username)
            self._open[username] = client
        return self._open[username]

    def close(self) -> None:
        self.runner.close()
        self.db.close()


@contextmanager
def still(own: str) -> Iterator[Ids]:
    """The clock stands and ids are counted."""
    made_ids = Ids(own)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: world.NOW)
        patch.setattr(ids, "secrets", made_ids)
        patch.setattr(ids, "uuid7", made_ids.uuid7)
        yield made_ids


def furnish(kind: Kind, template: Path, folder: Path, keys: Keys) -> World:
    """A world on a copy of the template database (SQLite)."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(template, folder / "mingcha.db")
    shutil.copy(keys._path, folder / FILE)  # the server's own, in all worlds
    settings = Settings(data_dir=folder, database_url=f"sqlite:///{folder / 'mingcha.db'}")
    db = Database(settings.database_url)
    with still(kind.name) as minted:
        found = World(kind, build(settings, db, keys), db, settings, keys, minted)
        with minted.alike("plans"):
            db.write_now(_plans_of_the_county)
        db.write_now(_name_the_testers)
        _visits(found)
        if kind.quiet:
            db.write_now(_forget_covert_work)
        with minted.alike("run"):
            _run(found)
    return found


def _name_the_testers(session: Session) -> None:
    """By names that are found wherever they show."""
    for username in (*TESTERS, "chief-tester"):
        session.get_one(Account, world.account_id(username)).display_name = f"{CANARY} {username}"


def _plans_of_the_county(session: Session) -> None:
    """The county inspects overtly by itself, so that its supervisor has pages of plans to look at."""
    by, now = world.account_id("county-supervisor"), world.NOW
    session.add(
        Programme(id="prog-county", name="County inspection", unit_code=COUNTY, unit_path="36/3601/360102/",
                  level="county", kind="routine", manner="overt", touchpoint_kinds=["hall", "outlet"],
                  checklist_ids=["own-hall-overt", "own-hall-basic"], for_incentives=True, purpose="p", notice="n",
                  notice_at=now - timedelta(days=60), created_by=by, created_at=now - timedelta(days=90))
    )  # fmt: skip
    session.flush()
    session.add(Round(id="round-county", programme_id="prog-county", name="November", status="published",
                      starts_on=(now - timedelta(days=23)).date(), ends_on=(now + timedelta(days=7)).date(),
                      created_by=by, created_at=now - timedelta(days=30)))  # fmt: skip
    session.flush()


def plan(kind: Kind, who: str, started_at: datetime, **more: Any) -> made.Plan:
    """A covert visit as this world has it."""

    def change(body: dict[str, Any]) -> None:
        person = who
        body["visit_code"] = f"code {kind.name} {person}"
        body["client"] = {"build": f"b-{person}", "device_id": f"phone of {person}", "clock_offset_ms": len(person) * 7}
        body["check_in"] |= {"lat": f"28.68{len(person)}1", "accuracy_m": len(person)}
        body["subject"] = {"badge": "B1", "desk": "1", "description": f"{kind.words} on somebody"}

    return made.Plan(who=who, started_at=started_at + kind.shift, note=kind.words, change=change, **more)


def _visits(found: World) -> None:
    kind, db = found.kind, found.db
    a, b = kind.first, kind.second
    still_there = Kind(kind.name, words=kind.words)  # others move past it
    plans = {
        "first": plan(kind, a, MORNING, option_at=made.every(5), staff="bell-1"),
        "second": plan(still_there, "chief-tester", MORNING + timedelta(minutes=15), option_at=made.every(7)),
        "market": plan(still_there, "chief-tester", MORNING - timedelta(days=2, minutes=-9), touchpoint="hall-bell-2"),
        "drum": plan(kind, b, MORNING - timedelta(days=2), touchpoint="hall-drum", option_at=made.every(4)),
        "call": plan(kind, a, MORNING, touchpoint="hotline", manner="hotline", checklist="hotline-mystery",
                     team="team-1", option_at=made.every(6)),
    }  # fmt: skip
    overt = made.Plan("hall-bell", "overt", "inspector", "own-hall-overt", world.NOW - timedelta(days=20))
    with found.ids.alike("overt"):
        found.visits["overt"] = db.write_now(made.released, overt)
    order = list(plans) if kind is ONE else list(reversed(plans))
    for name in order:
        found.visits[name] = db.write_now(made.approved, plans[name])
    _photos(found, found.visits["first"])
    for name in plans:
        with found.ids.alike(f"release {name}"):
            db.write_now(_release, found.visits[name])
    if not kind.quiet:
        _under_way(found, a)
    db.write_now(analytics.keep_facts, list(found.visits.values()))


def _photo(kind: Kind) -> bytes:
    """A counter with somebody behind it who looks different in each world."""
    picture = Image.new("RGB", (320, 240), (220, 224, 222))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((20, 140, 300, 200), fill=(235, 238, 240))
    shade = hashlib.sha256(kind.name.encode()).digest()
    draw.ellipse((100, 60, 140, 110), fill=(shade[0], shade[1], shade[2]))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=82)
    return out.getvalue()


def _photos(found: World, visit_id: str) -> None:
    """The first photo is painted over and let out, the second only painted over, the others are left alone."""
    blobs, data = Blobs(found.settings.data_dir / "blobs"), _photo(found.kind)
    painted = covered(data, [(2800, 2000, 1800, 3000)])
    shown, seen = blobs.put(painted), blobs.put(data)

    def paint(session: Session) -> None:
        files = session.scalars(select(Evidence).where(Evidence.visit_id == visit_id).order_by(Evidence.id)).all()
        assert len(files) > 2
        for number, one in enumerate(files):
            one.view_blob, one.view_type, one.fault = seen, "image/jpeg", ""
            session.add(one)
            session.flush()
            if number < 2:
                session.add(
                    Redaction(evidence_id=one.id, visit_id=visit_id, shows="person", boxes=[[2800, 2000, 1800, 3000]],
                              blob=shown if number == 0 else seen, made_by=world.account_id("reviewer"),
                              made_at=world.NOW, looked_at=world.NOW, releasable=number == 0)
                )  # fmt: skip

    found.db.write_now(paint)


def _release(session: Session, visit_id: str) -> None:
    review.release(session, [visit_id], DAY + timedelta(days=6))
    session.flush()
    session.expire_all()
    reporting.keep_cards(session, [visit_id])


def _under_way(found: World, a: str) -> None:
    """Covert work of the province that nobody below may notice: approved, and on offer."""
    soon = plan(found.kind, a, world.NOW - timedelta(days=3), option_at=made.every(3))
    found.db.write_now(made.approved, soon)
    found.db.write_now(_offer, a)


def _offer(session: Session, who: str) -> None:
    now = world.NOW
    for place, path in (("outlet-bell", "36/3601/360102/360102001/"), ("hall-bell", "36/3601/360102/")):
        session.add(
            Assignment(round_id="round-covert", touchpoint_id=place, unit_path=path, status="offered", status_at=now,
                       assessor_id=world.assessor_id(who), window_start=now, window_end=now + timedelta(days=9),
                       checklist_version_id=world.version_of(session, "own-hall-flagship"),
                       created_by=world.account_id("province-supervisor"), created_at=now)
        )  # fmt: skip


def _forget_covert_work(session: Session) -> None:
    """As if the province planned nothing covert just now."""
    visited = select(Visit.assignment_id)
    covert = col(Assignment.round_id).in_(("round-covert", "round-hotline"))
    session.execute(delete(Assignment).where(covert, col(Assignment.id).not_in(visited)))


def _run(found: World) -> None:
    """HR has a ZIP of every card."""

    def start(session: Session) -> str:
        return reporting.start_run(session, made.actor(session, "hr"), Filters(), "en", world.NOW)

    run_id = found.db.write_now(start)
    blobs = Blobs(found.settings.data_dir / "blobs")
    context = JobContext(found.settings, found.db, blobs, run_id, None, lambda fn, name: fn())  # type: ignore[arg-type]
    reporting_jobs.render_run.run(context, run_id)
    assert found.db.read_now(lambda session: session.get_one(ReportRun, run_id).status) == "ready"


Build = Callable[[Kind], World]

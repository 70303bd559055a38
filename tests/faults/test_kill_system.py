"""Server and worker are killed in the middle of work: nothing acknowledged is lost, nothing is doubled."""

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlmodel import Session, col, func, select

from audit_app.kit.blobs import Blobs
from audit_app.kit.ids import random_id
from audit_app.reporting.models import Scorecard
from audit_app.review.models import Review
from audit_app.trail.models import TrailLine
from audit_app.visits.models import Evidence, Visit, VisitRevision
from tests.journeys.api import Api, content_of
from tests.journeys.house import House, new_database, wait_for
from tests.journeys.test_results import check_zip

pytestmark = [pytest.mark.crash, pytest.mark.timeout(400)]
JOBS = 12
PHONES = ("tester", "tester-2", "chief-tester", "inspector")


@pytest.fixture(autouse=True)
def frozen_clock() -> None:
    """The server lives in its own process: here everybody has the real clock."""


@pytest.fixture
def house(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[House]:
    """A running system of its own, to be killed."""
    url = f"sqlite:///{tmp_path / 'mingcha.db'}"
    if backend == "postgres":
        url = new_database(request.getfixturevalue("postgres_server"))
    house = House(tmp_path, url)
    house.build()
    house.start()
    yield house
    house.stop()
    house.db.close()


@dataclass
class Phone:
    """Sends its visits until it has a receipt for each that misses nothing, whatever happens to the server."""

    api: Api
    jobs: list[str]
    receipts: dict[str, dict[str, Any]] = field(default_factory=dict)
    first: dict[str, dict[str, Any]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def work(self, pause: threading.Event) -> None:
        for job in self.jobs:
            visit = random_id()
            body = self.api.body(job, lambda key, job=job: content_of(f"{job} {key}"), option_at=lambda item: 9)
            while visit not in self.receipts:
                try:
                    self.send(visit, job, body)
                except httpx.TransportError:
                    pause.wait(0.1)
                except AssertionError as fault:
                    if " 50" not in str(fault):
                        self.faults.append(str(fault))
                        return

    def send(self, visit: str, job: str, body: dict[str, Any]) -> None:
        receipt = self.api.ok("PUT", f"/api/v1/visits/{visit}", 200, 201, json=body).json()
        self.first.setdefault(visit, receipt)
        for line in body["evidence"]:
            if line["sha256"] in receipt["missing_evidence"]:
                self.file(line, content_of(f"{job} {line['item_id']}.{line['media_type']}"))
        final = self.api.ok("PUT", f"/api/v1/visits/{visit}", 200, json=body).json()
        if not final["missing_evidence"]:
            self.receipts[visit] = final

    def file(self, line: dict[str, Any], data: bytes) -> None:
        """In parts of 1 kB, from where the server says that it is."""
        address = f"/api/v1/evidence/{line['sha256']}"
        at = int(self.api.ok("HEAD", address, 200, 204).headers.get("upload-offset", "0"))
        while at < len(data):
            part = data[at : at + 1024]
            reply = self.api.http.put(address, content=part, headers={"upload-offset": str(at)})
            if reply.status_code == 409:  # the answer to the last part was lost with the server
                at = int(self.api.ok("HEAD", address, 200, 204).headers["upload-offset"])
                continue
            assert reply.status_code < 300, f"PUT {address} {reply.status_code} {reply.text[:200]}"
            at += len(part)


def phones(house: House) -> list[Phone]:
    made = []
    for who in PHONES:
        jobs = [
            house.give(f"kill-{who}-{n}", "hall-bell-2", who, "own-hall-flagship") for n in range(JOBS // len(PHONES))
        ]
        made.append(Phone(Api(house, who), jobs))
    return made


def test_submissions_with_evidence(house: House) -> None:
    senders, pause = phones(house), threading.Event()
    threads = [threading.Thread(target=one.work, args=(pause,)) for one in senders]
    for thread in threads:
        thread.start()
    for acknowledged in (2, 5):
        wait_for(lambda n=acknowledged: sum(len(one.first) for one in senders) >= n, every=0.01)
        house.kill()
        print(f"served again after {house.start():.1f} s")
    wait_for(lambda: sum(len(one.receipts) for one in senders) >= 8 or any(one.faults for one in senders), every=0.01)
    house.worker().kill()
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive()
    assert [fault for one in senders for fault in one.faults] == []
    receipts = {visit: receipt for one in senders for visit, receipt in one.receipts.items()}
    assert len(receipts) == JOBS
    for one in senders:
        for visit, first in one.first.items():
            same = ("visit_id", "body_sha256", "received_at")
            assert [receipts[visit][key] for key in same] == [first[key] for key in same]
    house.db.read_now(everything_is_there, receipts, Blobs(house.folder / "blobs"))
    wait_for(lambda: house.db.read_now(reviews_of, list(receipts)) == dict.fromkeys(receipts, 1))


def everything_is_there(session: Session, receipts: dict[str, dict[str, Any]], blobs: Blobs) -> None:
    """One visit for each job, the bytes as acknowledged, each file with the hash it was promised under."""
    visits = session.scalars(select(Visit)).all()
    assert {visit.id for visit in visits} == set(receipts)
    assert len({visit.assignment_id for visit in visits}) == JOBS
    for revision in session.scalars(select(VisitRevision)):
        assert hashlib.sha256(revision.body).hexdigest() == receipts[revision.visit_id]["body_sha256"]
        assert revision.body_sha256 == receipts[revision.visit_id]["body_sha256"]
    files = session.scalars(select(Evidence)).all()
    assert len({(file.visit_id, file.sha256) for file in files}) == len(files) > JOBS
    for file in files:
        assert file.blob is not None
        assert hashlib.sha256(blobs.get(file.blob)).hexdigest() == file.sha256


def reviews_of(session: Session, visits: list[str]) -> dict[str, int]:
    counted = select(Review.visit_id, func.count()).where(col(Review.visit_id).in_(visits)).group_by(Review.visit_id)
    return dict(session.execute(counted).all())


def cards_of(house: House, count: int) -> None:
    """So many released visits, each with its card."""
    inspector, made = Api(house, "inspector"), []
    for n in range(count):
        hall = ("hall-bell", "hall-bell-2", "hall-drum", "hall-reed")[n % 4]
        made.append(inspector.send(house.give(f"card-{n}", hall, "inspector", "own-hall-overt", "overt")))
    for visit in made:
        _, who = house.review_of(visit)
        note = {"release_note": "Post the hours."}
        Api(house, who).ok("POST", f"/api/v1/visits/{visit}/approval", 201, json=note)
    kept = select(func.count()).select_from(Scorecard).where(Scorecard.kind == "visit")
    wait_for(lambda: house.db.read_now(lambda session: session.scalars(kept).one()) == count)


def files(folder: Path) -> int:
    return sum(1 for path in folder.rglob("*") if path.is_file())


def test_a_zip_of_scorecards(house: House) -> None:
    """Killed whole while it renders, then only its worker: the ZIP is made all the same, each card in it once."""
    cards_of(house, 8)
    blobs = house.folder / "blobs"
    before, run_id = files(blobs), house.start_zip()
    wait_for(lambda: files(blobs) >= before + 3, 90, 0.02)
    assert not house.run(run_id).zip_blob
    house.kill()
    print(f"served again after {house.start():.1f} s")
    house.worker().kill()
    wait_for(lambda: house.run(run_id).status == "ready", 120, 0.2)
    done = house.run(run_id)
    assert (done.done, done.failed) == (done.total, 0)
    assert done.zip_blob is not None
    content = Blobs(blobs).get(done.zip_blob)
    assert hashlib.sha256(content).hexdigest() == done.zip_blob
    pdfs = [name for name in check_zip(content) if name.endswith(".pdf")]
    assert len(pdfs) == len(set(pdfs)) == done.total >= 8
    acts = select(TrailLine.act).where(TrailLine.subject_id == run_id)
    told = house.db.read_now(lambda session: session.scalars(acts).all())
    assert len(told) == len(set(told)), "nothing is told twice"

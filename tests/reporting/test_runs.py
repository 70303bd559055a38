"""A batch from the button to the ZIP: what is in it, what fails alone, what is taken up again."""

import csv
import hashlib
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlmodel import select, update

from audit_app import reactions
from audit_app.jobs.inline import Inline
from audit_app.kit.blobs import Blobs
from audit_app.kit.db import Database, Session
from audit_app.organisation.models import Touchpoint
from audit_app.reporting import jobs, operations, rules
from audit_app.reporting.models import RenderedDocument, ReportItem, ReportRun
from audit_app.reporting.pool import Failure
from audit_app.settings import Settings
from audit_app.trail.models import TrailLine
from tests import world
from tests.reporting.made import Plan, actor, every, make

Open = Callable[[str], TestClient[Litestar]]
DAY = world.NOW - timedelta(days=14)


class FakePool:
    """Renders nothing: a document is its facts' class and place. `broken` codes fail; `made` counts."""

    broken: set[str] = set()
    made: list[str] = []
    stop_after = 10**6

    def __init__(self, workers: int = 1) -> None:
        pass

    def __enter__(self) -> "FakePool":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def render_many(self, documents: Iterable[tuple[int, Any, str]]) -> Iterator[tuple[int, Any]]:
        for key, facts, _locale in documents:
            if len(self.made) >= self.stop_after:
                raise KeyboardInterrupt
            if facts.place.code in self.broken:
                yield key, Failure("timeout")
            else:
                self.made.append(facts.place.code)
                yield key, f"%PDF {type(facts).__name__} {facts.issue.number}".encode()


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> type[FakePool]:
    monkeypatch.setattr(FakePool, "broken", set())
    monkeypatch.setattr(FakePool, "made", [])
    monkeypatch.setattr(FakePool, "stop_after", 10**6)
    monkeypatch.setattr(jobs, "RenderPool", FakePool)
    return FakePool


@pytest.fixture
def cards(db: Database) -> None:
    """Six cards: three touchpoints in three counties with a visit each, one of them with a wicked name."""
    make(
        db, Plan(started_at=DAY, option_at=every(5)), Plan(touchpoint="hall-drum", who="tester", started_at=DAY),
        Plan(touchpoint="hall-reed", who="tester-2", started_at=DAY),
    )  # fmt: skip

    def rename(session: Session) -> None:
        wicked = {"name": '=HYPERLINK("http://x","y")', "code": "007", "search": "007"}
        session.execute(update(Touchpoint).where(Touchpoint.id == "hall-reed").values(**wicked))  # type: ignore[arg-type]

    db.write_now(rename)


@pytest.fixture
def worker(settings: Settings, db: Database) -> Inline:
    return Inline(settings, db, Blobs(settings.data_dir / "blobs"), reactions.registry())


def start(db: Database, worker: Inline, **filters: str) -> str:
    """Starts a run as HR would; the trail line would enqueue the job."""
    run_id = db.write_now(lambda s: operations.start_run(s, actor(s, "hr"), rules.Filters(**filters), "en", world.NOW))
    worker.enqueue("reporting.render_run", run_id, f"start {run_id}")
    return run_id


def run_of(db: Database, run_id: str) -> ReportRun:
    return db.read_now(lambda s: s.get_one(ReportRun, run_id))


def items(db: Database, run_id: str) -> list[ReportItem]:
    return db.read_now(
        lambda s: list(s.exec(select(ReportItem).where(ReportItem.run_id == run_id).order_by(ReportItem.seq)))
    )


def acts(db: Database) -> list[str]:
    return db.read_now(lambda s: [line.act for line in s.exec(select(TrailLine)) if line.act.startswith("report_run")])


@pytest.mark.data
@pytest.mark.usefixtures("cards", "pool")
def test_a_run_ends_in_a_zip_whose_manifest_is_true(client_for: Open, db: Database, worker: Inline) -> None:
    run_id = start(db, worker)
    worker.drain()
    run = run_of(db, run_id)
    assert (run.status, run.total, run.done, run.failed) == ("ready", 6, 6, 0)
    assert acts(db) == ["report_run.started", "report_run.ready"]
    answer = client_for("hr").get(f"/report-runs/{run_id}/file")
    assert answer.status_code == 200
    assert answer.headers["content-length"] == str(len(answer.content)) == str(run.zip_bytes)
    assert acts(db)[-1] == "report_run.downloaded"
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    names = archive.namelist()
    pdfs = [name for name in names if name.endswith(".pdf")]
    assert sorted({name.split("/")[0] for name in pdfs}) == [
        "North City-Bell County", "North City-Drum County", "South City-Reed County"
    ]  # fmt: skip
    assert names[-2:] == ["manifest.csv", "Summary.xlsx"]
    text = archive.read("manifest.csv").decode()
    assert text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text[1:])))
    assert sorted(row["File"] for row in rows) == sorted(pdfs)
    for row in rows:
        content = archive.read(row["File"])
        assert hashlib.sha256(content).hexdigest() == row["sha256"]
        assert row["Bytes"] == str(len(content))
        assert row["Period"] == "2026Q4"
        assert row["Experience figure"]


@pytest.mark.usefixtures("cards", "pool")
def test_a_name_is_never_a_formula(client_for: Open, db: Database, worker: Inline) -> None:
    run_id = start(db, worker, q="007", kind="touchpoint")
    worker.drain()
    archive = zipfile.ZipFile(io.BytesIO(client_for("hr").get(f"/report-runs/{run_id}/file").content))
    assert "\"'=HYPERLINK" in archive.read("manifest.csv").decode()
    sheet = openpyxl.load_workbook(io.BytesIO(archive.read("Summary.xlsx"))).active
    cells = {cell.value: cell for row in sheet.iter_rows() for cell in row}
    assert cells['=HYPERLINK("http://x","y")'].data_type == "s"
    assert "007" in cells  # the code is text and keeps its zeros
    assert sheet.freeze_panes == "A2"
    assert all("/" not in name.split("/", 1)[1] and '"' not in name for name in archive.namelist() if "/" in name)


@pytest.mark.data
@pytest.mark.usefixtures("cards")
def test_what_failed_is_said_and_can_be_made_again(
    client_for: Open, db: Database, worker: Inline, pool: type[FakePool]
) -> None:
    pool.broken.add("JZ0002")
    run_id = start(db, worker, kind="touchpoint")
    worker.drain()
    run = run_of(db, run_id)
    assert (run.status, run.done, run.failed) == ("ready", 2, 1)
    client = client_for("hr")
    page = client.get(f"/report-runs/{run_id}").text
    assert "took too long" in page
    assert "Drum Tower Hall" in page
    assert "hx-trigger" not in page[page.index("<main") :]
    pool.broken.clear()
    before = len(pool.made)
    assert client.post(f"/report-runs/{run_id}/retry").status_code == 303
    assert run_of(db, run_id).status == "queued"
    assert client.get(f"/report-runs/{run_id}/file").status_code == 404
    assert client.post(f"/report-runs/{run_id}/retry").status_code == 409
    worker.enqueue("reporting.render_run", run_id, "retry")
    worker.drain()
    run = run_of(db, run_id)
    assert (run.status, run.done, run.failed) == ("ready", 3, 0)
    assert pool.made[before:] == ["JZ0002"]


@pytest.mark.usefixtures("cards")
def test_a_run_in_which_nothing_could_be_made_has_failed(db: Database, worker: Inline, pool: type[FakePool]) -> None:
    pool.broken |= {"JZ0001", "JZ0002", "007"}
    run_id = start(db, worker)
    worker.drain()
    run = run_of(db, run_id)
    assert (run.status, run.failed, run.zip_blob) == ("failed", 6, None)


@pytest.mark.data
@pytest.mark.usefixtures("cards")
def test_a_run_that_was_broken_off_is_finished_without_doubling(
    db: Database, worker: Inline, pool: type[FakePool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "BATCH", 2)
    pool.stop_after = 3
    run_id = start(db, worker)
    with pytest.raises(KeyboardInterrupt):
        worker.drain()
    run = run_of(db, run_id)
    assert (run.status, run.done) == ("running", 2)
    pool.stop_after = 10**6
    worker.enqueue("reporting.render_run", run_id, "again")
    worker.drain()
    run = run_of(db, run_id)
    assert (run.status, run.done, run.failed) == ("ready", 6, 0)
    assert len(pool.made) == 7  # only what was not stored at the break was made twice
    assert [item.status for item in items(db, run_id)] == ["done"] * 6
    assert acts(db) == ["report_run.started", "report_run.ready"]
    worker.enqueue("reporting.render_run", run_id, "once more")
    worker.drain()
    assert acts(db) == ["report_run.started", "report_run.ready"]
    assert len(pool.made) == 7


@pytest.mark.usefixtures("cards")
def test_the_same_cards_again_come_from_the_store(db: Database, worker: Inline, pool: type[FakePool]) -> None:
    first = start(db, worker)
    worker.drain()
    second = start(db, worker)
    worker.drain()
    assert len(pool.made) == 6
    assert [item.blob for item in items(db, first)] == [item.blob for item in items(db, second)]
    assert len(db.read_now(lambda s: s.exec(select(RenderedDocument)).all())) == 6


@pytest.mark.usefixtures("cards")
def test_a_cancelled_run_stops(client_for: Open, db: Database, worker: Inline, pool: type[FakePool]) -> None:
    run_id = start(db, worker)
    client = client_for("hr")
    part = client.get(f"/report-runs/{run_id}/progress").text
    assert 'hx-trigger="every' in part
    assert "<html" not in part
    assert client.post(f"/report-runs/{run_id}/cancellation").status_code == 303
    worker.drain()
    assert pool.made == []
    assert run_of(db, run_id).status == "cancelled"
    assert client.post(f"/report-runs/{run_id}/cancellation").status_code == 409
    assert "hx-trigger" not in client.get(f"/report-runs/{run_id}/progress").text


@pytest.mark.usefixtures("cards")
def test_a_run_holds_what_the_list_shows(client_for: Open, db: Database) -> None:
    client = client_for("hr")
    made = client.post("/report-runs", data={"kind": "visit", "unit": "3601"})
    run_id = made.headers["location"].rsplit("/", 1)[1]
    assert run_of(db, run_id).total == 2
    assert run_of(db, run_id).filters == {"kind": "visit", "unit": "3601"}
    assert client.get("/report-runs").text.count(f"/report-runs/{run_id}") == 1


@pytest.mark.usefixtures("cards", "pool")
def test_a_card_whose_facts_cannot_be_gathered_harms_no_other(
    db: Database, worker: Inline, monkeypatch: pytest.MonkeyPatch
) -> None:
    from audit_app.reporting import assembly

    whole = assembly.facts_of

    def broken(card: Any, edition: Any) -> Any:
        if card.place.code == "007":
            raise ValueError("a bad card")
        return whole(card, edition)

    monkeypatch.setattr(assembly, "facts_of", broken)
    run_id = start(db, worker, kind="touchpoint")
    worker.drain()
    assert [(i.status, i.reason) for i in items(db, run_id)] == [("done", ""), ("done", ""), ("failed", "facts")]

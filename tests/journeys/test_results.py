"""What comes out: the outlet reads a covert result without a trace of who was there; HR makes its files."""

import csv
import hashlib
import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypdf
import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from audit_app.kit import clock
from audit_app.review.models import VisitSubject
from tests.journeys.api import Api
from tests.journeys.house import House, now, wait_for
from tests.journeys.people import Desk
from tests.journeys.test_review import some_losses

CANARY = "ZEBRA-41 stood at the counter"


def printed(pdf: bytes) -> str:
    """All that a PDF says: pages, document information, XMP, attachments' names, and its own bytes."""
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    pages = "\n".join(page.extract_text() for page in reader.pages)
    said = [pages, repr(dict(reader.metadata or {})), repr(list(reader.attachments))]
    xmp = reader.root_object.get("/Metadata")
    if xmp is not None:
        said.append(xmp.get_object().get_data().decode())
    return "\n".join(said)


def approved(house: House, job: str, who: str, release_note: str = "Greet everybody.", **how: Any) -> str:
    """A visit sent and approved by JSON; its id."""
    visit = Api(house, who).send(job, **how)
    _, reviewer = house.review_of(visit)
    Api(house, reviewer).ok("POST", f"/api/v1/visits/{visit}/approval", 201, json={"release_note": release_note})
    return visit


def traces(house: House, visit_id: str) -> dict[str, str]:
    """Whatever would tell who came, when to the minute, or which record it is."""
    visit = house.visit(visit_id)
    began, ended = clock.local(visit.started_at), clock.local(visit.finished_at)
    times = {text: text for text in (f"{began:%H:%M}", f"{ended:%H:%M}") if not text.endswith(":00")}
    return times | {
        "words": CANARY, "code": "0101", "name": "chief-tester", "account": "acc-chief-tester",
        "assessor": "ass-chief-tester", "visit": visit.id, "job": visit.assignment_id,
    }  # fmt: skip


def test_an_outlet_reads_a_covert_result_without_a_trace(
    desk: Callable[..., Desk], house: House, tmp_path: Path
) -> None:
    job = house.give("j-covert", "hall-bell", "chief-tester", "own-hall-flagship")
    sent = {"option_at": some_losses, "note": CANARY, "hours_ago": 2.3}
    visit = approved(house, job, "chief-tester", "Post the hours at the door.", **sent)
    manager, county = desk("outlet-manager"), desk("county-supervisor")
    known = traces(house, visit)
    for one, paths in ((manager, ("/", "/results", "/scorecards")), (county, ("/", "/assignments", "/scorecards"))):
        for path in paths:
            html = one.open(path).content()
            assert "Covert" not in one.text(), f"before its release {path} must not tell of a covert visit"
            assert [name for name, text in known.items() if text in html] == [], path

    house.let_time_pass()
    outward = house.visit(visit).outward_id
    manager.until("/results", "Covert")
    html = manager.page.content()
    manager.open(f"/results/{outward}")
    expect(manager.page.locator("main")).to_contain_text("Post the hours at the door.")
    html += manager.page.content()
    assert [name for name, text in known.items() if text in html] == []
    assert manager.page.locator("main img, main audio").count() == 0
    manager.until(f"/results/{outward}", "Scorecard as PDF")  # the worker makes the card
    link = manager.page.get_by_role("link", name="Scorecard as PDF")
    file_name, pdf = manager.download("a[href^='/scorecards/'][href$='.pdf']", tmp_path)
    said = printed(pdf)
    assert "Post the hours at the door." in re.sub(r"\s+", " ", said)
    assert [name for name, text in known.items() if text in said + file_name] == []
    assert not re.search(rb"/Subtype\s*/Image", pdf), "the outlet's edition carries no photo"
    assert desk("outlet-manager-2").status(f"/results/{outward}") == 404
    assert desk("outlet-manager-2").status(link.get_attribute("href") or "") == 404


def test_a_scored_person_reads_asks_and_is_answered(desk: Callable[..., Desk], house: House) -> None:
    """On a phone: the inbox tells of the result, the sum is there, somebody answers as a role."""
    job = house.give("j-scored", "hall-bell", "chief-tester", "own-hall-flagship")
    visit = approved(house, job, "chief-tester", "Well done at the desk.", option_at=some_losses, note=CANARY)
    subject = VisitSubject(visit_id=visit, staff_id="bell-1", how="badge", confidence="exact", at=now())
    house.db.write_now(lambda session: session.add(subject))
    staff, known = desk("staff", viewport={"width": 390, "height": 844}), traces(house, visit)
    staff.open("/inbox")
    assert "A result was released" not in staff.text()
    house.let_time_pass()
    staff.until("/inbox", "A result was released")
    staff.press("Open")
    expect(staff.page.locator("main")).to_contain_text("Your own figure")
    expect(staff.page.locator("main")).to_contain_text("÷")
    html = staff.page.content()
    assert [name for name, text in known.items() if text in html] == []
    staff.press("I have read this")
    expect(staff.page.locator("main")).to_contain_text("You confirmed on")
    staff.page.get_by_role("textbox", name="Your question").fill("Why did the first item earn nothing?")
    staff.press("Ask")
    expect(staff.page.locator("#questions")).to_contain_text("to be answered by")
    boss = desk("county-supervisor")
    boss.open("/")
    boss.page.get_by_text("question about a result waits").click()
    boss.page.get_by_role("link", name="Why did the first item earn nothing?").click()
    boss.page.get_by_role("textbox", name="Your answer").fill("Nobody greeted at the door.")
    boss.press("Send the answer")
    expect(boss.page.locator("main")).to_contain_text("Answered on")
    staff.until("/inbox", "Your question about a result was answered.")
    staff.press("Open")
    expect(staff.page.locator("#questions")).to_contain_text("Nobody greeted at the door.")
    expect(staff.page.locator("main")).to_contain_text("read it to answer your question")
    assert "N county-supervisor 7" not in staff.page.content()


@pytest.mark.full  # the whole road does the same, with one card
def test_hr_downloads_a_card_and_a_zip(desk: Callable[..., Desk], house: House, tmp_path: Path) -> None:
    for number, hall in enumerate(("hall-bell", "hall-drum")):
        approved(house, house.give(f"j-hr-{number}", hall, "inspector", "own-hall-overt", "overt"), "inspector")
    hr = desk("hr")
    hr.until("/scorecards?period=&kind=visit&unit=&touchpoint_kind=&q=JZ0002", "Drum Tower Hall")
    hr.open("/scorecards")
    hr.page.get_by_label("Kind of card").select_option("touchpoint")
    hr.page.get_by_label("Search by name or code").fill("JZ0002")
    hr.press("Show")
    rows = hr.page.locator("table").first.locator("tbody tr")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Drum Tower Hall")
    name, pdf = hr.download("a[href$='.pdf']", tmp_path)
    assert name.endswith(".pdf")
    assert "JZ0002" in name
    assert "JZ0002" in printed(pdf)

    hr.open("/scorecards?period=&kind=&unit=&touchpoint_kind=hall&q=")
    hr.page.get_by_role("button", name=re.compile(r"^Make a ZIP of these \d+$")).click()
    hr.page.wait_for_url("**/report-runs/*")
    ready = hr.page.get_by_role("link", name="Download ZIP")
    ready.wait_for(timeout=60_000)  # the page changes by itself
    name, content = hr.download("a[href$='/file']", tmp_path)
    assert name.endswith(".zip")
    check_zip(content)


def check_zip(content: bytes) -> dict[str, bytes]:
    """The files of a ZIP of scorecards; every hash of its manifest is right, nothing is missing, its workbook opens."""
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert archive.testzip() is None
    files = {entry: archive.read(entry) for entry in archive.namelist()}
    assert len(files) == len(archive.infolist())
    pdfs = {entry: hashlib.sha256(data).hexdigest() for entry, data in files.items() if entry.endswith(".pdf")}
    lines = list(csv.reader(io.StringIO(files["manifest.csv"].decode("utf-8-sig"))))
    assert {line[0]: line[1] for line in lines[1:]} == pdfs
    assert len(pdfs) >= 2
    [workbook] = [data for entry, data in files.items() if entry.endswith(".xlsx")]
    sheet = load_workbook(io.BytesIO(workbook)).worksheets[0]
    assert sheet.max_row >= len(pdfs)
    return files


def test_hr_never_sees_what_is_not_released(desk: Callable[..., Desk], house: House) -> None:
    cards = "/scorecards?period=&kind=visit&unit=&touchpoint_kind=&q=JZ0003"
    house.let_time_pass()  # whatever other journeys left at this hall
    hr = desk("hr")

    def rows() -> int:
        return hr.open(cards).locator("a[href$='.pdf']").count()

    job = house.give("j-hidden", "hall-reed", "tester-2", "own-hall-basic")
    visit = approved(house, job, "tester-2")
    before = rows()
    assert house.visit(visit).outward_id is None
    house.let_time_pass()
    wait_for(lambda: rows() == before + 1, every=0.3)

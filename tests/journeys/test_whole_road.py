"""One visit the whole way: the hall is imported, the round planned, the job scored on a phone, reviewed, released, read
by the hall's manager, and its figure printed for HR; then the same by JSON alone."""

import re
from collections.abc import Callable
from pathlib import Path

import httpx
from playwright.sync_api import expect
from sqlmodel import Session, select

from audit_app.organisation.models import RoleGrant, Touchpoint
from audit_app.planning.models import Assignment
from audit_app.review.queries import effective_answers
from audit_app.scoring.engine import score_all
from audit_app.standards.queries import sheet_for
from audit_app.visits.models import Visit
from tests.journeys.api import Api
from tests.journeys.house import House, now, wait_for
from tests.journeys.people import Desk, Handset
from tests.journeys.test_planning import give_out, open_programme
from tests.journeys.test_results import check_zip, printed
from tests.journeys.test_review import approve
from tests.journeys.test_tester import lose, photograph
from tests.world import account_id

HALL = "Stone Bridge Hall"
FILE = f"code,name,kind,tier,unit_code,address\nJZ7777,{HALL},hall,2,360103,2 Stone Street\n".encode()


def computed(session: Session, visit_id: str) -> str:
    """The score, worked out anew from the answers as given."""
    visit = session.get_one(Visit, visit_id)
    results = score_all(sheet_for(session, visit.checklist_version_id), effective_answers(session, visit))
    assert results.experience is not None
    return str(results.experience.final_total)


def manage(session: Session, code: str, username: str) -> str:
    """Makes somebody the manager of an imported hall; its id. (No screen does that yet.)"""
    hall = session.scalars(select(Touchpoint).where(Touchpoint.code == code)).one()
    session.add(RoleGrant(account_id=account_id(username), role="outlet_manager", unit_code=hall.unit_code,
                          touchpoint_id=hall.id, granted_at=now()))  # fmt: skip
    return hall.id


def import_hall(admin: Desk) -> None:
    admin.open("/imports")
    admin.page.locator("input[name=kind][value=touchpoints]").check()
    admin.page.locator("#f-file").set_input_files({"name": "halls.csv", "mimeType": "text/csv", "buffer": FILE})
    admin.page.locator("form[action='/imports'] button.p").click()
    admin.page.wait_for_url("**/imports/*")
    admin.page.get_by_role("button", name="Write 1 row").click()
    admin.page.wait_for_load_state()


def score_on_the_phone(tester: Handset, job: str) -> str:
    """Accepts, scores all 48 items with two losses, sends; the visit's id."""
    tester.open()
    tester.page.locator(f"a[href='#/briefing/{job}']").first.click()
    tester.page.get_by_label("I have no family").check()
    tester.page.get_by_role("button", name="Accept the task").click()
    tester.page.locator(f"a[href='#/start/{job}']").first.wait_for()
    visit = tester.begin_job(job)
    for number, section in enumerate(tester.sections()):
        tester.open(section)
        lost = tester.codes("section.it:has(label.n)")[0] if number in (0, 4) else ""
        if lost:
            lose(tester, lost, "Seen and missed")
        tester.fill_section(skip=(lost,))
        photograph(tester)
    tester.hand_in(visit)
    return visit


def test_the_whole_road(desk: Callable[..., Desk], phone: Callable[..., Handset], house: House, tmp_path: Path) -> None:
    import_hall(desk("admin"))
    hall = house.db.write_now(manage, "JZ7777", "outlet-manager-2")
    supervisor = desk("province-supervisor")
    open_programme(supervisor, "Stone programme 8812")
    give_out(supervisor, HALL, "0101")
    supervisor.press("Publish 1 job")
    wanted = select(Assignment.id).where(Assignment.touchpoint_id == hall)
    job = house.db.read_now(lambda session: session.scalars(wanted).one())

    visit = score_on_the_phone(phone("chief-tester"), job)
    score = house.db.read_now(computed, visit)
    assert score != "100.00"
    approve(desk, house, visit, "Post the hours at the door.")
    manager = desk("outlet-manager-2")
    manager.open("/results")
    assert HALL not in manager.text()
    house.let_time_pass()
    manager.until("/results", HALL)
    manager.open(f"/results/{house.visit(visit).outward_id}")
    expect(manager.page.locator("main")).to_contain_text(score)

    hr = desk("hr")
    hr.until("/scorecards?period=&kind=visit&unit=&touchpoint_kind=&q=JZ7777", HALL)
    expect(hr.page.locator("table").first).to_contain_text(score)
    name, pdf = hr.download("a[href$='.pdf']", tmp_path)
    said = printed(pdf)
    assert "JZ7777" in name
    for text in (HALL, "JZ7777", score):
        assert text in said, text
    assert "Seen and missed" not in said, "the HR edition has no free text"
    hr.open("/scorecards?period=&kind=&unit=&touchpoint_kind=&q=JZ7777")
    hr.page.get_by_role("button", name=re.compile(r"^Make a ZIP of these \d+$")).click()
    hr.page.get_by_role("link", name="Download ZIP").wait_for(timeout=60_000)
    files = check_zip(hr.download("a[href$='/file']", tmp_path)[1])
    assert all("JZ7777" in entry for entry in files if entry.endswith(".pdf"))


def test_the_road_by_json_alone(house: House) -> None:
    tester, stranger = Api(house, "tester-2"), Api(house, "tester")
    job = house.give("j-json", "hall-reed", "tester-2", "own-hall-basic", status="offered")
    listed = {row["id"]: row for row in tester.ok("GET", "/api/v1/assignments").json()["items"]}
    checklist = listed[job]["checklist_version_id"]
    assert tester.ok("GET", f"/api/v1/checklists/{checklist}").json()["id"] == checklist
    stranger.ok("POST", f"/api/v1/assignments/{job}/acceptance", 404)
    tester.ok("POST", f"/api/v1/assignments/{job}/acceptance")
    visit = tester.send(job, option_at=lambda item: 9 if item.id.endswith(".badge") else 0)
    stranger.ok("GET", f"/api/v1/visits/{visit}", 404)
    assert tester.ok("GET", f"/api/v1/visits/{visit}").status_code == 200

    _, who = house.review_of(visit)
    stranger.ok("POST", f"/api/v1/visits/{visit}/approval", 403, json={"release_note": "Mine is good."})
    reviewer = Api(house, who)
    made = reviewer.ok("POST", f"/api/v1/visits/{visit}/approval", 201, json={"release_note": "Wear badges."}).json()
    score = house.db.read_now(computed, visit)
    assert made["result"]["experience"] == score
    reviewer.ok("POST", f"/api/v1/visits/{visit}/approval", 404, 409, json={"release_note": "Again."})

    hr = Api(house, "hr")
    address = "/api/v1/scorecards?kind=visit&q=JZ0003"
    known = {row["id"] for row in hr.ok("GET", address).json()["items"]}
    house.let_time_pass()
    card = wait_for(
        lambda: next((row for row in hr.ok("GET", address).json()["items"] if row["id"] not in known), None)
    )
    assert card["figures"] == [{"series": "covert", "visits": 1, "mean": score}]
    pdf = hr.ok("GET", card["pdf"])
    assert pdf.headers["content-type"] == "application/pdf"
    assert score in printed(pdf.content)
    tester.ok("GET", "/api/v1/scorecards", 403)
    assert httpx.get(f"{house.base}/api/v1/scorecards").status_code == 401
    assert visit not in pdf.text

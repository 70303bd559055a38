"""A supervisor plans by hand; the tester sees the job on the phone; people below learn nothing of covert work."""

from collections.abc import Callable
from datetime import date, timedelta

from playwright.sync_api import expect
from sqlmodel import select

from audit_app.planning.models import NoticeAcknowledgement
from tests.journeys.house import House
from tests.journeys.people import Desk, Handset
from tests.world import account_id

NAME = "Autumn comparison 7731"
NOTICE = "This autumn, halls are visited. Notice 5512."


def open_programme(desk: Desk, name: str = NAME) -> None:
    """Programme and round, as the forms ask for them."""
    desk.open("/programmes")
    desk.page.get_by_role("link", name="New programme").click()
    page = desk.page
    page.locator("#f-name").fill(name)
    page.locator("#f-unit_code").select_option("36")
    page.locator("input[name=manner][value=covert]").check()
    page.locator("input[name=touchpoint_kinds][value=hall]").check()
    page.locator("input[name=checklist_ids][value=own-hall-flagship]").check()
    page.locator("#f-purpose").fill("Comparison of halls")
    page.locator("#f-notice").fill(NOTICE)
    desk.press("Make the programme")
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    page.locator("#pool summary").click()  # the cast has few assessors
    page.locator("#f-fewest").fill("1")
    page.locator("#pool select").select_option(index=1)
    page.locator("#pool button").click()
    expect(page.locator("#pool")).to_contain_text("at least 1 assessor")
    page.locator("#f-name").fill("November")
    page.locator("#f-last_day").fill(str(date.today() + timedelta(days=40)))
    desk.press("Open the round")
    expect(page.get_by_role("heading", level=1)).to_contain_text("November")


def give_out(desk: Desk, hall: str, assessor: str) -> None:
    desk.page.get_by_role("link", name="All", exact=True).click()
    desk.page.get_by_role("link", name=f"Give out {hall}").click()
    desk.page.locator("label", has_text=assessor).locator("input[name=assessor_id]").check()
    desk.press("Add as a draft")
    expect(desk.page.locator("tr", has_text=hall).first).to_contain_text(assessor)


def test_from_a_programme_to_a_job_on_the_phone(
    desk: Callable[..., Desk], phone: Callable[..., Handset], house: House
) -> None:
    supervisor = desk("province-supervisor")
    open_programme(supervisor)
    give_out(supervisor, "Drum Tower Hall", "0317")
    tester = phone("tester")
    tester.open()
    assert "Drum Tower Hall" not in tester.page.locator("main").inner_text(), "a draft is nobody's business yet"
    supervisor.press("Publish 1 job")
    expect(supervisor.page.locator("tr", has_text="Drum Tower Hall").first).to_contain_text("Offered")
    round_path = supervisor.page.url.removeprefix(house.base)
    supervisor.open("/assignments")
    expect(supervisor.page.locator("main")).to_contain_text(NAME)
    supervisor.page.set_viewport_size({"width": 390, "height": 844})
    supervisor.open(round_path)
    expect(supervisor.page.locator("main")).to_contain_text("Drum Tower Hall")

    tester.open("/schedule")
    tester.open("/")
    expect(tester.page.locator("main")).to_contain_text("Drum Tower Hall")

    below = desk("county-supervisor-2")  # the county of that very hall
    for path in ("/", "/programmes", "/assignments", "/organisation", "/touchpoints/hall-drum"):
        text = below.open(path).content()
        assert NAME not in text, path
        assert "0317" not in text, path
    for path in (round_path, f"{round_path}/touchpoints/hall-drum"):
        assert below.status(path) == 404


def test_staff_read_the_notice_and_say_so(desk: Callable[..., Desk], house: House) -> None:
    staff = desk("staff")
    staff.open("/")
    expect(staff.page.locator("section", has_text="Visits will take place.").first).to_contain_text("Notice of an insp")
    waiting = staff.page.locator("#notices details")
    before = waiting.count()
    staff.press("I have read this")  # the first one is open, the others are folded
    expect(waiting).to_have_count(before - 1)
    expect(staff.page.get_by_text("Notices you have read")).to_be_visible()
    mine = select(NoticeAcknowledgement).where(NoticeAcknowledgement.account_id == account_id("staff"))
    assert house.db.read_now(lambda session: len(session.scalars(mine).all())) == 1

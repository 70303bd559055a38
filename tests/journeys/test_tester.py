"""The tester's visit of 48 items on a phone, and the inspector's call, on the real server."""

import io
import wave
from collections.abc import Callable

from playwright.sync_api import expect
from sqlmodel import select

from audit_app.visits.models import VisitRevision
from audit_app.visits.rules import DECODER
from tests.browser.field.pictures import picture
from tests.journeys.house import House
from tests.journeys.people import Handset


def sound(seconds: int = 2) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"\x00\x01" * 8000 * seconds)
    return out.getvalue()


def lose(phone: Handset, code: str, note: str) -> None:
    """The worst answer with what it asks for: a reason, a photo, a note."""
    one = phone.page.locator(f"#item-{code}")
    one.locator(".seg4 label.n").click()
    if one.locator(".chip").count():
        one.locator(".chip").first.click()
    if one.locator("[data-source=camera]").count():
        phone.shoot(code, picture(size=(1200, 900), grain=60, tags=False))
    if one.locator("textarea").count():
        one.locator("textarea").first.fill(note)


def photograph(phone: Handset) -> None:
    for at, code in enumerate(phone.codes("section.it:has([data-source=camera])")):
        phone.shoot(code, picture(f"#{at + 10}4466", tags=False))


def test_a_hall_from_the_offer_to_the_receipt(phone: Callable[..., Handset], house: House) -> None:
    job = house.give("j-hall", "hall-bell-2", "tester", "own-hall-flagship", status="offered")
    tester = phone("tester")
    page = tester.page
    tester.open()
    page.locator(f"a[href='#/briefing/{job}']").first.click()
    page.get_by_label("I have no family").check()
    page.get_by_role("button", name="Accept the task").click()
    page.locator(f"a[href='#/start/{job}']").first.wait_for()
    visit = tester.begin_job(job)
    tester.installed()
    page.get_by_role("button", name="I have arrived").click()
    page.get_by_role("button", name="No, without").click()
    page.locator("[data-mark=check_in]").wait_for()

    sections = tester.sections()
    lose(tester, "A2", "Nothing at the door")
    tester.fill_section(skip=("A2",))
    photograph(tester)
    tester.context.set_offline(True)
    tester.open(sections[1])
    lost = tester.codes("section.it:has(label.n)")[0]
    lose(tester, lost, "Nobody looked up")
    expect(page.locator("[data-live=saved]")).to_contain_text("Offline, saved here")
    page.reload()
    page.locator(f"#item-{lost}").wait_for()
    tester.fill_section(skip=(lost,))
    photograph(tester)
    tester.open(sections[2])
    tester.fill_section()
    photograph(tester)
    tester.context.set_offline(False)
    for section in sections[3:]:
        tester.open(section)
        tester.fill_section()
        photograph(tester)
    tester.hand_in(visit)

    row = house.visit(visit)
    assert (row.assignment_id, row.missing) == (job, 0)
    body = DECODER.decode(stored(house, visit))
    notes = {answer.note for answer in body.answers}
    assert {"Nothing at the door", "Nobody looked up"} <= notes
    assert len(body.answers) >= 47
    assert any(line.source == "camera" for line in body.manifest)


def stored(house: House, visit: str) -> bytes:
    """The bytes as the phone sent them."""
    wanted = select(VisitRevision.body).where(VisitRevision.visit_id == visit)
    return house.db.read_now(lambda session: session.scalars(wanted).one())


def test_a_hotline_call_with_a_recording(phone: Callable[..., Handset], house: House) -> None:
    inspector = phone("inspector")
    page, visit = inspector.page, inspector.begin_job("as-call")
    for mark in ("dial", "menu", "queue", "agent", "hang_up"):
        page.locator("[data-key=next-mark]").click()
        page.locator(f"li[data-mark={mark}]:is(.cur,.d)").wait_for()
    page.get_by_label("Agent number heard").fill("801")
    file = {"name": "call.wav", "mimeType": "audio/wav", "buffer": sound()}
    page.locator("[data-key=recording-call]").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_text("1 recording kept").wait_for()
    page.get_by_role("link", name="Go on scoring").click()
    for section in inspector.sections():
        inspector.open(section)
        inspector.fill_section()
        photograph(inspector)
    inspector.hand_in(visit)

    row = house.visit(visit)
    assert (row.series, row.missing) == ("hotline", 0)
    body = DECODER.decode(stored(house, visit))
    assert [mark.mark for mark in body.timeline or []] == ["dial", "menu", "queue", "agent", "hang_up"]
    assert body.subject is not None
    assert body.subject.agent_no == "801"
    assert [line.media_type for line in body.manifest if line.source == "file"] == ["audio/wav"]

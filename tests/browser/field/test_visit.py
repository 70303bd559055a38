"""A visit from the briefing to the receipt."""

import hashlib
import io
import json

from PIL import Image
from playwright.sync_api import expect

from audit_app.visits import shell
from audit_app.visits.rules import DECODER
from tests.browser.field.conftest import CALL, OUTLET, Phone
from tests.browser.field.fake_server import assignment, checklist
from tests.browser.field.pictures import picture


def body_of(phone: Phone, visit: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(phone.fake.visits[visit].body)
    return found


def received(phone: Phone) -> None:
    phone.page.locator("dl[data-receipt]").wait_for()


def test_a_hall_visit_of_48_items(phone: Phone) -> None:
    """Reasons, a note and a photo on loss; the network goes in the middle, a reload comes back to the same item; the
    receipt says "received" only when every byte is."""
    page, visit = phone.page, phone.begin(1)
    phone.installed()
    page.get_by_role("button", name="I have arrived").click()
    page.get_by_role("button", name="No, without").click()
    page.locator("[data-mark=check_in]").wait_for()
    sections = phone.sections()
    assert len(sections) == 8

    page.locator("#item-A2 label.n").click()
    page.locator("#item-A2 .chip").first.click()
    page.locator("#item-A2 textarea").fill("Nothing at the door")
    phone.shoot("A2", picture(size=(2400, 1800), grain=60, tags=False))
    phone.fill_section(skip=("A2",))
    assert page.locator("section.it").count() <= 1  # what is finished is one line

    phone.context.set_offline(True)
    page.locator(".nx").click()
    page.wait_for_url(f"**{sections[1]}*")
    page.locator("#item-B3 label.y").click()
    expect(page.locator("[data-live=saved]")).to_contain_text("Offline, saved here")
    page.reload()
    page.locator("#item-B3 label.y input:checked").wait_for()
    assert page.url.endswith("/B3")

    for at, section in enumerate(sections[1:], 1):
        phone.open(section)
        phone.fill_section()
        for code in phone.codes("section.it:has([data-source=camera])"):
            phone.shoot(code, picture(f"#{at}{at}4466", tags=False))
    phone.open(f"/check/{visit}")
    assert page.locator("#gaps").count() == 0
    phone.send()
    expect(page.locator(".state h2")).to_have_text("Kept on this phone")
    assert phone.count("PUT", "/visits/") == 0

    phone.fake.faults.reset = {"PUT /api/v1/evidence/": 1}
    phone.context.set_offline(False)
    received(phone)
    body, taken = DECODER.decode(phone.fake.visits[visit].body), phone.fake.visits[visit]
    assert taken.status == "submitted"
    assert phone.fake.missing(visit) == []
    assert {a.item_id: a for a in body.answers}["own-hall-flagship.hours-posted"].note == "Nothing at the door"
    assert len(body.answers) >= 47
    assert body.consents is not None
    assert body.consents.position is False
    assert body.check_in is None
    assert next(mark.mark for mark in body.timeline or []) == "check_in"
    assert page.evaluate("indexedDB.databases().then((all) => all.length)") == 1
    left = page.evaluate(
        "import('/static/js/field/store.js').then((s) => Promise.all([s.all('drafts'), s.all('blobs')]))"
    )
    assert left == [[], []]
    kept = page.evaluate(
        "caches.keys().then((k) => caches.open(k[0])).then((c) => c.keys()).then((r) => r.map((q) => q.url))"
    )
    assert {str(url).removeprefix(phone.base) for url in kept} == set(shell.files())


def test_photos_lose_all_tags_but_the_time(phone: Phone) -> None:
    page, visit = phone.page, phone.begin(1)
    page.locator("#item-A2 label.n").click()
    original = picture(size=(2400, 1800))
    page.evaluate("() => { Date.now = ((then) => () => then)(Date.parse('2026-11-24T10:43:00+08:00')); }")
    phone.shoot("A2", original)
    [kept] = page.evaluate("""(visit) => import('/static/js/field/store.js').then(async (s) => {
        const found = await s.blobsOf(visit);
        return Promise.all(found.map(async (b) => ({...b, bytes: [...new Uint8Array(await b.blob.arrayBuffer())]})));
    })""", visit)  # fmt: skip
    small = bytes(kept["bytes"])
    assert kept["taken_at"] == "2026-11-24T10:42:07.000+08:00"
    assert kept["original_sha256"] == hashlib.sha256(original).hexdigest()
    assert kept["sha256"] == hashlib.sha256(small).hexdigest()
    assert kept["source"] == "camera"
    image = Image.open(io.BytesIO(small))
    assert max(image.size) == 1600
    assert dict(image.getexif()) == {}


def test_a_live_item_refuses_the_album(phone: Phone) -> None:
    page, _ = phone.page, phone.begin(1)
    page.locator("#item-A2 label.n").click()
    assert page.locator("#item-A2 [data-source=gallery]").count() == 0
    old = {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": picture()}  # its own time is not now
    page.locator("#item-A2 [data-source=camera]").set_input_files(old)  # type: ignore[arg-type]
    expect(page.get_by_role("alert")).to_have_text("Not kept")
    page.get_by_role("button", name="Close").click()
    assert page.locator("#item-A2 .thumb img").count() == 0


def code_of(name: str, concept: str) -> str:
    return next(
        f"{chr(65 + at)}{number}"
        for at, section in enumerate(checklist(name).sections)
        for number, item in enumerate(section.items, 1)
        if item.id.endswith(f".{concept}")
    )


def test_a_hotline_call(phone: Phone) -> None:
    """Five marks with one button, one of them added later; what they measure is filled in."""
    page, visit = phone.page, phone.begin(2)
    press = page.locator("[data-key=next-mark]")
    for mark in ("dial", "menu", "queue", "agent"):
        press.click()
        page.locator(f"li[data-mark={mark}].cur").wait_for()
    page.get_by_role("button", name="Transfers: one more").click()
    page.get_by_role("button", name="Menu levels: one more").click()
    page.get_by_role("button", name="Menu levels: one more").click()
    page.get_by_label("Agent number heard").fill("1083")
    kept = f"import('/static/js/field/store.js').then((s) => s.get('drafts', '{visit}'))"
    phone.until(f"{kept}.then((d) => d.subject.agent_no === '1083')")
    page.reload()
    page.locator("li[data-mark=agent].cur").wait_for()
    press.click()
    page.locator("li[data-mark=hang_up].d").wait_for()
    page.get_by_role("button", name="Add a mark later").click()
    page.get_by_label("Time mark", exact=True).select_option("menu")
    page.get_by_label("Time", exact=True).fill("00:00:05")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("li[data-mark=menu]")).to_contain_text("added later")
    sound = {"name": "call.m4a", "mimeType": "audio/mp4", "buffer": b"sound" * 9000}
    page.locator("[data-key=recording-call]").set_input_files(sound)  # type: ignore[arg-type]
    page.get_by_text("1 recording kept").wait_for()
    page.get_by_role("link", name="Go on scoring").click()
    page.locator("#item-A1 label.y").click()
    phone.answer_all(visit, skip=("A1", code_of(CALL, "agent-wait")))
    phone.open(f"/check/{visit}")
    assert page.locator("#gaps li").all_text_contents() == []
    phone.send()
    received(phone)
    body = DECODER.decode(phone.fake.visits[visit].body)
    assert [mark.mark for mark in body.timeline or [] if mark.added_later] == ["menu"]
    assert body.call is not None
    assert (body.call.number, body.call.transfers, body.call.menu_depth) == ("10000", 1, 2)
    assert body.subject is not None
    assert body.subject.agent_no == "1083"
    assert body.manifest[0].source == "file"
    assert body.consents is not None
    assert body.consents.audio is True
    assert any(answer.item_id == "hotline-mystery.agent-wait" and answer.value is not None for answer in body.answers)


def test_every_gap_is_listed_with_its_link(phone: Phone) -> None:
    page, visit = phone.page, phone.begin(1)
    page.locator("#item-A2 label.n").click()
    page.locator("#item-A1 label.x").click()
    phone.answer_all(visit, skip=("A1", "A2", "C1"))
    phone.open(f"/check/{visit}")
    rows = page.locator("#gaps li").all_text_contents()
    assert rows[0].endswith("— no reason for N/A")
    assert rows[0].startswith("A1 ")
    assert rows[1].endswith("— photo missing, note missing")
    assert rows[1].startswith("A2 ")
    assert [row[:3] for row in rows[2:]] == ["C1 "]
    assert rows[2].endswith("— not answered")
    assert page.locator("#send").text_content() == f"Complete {len(rows)} items, then send"
    page.locator("#send").click()
    page.wait_for_url("**/A1")
    page.locator("#item-A1.gap #na-A1").fill("Closed for the fair")
    phone.open(f"/check/{visit}")
    assert page.locator("#gaps li").count() == len(rows) - 1


def test_the_declaration_is_asked_for(phone: Phone) -> None:
    page, visit = phone.page, phone.begin(2)
    phone.answer_all(visit)
    phone.open(f"/check/{visit}")
    page.locator("#send").click()
    expect(page.get_by_role("alert")).to_have_text("Please confirm this first.")
    assert page.evaluate("document.activeElement.id") == "declaration"
    assert phone.count("PUT", "/visits/") == 0


def test_a_returned_visit_becomes_the_next_revision(phone: Phone) -> None:
    page, visit = phone.page, phone.begin(2)
    phone.answer_all(visit)
    phone.open(f"/check/{visit}")
    phone.send()
    received(phone)
    phone.fake.send_back(visit, [{"item_id": "hotline-mystery.connect", "text": "At which attempt?"}])
    phone.open("/")
    page.get_by_role("link", name="See what is asked").click()
    page.wait_for_url(f"**/check/{visit}")
    phone.open(f"/visit/{visit}/ivr/A1")
    expect(page.locator("#item-A1 .notice.w")).to_contain_text("At which attempt?")
    page.locator("#item-A1 label.n").click()
    page.locator("#item-A1 .chip").first.click()
    phone.open(f"/check/{visit}")
    phone.send()
    received(phone)
    again = DECODER.decode(phone.fake.visits[visit].body)
    answers = {answer.item_id: answer for answer in again.answers}
    assert again.revision == 2
    assert answers["hotline-mystery.connect"].option_id == "no"
    assert answers["hotline-mystery.connect"].reason == "Busy tone"
    assert len(answers) >= 32


def test_accept_and_decline(phone: Phone) -> None:
    page = phone.page
    phone.fake.assignments.append(assignment(4, "outlet", "Another outlet", OUTLET, status="offered"))
    phone.open("/")
    page.locator("a[href='#/briefing/a3']").click()
    page.get_by_role("button", name="Accept the task").click()
    expect(page.get_by_role("alert")).to_contain_text("confirm first")
    page.get_by_label("I have no family").check()
    page.get_by_role("button", name="Accept the task").click()
    page.locator("[data-assignment=a3] a[href='#/start/a3']").wait_for()
    assert phone.fake.assignments[2]["status"] == "accepted"
    phone.open("/schedule")
    page.locator("a[href='#/briefing/a4']").click()
    page.get_by_role("button", name="Decline").click()
    page.get_by_label("I know people there").check()
    page.get_by_role("dialog").get_by_role("button", name="Decline it").click()
    page.wait_for_url("**#/")
    assert phone.fake.declined == [{"id": "a4", "reason": "conflict", "note": ""}]

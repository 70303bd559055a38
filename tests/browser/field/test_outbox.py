"""What can go wrong on the way: nothing is lost, nothing is sent twice, nothing is called sent before it is."""

import threading

import pytest
from playwright.sync_api import expect

from tests.browser.field.conftest import Phone
from tests.browser.field.pictures import picture

QUEUE = "import('/static/js/field/store.js').then((s) => s.all('outbox'))"
HURRY = "import('/static/js/field/outbox.js').then((o) => o.retryAll())"


def ready(phone: Phone, number: int = 2) -> str:
    """A filled-in call on its final page."""
    visit = phone.begin(number)
    phone.answer_all(visit)
    phone.open(f"/check/{visit}")
    return visit


def received(phone: Phone) -> None:
    phone.page.locator("dl[data-receipt]").wait_for()


def test_a_lost_reply_gives_the_same_receipt_once(phone: Phone) -> None:
    visit = ready(phone)
    phone.fake.faults.lose = {"PUT /api/v1/visits/": 1}
    phone.send()
    phone.until(f"{QUEUE}.then(([e]) => e.attempts >= 1)")
    assert visit in phone.fake.visits  # taken, but the phone does not know
    expect(phone.page.locator(".state h2")).not_to_contain_text("received")
    phone.page.evaluate(HURRY)
    received(phone)
    codes = [code for verb, path, code in phone.fake.log if verb == "PUT" and "/visits/" in path]
    assert codes[:2] == [201, 200]
    assert len(phone.fake.visits) == 1


def test_a_captive_portal_keeps_the_queue(phone: Phone) -> None:
    ready(phone)
    phone.fake.faults.portal = True
    phone.send()
    expect(phone.page.locator(".dock")).to_be_visible()
    phone.until(f"{QUEUE}.then(([e]) => e.attempts >= 1 && e.receipt === null && e.body.length > 1000)")
    phone.open("/outbox")
    expect(phone.page.locator("header")).to_contain_text("asks for a sign-in")
    phone.fake.faults.portal = False
    phone.page.evaluate(HURRY)
    phone.page.locator("a.card.done").wait_for()


def test_an_ended_sign_in_loses_nothing(phone: Phone) -> None:
    ready(phone)
    phone.fake.faults.signed_out = True
    phone.send()
    expect(phone.page.locator("#field")).to_contain_text("Everything is still here")
    again = phone.page.get_by_role("link", name="Sign in again").get_attribute("href")
    assert again is not None
    assert again.startswith("/sign-in?next=%2Ffield%23%2Freceipt")
    phone.fake.faults.signed_out = False
    phone.page.reload()
    received(phone)


def test_two_tabs_send_once(phone: Phone) -> None:
    ready(phone)
    phone.fake.faults.hold = threading.Event()
    other = phone.context.new_page()
    phone.open("/outbox", other)
    phone.send()
    other.evaluate(HURRY.replace("retryAll", "pump"))
    phone.until("navigator.locks.query().then((all) => all.held.length === 1)")
    phone.fake.faults.hold.set()
    received(phone)
    assert phone.count("PUT", "/visits/") == 1
    other.locator("a.card.done").wait_for()


def test_a_double_tap_queues_once(phone: Phone) -> None:
    visit = ready(phone)
    phone.context.set_offline(True)
    phone.page.locator("#declaration").check()
    phone.page.evaluate("() => { const send = document.getElementById('send'); send.click(); send.click(); }")
    phone.page.wait_for_url(f"**#/receipt/{visit}")
    assert len(phone.page.evaluate(QUEUE)) == 1


@pytest.mark.parametrize(("status", "state"), [(422, "attention"), (409, "conflict"), (404, "attention")])
def test_a_refusal_is_kept_and_shown(phone: Phone, status: int, state: str) -> None:
    visit = ready(phone)
    phone.fake.faults.refuse_visit = status
    phone.send()
    phone.until(f"{QUEUE}.then(([e]) => e.state === '{state}')")
    expect(phone.page.locator("[role=alert]")).to_be_visible()
    drafts = phone.page.evaluate("import('/static/js/field/store.js').then((s) => s.all('drafts'))")
    assert [draft["visit_id"] for draft in drafts] == [visit]
    if state == "attention":
        phone.fake.faults.refuse_visit = 0
        phone.page.get_by_role("button", name="Correct it").click()
        phone.page.wait_for_url(f"**#/check/{visit}")
        phone.send()
        received(phone)


def test_a_broken_upload_goes_on_where_it_stopped(phone: Phone) -> None:
    visit = phone.begin(1)
    page = phone.page
    page.locator("#item-A2 label.n").click()
    page.locator("#item-A2 .chip").first.click()
    phone.shoot("A2", picture(size=(1600, 1200), grain=90, tags=False))
    phone.answer_all(visit, skip=("A2",))
    phone.open(f"/check/{visit}")
    phone.fake.faults.lose = {"PUT /api/v1/evidence/": 1}  # the part arrived, the answer did not
    phone.send()
    phone.until(f"{QUEUE}.then(([e]) => e.receipt !== null && e.attempts === 1)")
    expect(page.locator(".state h2")).to_have_text("Answers received, photos under way")
    page.evaluate(HURRY)
    received(phone)
    assert phone.fake.missing(visit) == []
    wrong = [code for verb, path, code in phone.fake.log if verb == "PUT" and "/evidence/" in path and code != 200]
    assert wrong == []  # it asked how far the server was


def test_a_closed_database_is_opened_again(phone: Phone) -> None:
    page, visit = phone.page, phone.begin(1)
    page.evaluate("""() => { const real = IDBDatabase.prototype.transaction; let once = true;
        IDBDatabase.prototype.transaction = function (...all) {
            if (once) { once = false; this.close(); } return real.apply(this, all); }; }""")  # fmt: skip
    page.locator("#item-A1 label.y").click()
    expect(page.locator("[data-live=saved]")).to_contain_text("Saved")
    kept = page.evaluate("(id) => import('/static/js/field/store.js').then((s) => s.get('drafts', id))", visit)
    assert kept["answers"]["own-hall-flagship.open-on-time"]["option_id"] == "yes"


def test_a_failed_save_says_so_and_is_made_up_for(phone: Phone) -> None:
    page, visit = phone.page, phone.begin(1)
    page.evaluate("""() => { window.real = IDBObjectStore.prototype.put;
        IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError'); }; }""")
    page.locator("#item-A1 label.y").click()
    expect(page.locator("[data-live=saved].bad")).to_contain_text("Not saved")
    page.evaluate("() => { IDBObjectStore.prototype.put = window.real; }")
    page.locator("#item-A2 label.y").click()
    expect(page.locator("[data-live=saved].good")).to_contain_text("Saved")
    kept = page.evaluate("(id) => import('/static/js/field/store.js').then((s) => s.get('drafts', id))", visit)
    assert len(kept["answers"]) == 2


def test_the_draft_is_mirrored(phone: Phone) -> None:
    page, visit = phone.page, phone.begin(1)
    page.locator("#item-A1 label.y").click()
    with page.expect_response(lambda answer: "/drafts/" in answer.url and answer.ok):
        pass
    assert b"open-on-time" in phone.fake.drafts[visit]

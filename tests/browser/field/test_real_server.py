"""The same app against the real server: what the fake promises is what the server does."""

import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from litestar import Litestar
from playwright.sync_api import Browser

from audit_app.access.keys import Keys
from audit_app.kit import clock
from audit_app.kit.db import Database, Session
from audit_app.kit.ids import new_id
from audit_app.settings import Settings
from audit_app.visits.models import Visit, VisitNote, VisitRevision
from audit_app.visits.rules import DECODER
from tests.browser.field.conftest import Phone
from tests.browser.field.fake_server import Fake
from tests.browser.field.pictures import picture
from tests.signing_in import cookies_and_token
from tests.world import account_id


@pytest.fixture
def served(app: Litestar) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(5)


@pytest.fixture
def phone(
    chromium: Browser, served: str, db: Database, settings: Settings, keys: Keys, request: pytest.FixtureRequest
) -> Iterator[Phone]:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, timezone_id="Asia/Shanghai")
    context.set_default_timeout(8_000)
    jar, _ = cookies_and_token(db, settings, keys, account_id(request.param))
    values = {"mingcha_locale": "en", **jar}
    context.add_cookies([{"name": name, "value": value, "url": served} for name, value in values.items()])
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None)
    yield Phone(page, context, served, Fake())
    context.close()
    assert faults == []


def begin(phone: Phone, assignment: str) -> str:
    phone.open()
    phone.page.locator(f"[data-assignment={assignment}] a[href='#/start/{assignment}']").click()
    phone.page.wait_for_url(lambda url: "/visit/" in url or "/call/" in url)
    return phone.page.url.split("#/")[1].split("/")[1]


@pytest.mark.parametrize("phone", ["tester"], indirect=True)
def test_a_hall_visit_reaches_the_database(phone: Phone, db: Database) -> None:
    visit = begin(phone, "as-hall")
    phone.installed()
    phone.page.locator("#item-A2 label.n").click()
    phone.page.locator("#item-A2 .chip").first.click()
    phone.shoot("A2", picture(size=(1600, 1200), grain=80, tags=False))
    phone.answer_all(visit, skip=("A2",))
    phone.open(f"/check/{visit}")
    phone.context.set_offline(True)
    phone.send()
    phone.page.reload()
    phone.page.get_by_text("Kept on this phone").first.wait_for()
    phone.context.set_offline(False)
    phone.page.locator("dl[data-receipt]").wait_for()
    row = db.read_now(lambda session: session.get(Visit, visit))
    assert row is not None
    assert (row.status, row.missing, row.assignment_id) == ("submitted", 0, "as-hall")


@pytest.mark.parametrize("phone", ["inspector"], indirect=True)
def test_a_call_reaches_the_database(phone: Phone, db: Database) -> None:
    visit = begin(phone, "as-call")
    for mark in ("dial", "menu", "queue", "agent", "hang_up"):
        phone.page.locator("[data-key=next-mark]").click()
        phone.page.locator(f"li[data-mark={mark}]:is(.cur,.d)").wait_for()
    phone.page.get_by_label("Agent number heard").fill("1083")
    phone.answer_all(visit)
    phone.open(f"/check/{visit}")
    phone.send()
    phone.page.locator("dl[data-receipt]").wait_for()
    row = db.read_now(lambda session: session.get(Visit, visit))
    assert row is not None
    assert (row.status, row.series) == ("submitted", "hotline")


def send_back(session: Session, visit_id: str) -> None:
    """What a reviewer's return leaves behind."""
    visit = session.get(Visit, visit_id)
    assert visit is not None
    visit.status = "returned"
    session.add(
        VisitNote(
            id=new_id(), visit_id=visit_id, revision=1, item_id="hotline-mystery.connect", note="At which attempt?",
            created_by=account_id("reviewer"), created_at=clock.now(),
        )
    )  # fmt: skip


@pytest.mark.parametrize("phone", ["inspector"], indirect=True)
def test_a_returned_call_is_sent_again(phone: Phone, db: Database) -> None:
    visit = begin(phone, "as-call")
    phone.answer_all(visit)
    phone.open(f"/check/{visit}")
    phone.send()
    phone.page.locator("dl[data-receipt]").wait_for()
    db.write_now(send_back, visit)
    phone.open()
    phone.page.get_by_role("link", name="See what is asked").click()
    phone.page.get_by_role("link", name="A1 At which attempt?").click()
    phone.page.locator("#item-A1 label.n").click()
    phone.page.locator("#item-A1 .chip").first.click()
    phone.open(f"/check/{visit}")
    phone.send()
    phone.page.locator("dl[data-receipt]").wait_for()
    second = db.read_now(lambda session: session.get(VisitRevision, (visit, 2)))
    assert second is not None
    first = DECODER.decode(second.body).answers[0]
    assert (first.item_id, first.option_id, first.reason) == ("hotline-mystery.connect", "no", "Busy tone")


@pytest.mark.parametrize("phone", ["tester"], indirect=True)
def test_accepting_on_the_real_server(phone: Phone) -> None:
    phone.open()
    phone.page.locator("a[href='#/briefing/as-offered']").click()
    phone.page.get_by_label("I have no family").check()
    phone.page.get_by_role("button", name="Accept the task").click()
    phone.page.locator("a[href='#/start/as-offered']").wait_for()


@pytest.mark.parametrize("phone", ["tester"], indirect=True)
def test_the_first_load_on_the_real_server(phone: Phone) -> None:
    """Bytes as they came over the line, headers left out."""
    sizes: dict[str, int] = {}
    phone.context.route("**/sw.js", lambda route: route.abort())
    phone.context.add_cookies([{"name": "mingcha_locale", "value": "zh", "url": phone.base}])
    phone.page.on("requestfinished", lambda request: sizes.update({request.url: request.sizes()["responseBodySize"]}))
    phone.open()
    phone.page.wait_for_load_state("networkidle")
    shell = {url: size for url, size in sizes.items() if "/api/" not in url}
    assert 20_000 < sum(shell.values()) <= 60_000, shell

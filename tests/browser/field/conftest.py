"""One Chromium for the folder, a fresh phone (its own storage) and a fresh fake server for each test."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.field.fake_http import serve
from tests.browser.field.fake_server import Fake, assignment

ANSWER_ALL = """async ([visit, skip]) => {
    const { Draft } = await import('/static/js/field/draft.js');
    const draft = await Draft.load(visit);
    for (const item of draft.checklist.items.values()) {
        if (!item.scores || skip.includes(item.code)) continue;
        const value = item.thresholds?.better === 'higher' ? '100' : '1';
        await draft.set(item.id, item.measured ? { value } : { option_id: item.options[0].id });
        if (item.evidence.photo === 'always') {
            const canvas = new OffscreenCanvas(64, 48);
            canvas.getContext('2d').fillText(item.code, 8, 24);
            const blob = await canvas.convertToBlob({ type: 'image/jpeg' });
            const { sha256 } = await import('/static/js/field/device.js');
            const kept = { sha256: await sha256(blob), blob, size: blob.size, media_type: 'image/jpeg' };
            await draft.attach(item.id, { ...kept, source: 'camera',
                taken_at: new Date().toISOString(), original_sha256: kept.sha256 });
        }
    }
    draft.close();
}"""
HALL, CALL, OUTLET = "own-hall-flagship", "hotline-mystery", "outlet-partner"


@dataclass
class Phone:
    """A tester's phone: one page, and what it takes to walk through the app."""

    page: Page
    context: BrowserContext
    base: str
    fake: Fake

    def open(self, address: str = "/", page: Page | None = None) -> None:
        """Goes to an address of the app and waits until it is shown."""
        target, whole = page or self.page, f"{self.base}/field#{address}"
        if target.url.startswith(f"{self.base}/field"):
            target.evaluate("() => delete document.getElementById('field').dataset.ready")
        target.reload() if target.url == whole else target.goto(whole)
        target.wait_for_selector("#field[data-ready] h1")

    def begin(self, number: int) -> str:
        """Starts a job; the visit's id."""
        self.open()
        self.page.wait_for_selector(f"[data-assignment=a{number}] a[href='#/start/a{number}']")
        self.open(f"/start/a{number}")
        self.page.wait_for_url(lambda url: "/visit/" in url or "/call/" in url)
        return self.page.url.split("#/")[1].split("/")[1]

    def installed(self) -> None:
        """Waits until the service worker keeps the app."""
        self.until("navigator.serviceWorker.controller !== null")

    def until(self, condition: str, page: Page | None = None) -> None:
        """Waits until the expression is true. (The CSP forbids Playwright's own way of polling.)"""
        end = time.monotonic() + 8
        while not (page or self.page).evaluate(condition):
            assert time.monotonic() < end, condition
            time.sleep(0.04)

    def answer_all(self, visit: str, skip: tuple[str, ...] = ()) -> None:
        """Gives the best answer to all items at once, behind the pages; photos that are always asked for included."""
        self.open("/me")
        self.page.evaluate(ANSWER_ALL, [visit, list(skip)])

    def sections(self) -> list[str]:
        links = self.page.locator("nav.rail a")
        links.first.wait_for(state="attached")
        return [str(link.get_attribute("href"))[1:] for link in links.all()]

    def fill_section(self, skip: tuple[str, ...] = ()) -> None:
        """Gives the best answer to every open item of the section, as a thumb would."""
        for code in self.codes("section.it"):
            if code in skip:
                continue
            one = self.page.locator(f"#item-{code}")
            if one.locator(".seg4 label.y").count():
                one.locator(".seg4 label.y").first.click()
            elif one.locator(".seg4 label").count() and not one.locator(".measure").count():
                one.locator(".seg4 label").first.click()
            elif one.locator(".measure input").count():
                one.locator(".measure input").last.fill("9")
                one.locator(".measure input").last.blur()

    def codes(self, selector: str) -> list[str]:
        """The codes of the items (A1, A2 …) that match."""
        found: list[str] = self.page.locator(selector).evaluate_all("(all) => all.map((one) => one.id.slice(5))")
        return found

    def shoot(self, code: str, picture: bytes, source: str = "camera") -> None:
        """Takes a photo for an item and waits until it is kept."""
        before = self.page.locator(f"#item-{code} .thumb img").count()
        file = {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": picture}
        self.page.locator(f"#item-{code} [data-source={source}]").set_input_files(file)  # type: ignore[arg-type]
        expect(self.page.locator(f"#item-{code} .thumb img")).to_have_count(before + 1)

    def send(self) -> None:
        self.page.locator("#declaration").check()
        self.page.locator("#send").click()
        self.page.wait_for_url("**#/receipt/**")

    def count(self, method: str, prefix: str) -> int:
        """How many requests of this kind the server has answered or begun to."""
        return sum(1 for verb, path, _ in self.fake.log if verb == method and path.startswith(f"/api/v1{prefix}"))


@pytest.fixture
def fake() -> Fake:
    made = Fake()
    made.assignments = [
        assignment(1, "hall", "Drum Road hall", HALL),
        assignment(2, "hotline", "Hotline", CALL),
        assignment(3, "outlet", "Wenchang outlet", OUTLET, status="offered"),
    ]
    return made


@pytest.fixture
def phone(chromium: Browser, fake: Fake) -> Iterator[Phone]:
    server = serve(fake)
    context = chromium.new_context(viewport={"width": 390, "height": 844}, timezone_id="Asia/Shanghai")
    context.set_default_timeout(8_000)
    base = f"http://127.0.0.1:{server.server_port}"
    context.add_cookies([{"name": "mingcha_locale", "value": "en", "url": base}])
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None)
    yield Phone(page, context, base, fake)
    context.close()
    server.shutdown()
    assert faults == []

"""Somebody at a desk or with a phone, in a browser that complains about every fault a page shows."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Download, Page, Response, expect

from tests.browser.field.conftest import Phone
from tests.browser.field.fake_server import Fake
from tests.journeys.house import PASSWORD, House, wait_for

DESK = {"viewport": {"width": 1440, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": False}
FAILED_LOAD = "Failed to load resource"  # told better by the answer itself; without a network it is no fault


@dataclass
class Faults:
    """What pages complained of: script errors, console errors, breaches of the content security policy, answers of 400
    and above. `expected` holds what a test provokes."""

    seen: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        page.on("pageerror", lambda fault: self.add(f"{page.url}: {fault}"))
        page.on("console", lambda line: self.hear(page.url, line.type, line.text))
        page.on("response", self.answered)

    def hear(self, url: str, kind: str, text: str) -> None:
        if (kind == "error" or "Content Security Policy" in text) and FAILED_LOAD not in text:
            self.add(f"{url}: {text}")

    def answered(self, reply: Response) -> None:
        if reply.status >= 400:
            self.add(f"{reply.status} {reply.request.method} {reply.url}")

    def add(self, fault: str) -> None:
        if not any(known in fault for known in self.expected):
            self.seen.append(fault)


def sign_in(page: Page, base: str, username: str) -> None:
    """Through the real page, by name and password."""
    page.goto(f"{base}/sign-in")
    page.locator("#f-username").fill(username)
    page.locator("#f-password").fill(PASSWORD)
    page.locator("form[action='/session'] button.p").click()
    page.wait_for_url(lambda url: "/sign-in" not in url and "/session" not in url)


def signed_in(browser: Browser, house: House, username: str, **how: Any) -> BrowserContext:
    """A browser of its own in which that member of the cast is signed in."""
    if username and username not in house.states:
        first = browser.new_context(**DESK)  # type: ignore[arg-type]
        sign_in(first.new_page(), house.base, username)
        house.states[username] = first.storage_state()
        first.close()
    settled = {"timezone_id": "Asia/Shanghai", "accept_downloads": True, **how}
    context = browser.new_context(storage_state=house.states.get(username), **settled)
    context.set_default_timeout(15_000)
    return context


def speak(context: BrowserContext, base: str, locale: str, theme: str = "light") -> None:
    chosen = {"mingcha_locale": locale, "mingcha_theme": theme}
    context.add_cookies([{"name": name, "value": value, "url": base} for name, value in chosen.items()])  # type: ignore[typeddict-item]


@dataclass
class Desk:
    """One person at a desk."""

    page: Page
    base: str

    def open(self, path: str) -> Page:
        reply = self.page.goto(self.base + path)
        assert reply is not None
        assert reply.status == 200, (path, reply.status)
        return self.page

    def status(self, path: str) -> int:
        """What the server answers, without a page."""
        return self.page.request.get(self.base + path, max_redirects=0).status

    def press(self, name: str, last: bool = False) -> None:
        """Presses a button by its name and waits for the page that follows."""
        buttons = self.page.get_by_role("button", name=name, exact=True)
        (buttons.last if last else buttons.first).click()
        self.page.wait_for_load_state()

    def until(self, path: str, text: str) -> None:
        """Reloads a page until it shows the text."""

        def shown() -> bool:
            self.open(path)
            return self.page.get_by_text(text).count() > 0

        wait_for(shown, every=0.3)

    def text(self) -> str:
        return self.page.locator("main").inner_text()

    def download(self, selector: str, folder: Path) -> tuple[str, bytes]:
        """The name and the bytes of what a link gives."""
        with self.page.expect_download(timeout=60_000) as taken:
            self.page.locator(selector).first.click()
        return kept(taken.value, folder)


def kept(download: Download, folder: Path) -> tuple[str, bytes]:
    target = folder / "download"
    download.save_as(target)
    return download.suggested_filename, target.read_bytes()


class Handset(Phone):
    """A phone on the real server."""

    def begin_job(self, assignment: str) -> str:
        """Accepts nothing: starts a job that was accepted before. The visit's id."""
        self.open()
        self.page.locator(f"[data-assignment='{assignment}'] a[href='#/start/{assignment}']").click()
        self.page.wait_for_url(lambda url: "/visit/" in url or "/call/" in url)
        return self.page.url.split("#/")[1].split("/")[1]

    def hand_in(self, visit: str) -> None:
        """Checks, declares, sends, and waits for the receipt."""
        self.open(f"/check/{visit}")
        expect(self.page.locator("#gaps li")).to_have_count(0)
        self.send()
        self.received()

    def received(self) -> None:
        self.page.locator("dl[data-receipt]").wait_for(timeout=30_000)


def handset(context: BrowserContext, base: str) -> Handset:
    return Handset(context.new_page(), context, base, Fake())

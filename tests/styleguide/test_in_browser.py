"""The style guide in Chromium under the shipped content security policy: axe (WCAG 2.2 AA), both themes and languages,
no sideways scrolling on a phone, the menu drawer and dialogs by keyboard."""

import mimetypes
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route

from audit_app.settings import ROOT

from .samples import VARIANTS, page

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SITE = "http://mingcha.test"


@pytest.fixture
def browser(chromium: Browser) -> Browser:
    return chromium


def answer(route: Route, body: str) -> None:
    """The page itself, or a file below static/ from the disk; nothing else exists."""
    path = urlsplit(route.request.url).path
    headers = {"content-security-policy": POLICY}
    file = ROOT / path.lstrip("/")
    if path == "/styleguide":
        route.fulfill(body=body, content_type="text/html; charset=utf-8", headers=headers)
    elif path.startswith("/static/") and file.is_file():
        route.fulfill(body=file.read_bytes(), content_type=mimetypes.guess_type(path)[0] or "", headers=headers)
    else:
        route.fulfill(status=404, body="")


def opened(browser: Browser, locale: str, theme: str, width: int) -> tuple[Page, list[str]]:
    said: list[str] = []
    body = page("styleguide.html", locale, theme)
    tab = browser.new_page(viewport={"width": width, "height": 844}, reduced_motion="reduce")
    tab.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    tab.on("pageerror", lambda fault: said.append(str(fault)))
    tab.route("**/*", lambda route: answer(route, body))
    tab.goto(f"{SITE}/styleguide")
    tab.wait_for_function("!document.querySelector('[data-copy]').hidden")
    return tab, said


QUICK = {("zh", "light", 1440), ("en", "dark", 390)}
VIEWS = [
    pytest.param(*view, marks=[] if view in QUICK else pytest.mark.full)
    for view in [(locale, theme, width) for locale, theme in VARIANTS for width in (390, 1440)]
]


@pytest.mark.parametrize(("locale", "theme", "width"), VIEWS)
def test_nothing_stands_in_the_way(browser: Browser, locale: str, theme: str, width: int) -> None:
    tab, said = opened(browser, locale, theme, width)
    assert tab.evaluate("document.documentElement.scrollWidth") == width
    found = Axe().run(tab, options={"runOnly": {"type": "tag", "values": LEVELS}})
    assert not [(fault["id"], fault["nodes"][0]["html"]) for fault in found.response["violations"]]
    assert not said
    tab.close()


def test_controls_are_large_enough_for_a_finger(browser: Browser) -> None:
    """44 px on a phone, for everything that is pressed; links inside running text are exempt (WCAG 2.5.8)."""
    tab, _said = opened(browser, "zh", "light", 390)
    small = tab.evaluate(
        """() => [...document.querySelectorAll('button, .btn, .chip, .ib, select, .input, .seg4 label, .tabbar a')]
          .filter(e => { const b = e.getBoundingClientRect(); return b.width && b.height < 43.5; })
          .map(e => e.outerHTML.slice(0, 90))"""
    )
    assert not small
    tab.close()


def test_the_menu_is_a_drawer_on_a_phone(browser: Browser) -> None:
    tab, _said = opened(browser, "en", "light", 390)
    menu = tab.get_by_role("navigation", name="Main menu")
    assert menu.count() == 0
    tab.get_by_role("button", name="Open menu").press("Enter")
    assert menu.is_visible()
    tab.keyboard.press("Escape")
    assert menu.count() == 0
    tab.close()


def test_dialogs_and_short_cuts_by_keyboard(browser: Browser) -> None:
    tab, _said = opened(browser, "en", "light", 1440)
    tab.keyboard.press("/")
    assert tab.evaluate("document.activeElement.name") == "q"
    tab.get_by_role("button", name="Open dialog").press("Enter")
    assert tab.get_by_role("dialog", name="Decline this assignment?").is_visible()
    tab.keyboard.press("Escape")
    assert tab.get_by_role("dialog").count() == 0
    assert tab.evaluate("document.activeElement.dataset.dialogOpen") == "sg-dialog"
    tab.close()


def test_arrow_keys_choose_an_answer_and_leave_the_page_elsewhere(browser: Browser) -> None:
    tab, _said = opened(browser, "en", "light", 1440)
    tab.evaluate(
        """() => document.querySelector('main').insertAdjacentHTML('afterbegin', `<p>
          <input type="radio" name="sg-answer" value="yes" checked><input type="radio" name="sg-answer" value="no"></p>
          <a href="#next-photo" data-shortcut="arrowright">Photo after</a>`)"""
    )
    tab.locator("[name=sg-answer]").first.press("ArrowRight")
    assert tab.evaluate("document.querySelector('[name=sg-answer]:checked').value") == "no"
    assert tab.evaluate("location.hash") == ""
    tab.evaluate("document.activeElement.blur()")
    tab.keyboard.press("ArrowRight")
    assert tab.evaluate("location.hash") == "#next-photo"
    tab.close()


def test_the_error_summary_takes_the_focus(browser: Browser) -> None:
    tab, _said = opened(browser, "en", "light", 1440)
    assert tab.evaluate("document.activeElement.className") == "errs"
    tab.get_by_role("link", name="Name — Enter the name of the touchpoint").press("Enter")
    assert tab.evaluate("document.activeElement.id") == "f-sg-name"
    tab.close()


def test_print_is_always_light(browser: Browser) -> None:
    tab, _said = opened(browser, "en", "dark", 1440)
    tab.emulate_media(media="print", reduced_motion="reduce")
    assert tab.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--text').trim()") == "#16211F"
    assert tab.evaluate("getComputedStyle(document.querySelector('.side')).display") == "none"
    tab.close()

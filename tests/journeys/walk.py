"""Every page that somebody can reach by links, each kind once; and what no page may have."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from audit_app.kit.i18n import FOLDER, read_catalogue

LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
ID = re.compile(
    r"[^/]*\d[^/]*|(?<=/checklists/)[^/]+|(?<=/touchpoints/)[^/]+|(?<=/programmes/)(?!new\b)[^/]+"
    r"|(?<=/accounts/)(?!new\b)[^/]+"
)
NOT_A_PAGE = re.compile(
    r"\.(pdf|zip|xlsx|csv|json)$|/workbook$|/evidence/[^/]*$|/redacted$|/photos/|/templates/|/download|/openapi|^/static/|/file$"
)
VISIBLE = r"""() => {
    const said = new Set();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const holder = node.parentElement;
        if (!holder.closest('script, style, kbd, code, [lang=en]')) said.add(node.data.replace(/\s+/g, ' ').trim());
    }
    for (const one of document.querySelectorAll('[aria-label], [title], [placeholder], [alt]'))
        if (!one.closest('[lang=en]'))
            for (const name of ['aria-label', 'title', 'placeholder', 'alt'])
                said.add((one.getAttribute(name) ?? '').trim());
    said.add(document.title.split(' · ')[0]);
    return [...said].filter((text) => /[A-Za-z]{2}/.test(text));
}"""
OVERFLOWING = """() => {
    const extra = document.documentElement.scrollWidth - innerWidth;
    if (extra <= 0) return '';
    const wide = [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > innerWidth);
    return `${extra} px: ` + wide.slice(0, 3).map((e) => e.outerHTML.slice(0, 120)).join(' | ');
}"""


def kind_of(path: str) -> str:
    """The address without ids and values, so that each kind of page is seen once; of a query only `show` counts."""
    parts = urlsplit(path)
    shown = dict(parse_qsl(parts.query)).get("show", "")
    return ID.sub("*", parts.path) + (f"?{shown}" if shown else "")


def pages_from(page: Page, base: str, start: str = "/", most: int = 60) -> Iterator[str]:
    """Opens page after page, following links, and yields the path of each one while it is open."""
    waiting, known = [start], {kind_of(start)}
    while waiting and most:
        path, most = waiting.pop(0), most - 1
        reply = page.goto(base + path)
        assert reply is not None
        assert reply.status == 200, (path, reply.status)
        hrefs: list[str] = page.eval_on_selector_all("a[href]:not([download])", "all => all.map(a => a.href)")
        yield path
        for href in hrefs:
            there = href.split("#")[0].removeprefix(base)
            if not there.startswith("/") or NOT_A_PAGE.search(urlsplit(there).path) or kind_of(there) in known:
                continue
            known.add(kind_of(there))
            waiting.append(there)


class English:
    """The English texts of the program, to be recognised in a Chinese page."""

    def __init__(self) -> None:
        self.texts: set[str] = set()
        patterns = []
        for path in sorted((FOLDER / "zh").glob("*.po")):
            for text, chinese in read_catalogue(path).items():
                first = chinese if isinstance(chinese, str) else chinese[0]
                if text == first or not re.search(r"[A-Za-z]{2}", text):
                    continue
                if re.search(r"%\(|\{\w+\}", text):
                    inner = re.sub(r"%\\\(\w+\\\)s|\\\{\w+\\\}", ".{1,60}?", re.escape(text))
                    if len(re.sub(r"%\(\w+\)s|\{\w+\}|\W", "", text)) > 3:
                        patterns.append(inner)
                else:
                    self.texts.add(re.sub(r"\s+", " ", text).strip().replace("%%", "%"))
        self.patterns = [re.compile(one) for one in patterns]

    def left_in(self, page: Page) -> list[str]:
        said: list[str] = page.evaluate(VISIBLE)
        return [text for text in said if text in self.texts or any(one.fullmatch(text) for one in self.patterns)]


@dataclass
class Look:
    """What was wrong with the pages looked at."""

    faults: list[str]

    def at(self, page: Page, path: str, english: English | None) -> None:
        if not page.title().strip():
            self.faults.append(f"{path}: no title")
        if english:
            self.faults += [f"{path}: English in a Chinese page: {text!r}" for text in english.left_in(page)]
        found = Axe().run(page, options={"runOnly": {"type": "tag", "values": LEVELS}, "resultTypes": ["violations"]})
        for fault in found.response["violations"]:
            shown = " | ".join(node["html"][:160] for node in fault["nodes"][:3])
            self.faults.append(f"{path}: {fault['id']}: {shown}")

    def narrow(self, page: Page, path: str) -> None:
        size = page.viewport_size
        page.set_viewport_size({"width": 390, "height": 844})
        over = page.evaluate(OVERFLOWING)
        if over:
            self.faults.append(f"{path}: wider than a phone by {over}")
        if size:
            page.set_viewport_size(size)

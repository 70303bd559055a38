"""Everything that one person can fetch, by following every link, form of search and file, and what it was.

Before two answers are compared, only what belongs to the very session or the minute of the making is taken out: the
token of the forms, `set-cookie` and `date`, and the time stamps that the members of a ZIP carry.
"""

import io
import logging
import re
import zipfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from itertools import product
from urllib.parse import urlencode, urljoin, urlsplit

import httpx
from litestar import Litestar
from litestar.routes import HTTPRoute

from tests.anonymity.worlds import World

logging.getLogger("httpx").setLevel(logging.WARNING)  # a line for each of thousands of requests
NOT_COMPARED = frozenset({"set-cookie", "date"})
# No data of the house in them; the last one shows a new secret each time that it is asked for.
ELSEWHERE = ("/static/", "/field", "/sw.js", "/schema", "/styleguide", "/account/totp")
MOST_CHOICES = 30
_JSON_PATH = re.compile(r'"(/[a-z][^"\s\\]*)"')


@dataclass(frozen=True)
class Answer:
    """What came back, without what is the session's own."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass
class Seen:
    """Address → answer, in the order of asking."""

    answers: dict[str, Answer] = field(default_factory=dict)


class _Links(HTMLParser):
    """Addresses that a page names, and the searches that its forms offer."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._form: str | None = None
        self._choices: dict[str, list[str]] = {}
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        for name in ("href", "src", "hx-get", "data-href", "poster"):
            if given.get(name):
                self.found.append(given[name])
        if tag == "form" and given.get("method", "get").lower() == "get":
            self._form, self._choices = given.get("action", ""), {}
        if self._form is None:
            return
        if tag == "select":
            self._select = given.get("name", "")
        elif tag == "option" and self._select:
            self._choices.setdefault(self._select, []).append(given.get("value", ""))
        elif tag == "input" and given.get("name") and given.get("type", "text") in ("radio", "hidden", "checkbox"):
            self._choices.setdefault(given["name"], []).append(given.get("value", ""))
        elif tag == "input" and given.get("name") and given.get("type", "text") in ("search", "text"):
            self._choices.setdefault(given["name"], []).extend(["", "0317", "Hall", "Tester"])

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        if tag == "form" and self._form is not None:
            names = list(self._choices)
            each = [dict.fromkeys(self._choices[name]) for name in names]
            for number, values in enumerate(product(*each)):
                if number >= MOST_CHOICES:
                    break
                asked = {name: value for name, value in zip(names, values, strict=True) if value}
                self.found.append(self._form + ("?" + urlencode(asked) if asked else ""))
            self._form = None


def plain_addresses(app: Litestar) -> list[str]:
    """Every address of the program that is read and has no part to fill in, offered to everybody."""
    paths = [r.path for r in app.routes if isinstance(r, HTTPRoute) and "GET" in r.methods and "{" not in r.path]
    return sorted(paths)


@dataclass(frozen=True)
class Reach:
    """How far to go: addresses at most, and how many queries of one page. Standards are the same for everybody."""

    most: int = 120
    queries: int = 2
    skip: tuple[str, ...] = (*ELSEWHERE, "/checklists/")


FAR = Reach(400, 12, ELSEWHERE)


def everything(found: World, username: str, locale: str = "en", reach: Reach = Reach()) -> Seen:
    """What the person finds from the plain addresses on."""
    browser = found.browser(username)
    browser.cookies.set("mingcha_locale", locale)
    seen, waiting, asked = Seen(), plain_addresses(found.app), Counter[str]()
    while waiting and len(seen.answers) < reach.most:
        address = waiting.pop(0)
        page, _, query = address.partition("?")
        if address in seen.answers or address.startswith(reach.skip) or (query and asked[page] >= reach.queries):
            continue
        asked[page] += bool(query)
        reply = browser.get(address)
        seen.answers[address] = cleaned(reply, browser.headers["x-csrf-token"])
        if reply.status_code == 200:
            waiting += [each for each in links(address, reply) if each not in seen.answers]
        elif "location" in reply.headers:
            waiting.append(_local(address, reply.headers["location"]))
    return seen


def again(found: World, username: str, addresses: Iterable[str], locale: str = "en") -> Seen:
    """The same addresses once more."""
    browser = found.browser(username)
    browser.cookies.set("mingcha_locale", locale)
    token = browser.headers["x-csrf-token"]
    return Seen({address: cleaned(browser.get(address), token) for address in addresses})


def links(address: str, reply: httpx.Response) -> list[str]:
    """The addresses of this site that an answer names."""
    kind = reply.headers.get("content-type", "")
    if kind.startswith("text/html"):
        parser = _Links()
        parser.feed(reply.text)
        named = parser.found
    elif "json" in kind:
        named = _JSON_PATH.findall(unescape(reply.text))
    else:
        return []
    found = [_local(address, one) for one in named if not one.startswith(("#", "data:", "mailto:", "tel:"))]
    return [one for one in dict.fromkeys(found) if one]


def _local(address: str, named: str) -> str:
    whole = urlsplit(urljoin("http://127.0.0.1:8000" + address, named))
    if whole.netloc != "127.0.0.1:8000":
        return ""
    return whole.path + (f"?{whole.query}" if whole.query else "")


def cleaned(reply: httpx.Response, token: str) -> Answer:
    headers = tuple(sorted((k, v) for k, v in reply.headers.items() if k not in NOT_COMPARED))
    return Answer(reply.status_code, headers, _body(reply.content, token))


def _body(content: bytes, token: str) -> bytes:
    if content[:4] == b"PK\x03\x04":
        return _unzipped(content)
    return content.replace(token.encode(), b"TOKEN")


def _unzipped(content: bytes) -> bytes:
    """Names and contents of a ZIP in their order; workbooks inside opened, too."""
    out = []
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for member in archive.infolist():
            data = archive.read(member)
            if data[:4] == b"PK\x03\x04":
                data = _unzipped(data)
            out.append(member.filename.encode() + b"\n" + member.comment + data)
    return b"\n\0".join(out) + archive.comment


def differences(one: Seen, other: Seen) -> list[str]:
    """Every address whose answers differ, with the first place at which they do."""
    found = [f"only in one world: {address}" for address in sorted(set(one.answers) ^ set(other.answers))]
    for address, answer in one.answers.items():
        there = other.answers.get(address)
        if there is not None and there != answer:
            found.append(f"{address}: {_where(answer, there)}")
    return found


def _where(one: Answer, other: Answer) -> str:
    if one.status != other.status:
        return f"status {one.status} and {other.status}"
    if one.headers != other.headers:
        return f"headers {sorted(set(one.headers) ^ set(other.headers))}"
    at = next((n for n, (a, b) in enumerate(zip(one.body, other.body, strict=False)) if a != b), -1)
    return f"at {at}: {one.body[max(0, at - 60) : at + 60]!r} and {other.body[max(0, at - 60) : at + 60]!r}"

"""A script in every text column of every table, and every page that anybody may open: all of it is only text.

Without a browser (`test_xss.py` has one): a parser looks for elements and attributes that no template of ours writes.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from sqlmodel import AutoString, SQLModel

from audit_app.kit import clock
from audit_app.reporting import downloads
from tests import world
from tests.authz.house import House, furnish
from tests.authz.table import PEOPLE, table
from tests.authz.test_matrix import asked
from tests.security.payloads import ALL

# Names of columns that people fill, wherever they stand.
FREE = re.compile(
    r"(^|_)(name|reason|note|words|text|answer|description|address|title|purpose|notice|job|file_name|badge|desk|"
    r"agent_no|message|ground_words|question|detail_text|fault)$"
)
SHORT = "\"'><svg onload=X()></textarea></title><script>X()</script><img src=x onerror=X()>"
# Words of the program's own, not of people.
KEPT = {
    "evidence_upload.part_name", "evidence.fault", "appeal_file.fault", "assignment.reason", "visit_void.reason",
    "second_opinion.reason",
}  # fmt: skip


class Live(HTMLParser):
    """Collects what could run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in ("iframe", "object", "embed", "base", "marquee", "math", "animate"):
            self.found.append(tag)
        if tag == "script" and not given.get("src", "").startswith("/static/"):
            self.found.append("script")
        for name, value in given.items():
            if name.startswith(("on", "hx-on")) or name in ("srcdoc", "style"):
                self.found.append(f"{tag} {name}")
            plain = re.sub(r"[\s\0]", "", value).lower()
            if name in ("href", "src", "action", "formaction", "poster", "hx-get", "hx-post") and plain.startswith(
                ("javascript:", "data:text", "vbscript:", "//")
            ):
                self.found.append(f"{tag} {name}={value[:40]}")


def live(text: str) -> list[str]:
    reader = Live()
    reader.feed(text)
    return reader.found


def plant(house: House) -> list[str]:
    """Puts the payloads into every free column; tables that are final stay as they are."""
    done = []
    for one in SQLModel.metadata.sorted_tables:
        for column in one.columns:
            free = FREE.search(column.name) and isinstance(column.type, sa.String | AutoString) and not column.unique
            if not free or f"{one.name}.{column.name}" in KEPT:
                continue
            text = (SHORT + ALL)[: max(column.type.length or 2000, len(SHORT))]
            change = sa.update(one).values({column.name: text})
            try:
                house.db.write_now(lambda session, change: session.connection().execute(change) and None, change)
            except sa.exc.DBAPIError:
                continue
            done.append(f"{one.name}.{column.name}")
    return done


@pytest.fixture(scope="module")
def house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: world.NOW + timedelta(seconds=1))
        made = furnish(sqlite_template, tmp_path_factory.mktemp("texts"))
    yield made
    made.close()


@pytest.fixture(autouse=True)
def no_press(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads.Press, "render", lambda *_: b"%PDF-1.7 planted")


def test_a_parser_that_sees() -> None:
    assert live("<svg onload=X()>") == ["svg onload"]
    assert live("<a href=' java\tscript:X()'>") == ["a href= java\tscript:X()"]
    assert live("<script>X()</script>") == ["script"]


@pytest.mark.full
def test_texts_and_query_strings_are_only_text(house: House) -> None:
    rules = table(house)
    planted = plant(house)
    assert len(planted) > 25, planted
    wrong, shown, pages = [], 0, set()
    attack = quote(SHORT)
    query = "&".join(f"{name}={attack}" for name in ("q", "unit", "next", "saved", "show", "item", "period", "x"))
    for method, path, rule, values in asked(rules, safe=True):
        reader = next((who for who in PEOPLE if rule.may(who, values)), None)
        if reader is None or method != "GET" or path in pages:
            continue
        for address in (path, f"{path}?{query}"):
            answer = house.browser(reader).get(address, headers={"user-agent": SHORT, "accept-language": SHORT})
            kind = answer.headers.get("content-type", "")
            if answer.status_code >= 500:
                wrong.append(f"{reader} {address[:60]}: {answer.status_code}")
            if kind.startswith("text/html"):
                shown += answer.text.count("onload=X()")
                pages.add(path)
                wrong += [f"{reader} {address[:60]}: {what}" for what in sorted(set(live(answer.text)))]
    assert len(pages) > 70
    assert shown > 300, "the payloads were there to see"
    assert not wrong, "\n".join(wrong)


def test_refusals_repeat_nothing_that_runs(house: House) -> None:
    """Error pages, with the address, a form's values and a file's name in it."""
    wrong = []
    for who in ("", "tester", "admin", "outlet-manager"):
        browser = house.browser(who)
        answers = [browser.get(f"/nowhere/{quote(SHORT, safe='')}"), browser.get(f"/sign-in?next={quote(SHORT)}")]
        answers.append(browser.post("/session", data={"username": SHORT, "password": SHORT}))
        file = {"file": (f"{SHORT}.csv", b"x", "text/html")}
        answers.append(browser.post("/imports", data={"kind": SHORT}, files=file))
        answers.append(browser.post("/imports", data={"kind": "units"}, files=file))
        answers.append(browser.post("/preferences", data={"theme": SHORT, "next": SHORT}))
        for answer in answers:
            wrong += [f"{who} {answer.request.url.path[:40]}: {what}" for what in live(answer.text)]
            assert "\n" not in answer.headers.get("location", "")
    assert not wrong, "\n".join(wrong)

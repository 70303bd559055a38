"""A house that is put back as it was after each request, with ids and a clock that repeat: what a field changes is seen."""  # noqa: E501

import itertools
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlmodel import SQLModel

from audit_app.kit import clock, ids
from audit_app.reporting import downloads
from tests import world
from tests.authz.house import House, furnish
from tests.authz.table import PEOPLE, table
from tests.authz.test_matrix import asked
from tests.security.forms import LATER, WORDS, Form, Pairs, forms_of

# Salted or random by design, and what counts requests.
RANDOM = re.compile(r"hash|secret|sealed|seed|token|body$")
DRAWN = ("assessor", "code")
COUNTERS = {"rate_bucket"}
# Pages whose forms only a certain person sees.
MORE = [
    ("hr", "/account"), ("staff", "/account"), ("admin-second", "/accounts/acc-staff"), ("staff", "/inbox"),
    ("hr", "/report-runs"), ("hr", "/scorecards"), ("hr", "/report-runs/{run:hr}"), ("admin", "/identity-permits"),
    ("city-supervisor", "/rechecks/{recheck:bell}"), ("province-supervisor", "/programmes/prog-covert"),
    ("admin", "/touchpoints/hall-bell"), ("admin", "/staff/bell-1"), ("admin", "/staff/bell-1/merger"),
    ("admin", "/staff/drum-3"), ("admin", "/touchpoints/hall-bell/merger"),
    ("outlet-manager", "/results/{result:court}/appeal"), ("outlet-manager", "/appeals/{appeal:outlet-manager}"),
]  # fmt: skip
# What no page offers as things stand, or with a value that a person has to find.
BY_HAND = [
    ("admin", "/staff/drum-3/moves", [("to", "JZ0001"), ("on", LATER)]),
    ("admin", "/touchpoints/hall-drum/moves", [("to", "360102"), ("on", LATER)]),
    ("admin", "/staff/bell-1/merger", [("into", "bell-2"), ("to", "bell-2")]),
    ("admin", "/identity-permits", [("code", "0317"), ("reason", WORDS)]),
    ("reviewer", "/reviews/approvals", [("review", "{review:bell}"), ("review", "{review:drum}")]),
    ("hr", "/report-runs", [("period", "2026Q4"), ("kind", "visit")]),
    ("staff", "/inbox/{notice:staff}/reading", []),
    ("staff", "/inbox/reading", []),
    ("hr", "/account/tokens", [("name", "another")]),
    ("city-supervisor", "/rechecks/{recheck:bell}/confirmation", [("note", WORDS)]),
    ("OPINION", "/opinions/{opinion}/confirmation", []),
    ("OPINION", "/opinions/{opinion}/refusal", [("answer", WORDS)]),
    ("ASKER", "/opinions/{opinion}/withdrawal", []),
]  # fmt: skip
Contents = dict[str, list[tuple[Any, ...]]]


def _filled(path: str, ids: dict[str, str]) -> str:
    return re.sub(r"\{([^}]*)\}", lambda found: ids[found[1]], path)


@dataclass
class Sandbox:
    house: House
    forms: dict[str, list[tuple[str, Form]]] = field(default_factory=dict)  # address with {} → (who, form)
    _saved: sqlite3.Connection = field(default_factory=lambda: sqlite3.connect(":memory:"))
    numbers: Iterator[int] = field(default_factory=itertools.count)
    _chosen: "dict[str, tuple[str, Form, httpx.Response, Contents]]" = field(default_factory=dict)
    base: Contents = field(default_factory=dict)
    _watch: sqlite3.Connection = field(init=False)
    _untouched: int = field(init=False)

    @property
    def path(self) -> Path:
        return self.house.settings.data_dir / "mingcha.db"

    def save(self) -> None:
        with sqlite3.connect(self.path) as found:
            found.backup(self._saved)
        self._watch = sqlite3.connect(self.path)
        self._untouched = self._watch.execute("PRAGMA data_version").fetchone()[0]
        self.base = self._read_all()

    def restore(self) -> None:
        self.numbers = itertools.count()
        if self._watch.execute("PRAGMA data_version").fetchone()[0] == self._untouched:
            return
        with sqlite3.connect(self.path) as found:
            self._saved.backup(found)
        self._untouched = self._watch.execute("PRAGMA data_version").fetchone()[0]

    def contents(self) -> Contents:
        """Every row of every table but what is random. As saved, if nobody has written since."""
        seen = self._watch.execute("PRAGMA data_version").fetchone()[0]
        if seen == self._untouched:
            return self.base
        return self._read_all()

    def _read_all(self) -> Contents:
        found: Contents = {}
        with sqlite3.connect(self.path) as db:
            for one in SQLModel.metadata.sorted_tables:
                names = [c.name for c in one.columns if not RANDOM.search(c.name) and (one.name, c.name) != DRAWN]
                if one.name not in COUNTERS and names:
                    found[one.name] = sorted(
                        db.execute(
                            f'SELECT {", ".join(f"""{chr(34)}{n}{chr(34)}""" for n in names)} FROM "{one.name}"'
                        ),
                        key=repr,
                    )
        return found

    def chosen(self, template: str) -> "tuple[str, Form, httpx.Response, Contents]":
        """Who sends which form of this address, the first that is taken, what is answered and what it leaves."""
        if template not in self._chosen:
            for who, form in self.forms[template][:3]:
                answer, after = self.send(who, form, form.sent())
                self._chosen[template] = (who, form, answer, after)
                if answer.status_code < 400:
                    break
        return self._chosen[template]

    def named(self) -> dict[str, set[str]]:
        """Table and column → the texts by which its rows are named to a person: keys and codes."""
        found: dict[str, set[str]] = {}
        with sqlite3.connect(self.path) as db:
            for one in SQLModel.metadata.sorted_tables:
                for name in ("id", "code", "outward_id", "username"):
                    if name in one.columns and one.name != "trail_line":
                        rows = db.execute(f'SELECT "{name}" FROM "{one.name}" WHERE "{name}" IS NOT NULL')
                        found[f"{one.name}.{name}"] = {str(row[0]) for row in rows}
        return found

    def send(self, who: str, form: Form, pairs: Pairs) -> tuple[httpx.Response, Contents]:
        """The answer to a form and what the database holds afterwards; it is put back."""
        if form.multipart:
            files = [(name, (None, value)) for name, value in pairs]
            answer = self.house.browser(who).post(form.action, files=files)
        else:
            data: dict[str, list[str]] = {}
            for name, value in pairs:
                data.setdefault(name, []).append(value)
            answer = self.house.browser(who).post(form.action, data=data)
        found = self.contents()
        self.restore()
        return answer, found

    def json(self, who: str, method: str, path: str, body: dict[str, Any]) -> tuple[int, Contents]:
        """As :meth:`send`, for the JSON interface."""
        answer = self.house.browser(who).request(method, path, json=body)
        found = self.contents()
        self.restore()
        return answer.status_code, found

    def harvest(self) -> None:
        """The forms of up to three pages of each route, as the first person who may open them."""
        rules = table(self.house)
        patterns = [(t, re.compile(re.escape(t).replace(r"\{\}", "[^/]+"))) for m, t in rules if m == "POST"]
        seen: dict[int, int] = {}
        for method, path, rule, values in asked(rules, safe=True):
            if method != "GET" or path.endswith((".pdf", ".csv", ".xlsx", ".json", "/workbook")):
                continue
            reader = next((who for who in PEOPLE if who and rule.may(who, values)), "")
            seen[id(rule)] = seen.get(id(rule), 0) + bool(reader)
            if reader and seen[id(rule)] <= 3:
                self._read(reader, path, patterns)
        for who, path in MORE:
            self._read(who, _filled(path, self.house.ids), patterns)

        for who, path, pairs in BY_HAND:
            place = {"OPINION": "opinion:second", "ASKER": "opinion:asked"}.get(who)
            action = _filled(path, self.house.ids)
            template = next((t for t, pattern in patterns if pattern.fullmatch(action)), "")
            filled = [(name, _filled(value, self.house.ids)) for name, value in pairs]
            person = self.house.reviewer[place] if place else who
            self.forms.setdefault(template, []).append((person, Form(action, False, filled)))

    def _read(self, who: str, path: str, patterns: "list[tuple[str, re.Pattern[str]]]") -> None:
        answer = self.house.browser(who).get(path)
        if not answer.headers.get("content-type", "").startswith("text/html"):
            return
        for form in forms_of(answer.text, path):
            there = form.action.split("?")[0]
            template = next((t for t, pattern in patterns if pattern.fullmatch(there)), "")
            self.forms.setdefault(template, []).append((who, form))


@contextmanager
def sandbox(template: Path, folder: Path) -> Iterator[Sandbox]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: world.NOW)
        patch.setattr(downloads.Press, "render", lambda *_: b"%PDF-1.7 planted")
        made = Sandbox(furnish(template, folder))
        made.harvest()
        made.save()

        class Secrets:
            """In place of `secrets` in kit/ids.py."""

            @staticmethod
            def token_hex(size: int) -> str:
                return f"{next(made.numbers):0{2 * size}x}"

        patch.setattr(ids, "secrets", Secrets)
        patch.setattr(ids, "uuid7", lambda: f"ffffffff-ffff-7fff-bfff-{next(made.numbers):012x}")
        yield made
        made.house.close()

"""Whatever stands in an address: a page, a refusal, never a bug."""

import base64
import json
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from audit_app.kit import clock
from tests import world
from tests.authz.house import House, furnish
from tests.authz.table import table
from tests.authz.test_matrix import asked

PEOPLE = ("tester", "province-supervisor", "reviewer", "outlet-manager", "team-lead", "hr", "admin")


@pytest.fixture(scope="module")
def house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    began = time.monotonic()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: world.NOW + timedelta(seconds=time.monotonic() - began))
        made = furnish(sqlite_template, tmp_path_factory.mktemp("fuzz"))
    yield made
    made.close()


def marker(*values: object) -> str:
    """A page marker as `kit.paging` makes them, with other values."""
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


NAMES = (
    "after", "q", "show", "status", "kind", "unit", "period", "touchpoint_kind", "item", "file", "version", "verdict",
    "page", "week", "day", "date", "next", "tab", "level", "tier",
)  # fmt: skip
MARKERS = [
    marker(*row)
    for size in range(1, 5)
    for row in ([1] * size, ["x"] * size, [10**400] * size, [None] * size, ["2026-11-24"] * size, [True] * size,
                ["2026-11-24T00:00:00+00:00"] * size, ["2026-11-24T00:00:00"] * size, [-(2**63)] * size, ["\0"] * size)
]  # fmt: skip
MARKERS += [
    marker({"a": 1}),
    base64.urlsafe_b64encode(b"[" * 5000).decode(),
    base64.urlsafe_b64encode(b"\xff\xfe").decode(),
]
VALUES = [
    "", "x", "0", "-1", "1", "99999999999999999999", "1e9", "NaN", "2026Q4", "2026-02-31", "0000-00-00", "9999-12-31", "0001-01-01",  # noqa: E501
    "2026-W99", "open", "'", '"', "%", "%25", "_", "\\", "; DROP TABLE visit", "<script>", "{{7*7}}", "%(x)s", "../../etc/passwd",  # noqa: E501
    "\u4e2d\u6587", "\U0001f600", "\u202e\u200b\ufeff", "\ud7ff", "\x01\x1f\x7f", "a" * 3000, "[]", "null", "//evil.example",  # noqa: E501
]  # fmt: skip
LISTS = {
    "/imports", "/organisation", "/assignments", "/reviews", "/scorecards", "/api/v1/scorecards", "/report-runs", "/results",  # noqa: E501
    "/rounds/round-covert",
}  # fmt: skip
RAW = [
    "%00",
    "%FF%FE",
    "%ED%A0%80",
    "%",
    "%zz",
    "=",
    "&&&",
    "after",
    "after=a&after=b",
    "q[]=1",
    "a" * 6000,
    "%C0%80",
    "q=%00",
]


def pages(house: House) -> list[tuple[str, str]]:
    """(person, address) of every page that somebody of PEOPLE may open; each address once."""
    found: dict[str, str] = {}
    for method, path, rule, values in asked(table(house), safe=True):
        if method == "GET" and not path.endswith(".pdf"):
            person = next((p for p in PEOPLE if rule.may(p, values)), None)
            if person:
                found.setdefault(path, person)
    return [(person, path) for path, person in found.items()]


def test_any_query_string(house: House) -> None:
    wrong, count = [], 0
    queries = [f"{name}={quote(value)}" for name in NAMES for value in VALUES[::3]]
    together = ["&".join(f"{name}={quote(value)}" for name in NAMES) for value in VALUES]
    lists = [f"after={one}" for one in MARKERS]
    opened = pages(house)
    assert len(opened) > 30
    for place, (person, path) in enumerate(opened):
        # The odd bytes go to every page, markers to every list; the rest is spread over the pages.
        listed = lists if path in LISTS else lists[place % 18 :: 18]
        for query in [*together[place % 12 :: 12], *RAW, *listed, *queries[place % 48 :: 48]]:
            answer = house.browser(person).get(f"{path}?{query}")
            count += 1
            if answer.status_code >= 500:
                wrong.append(f"{person} {path}?{query[:120]}: {answer.status_code}")
    assert count > 1000
    assert not wrong, "\n".join(wrong)


@pytest.mark.full
def test_any_id_in_the_address(house: House) -> None:
    wrong = []
    ids = [
        "%00",
        "%FF",
        "%ED%A0%80",
        quote("\u4e2d\u6587"),
        "a" * 4000,
        "%2e%2e%2fx",
        "%25",
        "'",
        "-1",
        "x.pdf",
        ".pdf",
        "%0a",
        "0" * 32 + ".pdf",
    ]
    for (method, template), rule in table(house).items():
        if "{}" not in template:
            continue
        for value in ids:
            for person in next(([p] for p in PEOPLE if rule.has_role(p)), []):
                path = template.replace("{}", value)
                answer = house.browser(person).request(method, path)
                if answer.status_code >= 500 or (answer.status_code < 300 and method not in ("DELETE",)):
                    wrong.append(f"{person} {method} {path[:80]}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


def test_any_header(house: House) -> None:
    wrong = []
    strange = [
        {"accept": "\u00ff"}, {"accept-language": "zh;q=x,,,;;" * 200}, {"cookie": "mingcha=\u00e9; =; ;;"}, {"hx-request": "true"},  # noqa: E501
        {"hx-request": "true", "hx-current-url": "http://[bad"}, {"cookie": "mingcha_locale=xx; mingcha_theme=\x01"},
        {"authorization": "Bearer \u00ff"}, {"authorization": "Basic x"}, {"authorization": "Bearer"}, {"host": "evil.example"},  # noqa: E501
        {"range": "bytes=5-2"}, {"if-none-match": "*"}, {"x-forwarded-for": "'"}, {"content-length": "0", "content-type": ";;;"},  # noqa: E501
    ]  # fmt: skip
    for person in ("", "tester", "hr", "admin"):
        for path in (
            "/",
            "/sign-in",
            "/account",
            "/scorecards",
            "/organisation",
            "/api/v1/assignments",
            "/field",
            "/nowhere",
        ):
            for headers in strange:
                raw = {name: value.encode("latin-1") for name, value in headers.items()}
                answer = house.browser(person).get(path, headers=raw)
                if answer.status_code >= 500:
                    wrong.append(f"{person} {path} {headers}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)

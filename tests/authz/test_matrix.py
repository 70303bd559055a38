"""Every route × every member of the cast and the visitor × own, sibling, parent and other province."""

import re
from typing import Any

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from audit_app.reporting import downloads
from tests.authz.house import House
from tests.authz.table import PEOPLE, VISITOR, Rule, table

SAFE = ("GET", "HEAD")
ELSEWHERE = {
    "/",
    "/sign-in",
    "/session/totp",
    "/session/totp/enrolment",
    "/session/totp/recovery",
}  # send on whoever has a better place to be


@pytest.fixture(autouse=True)
def no_press(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who may have a document is decided before it is rendered."""
    monkeypatch.setattr(downloads.Press, "render", lambda *_: b"%PDF-1.7 planted")


def live(app: Litestar) -> set[tuple[str, str]]:
    """(method, address with `{}` for each id) of every route but the static files."""
    found = set()
    for route in app.routes:
        if isinstance(route, HTTPRoute) and not route.path.startswith("/static"):
            template = re.sub(r"\{[^}]*\}", "{}", route.path)
            found |= {(method, template) for method in route.methods if method != "OPTIONS"}
    return found


def unlisted(app: Litestar, listed: set[tuple[str, str]]) -> list[str]:
    return sorted(" ".join(route) for route in live(app) - listed)


def asked(rules: dict[tuple[str, str], Rule], *, safe: bool) -> list[tuple[str, str, Rule, tuple[str, ...]]]:
    """(method, address, rule, path values) of everything there is to ask for."""
    found = []
    for (method, template), rule in rules.items():
        if (method in SAFE) == safe:
            found += [(method, template.format(*values), rule, values) for values in (rule.things or {(): None})]
    return found


def wanted(method: str, path: str, rule: Rule, values: tuple[str, ...], username: str) -> set[int]:
    """The statuses that answer this person's reading rightly."""
    if rule.has_role(username):
        if rule.may(username, values):
            return {200, 204, 303} if path in ELSEWHERE else {200, 204}
        return {404}
    if username != VISITOR:
        return {403}
    return {401} if path.startswith("/api/") else {303}


def test_every_route_is_in_the_table(house: House) -> None:
    listed = set(table(house))
    assert unlisted(house.app, listed) == []
    assert sorted(" ".join(route) for route in listed - live(house.app)) == []


def test_a_route_outside_the_table_is_seen(house: House) -> None:
    listed = set(table(house)) - {("GET", "/reviews/{}")}
    assert unlisted(house.app, listed) == ["GET /reviews/{}"]


@pytest.mark.parametrize("username", PEOPLE, ids=lambda name: name or "visitor")
def test_reading(house: House, username: str) -> None:
    browser, wrong, count = house.browser(username), [], 0
    for method, path, rule, values in asked(table(house), safe=True):
        if not rule.has_role(username) and rule.things and values != next(iter(rule.things)):
            continue  # refused before the thing is looked for: once is enough
        answer = browser.request(method, path)
        count += 1
        if answer.status_code not in wanted(method, path, rule, values, username):
            expected = wanted(method, path, rule, values, username)
            wrong.append(f"{method} {path}: {answer.status_code}, not {sorted(expected)}")
        if answer.status_code == 303 and username == VISITOR:
            assert answer.headers["location"].startswith("/sign-in"), path
    assert count > 40
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("username", PEOPLE, ids=lambda name: name or "visitor")
def test_writing_what_is_not_ones_own(house: House, username: str) -> None:
    """Whoever lacks the role gets 403, whoever may not see the thing 404, whatever the body: never a success, never a bug."""  # noqa: E501
    browser, wrong = house.browser(username), []
    bodies: list[dict[str, Any]] = [{}, {"json": {}}, {"data": {"reason": "x", "item_id": "x", "staff_id": "bell-1"}}]
    for method, path, rule, values in asked(table(house), safe=False):
        if rule.may(username, values) and username != VISITOR:
            continue
        guarded = not rule.has_role(username) or username == VISITOR
        refused = {403} if guarded else {404, 415, 422, 400}
        for body in bodies[:1] if guarded else bodies:
            answer = browser.request(method, path, **body)
            if answer.status_code not in refused:
                wrong.append(f"{method} {path} {body}: {answer.status_code}, not {sorted(refused)}")
    assert not wrong, "\n".join(wrong)


def test_unseen_and_missing_are_told_apart_by_nothing(house: House) -> None:
    """What exists elsewhere and what does not exist at all: the same bytes but for the address."""
    pairs = [
        ("county-supervisor", "/touchpoints/{}", "hall-far", "hall-nix"),
        ("county-supervisor", "/programmes/{}", "prog-covert", "prog-nothing"),
        ("reviewer", "/reviews/{}", house.ids["review:far"], "0" * 32),
        ("outlet-manager", "/results/{}", house.ids["result:drum"], "0" * 32),
        ("outlet-manager", "/api/v1/scorecards/{}.pdf", house.ids["card:drum"], "0" * 32),
        ("tester", "/api/v1/visits/{}", house.ids["open:far"], "0" * 32),
        ("tester", "/api/v1/drafts/{}", house.ids["draft:tester-far"], "0" * 32),
        ("hr", "/report-runs/{}", house.ids["run:outsider-hr"], "0" * 32),
    ]
    for who, template, there, gone in pairs:
        browser = house.browser(who)
        answers = [browser.get(template.format(key)) for key in (there, gone)]
        assert [a.status_code for a in answers] == [404, 404], template
        texts = [a.text.replace(there, "?").replace(gone, "?") for a in answers]
        assert texts[0] == texts[1], template

"""Every page of every role: axe (WCAG 2.2 AA), a title, no sideways scrolling on a phone, no English in Chinese pages,
no complaint of the browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext
from sqlmodel import Session, select

from audit_app.access.queries import actor_named
from audit_app.access.rules import Actor
from audit_app.appeals import operations, panels, rules
from audit_app.appeals.models import Hearing
from audit_app.appeals.queries import contested
from audit_app.organisation.queries import grants_of
from audit_app.scoring.sheet import Item
from audit_app.visits.models import Visit
from tests.appeals.conftest import contested_items, losses
from tests.journeys.api import Api
from tests.journeys.house import House, now, wait_for
from tests.journeys.people import DESK, PHONE, Desk, Faults, handset
from tests.journeys.test_import import part_of_the_province, try_file
from tests.journeys.test_review import some_losses
from tests.journeys.walk import English, Look, pages_from

VARIANTS = [
    pytest.param("zh", "light"),
    *(pytest.param(*one, marks=pytest.mark.full) for one in [("zh", "dark"), ("en", "light"), ("en", "dark")]),
]
ROLES = [
    "province-supervisor", "county-supervisor", "reviewer", "outlet-manager", "team-lead", "staff", "hr", "admin",
    "auditor", "programme-office", "panel-city", "panel-city-second", "panel-province", "panel-province-second",
]  # fmt: skip


# Walked with --full only: pages of another role with less on them, and the panels, whose walk takes seconds.
ALIKE = {
    "county-supervisor", "team-lead", "panel-city", "panel-city-second", "panel-province", "panel-province-second",
}  # fmt: skip


def best(item: Item) -> int:
    return 0


def contest(house: House, visit: Visit) -> None:
    """The outlet appeals a loss; the city's panel has voted it down, and the province hears it."""

    def all_of_it(session: Session) -> None:
        def actor(username: str) -> Actor:
            found = actor_named(session, username, grants_of)
            assert found is not None
            return found

        manager, words, key = actor("outlet-manager"), "The hours hang beside the door.", str(visit.outward_id)
        items, results = contested.numbered(session, visit.checklist_version_id), contested_items(session, visit.id)
        lost = {one.item_id: one for one in results}
        first, second = [i for i, one in items.items() if contested.appealable("outlet", one, lost.get(i))][:2]
        filed = [
            operations.file_appeal(session, manager, key, rules.Filing("facts", words, item), [], now())
            for item in (first, second)
        ]
        hearing = session.scalars(select(Hearing.id).where(Hearing.appeal_id == filed[0])).one()
        for username in ("panel-city", "panel-city-second"):
            panels.vote(session, actor(username), hearing, rules.Ballot("It was as the assessor wrote."), now())
        operations.go_on(session, manager, filed[0], words, [], now())

    house.db.write_now(all_of_it)


@pytest.fixture(scope="module")
def lived_in(house: House) -> House:
    """There is something on every page: a visit to review, one returned, one released, jobs on the phones."""
    tester, inspector = Api(house, "tester"), Api(house, "inspector")
    open_visit = tester.send(house.give("w-open", "hall-bell-2", "tester", "own-hall-flagship"), option_at=some_losses)
    house.review_of(open_visit)
    for number, (hall, options) in enumerate((("hall-bell", losses), ("hall-drum", best))):
        job = house.give(f"w-overt-{number}", hall, "inspector", "own-hall-overt", "overt")
        visit = inspector.send(job, option_at=options)
        _, reviewer = house.review_of(visit)
        Api(house, reviewer).ok(
            "POST", f"/api/v1/visits/{visit}/approval", 201, json={"release_note": "Post the hours."}
        )
    cards = "/api/v1/scorecards?kind=visit"
    wait_for(lambda: len(Api(house, "hr").ok("GET", cards).json()["items"]) >= 2)
    house.start_zip()
    contest(house, house.visit_for("w-overt-0"))
    house.give("w-offered", "hall-drum", "tester", "own-hall-flagship", status="offered")
    house.give("w-call", "hotline", "inspector", "hotline-mystery", "hotline")
    return house


def test_the_walk_would_notice(chromium: object, contexts: Callable[..., BrowserContext], faults: Faults) -> None:
    """A page with a fault of each kind is found at fault."""
    page = contexts("", "zh").new_page()
    page.set_content("<html><head></head><body><p>Try it</p><img src=''><div id=w>wide</div></body></html>")
    page.evaluate("document.getElementById('w').style.width = '900px'")
    look = Look([])
    look.at(page, "/x", English())
    look.narrow(page, "/x")
    said = " ".join(look.faults)
    assert all(word in said for word in ("no title", "'Try it'", "image-alt", "html-has-lang", "wider than a phone"))


@pytest.mark.parametrize(("locale", "theme"), VARIANTS)
@pytest.mark.parametrize(
    "username", [pytest.param(one, marks=pytest.mark.full) if one in ALIKE else one for one in ROLES]
)
def test_pages_at_a_desk(
    contexts: Callable[..., BrowserContext], lived_in: House, username: str, locale: str, theme: str
) -> None:
    context = contexts(username, locale, theme, reduced_motion="reduce", **DESK)
    page, look, english = context.new_page(), Look([]), English() if locale == "zh" else None
    if username == "admin":
        try_file(Desk(page, lived_in.base), "part.csv", part_of_the_province(250, wrong=True))
    seen = []
    for path in pages_from(page, lived_in.base):
        look.at(page, path, english)
        look.narrow(page, path)
        seen.append(path)
    print(f"{username}: {len(seen)} pages: {' '.join(seen)}")
    assert look.faults == []
    assert len(seen) >= 2


@pytest.mark.parametrize(("locale", "theme"), VARIANTS)
def test_pages_of_a_visitor(
    contexts: Callable[..., BrowserContext], lived_in: House, faults: Faults, locale: str, theme: str
) -> None:
    faults.expected += ["404 GET", "403 GET", "422 POST"]
    page, look = contexts("", locale, theme, **DESK).new_page(), Look([])
    english = English() if locale == "zh" else None
    page.goto(f"{lived_in.base}/sign-in")
    look.at(page, "/sign-in", english)
    look.narrow(page, "/sign-in")
    page.locator("#f-username").fill("nobody")
    page.locator("#f-password").fill("wrong-password")
    page.locator("form[action='/session'] button.p").click()
    page.locator(".err, .errs").first.wait_for()
    look.at(page, "a wrong password", english)
    inside = contexts("hr", locale, theme, **DESK).new_page()
    for path, status in (("/no-such-page", 404), ("/reviews", 403), ("/touchpoints/no-such-hall", 403)):
        reply = inside.goto(lived_in.base + path)
        assert reply is not None
        assert reply.status == status
        look.at(inside, path, english)
        look.narrow(inside, path)
    assert look.faults == []


@pytest.mark.parametrize(("locale", "theme"), VARIANTS)
def test_screens_of_the_phone(
    contexts: Callable[..., BrowserContext], lived_in: House, locale: str, theme: str
) -> None:
    look, english = Look([]), English() if locale == "zh" else None
    for username, job, place in (("tester", "as-hall", "visit"), ("inspector", "w-call", "call")):
        one = handset(contexts(username, locale, theme, reduced_motion="reduce", **PHONE), lived_in.base)
        screens = ["/", "/schedule", "/outbox", "/me", f"/briefing/{job}"]
        if username == "tester":
            screens.append("/briefing/w-offered")
        for path in screens:
            one.open(path)
            look.at(one.page, f"/field#{path}", english)
            look.narrow(one.page, f"/field#{path}")
        one.open(f"/start/{job}")
        one.page.wait_for_url(lambda url: "/visit/" in url or "/call/" in url)
        visit = one.page.url.split("#/")[1].split("/")[1]
        for path in (f"/{place}/{visit}", f"/visit/{visit}", f"/check/{visit}"):
            one.open(path)
            look.at(one.page, f"/field#{path}", english)
            look.narrow(one.page, f"/field#{path}")
        one.open(f"/visit/{visit}")
        one.page.locator(".seg4 label.n").first.click()
        look.at(one.page, "a loss", english)
        look.narrow(one.page, "a loss")
    assert look.faults == []

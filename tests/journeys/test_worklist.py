"""A reviewer works a list by the keyboard alone: rows, a visit, dialogs, fields that keep their letters, and the clean
visits approved together."""

from collections.abc import Callable

from playwright.sync_api import expect
from sqlmodel import col, update

from audit_app.review.models import Review
from tests import world
from tests.journeys.api import Api, content_of
from tests.journeys.house import House
from tests.journeys.people import Desk


def own(seed: str) -> Callable[[str], bytes]:
    """Photos that no other visit has."""
    return lambda key: content_of(f"{key}-{seed}")


def test_a_list_worked_by_keyboard(desk: Callable[..., Desk], house: House) -> None:
    tester, visits = Api(house, "tester"), []
    for key, hall in (("k-one", "hall-bell-2"), ("k-two", "hall-drum")):
        visit = tester.send(house.give(key, hall, "tester", "own-hall-flagship"), own(key))
        house.review_of(visit)
        visits.append(visit)
    mine = update(Review).where(col(Review.visit_id).in_(visits)).values(reviewer_id=world.account_id("reviewer"))
    house.db.write_now(lambda session: session.execute(mine))
    reviewer = desk("reviewer")
    page, keys = reviewer.open("/reviews"), reviewer.page.keyboard
    rows = page.locator("[data-row]")
    expect(rows).to_have_count(2)
    for key, at in (("j", 0), ("j", 1), ("j", 1), ("k", 0)):
        keys.press(key)
        expect(rows.nth(at)).to_be_focused()
    keys.press("/")
    keys.type("jk")  # a field keeps its letters
    expect(page.locator("input[name=q]")).to_have_value("jk")
    page.locator("input[name=q]").fill("")
    page.locator("main h1").click()
    keys.press("j")
    keys.press("Enter")
    page.wait_for_url("**/reviews/*")
    here = page.url
    for key, name in (("r", "#return"), ("a", "#approve")):
        keys.press(key)
        expect(page.locator(name)).to_be_visible()
        keys.press("j")  # nothing moves behind a dialog
        keys.press("Escape")
        expect(page.locator(name)).to_be_hidden()
    page.locator("#f-note").focus()
    keys.type("jar")
    expect(page.locator("#f-note")).to_have_value("jar")
    assert page.url == here

    reviewer.open("/reviews")
    keys.press("c")
    page.wait_for_url("**/reviews/approvals")
    keys.press("j")
    keys.press("Space")
    expect(page.locator("[data-row]").first).not_to_be_checked()
    reviewer.press("Approve the chosen visits")
    expect(page.locator("h1")).to_have_text("1 visit approved")
    assert sorted(house.visit(visit).status for visit in visits) == ["approved", "in_review"]

    reviewer.open("/reviews")
    page.locator("[data-shortcuts]").click()
    keys.press("j")
    expect(page.locator("[data-row]").first).not_to_be_focused()

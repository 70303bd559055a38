"""The reviewer: the queue, a photo, a changed score, a returned visit and its second revision, the approval, whom it
scores."""

from collections.abc import Callable

from playwright.sync_api import expect
from sqlmodel import select

from audit_app.review.models import VisitResult, VisitSubject
from audit_app.scoring.sheet import Item
from audit_app.visits.models import ReviewOverlay
from tests.journeys.api import Api
from tests.journeys.house import House, wait_for
from tests.journeys.people import Desk, Handset

WORST = {f"own-hall-flagship.{name}" for name in ("hours-posted", "water", "badge")}


def some_losses(item: Item) -> int:
    """The last option of three items, the best elsewhere."""
    return 9 if item.id in WORST else 0


def photo_is_ready(reviewer: Desk, path: str) -> None:
    """The viewing copy is made by the worker."""

    def shown() -> bool:
        reviewer.open(path)
        return reviewer.page.locator("figure.photo img").count() > 0

    wait_for(shown, every=0.3)


def test_a_review_with_a_change_and_a_return(
    desk: Callable[..., Desk], phone: Callable[..., Handset], house: House
) -> None:
    job = house.give("j-review", "hall-bell-2", "tester", "own-hall-flagship")
    visit = Api(house, "tester").send(job, option_at=some_losses, note="ZEBRA-NOTE")
    review, who = house.review_of(visit)
    reviewer = desk(who)
    reviewer.until("/reviews", "Bell Market Hall")
    path = f"/reviews/{review}"
    photo_is_ready(reviewer, path)
    picture = reviewer.page.locator("figure.photo img")
    assert picture.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 0
    other = "reviewer-2" if who == "reviewer" else "reviewer"
    assert desk(other).status(path) == 404, "a colleague's review"

    item = reviewer.page.locator("a.ri").first
    item.click()
    before = reviewer.page.locator(".big.num").first.inner_text()
    first = reviewer.page.locator("form[action$='/overlays'] input[name=answer]").first
    first.check()
    reviewer.page.locator("#f-reason").fill("The photo shows it posted")
    reviewer.press("Change the score")
    assert reviewer.page.locator(".big.num").first.inner_text() != before
    reviewer.page.locator("a.ri").last.click()
    reviewer.page.locator("#f-note").fill("Which day was that?")
    reviewer.press("Note the question")
    reviewer.press("Return for completion")
    reviewer.press("Return the visit")
    wait_for(lambda: house.visit(visit).status == "returned")

    tester = phone("tester")
    tester.open()
    tester.page.locator(f"a[href='#/return/{job}']").click()
    tester.page.wait_for_url(f"**/check/{visit}")
    expect(tester.page.locator("main")).to_contain_text("Which day was that?")
    tester.page.locator("ul.asks a").first.click()
    noted = tester.page.locator("section.it textarea").first
    noted.fill("It was Monday")
    tester.hand_in(visit)
    assert house.visit(visit).revision == 2

    approve(desk, house, visit, "Please post the opening hours at the door.")
    overlays = select(ReviewOverlay).where(ReviewOverlay.visit_id == visit)
    assert house.db.read_now(lambda session: len(session.scalars(overlays).all())) == 1
    result = select(VisitResult).where(VisitResult.visit_id == visit)
    assert house.db.read_now(lambda session: session.scalars(result).one()).revision >= 1
    subject = house.db.read_now(lambda session: session.get(VisitSubject, visit))
    assert subject is not None
    assert house.visit(visit).status == "approved", "covert: not released yet"


def approve(desk: Callable[..., Desk], house: House, visit: str, note: str, whom: str | None = None) -> None:
    """Approval with a release note, then whom it scores: somebody of the roster, or the touchpoint only."""
    review, who = house.review_of(visit)
    reviewer = desk(who)
    reviewer.open(f"/reviews/{review}")
    reviewer.press("Approve")
    reviewer.page.locator("#f-release_note").fill(note)
    reviewer.press("Approve", last=True)
    reviewer.page.wait_for_url("**/subject")
    if whom:
        reviewer.page.locator("label", has_text=whom).locator("input").check()
    reviewer.press("That is whom it scores")
    reviewer.page.wait_for_url(lambda url: "/subject" not in url)


def test_a_painted_photo_reaches_the_outlet(desk: Callable[..., Desk], house: House) -> None:
    """Boxes by pointer and by keys, the look, the tick; after the release the outlet sees that photo and no other."""
    job = house.give("j-paint", "hall-bell", "chief-tester", "own-hall-flagship")
    visit = Api(house, "chief-tester").send(job, option_at=some_losses)
    review, who = house.review_of(visit)
    reviewer = desk(who)
    photo_is_ready(reviewer, f"/reviews/{review}")
    page = reviewer.page
    page.locator("a[href$='/redaction']").click()
    page.wait_for_url("**/redaction")
    page.wait_for_load_state("load")
    page.locator("[data-stage] img").evaluate("(image) => image.decode()")
    stage = page.locator("[data-stage] svg").bounding_box()
    assert stage is not None
    at = [(stage["x"] + stage["width"] * part, stage["y"] + stage["height"] * part) for part in (0.2, 0.4)]
    page.mouse.move(*at[0])
    page.mouse.down()
    page.mouse.move(*at[1], steps=3)
    page.mouse.up()
    page.locator("[data-add]").click()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    typed = [one.input_value() for one in page.locator("[data-lines] input").all()]
    assert typed[4:] == ["36", "35", "20", "21"], "moved by one, one higher"
    assert [round(float(one)) for one in typed[:4]] == [20, 20, 20, 20]
    page.locator("#f-shows").select_option("person")
    page.locator("[data-boxes] button.p").click()
    copy = page.locator("img.burnt")
    assert copy.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 0
    page.locator("input[name=releasable] ~ button").click()
    expect(page.locator("section", has=page.locator("img.burnt"))).to_contain_text("Will be shown")
    approve(desk, house, visit, "Please greet everybody.")
    house.let_time_pass()

    outlet = desk("outlet-manager")
    outlet.until("/results", "Bell Road Hall")
    outlet.page.locator("a[href^='/results/']", has_text="20").first.click()
    shown = outlet.page.locator(".ths.shown img")
    expect(shown).to_have_count(1)
    assert shown.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 0
    shown.click()
    expect(outlet.page.locator(".pswp img.pswp__img")).to_have_count(1)

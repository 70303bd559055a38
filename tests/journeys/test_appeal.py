"""An outlet appeals, two members decide, the new card tells before and after, and the old one is superseded."""

import re
from collections.abc import Callable
from pathlib import Path

from tests.appeals.conftest import losses
from tests.journeys.house import House
from tests.journeys.people import Desk
from tests.journeys.test_results import approved, printed


def token_of(pdf: bytes) -> str:
    found = re.search(r"/verify/([0-9a-f\s]{32,40})", printed(pdf))
    assert found
    return re.sub(r"\s", "", found[1])[:32]


def test_an_appeal_from_the_outlet_to_the_superseded_card(
    desk: Callable[..., Desk], house: House, tmp_path: Path
) -> None:
    job = house.give("j-appeal", "hall-bell", "inspector", "own-hall-overt", "overt")
    visit = approved(house, job, "inspector", "Post the hours.", option_at=losses)
    result = f"/results/{house.visit(visit).outward_id}"
    manager = desk("outlet-manager")
    manager.until(result, "Scorecard as PDF")
    card = "a[href^='/scorecards/'][href$='.pdf']"
    _, old = manager.download(card, tmp_path)

    manager.open(result)
    manager.page.get_by_role("link", name=re.compile("^Appeal [A-Z]")).first.click()
    manager.page.get_by_label("The facts were different").check()
    manager.page.get_by_label("Why").fill("The hours hang beside the door; the camera shows it.")
    manager.press("Hand in the appeal")
    assert "Being heard" in manager.page.content()

    for name in ("panel-city", "panel-city-second"):
        member = desk(name)
        member.open("/hearings")
        member.page.locator("tbody a").first.click()
        assert "The hours hang beside the door" in member.page.content()
        member.page.get_by_role("button", name="Letter keys").wait_for()  # the script is there
        member.page.keyboard.press("1")
        member.page.keyboard.press("r")
        member.page.keyboard.type("The photo shows the hours.")
        member.page.get_by_role("button", name="Vote and go on").click()
        member.page.get_by_role("heading", name="Votes").wait_for()

    manager.until(result, "Appealed, and no loss any more")
    _, new = manager.download(card, tmp_path)
    assert "Changed by appeals" in printed(new)
    assert "The photo shows the hours." in re.sub(r"\s+", " ", printed(new))

    anybody = desk("")
    anybody.open(f"/verify/{token_of(old)}")
    assert "Superseded by a newer one" in anybody.page.content()
    check(anybody, old, tmp_path, "Genuine, but superseded by a newer one")
    check(anybody, new, tmp_path, "Not our file")
    anybody.open(f"/verify/{token_of(new)}")
    check(anybody, new, tmp_path, "Every byte is as we gave it out, and it is the newest one.")


def check(anybody: Desk, pdf: bytes, folder: Path, said: str) -> None:
    """The file is hashed in the browser and compared."""
    path = folder / f"{len(list(folder.iterdir()))}.pdf"  # the same name twice is no change
    path.write_bytes(pdf)
    anybody.page.locator("input[type=file]").set_input_files(path)
    anybody.page.get_by_text(said).first.wait_for()

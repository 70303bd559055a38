"""The administrator lets somebody new in and out again; the auditor follows it on the trail and verifies it."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserContext, expect

from tests.journeys.house import House
from tests.journeys.people import DESK, Desk, Faults

PASSWORD = "saffron lantern orbit 42"


def invite(admin: Desk) -> str:
    """A new supervisor of Bell County; the address of the link that is shown once."""
    page = admin.open("/accounts")
    page.get_by_role("link", name="New account").click()
    page.locator("#f-display_name").fill("Meadow")
    page.locator("#f-username").fill("13900000001")
    page.locator("#f-role").select_option("supervisor")
    page.locator("#f-unit").select_option("360102")
    admin.press("Make the account")
    return page.locator("#link").inner_text()


def test_from_the_invitation_to_the_trail(
    desk: Callable[..., Desk], contexts: Callable[..., BrowserContext], house: House, faults: Faults, tmp_path: Path
) -> None:
    admin = desk("admin")
    link = invite(admin)

    new = contexts("", **DESK).new_page()
    new.goto(link)
    expect(new.get_by_role("heading", level=1)).to_contain_text("Meadow")
    faults.expected += ["422 POST", "403 GET", "404 GET"]
    new.locator("#f-new_password").fill("password123")
    new.locator("#f-new_password_again").fill("password123")
    new.get_by_role("button", name="Save and sign in").click()
    new.locator("#f-new_password-error").wait_for()
    new.locator("#f-new_password").fill(PASSWORD)
    new.locator("#f-new_password_again").fill(PASSWORD)
    new.get_by_role("button", name="Save and sign in").click()
    new.wait_for_url(f"{house.base}/")
    new.goto(f"{house.base}/programmes")
    expect(new.get_by_role("heading", level=1)).to_be_visible()

    page = admin.open("/accounts?q=Meadow")
    page.get_by_role("link", name="Meadow").click()
    admin.press("End the role")
    expect(page.get_by_text("The role has ended")).to_be_visible()
    reply = new.goto(f"{house.base}/programmes")
    assert reply is not None
    assert new.url.startswith(f"{house.base}/sign-in"), "the next request already"
    assert contexts("", **DESK).new_page().goto(link).status == 404  # type: ignore[union-attr]

    auditor = desk("auditor")
    page = auditor.open("/trail?act=role.ended")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.locator("tbody a").click()
    expect(page.get_by_text("Supervisor")).to_be_visible()
    name, content = auditor_file(auditor, tmp_path)
    assert name.endswith(".csv")
    assert "A role ended" in content.decode("utf-8-sig")
    auditor.open("/trail")
    auditor.press("Verify now")
    expect(page.get_by_text("Every line has its hash and follows the one before")).to_be_visible(timeout=30_000)
    assert auditor.status("/accounts") == 403


def auditor_file(auditor: Desk, folder: Path) -> tuple[str, bytes]:
    auditor.open("/trail?act=role.ended")
    return auditor.download("a[href^='/trail.csv']", folder)

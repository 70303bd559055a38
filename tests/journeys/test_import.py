"""The administrator takes in a part of a province: a dry run, a wrong row with its reason, written, nothing twice."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect
from sqlmodel import col, func, select

from audit_app.organisation.models import OrgUnit
from audit_app.settings import ROOT
from tests.journeys.house import House
from tests.journeys.people import Desk

DIVISIONS = ROOT / "audit_app" / "demo" / "data" / "jiangxi_divisions.csv"
ELSEWHERE = str.maketrans({"3": "5"})  # the cast lives under 36 already


def part_of_the_province(rows: int, wrong: bool) -> bytes:
    """The first rows of the real file; `wrong` gives one of them a level that does not exist."""
    with DIVISIONS.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))[: rows + 1]
    if wrong:
        lines[200][2] = "galaxy"
    out = io.StringIO()
    csv.writer(out).writerows(lines)
    return out.getvalue().encode()


def try_file(admin: Desk, name: str, content: bytes) -> None:
    admin.open("/imports")
    admin.page.locator("input[name=kind][value=units]").check()
    admin.page.locator("#f-file").set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})
    admin.page.locator("form[action='/imports'] button.p").click()
    admin.page.wait_for_url("**/imports/*")


def counts(admin: Desk) -> dict[str, int]:
    cells = admin.page.locator(".kpis .kpi").all()
    return {cell.locator(".l").inner_text(): int(cell.locator(".v").inner_text().replace(",", "")) for cell in cells}


def test_a_part_of_a_real_province(desk: Callable[..., Desk], house: House, tmp_path: Path) -> None:
    admin = desk("admin")
    try_file(admin, "part.csv", part_of_the_province(300, wrong=True))
    tried = counts(admin)
    assert (tried["Rows read"], tried["Wrong"]) == (300, 1)
    row = admin.page.locator("table tbody tr", has_text="galaxy")
    expect(row if row.count() else admin.page.locator("table tbody tr").first).to_contain_text("Level")
    assert units(house) == 10, "a dry run writes nothing"

    try_file(admin, "part.csv", part_of_the_province(300, wrong=False))
    tried = counts(admin)
    assert tried["Wrong"] == 0
    admin.page.locator("form[action$='/application'] button.p").click()
    admin.page.wait_for_load_state()
    assert units(house) >= 300

    try_file(admin, "part.csv", part_of_the_province(300, wrong=False))
    assert counts(admin) == {"Rows read": 300, "New": 0, "Changed": 0, "Unchanged": 300, "Wrong": 0}
    expect(admin.page.get_by_text("There is nothing to write")).to_be_visible()


def units(house: House) -> int:
    return house.db.read_now(lambda session: session.scalars(select(func.count(col(OrgUnit.code)))).one())

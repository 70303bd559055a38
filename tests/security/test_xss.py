"""Texts of strangers in every column that a page shows, in a real browser, with our CSP and without: nothing runs."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from litestar import Litestar
from litestar.testing import TestClient
from playwright.sync_api import Browser, Page, Route

from audit_app.access.models import Account
from audit_app.kit.db import Database, Session
from audit_app.organisation.models import ImportRun, OrgUnit, StaffMember, Team, Touchpoint
from audit_app.planning.models import Assignment, Programme, Round
from audit_app.review.models import Review
from audit_app.visits.models import Visit
from tests.conftest import ORIGIN
from tests.reporting import made
from tests.security.payloads import ALL, PAYLOADS
from tests.visits.sending import bodies, new_visit, put, without_files

Open = Callable[[str], TestClient[Litestar]]
UNPACKED = ("content-encoding", "content-length")
CANARY = "window.X = () => { (window.top || window).hit = true; };"
COLUMNS: dict[Any, tuple[str, ...]] = {
    Account: ("display_name",), OrgUnit: ("name",), Touchpoint: ("name", "address"), Team: ("name",),
    StaffMember: ("name", "job"), Programme: ("name", "purpose", "notice"), Round: ("name",), Assignment: ("note",),
    Review: ("release_note",), ImportRun: ("file_name",),
}  # fmt: skip
PAGES = {
    "province-supervisor": (
        "/", "/overview", "/programmes", "/programmes/prog-covert", "/programmes/new", "/rounds/round-covert",
        "/rounds/round-covert/touchpoints/hall-bell", "/assignments", "/organisation", "/touchpoints/hall-bell",
        "/scorecards", "/account",
    ),
    "outlet-manager": ("/", "/results", "RESULT", "/scorecards"),
    "staff": ("/",),
    "hr": ("/scorecards", "/report-runs"),
    "admin": ("/imports", "IMPORT", "/organisation", "/touchpoints/hotline"),
    "REVIEWER": ("/reviews", "REVIEW", "SUBJECT"),
    "tester": ("/field/jobs", "/field/assignments/as-offered/form"),
}  # fmt: skip


def test_there_are_enough_payloads() -> None:
    assert len(PAYLOADS) >= 120


@pytest.fixture
def places(client_for: Open, db: Database) -> dict[str, str]:
    """A world in which everybody has written every payload; the addresses that have an id in them."""
    tester, key = client_for("tester"), new_visit()
    body = without_files(bodies(db, "as-hall"))
    for answer in body["answers"]:
        answer["note"] = ALL[:1900]
    body["subject"] = {"badge": PAYLOADS[1][:80], "desk": PAYLOADS[3][:80], "description": ALL[:1900]}
    put(tester, key, body)
    plan = made.Plan("hall-bell", "overt", "inspector", "own-hall-overt", note=ALL[:1900], release_note=ALL[:1900])
    visit = made.make(db, plan)[0]
    cells = "".join(f'"{text}","{text}",province,\n' for text in (p.replace('"', '""') for p in PAYLOADS[:40]))
    file = {"file": ("x<img src=x onerror=X()>.csv", f"code,name,level,parent_code\n{cells}".encode(), "text/csv")}
    run = client_for("admin").post("/imports", data={"kind": "units"}, files=file).headers["location"]

    def plant(session: Session) -> dict[str, str]:
        review = session.execute(sa.select(Review).where(Review.visit_id == visit)).scalar_one()
        found = {
            "REVIEWER": (review.reviewer_id or "").removeprefix("acc-"), "REVIEW": f"/reviews/{review.id}",
            "RESULT": f"/results/{session.get_one(Visit, visit).outward_id}", "SUBJECT": f"/visits/{visit}/subject",
            "IMPORT": run,
        }  # fmt: skip
        for model, names in COLUMNS.items():
            session.execute(sa.update(model).values(dict.fromkeys(names, ALL)))
        return found

    return db.write_now(plant)


@pytest.fixture(
    params=[pytest.param(False, id="with CSP"), pytest.param(True, id="without CSP", marks=pytest.mark.full)]
)
def page(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(bypass_csp=request.param)
    context.set_default_timeout(15_000)
    context.add_init_script(CANARY)
    yield context.new_page()
    context.close()


def served(client: TestClient[Litestar]) -> Callable[[Route], None]:
    """Answers the browser's requests by the application in this process; scripts of ours come, too."""

    def answer(route: Route) -> None:
        asked = route.request
        got = client.request(asked.method, asked.url.removeprefix(ORIGIN))
        headers = {
            name: value for name, value in got.headers.items() if name not in ("content-encoding", "content-length")
        }
        route.fulfill(status=got.status_code, headers=headers, body=got.content)

    return answer


def test_no_payload_runs_on_any_page(client_for: Open, places: dict[str, str], page: Page) -> None:
    faults: list[str] = []
    page.on("dialog", lambda dialog: faults.append(f"dialog on {page.url}") or dialog.dismiss())
    page.on("console", lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None)
    seen = 0
    for person, paths in PAGES.items():
        page.unroute("**/*")
        page.route("**/*", served(client_for(places.get(person, person))))
        for path in paths:
            reply = page.goto(ORIGIN + places.get(path, path), wait_until="load")
            if reply is None or reply.status != 200:
                faults.append(f"{path} is not shown")
            if page.evaluate("window.hit === true"):
                faults.append(f"a script ran on {path}")
            seen += page.content().count("onerror=X()")
            live = page.evaluate("document.querySelectorAll('[onerror],[onload],[onfocus],[ontoggle],[srcdoc]').length")
            if live:
                faults.append(f"{live} live elements on {path}")
    assert faults == []
    assert seen > 100  # the payloads were there to see


def test_the_walk_would_notice(page: Page) -> None:
    page.route("**/*", lambda route: route.fulfill(body="<svg onload=X()>", content_type="text/html"))
    page.goto(ORIGIN)
    assert page.evaluate("window.hit === true")
    assert re.search("onload", page.content())

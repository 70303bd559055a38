"""The pages: who sees what, what a file does to them, and that nothing of a covert visit shows."""

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from litestar import Litestar
from litestar.testing import TestClient
from sqlmodel import Session

from audit_app.kit.db import Database
from audit_app.organisation.models import Touchpoint
from tests.organisation import files

Clients = Callable[[str], TestClient[Litestar]]


def dry_run(client: TestClient[Litestar], kind: str, text: str, name: str = "a.csv") -> str:
    answer = client.post("/imports", data={"kind": kind}, files={"file": (name, text.encode(), "text/csv")})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_each_sees_the_own_subtree_only(client_for: Clients) -> None:
    county = client_for("county-supervisor").get("/organisation").text
    assert "Bell Road Hall" in county
    assert "Drum" not in county
    assert "Jiangzhou" not in county
    city = client_for("city-supervisor").get("/organisation").text
    assert "Drum Tower Hall" in city
    assert "Reed" not in city
    outside = client_for("outsider").get("/organisation").text
    assert "Far Hall" in outside
    assert "Bell" not in outside


def test_units_and_touchpoints_of_others_do_not_exist(client_for: Clients) -> None:
    client = client_for("county-supervisor")
    assert client.get("/organisation?unit=360102").status_code == 200
    assert client.get("/organisation?unit=360103").status_code == 404
    assert client.get("/organisation?unit=none").status_code == 404
    assert client.get("/touchpoints/hall-bell").status_code == 200
    for hidden in ("hall-drum", "hotline", "hall-far", "none"):
        assert client.get(f"/touchpoints/{hidden}").status_code == 404
    assert client_for("reviewer").get("/touchpoints/hall-drum").status_code == 200


@pytest.mark.parametrize("username", ["tester", "hr", "staff", "outlet-manager", "team-lead"])
def test_others_have_no_directory(client_for: Clients, username: str) -> None:
    client = client_for(username)
    assert client.get("/organisation").status_code == 403
    assert client.get("/touchpoints/hall-bell").status_code == 403


def test_visitors_are_asked_to_sign_in(client_for: Clients) -> None:
    for path in ("/organisation", "/touchpoints/hall-bell", "/imports", "/imports/x"):
        assert client_for("").get(path).status_code == 303


def test_filters(client_for: Clients) -> None:
    client = client_for("province-supervisor")

    def names(query: str) -> list[str]:
        return re.findall(r'href="/touchpoints/([^"]+)"', client.get(f"/organisation{query}").text)

    assert set(names("")) == {
        "hall-bell",
        "hall-bell-2",
        "hall-drum",
        "hall-reed",
        "outlet-bell",
        "agent-drum",
        "hotline",
    }
    assert names("?kind=outlet") == ["outlet-bell"]
    assert names("?tier=2") == ["hall-drum", "hall-bell-2"]
    assert names("?unit=360103") == ["hall-drum", "agent-drum"]
    assert names("?kind=hall&unit=3602") == ["hall-reed"]
    assert names("?q=jz2") == ["agent-drum"]
    assert names("?q=%25") == []
    assert names("?q=lake") == ["hall-reed"]
    assert client.get("/organisation?after=nonsense").status_code == 400


def add_halls(session: Session, rows: int) -> None:
    for n in range(rows):
        session.add(
            Touchpoint(
                code=f"P{n:04}", kind="hall", name=f"Page {n}", tier=3, unit_code="360202", unit_path="36/3602/360202/"
            )
        )


def test_pages_follow_each_other(client_for: Clients, db: Database) -> None:
    db.write_now(add_halls, 120)
    client = client_for("city-supervisor-2")
    seen: list[str] = []
    address: str | None = "/organisation"
    while address:
        text = client.get(address).text
        seen += re.findall(r"<td[^>]*data-label=\"Code\"[^>]*>([^<]+)</td>", text)
        found = re.search(r'rel="next" href="([^"]+)"', text)
        address = found[1].replace("&amp;", "&") if found else None
    assert len(seen) == len(set(seen)) == 121
    assert "121 touchpoints" in text


def test_the_tree_opens_what_is_chosen(client_for: Clients) -> None:
    client = client_for("province-supervisor")

    def tree(query: str) -> list[str]:
        text = client.get(f"/organisation{query}").text
        return re.findall(r'<span class="ell">([^<]+)</span>', text[: text.index("</section>")])

    assert tree("") == ["Jiangzhou", "North City", "South City"]
    assert tree("?unit=3602") == ["Jiangzhou", "North City", "South City", "Reed County"]
    assert tree("?unit=360102") == ["Jiangzhou", "North City", "Bell County", "Drum County", "South City"]


def test_a_touchpoint_shows_staff_and_roster_and_nothing_of_visits(client_for: Clients) -> None:
    text = client_for("county-supervisor").get("/touchpoints/hall-bell?week=2026-11-24").text
    assert "Bell Staff 2" in text
    assert text.count("09:00–18:00") == 15  # two people, seven days, and the opening hours
    main = text[text.index("<main") :]
    for word in ("visit", "assignment", "round", "covert", "tester", "score"):
        assert word not in main.lower()
    assert (
        "No roster for this week" in client_for("county-supervisor").get("/touchpoints/hall-bell?week=2020-01-01").text
    )
    hotline = client_for("province-supervisor").get("/touchpoints/hotline").text
    assert "802" in hotline
    assert "Team 2" in hotline


def test_statements_do_not_grow(client_for: Clients, db: Database) -> None:
    client = client_for("province-supervisor")

    def statements(path: str) -> int:
        seen: list[str] = []

        def counted(_c: object, _k: object, statement: str, *_: object) -> None:
            if not statement.startswith(("UPDATE", "BEGIN")):
                seen.append(statement)

        sa.event.listen(db.engine, "before_cursor_execute", counted)
        assert client.get(path).status_code == 200
        sa.event.remove(db.engine, "before_cursor_execute", counted)
        return len(seen)

    paths = ["/organisation", "/touchpoints/hall-reed"]
    before = [statements(path) for path in paths]
    db.write_now(add_halls, 60)
    assert [statements(path) for path in paths] == before


def test_only_administrators_import(client_for: Clients) -> None:
    for username in ("province-supervisor", "hr", "tester"):
        client = client_for(username)
        assert client.get("/imports").status_code == 403
        assert client.post("/imports", data={"kind": "units"}, files={"file": ("a.csv", b"x")}).status_code == 403
        assert client.post("/imports/x/application").status_code == 403
    assert 'href="/imports' not in client_for("province-supervisor").get("/organisation").text


def test_the_whole_way_of_a_file(client_for: Clients) -> None:
    admin = client_for("admin")
    assert "No import yet" in admin.get("/imports").text
    address = dry_run(admin, "touchpoints", files.TOUCHPOINTS, "halls & more.csv")
    text = admin.get(address).text
    for words in ("Nothing is written yet", "Write 2 rows", "1 Long Street", "2 Long Street", "halls &amp; more.csv"):
        assert words in text
    assert "New Hall" in admin.get(f"{address}?verdict=new").text
    assert "New Hall" not in admin.get("/organisation").text
    assert admin.post(f"{address}/application", data={}).headers["location"] == address
    text = admin.get(address).text
    assert "Applied on" in text
    assert "/application" not in text
    assert "New Hall" in admin.get("/organisation?unit=360103").text
    again = admin.get(dry_run(admin, "touchpoints", files.TOUCHPOINTS)).text
    assert "There is nothing to write" in again
    assert admin.get("/imports").text.count('href="/imports/') >= 2


def test_wrong_rows_are_shown_and_can_be_fetched(client_for: Clients) -> None:
    admin = client_for("admin")
    text = "code,name,level,parent_code\n=2+5,A,county,3601\n360199,New County,county,3601\n"
    address = dry_run(admin, "units", text)
    page = admin.get(address).text
    assert "is not a code" in page
    assert "Apply the right rows only" in page
    refused = admin.post(f"{address}/application", data={})
    assert refused.status_code == 409
    assert "Some rows are wrong" in refused.text
    fetched = admin.get(f"{address}/errors")
    assert fetched.content.startswith(b"\xef\xbb\xbf")
    assert "'=2+5" in fetched.text
    assert admin.post(f"{address}/application", data={"right_rows_only": "1"}).status_code == 303
    assert "New County" in admin.get("/organisation?unit=3601").text


def test_a_stale_dry_run_comes_back_fresh(client_for: Clients) -> None:
    admin = client_for("admin")
    stale = dry_run(admin, "touchpoints", files.TOUCHPOINTS)
    other = dry_run(admin, "touchpoints", files.TOUCHPOINTS.replace("2 Long Street", "3 Short Street"))
    assert admin.post(f"{other}/application", data={}).status_code == 303
    refused = admin.post(f"{stale}/application", data={})
    assert refused.status_code == 409
    assert "fresh report" in refused.text
    assert "3 Short Street" in refused.text
    assert admin.post(f"{stale}/application", data={}).status_code == 303


def test_files_that_are_no_tables(client_for: Clients) -> None:
    admin = client_for("admin")
    for kind, data, words in (
        ("units", b"hello", "The file lacks these columns"),
        ("units", b"PK\x03\x04broken", "neither a CSV nor an XLSX"),
        ("moon", b"code", "Please choose what the file holds"),
    ):
        answer = admin.post("/imports", data={"kind": kind}, files={"file": ("a", data)})
        assert answer.status_code == 422
        assert words in answer.text
    assert admin.post("/imports", data={"kind": "units"}).status_code == 422
    large = admin.post("/imports", data={"kind": "units"}, files={"file": ("a", b"x" * (5 * 1024 * 1024 + 1))})
    assert large.status_code == 413


def test_imports_of_another_province_do_not_exist(client_for: Clients) -> None:
    address = dry_run(client_for("admin"), "units", files.UNITS)
    stranger = client_for("outsider-admin")
    for path in (address, f"{address}/errors"):
        assert stranger.get(path).status_code == 404
    assert stranger.post(f"{address}/application", data={}).status_code == 404
    assert "a.csv" not in stranger.get("/imports").text


def test_empty_tables_can_be_imported_once_filled(client_for: Clients) -> None:
    admin = client_for("admin")
    for kind in ("units", "touchpoints", "staff", "rosters"):
        answer = admin.get(f"/imports/templates/{kind}")
        assert answer.status_code == 200
        assert answer.content.startswith(b"\xef\xbb\xbf")
        assert "filename*=UTF-8''" in answer.headers["content-disposition"]
        headings = answer.content.decode("utf-8-sig").strip()
        filled = headings + "\n" + ",".join("?" for _ in headings.split(",")) + "\n"
        assert (
            admin.post("/imports", data={"kind": kind}, files={"file": ("t.csv", filled.encode())}).status_code == 303
        )
    assert admin.get("/imports/templates/moon").status_code == 404

"""Appeals as JSON: the manager, a member of the staff whom the visit scores, and people with no part in it."""

from collections.abc import Callable

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.appeals.conftest import Court

Open = Callable[[str], TestClient[Litestar]]


def outward(court: Court) -> str:
    from audit_app.visits.models import Visit

    return str(court.look(lambda s: s.get_one(Visit, court.visit).outward_id))


def test_an_appeal_without_the_browser(court: Court, client_for: Open) -> None:
    key, manager = outward(court), client_for("outlet-manager")
    listed = manager.get("/api/v1/results").json()
    assert [(one["id"], one["touchpoint"], one["open"]) for one in listed["results"]] == [(key, "Bell Road Hall", True)]
    open_items = manager.get(f"/api/v1/results/{key}").json()
    assert {one["id"] for one in open_items["items"]} == set(court.lost())
    assert "not_me" not in open_items["grounds"]
    item = court.lost()[0]
    given = {"ground": "facts", "words": "It was there.", "item_id": item}
    made = manager.post(f"/api/v1/results/{key}/appeals", json=given)
    assert made.status_code == 201
    again = manager.post(f"/api/v1/results/{key}/appeals", json=given)
    assert again.status_code == 409
    appeal = made.json()["id"]
    assert court.decide(appeal, court.best(item)) == "upheld"
    read = manager.get(f"/api/v1/appeals/{appeal}").json()
    assert (read["appeal"]["outcome"], read["appeal"]["item_id"], read["words"]) == ("upheld", item, "It was there.")
    assert read["rounds"][0]["reason"]
    assert item not in {one["id"] for one in manager.get(f"/api/v1/results/{key}").json()["items"]}
    assert [one["id"] for one in manager.get("/api/v1/appeals").json()["appeals"]] == [appeal]
    text = msgspec.json.encode(read).decode()
    for name in ("Panel City", "Chief Tester", "0101", court.visit):
        assert name not in text


def test_staff_contest_what_is_theirs(court: Court, client_for: Open) -> None:
    key, staff = outward(court), client_for("staff")
    found = staff.get(f"/api/v1/results/{key}").json()
    assert {one["id"] for one in found["items"]} == set(court.lost(staff_only=True))
    assert "not_me" in found["grounds"]
    made = staff.post(f"/api/v1/results/{key}/appeals", json={"ground": "not_me", "words": "I was on leave."})
    assert made.status_code == 201
    assert client_for("outlet-manager").get(f"/api/v1/appeals/{made.json()['id']}").status_code == 404


@pytest.mark.parametrize("who", ["outlet-manager-2", "team-lead", "staff-2"])
def test_strangers_find_nothing(court: Court, client_for: Open, who: str) -> None:
    key, appeal, client = outward(court), court.file(), client_for(who)
    assert client.get("/api/v1/results").json() == {"results": [], "next": ""}
    assert client.get("/api/v1/appeals").json() == {"appeals": [], "next": ""}
    assert client.get(f"/api/v1/results/{key}").status_code == 404
    assert client.get(f"/api/v1/appeals/{appeal}").status_code == 404
    given = {"ground": "facts", "words": "x", "item_id": court.lost()[0]}
    assert client.post(f"/api/v1/results/{key}/appeals", json=given).status_code == 404


def test_wrong_bodies(court: Court, client_for: Open) -> None:
    here, manager = f"/api/v1/results/{outward(court)}/appeals", client_for("outlet-manager")
    assert manager.post(here, content=b"{", headers={"content-type": "application/json"}).status_code == 400
    for given in ({}, {"ground": "facts", "words": ""}, {"ground": "facts", "words": "x", "item_id": "a", "more": 1}):
        assert manager.post(here, json=given).status_code == 422
    assert manager.get("/api/v1/results?after=nonsense").status_code == 400

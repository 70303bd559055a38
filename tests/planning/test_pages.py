"""Planning by hand on its pages: who sees a programme, who may give out, and what is refused with every reason."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from litestar.testing import TestClient
from sqlmodel import select

from audit_app.kit.db import Database, Session
from audit_app.planning.models import Assignment, Programme, Round
from audit_app.planning.queries import notice_id
from tests import world

Open = Callable[[str], TestClient]


def test_an_owner_sees_covert_programmes_and_a_county_does_not(client_for: Open) -> None:
    owner, county, outsider = client_for("province-supervisor"), client_for("county-supervisor"), client_for("outsider")
    assert "Covert hall visits" in owner.get("/programmes").text
    for client in (county, outsider):
        assert "Covert hall visits" not in client.get("/programmes").text
        assert client.get("/programmes/prog-covert").status_code == 404
        assert client.get("/rounds/round-covert").status_code == 404
        assert "Bell Market Hall" not in client.get("/assignments").text


def test_a_city_sees_its_own_overt_programme_but_not_the_provinces_covert_one(client_for: Open) -> None:
    city, other_city = client_for("city-supervisor"), client_for("city-supervisor-2")
    assert city.get("/programmes/prog-overt").status_code == 200
    assert city.get("/programmes/prog-covert").status_code == 404
    assert other_city.get("/programmes/prog-overt").status_code == 404


@pytest.mark.data
def test_every_programme_is_on_one_of_the_pages(client_for: Open, db: Database) -> None:
    def fill(session: Session) -> list[str]:
        old = session.get_one(Programme, "prog-overt").model_dump()
        made = []
        for n in range(120):
            at = world.NOW - timedelta(days=n // 3)
            made.append(Programme(**old | {"id": f"p{n:03}", "name": f"Programme {n:03}", "created_at": at}))
        session.add_all(made)
        return [one.name for one in made]

    wanted = set(db.write_now(fill)) | {"Covert hall visits"}
    client, address, texts = client_for("province-supervisor"), "/programmes", []
    while address:
        texts.append(client.get(address).text)
        found = re.search(r'rel="next" href="([^"]+)"', texts[-1])
        address = found[1] if found else ""
    assert len(texts) == 3
    assert not [name for name in wanted if sum(f">{name}<" in text for text in texts) != 1]
    assert client.get("/programmes?after=nonsense").status_code == 400


@pytest.mark.parametrize("who", ["tester", "reviewer", "hr", "outlet-manager", "staff", "admin"])
def test_nobody_else_plans(client_for: Open, who: str) -> None:
    client = client_for(who)
    assert client.get("/programmes").status_code == 403
    assert client.post("/programmes", data={"name": "x"}).status_code == 403


def test_a_visitor_is_sent_to_sign_in(client_for: Open) -> None:
    answer = client_for("").get("/programmes")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")


def test_a_new_programme_round_job_and_publication(client_for: Open, db: Database) -> None:
    client = client_for("city-supervisor")
    form = {"name": "Focused visits", "unit_code": "3601", "kind": "focused", "manner": "overt", "purpose": "Follow up",
            "touchpoint_kinds": "hall", "checklist_ids": "own-hall-overt"}  # fmt: skip
    made = client.post("/programmes", data=form)
    assert made.status_code == 303
    programme = made.headers["location"]
    opened = client.post(
        f"{programme}/rounds", data={"name": "R1", "starts_on": "2026-11-24", "last_day": "2026-12-20"}
    )
    assert opened.status_code == 303
    here = opened.headers["location"]
    assert "Bell Market Hall" in client.get(here).text
    choice = client.get(f"{here}/touchpoints/hall-bell-2")
    assert "Inspector" in choice.text
    job = {
        "touchpoint_id": "hall-bell-2",
        "assessor_id": "ass-inspector",
        "first_day": "2026-11-25",
        "last_day": "2026-12-01",
        "checklist_version_id": db.read_now(world.version_of, "own-hall-overt"),
    }
    assert client.post(f"{here}/assignments", data=job).status_code == 303
    assert client.post(f"{here}/publication").status_code == 303
    round_id = here.rsplit("/", 1)[1]
    status = db.read_now(lambda s: s.scalars(select(Assignment.status).where(Assignment.round_id == round_id)).all())
    assert list(status) == ["offered"]
    assert db.read_now(lambda s: s.get_one(Round, round_id).status) == "published"


def test_a_form_with_faults_comes_back_with_what_was_typed(client_for: Open) -> None:
    answer = client_for("city-supervisor").post("/programmes", data={"name": "Kept text", "manner": "secret"})
    assert answer.status_code == 422
    assert "Kept text" in answer.text
    assert "Please choose one of the list." in answer.text


def test_a_city_cannot_make_a_covert_programme_of_the_province(client_for: Open, db: Database) -> None:
    form = {"name": "Above me", "unit_code": "36", "kind": "routine", "manner": "covert", "purpose": "x",
            "touchpoint_kinds": "hall", "checklist_ids": "own-hall-flagship"}  # fmt: skip
    assert client_for("city-supervisor").post("/programmes", data=form).status_code == 422
    assert client_for("county-supervisor").post("/programmes", data={**form, "unit_code": "360102"}).status_code == 403
    assert db.read_now(lambda s: s.scalars(select(Programme).where(Programme.name == "Above me")).first()) is None


def test_a_tester_is_refused_a_tier_1_hall_with_the_reason(client_for: Open, db: Database) -> None:
    client = client_for("province-supervisor")
    page = client.get("/rounds/round-covert/touchpoints/hall-bell").text
    assert "Tier-1 halls only by chief testers or inspectors." in page
    job = {
        "touchpoint_id": "hall-bell",
        "assessor_id": "ass-tester",
        "first_day": "2026-11-25",
        "last_day": "2026-12-01",
        "checklist_version_id": db.read_now(world.version_of, "own-hall-flagship"),
    }
    answer = client.post("/rounds/round-covert/assignments", data=job)
    assert answer.status_code == 422
    assert "Tier-1 halls only by chief testers or inspectors." in answer.text


def test_planners_see_a_tester_as_a_code_only(client_for: Open) -> None:
    page = client_for("province-supervisor").get("/rounds/round-covert/touchpoints/outlet-bell").text
    assert "0318" in page
    assert "Tester 2" not in page


def test_staff_acknowledge_a_notice_once(client_for: Open) -> None:
    client = client_for("staff")
    assert "Visits will take place." in client.get("/").text
    assert client.post(f"/notices/{notice_id('prog-covert')}/acknowledgement").status_code == 303
    assert client.post(f"/notices/{notice_id('prog-covert')}/acknowledgement").status_code == 303
    assert client_for("outsider").post(f"/notices/{notice_id('prog-covert')}/acknowledgement").status_code == 404


def test_too_few_to_choose_from_is_said_where_one_chooses_and_at_the_round(client_for: Open, db: Database) -> None:
    client = client_for("province-supervisor")
    kept = client.post("/programmes/prog-covert/pool", data={"fewest": "4", "reason": ""})
    assert kept.status_code == 422
    assert "Fewer than 5 needs a reason." in kept.text
    days = {"name": "R", "starts_on": "2026-11-24", "last_day": "2026-12-20"}
    here = client.post("/programmes/prog-covert/rounds", data=days).headers["location"]
    version = db.read_now(world.version_of, "outlet-partner")
    job = {"touchpoint_id": "outlet-bell", "assessor_id": "ass-tester-2", "first_day": "2026-11-25",
           "last_day": "2026-12-01", "checklist_version_id": version}  # fmt: skip
    assert client.post(f"{here}/assignments", data=job).status_code == 303
    assert client.post("/programmes/prog-covert/pool", data={"fewest": "9", "reason": ""}).status_code == 303
    assert "this programme needs at least 9 to choose from" in client.get(f"{here}/touchpoints/outlet-bell").text
    refused = client.post(f"{here}/assignments", data=job)
    assert refused.status_code == 422
    assert "at least 9 to choose from" in refused.text
    page = client.get(here).text
    assert "1 job cannot be published" in page
    assert f"{here}/publication" not in page
    again = client.post(f"{here}/publication")
    assert again.status_code == 409
    assert "1 job cannot be published" in again.text

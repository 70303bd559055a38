"""Flags are one list: raised by the server or a reviewer, settled once with a reason; none rejects a visit."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from litestar.testing import TestClient
from sqlmodel import select

from audit_app.kit.db import Database
from audit_app.kit.errors import Conflict, Invalid, NotFound
from audit_app.planning import operations as planning
from audit_app.review import affairs, operations, rules
from audit_app.visits.models import VisitFlag
from tests import world
from tests.review.acting import colleague, do, draw, latest_review, owner, status
from tests.review.conftest import Submit
from tests.visits.sending import Body
from tests.world import NOW

Open = Callable[[str], TestClient]
SETTLED = rules.Settlement("explained", "The hall's own clock is slow.")


def flags_of(db: Database, visit: str) -> dict[str, VisitFlag]:
    of_visit = select(VisitFlag).where(VisitFlag.visit_id == visit)
    return {flag.kind: flag for flag in db.read_now(lambda s: s.scalars(of_visit).all())}


def gallery(body: Body) -> None:
    for line in body["evidence"]:
        line["source"] = "gallery"


def test_what_the_server_raises_alone(db: Database, submit: Submit) -> None:
    """Late sending, a withdrawn job, a photo of the gallery, a file of another visit, a clock that is off."""
    first = submit("as-tester-2")
    planning_actor = "province-supervisor"
    do(db, planning_actor, planning.cancel, "as-hall", "", NOW)

    def odd(body: Body) -> None:
        gallery(body)
        body["client"] = {"clock_offset_ms": 900_000}

    visit = submit("as-hall", odd, started_at=NOW - timedelta(days=4))
    found = flags_of(db, visit)
    assert {"late", "assignment_cancelled", "gallery", "equal_file", "clock_skew"} <= set(found)
    assert {f.raised_by for f in found.values()} == {"server"}
    assert status(db, visit) == "in_review"
    assert "equal_file" not in flags_of(db, first)  # it was the first


@pytest.mark.data
def test_a_flag_is_settled_once_and_stays_on_the_list(db: Database, submit: Submit) -> None:
    visit = submit("as-hall", gallery)
    review = latest_review(db, visit)
    name, flag = owner(db, review), flags_of(db, visit)["gallery"]
    for who in (colleague(name), "outsider-reviewer", "province-supervisor"):
        with pytest.raises(NotFound):
            do(db, who, affairs.settle_flag, review, flag.id, SETTLED, NOW)
    for said in (rules.Settlement("", "x"), rules.Settlement("explained", " "), rules.Settlement("minor", "x" * 501)):
        with pytest.raises(Invalid):
            do(db, name, affairs.settle_flag, review, flag.id, said, NOW)
    do(db, name, affairs.settle_flag, review, flag.id, SETTLED, NOW)
    with pytest.raises(Conflict):
        do(db, name, affairs.settle_flag, review, flag.id, SETTLED, NOW)
    with pytest.raises(NotFound):
        do(db, name, affairs.settle_flag, review, "no-such", SETTLED, NOW)
    now = flags_of(db, visit)["gallery"]
    assert (now.settled_by, now.settled_how, now.settled_reason) == (
        world.account_id(name), "explained", "The hall's own clock is slow.",
    )  # fmt: skip


def test_a_flag_of_another_visit_is_not_found(db: Database, submit: Submit) -> None:
    mine, other = submit("as-hall", gallery), submit("as-tester-2", gallery)
    review = latest_review(db, mine)
    with pytest.raises(NotFound):
        do(db, owner(db, review), affairs.settle_flag, review, flags_of(db, other)["gallery"].id, SETTLED, NOW)


def test_a_reviewer_raises_one_and_may_approve_all_the_same(client_for: Open, db: Database, submit: Submit) -> None:
    visit = submit("as-hall")
    review = latest_review(db, visit)
    name = owner(db, review)
    page, here = client_for(name), f"/reviews/{review}"
    for wrong in ({}, {"flag_kind": "nonsense", "flag_note": "x"}, {"flag_kind": "other", "flag_note": " "},
                  {"flag_kind": "other", "flag_note": "x", "flag_item": "nix"}):  # fmt: skip
        assert page.post(f"{here}/flags", data=wrong).status_code == 422
    sent = {"flag_kind": "doubtful_time", "flag_note": "The clock on the wall says three."}
    assert page.post(f"{here}/flags", data=sent).status_code == 303
    assert page.post(f"{here}/flags", data=sent).status_code == 409
    assert client_for(colleague(name)).post(f"{here}/flags", data=sent).status_code == 404
    flag = flags_of(db, visit)["doubtful_time"]
    assert flag.raised_by == "reviewer"
    text = page.get(here).text
    assert "The clock on the wall says three." in text
    refused = page.post(f"{here}/flags/{flag.id}/settlement", data={"settle_how": "minor", "settle_reason": ""})
    assert refused.status_code == 422
    assert "data-opened" in refused.text
    do(db, name, operations.approve, review, rules.Approval(), draw, NOW)
    assert status(db, visit) == "approved"
    settled = {"settle_how": "minor", "settle_reason": "A poster."}
    assert page.post(f"{here}/flags/{flag.id}/settlement", data=settled).status_code == 303  # afterwards, too
    assert "A poster." in page.get(here).text

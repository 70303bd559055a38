"""The review on its pages: who may, what a form that was refused keeps, and the way of a visit."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from litestar.testing import TestClient
from sqlmodel import select

from audit_app.kit.db import Database, Session
from audit_app.review.models import Review, VisitResult, VisitSubject
from audit_app.standards.queries import sheet_for
from audit_app.visits.models import ReviewOverlay, Visit, VisitNote, VisitRevision
from tests.review.conftest import Submit, send_body
from tests.visits.sending import Body, bodies
from tests.world import NOW

Open = Callable[[str], TestClient]
Find = Callable[[str], str]
TYPED = "A text that must not be lost"


def owner(db: Database, review_id: str) -> str:
    return str(db.read_now(lambda s: s.get_one(Review, review_id).reviewer_id)).removeprefix("acc-")


def status(db: Database, visit_id: str) -> str:
    return db.read_now(lambda s: str(s.get_one(Visit, visit_id).status))


def a_question(db: Database, visit_id: str) -> Any:
    """An item of the visit with two options or more."""

    def find(session: Session) -> Any:
        items = sheet_for(session, session.get_one(Visit, visit_id).checklist_version_id).items()
        return next(i for i in items if len(i.options) > 1 and not i.many and i.critical is None and i.show_if is None)

    return db.read_now(find)


@pytest.fixture
def opened(client_for: Open, db: Database, submit: Submit, review_of: Find) -> tuple[str, str, TestClient]:
    """(visit, review, the browser of its reviewer)."""
    visit = submit("as-hall")
    review = review_of(visit)
    return visit, review, client_for(owner(db, review))


def paths(review: str, visit: str) -> list[tuple[str, str]]:
    return [
        ("GET", f"/reviews/{review}"),
        ("POST", f"/reviews/{review}/overlays"),
        ("POST", f"/reviews/{review}/notes"),
        ("POST", f"/reviews/{review}/return"),
        ("POST", f"/reviews/{review}/approval"),
        ("GET", f"/reviews/{review}/evidence/none"),
        ("GET", f"/visits/{visit}/subject"),
        ("POST", f"/visits/{visit}/subject"),
        ("POST", f"/api/v1/visits/{visit}/approval"),
    ]


def test_only_the_reviewer_finds_a_review(client_for: Open, db: Database, opened: tuple[str, str, TestClient]) -> None:
    visit, review, own = opened
    colleague = "reviewer-2" if owner(db, review) == "reviewer" else "reviewer"
    assert own.get(f"/reviews/{review}").status_code == 200
    form = {"item_id": "x", "reason": "y", "note": "z", "subject": "nobody", "note:x": "y"}
    for who, expected in ((colleague, 404), ("outsider-reviewer", 404), ("province-supervisor", 403), ("hr", 403),
                          ("admin", 403), ("outlet-manager", 403), ("staff", 403), ("tester", 403)):  # fmt: skip
        client = client_for(who)
        for method, path in paths(review, visit):
            sent: dict[str, Any] = {"json": {}} if "/api/" in path else {"data": form}
            answer = client.request(method, path, **(sent if method == "POST" else {}))
            assert answer.status_code == expected, (who, method, path)
    assert visit not in client_for(colleague).get("/reviews").text
    assert status(db, visit) == "in_review"


def test_the_page_tells_the_code_of_no_assessor(opened: tuple[str, str, TestClient]) -> None:
    visit, review, own = opened
    for page in (own.get("/reviews").text, own.get(f"/reviews/{review}?show=all").text):
        assert "0317" not in page
    assert visit[:4].upper() in own.get(f"/reviews/{review}").text


@pytest.mark.parametrize("who", ["nothing", "%F0%9F%92%A9", "a" * 300])
def test_ids_that_are_none_are_not_found(opened: tuple[str, str, TestClient], who: str) -> None:
    own = opened[2]
    assert own.get(f"/reviews/{who}").status_code == 404
    assert own.get(f"/visits/{who}/subject").status_code == 404
    assert own.get("/reviews?after=bm9wZQ").status_code == 400
    assert own.get("/reviews?after=WyJub3QgYSB0aW1lIiwgIngiXQ").status_code == 400


def test_a_change_needs_a_reason_and_keeps_the_original(db: Database, opened: tuple[str, str, TestClient]) -> None:
    visit, review, own = opened
    item = a_question(db, visit)
    worst = item.options[-1].id
    before = db.read_now(lambda s: bytes(s.get_one(VisitRevision, (visit, 1)).body))
    form = {"item_id": item.id, "answer": f"option:{worst}", "reason": ""}
    refused = own.post(f"/reviews/{review}/overlays", data=form)
    assert refused.status_code == 422
    assert f'value="option:{worst}" checked' in refused.text
    wrong = own.post(f"/reviews/{review}/overlays", data={**form, "answer": "option:none", "reason": TYPED})
    assert wrong.status_code == 422
    assert TYPED in wrong.text
    assert own.post(f"/reviews/{review}/overlays", data={**form, "reason": "x" * 2001}).status_code == 422
    assert own.post(f"/reviews/{review}/overlays", data={**form, "reason": "a\x07b"}).status_code == 422
    assert own.post(f"/reviews/{review}/overlays", data={**form, "item_id": "none", "reason": "x"}).status_code == 422
    assert own.post(f"/reviews/{review}/overlays", data={**form, "reason": "The photo shows it."}).status_code == 303
    again = own.post(f"/reviews/{review}/overlays", data={**form, "reason": "Twice"})
    assert again.status_code == 422  # it is the present answer already
    layers = db.read_now(lambda s: [(o.item_id, o.new, o.reason) for o in s.scalars(select(ReviewOverlay)).all()])
    assert layers == [(item.id, {"option_ids": [worst]}, "The photo shows it.")]
    assert db.read_now(lambda s: bytes(s.get_one(VisitRevision, (visit, 1)).body)) == before


def test_the_change_counts_in_the_result(db: Database, opened: tuple[str, str, TestClient]) -> None:
    visit, review, own = opened
    item = a_question(db, visit)
    form = {"item_id": item.id, "answer": f"option:{item.options[-1].id}", "reason": "Seen on the photo"}
    assert own.post(f"/reviews/{review}/overlays", data=form).status_code == 303
    answer = own.post(f"/api/v1/visits/{visit}/approval", json={"release_note": "Good work"})
    assert answer.status_code == 201
    result = answer.json()["result"]
    assert answer.json()["status"] == "approved"
    assert float(result["experience"]) < 100
    row = db.read_now(lambda s: s.scalars(select(VisitResult.experience)).one())
    assert f"{row // 100}.{row % 100:02}" == result["experience"]
    assert own.post(f"/api/v1/visits/{visit}/approval", json={}).status_code == 404


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"release_note": "x" * 2001}, 422),
        ({"release_note": "a\x00b"}, 422),
        ({"release_note": 3}, 422),
        ({"x": 1}, 422),
    ],
)
def test_the_api_refuses_what_is_no_approval(
    db: Database, opened: tuple[str, str, TestClient], sent: dict[str, Any], expected: int
) -> None:
    visit, _, own = opened
    assert own.post(f"/api/v1/visits/{visit}/approval", json=sent).status_code == expected
    assert own.post(f"/api/v1/visits/{visit}/approval", content=b"{").status_code == 400
    assert status(db, visit) == "in_review"


def test_a_refused_approval_opens_its_dialog_again(opened: tuple[str, str, TestClient]) -> None:
    _, review, own = opened
    answer = own.post(f"/reviews/{review}/approval", data={"release_note": TYPED + "x" * 2000})
    assert answer.status_code == 422
    assert TYPED in answer.text
    assert '<dialog id="approve" data-opened' in answer.text


def test_a_return_needs_a_question_and_takes_those_of_the_dialog(
    db: Database, opened: tuple[str, str, TestClient]
) -> None:
    visit, review, own = opened
    item = a_question(db, visit)
    empty = own.post(f"/reviews/{review}/return", data={f"note:{item.id}": ""})
    assert empty.status_code == 422
    assert '<dialog id="return" data-opened' in empty.text
    form = {"item_id": item.id, f"note:{item.id}": TYPED + "x" * 2000}
    too_long = own.post(f"/reviews/{review}/return", data=form)
    assert too_long.status_code == 422
    assert TYPED in too_long.text
    assert own.post(f"/reviews/{review}/return", data={"note:no-such-item": "Why?"}).status_code == 422
    assert status(db, visit) == "in_review"
    assert own.post(f"/reviews/{review}/notes", data={"item_id": item.id, "note": "Which counter?"}).status_code == 303
    assert "Which counter?" in own.get(f"/reviews/{review}").text
    form = {f"note:{item.id}": "Which counter was it?"}
    assert own.post(f"/reviews/{review}/return", data=form).status_code == 303
    assert status(db, visit) == "returned"
    assert db.read_now(lambda s: [n.note for n in s.scalars(select(VisitNote)).all()]) == ["Which counter was it?"]
    assert own.post(f"/reviews/{review}/approval").status_code == 409


def test_the_answer_to_a_return_shows_what_changed(
    db: Database, opened: tuple[str, str, TestClient], review_of: Find
) -> None:
    visit, review, own = opened
    item = a_question(db, visit)
    own.post(f"/reviews/{review}/return", data={f"note:{item.id}": "Which counter was it?"})
    body: Body = bodies(db, "as-hall")
    body["revision"] = 2
    next(a for a in body["answers"] if a["item_id"] == item.id)["note"] = "It was the second one"
    db.write_now(send_body, "as-hall", body, visit)
    second = review_of(visit)
    assert second != review
    assert owner(db, second) == owner(db, review)
    page = own.get(f"/reviews/{second}").text
    assert "you asked: Which counter was it?" in page
    assert "It was the second one" in page
    assert "answered anew" in page
    old = own.get(f"/reviews/{review}?show=all&item={item.id}").text
    assert "It was the second one" not in old
    assert "Which counter was it?" in old


def test_the_subject_is_said_once_by_whoever_approved(
    client_for: Open, db: Database, submit: Submit, review_of: Find
) -> None:
    # The hall of the roster; the body names badge B1 at desk 1, and the visit lies in that shift.
    visit = submit("as-chief", started_at=NOW - timedelta(minutes=50))
    review = review_of(visit)
    own = client_for(owner(db, review))
    assert own.get(f"/visits/{visit}/subject").status_code == 404  # not approved yet
    approved = own.post(f"/reviews/{review}/approval", data={"release_note": "ok"})
    assert approved.headers["location"] == f"/visits/{visit}/subject"
    assert 'value="staff:bell-1" checked' in own.get(f"/visits/{visit}/subject").text
    for wrong in ("staff:drum-1", "staff:", "nobody:x", "team:team-1", "", "x\x01y"):
        assert own.post(f"/visits/{visit}/subject", data={"subject": wrong}).status_code == 422, wrong
    assert own.post(f"/visits/{visit}/subject", data={"subject": "staff:bell-1"}).status_code == 303
    row = db.read_now(lambda s: s.scalars(select(VisitSubject)).one())
    assert (row.staff_id, row.how, row.confidence) == ("bell-1", "badge", "exact")
    assert own.post(f"/visits/{visit}/subject", data={"subject": "nobody"}).status_code == 409


def _transferred(body: Body) -> None:
    body["subject"], body["call"] = {"agent_no": "802"}, {"number": "10000", "transfers": 1, "menu_depth": 2}


def test_a_transferred_call_counts_for_the_team_only(
    client_for: Open, db: Database, submit: Submit, review_of: Find
) -> None:
    visit = submit("as-call", _transferred)
    own = client_for(owner(db, review_of(visit)))
    own.post(f"/reviews/{review_of(visit)}/approval")
    page = own.get(f"/visits/{visit}/subject").text
    assert 'value="team:team-2" checked' in page
    assert "staff:agent-2" not in page
    assert own.post(f"/visits/{visit}/subject", data={"subject": "staff:agent-2"}).status_code == 422
    assert own.post(f"/visits/{visit}/subject", data={"subject": "team:team-2"}).status_code == 303
    row = db.read_now(lambda s: s.scalars(select(VisitSubject)).one())
    assert (row.staff_id, row.team_id, row.how) == (None, "team-2", "agent_no")


def test_the_lists_follow_the_work(opened: tuple[str, str, TestClient]) -> None:
    visit, review, own = opened
    assert f"/reviews/{review}" in own.get("/reviews").text
    own.post(f"/reviews/{review}/approval")
    assert f"/reviews/{review}" not in own.get("/reviews").text
    assert f"/visits/{visit}/subject" in own.get("/reviews?show=subjects").text
    assert f"/reviews/{review}" in own.get("/reviews?show=done").text


def test_a_visitor_and_a_forger_get_nowhere(client_for: Open, opened: tuple[str, str, TestClient]) -> None:
    _, review, own = opened
    assert client_for("").get(f"/reviews/{review}").status_code == 303
    del own.headers["x-csrf-token"]
    own.headers["sec-fetch-site"] = "cross-site"
    assert own.post(f"/reviews/{review}/approval").status_code == 403


def test_no_statement_more_for_a_longer_list(db: Database, opened: tuple[str, str, TestClient], submit: Submit) -> None:
    import sqlalchemy as sa

    _, review, own = opened
    counted: list[str] = []
    sa.event.listen(db.engine, "before_cursor_execute", lambda *a: counted.append(a[2]))

    def statements(path: str) -> int:
        own.get(path)
        counted.clear()
        assert own.get(path).status_code == 200
        return len(counted)

    few = [statements("/reviews"), statements(f"/reviews/{review}?show=all")]
    for job in ("as-tester-2", "as-overt", "as-call"):
        submit(job)
    assert [statements("/reviews"), statements(f"/reviews/{review}?show=all")] == few

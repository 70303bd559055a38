"""The work list: its tabs, taking what nobody has, and approving clean visits together."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from litestar.testing import TestClient
from sqlmodel import col, insert, select, update

from audit_app.kit.db import Database, Session
from audit_app.kit.errors import Conflict, NotFound
from audit_app.kit.ids import random_id
from audit_app.review import holders, operations, queries, rules, weighing
from audit_app.review.models import Review, SecondOpinion, VisitResult
from audit_app.visits import flags
from audit_app.visits.models import Evidence, Visit, VisitRevision
from audit_app.visits.rules import Flag
from tests.counting import statements
from tests.review.acting import ask, colleague, do, draw, latest_review, lay_open, owner, status, worsen
from tests.review.conftest import Submit
from tests.world import NOW, account_id

Open = Callable[[str], TestClient]


def listed(db: Database, who: str, show: str = "open", **more: Any) -> list[str]:
    found = ask(db, who, queries.queue, queries.Listing(show, **more), NOW)
    return [row.visit_id for row in found.page.rows]


def counts(db: Database, who: str) -> dict[str, int]:
    found: dict[str, int] = ask(db, who, queries.queue, queries.Listing(), NOW).counts
    return found


def all_to(db: Database, who: str) -> None:
    """Every review lies with one person."""
    db.write_now(lambda s: s.execute(update(Review).values(reviewer_id=account_id(who), claimed_at=NOW)))


def aged(db: Database, visit_id: str, days: int) -> None:
    change = update(Review).where(col(Review.visit_id) == visit_id).values(opened_at=NOW - timedelta(days=days))
    db.write_now(lambda s: s.execute(change))


def test_each_tab_holds_what_its_name_says_and_counts_it(db: Database, submit: Submit) -> None:
    old, free, back, flagged = (submit(job) for job in ("as-hall", "as-overt", "as-tester-2", "as-chief"))
    all_to(db, "reviewer")
    aged(db, old, 3)
    db.write_now(lambda s: flags.raise_flags(s, flagged, [Flag("late")], NOW, True))
    item = db.read_now(lambda s: next(iter(queries.effective_answers(s, s.get_one(Visit, back)))))
    questions = [rules.ItemNote(item, "Which desk?")]
    do(db, "reviewer", operations.return_visit, latest_review(db, back), NOW, questions)
    lay_open(db, latest_review(db, free))
    assert listed(db, "reviewer") == [old, flagged]
    assert listed(db, "reviewer", "due") == [old]
    assert listed(db, "reviewer", "flagged") == [flagged]
    assert listed(db, "reviewer", "returned") == [back]
    assert listed(db, "reviewer", "unassigned") == listed(db, "reviewer-2", "unassigned") == [free]
    assert listed(db, "outsider-reviewer", "unassigned") == []
    assert counts(db, "reviewer") == {
        "open": 2, "due": 1, "flagged": 1, "returned": 1, "unassigned": 1, "subjects": 0,
    }  # fmt: skip
    assert listed(db, "reviewer", search="Bell Road") == [flagged]
    assert listed(db, "reviewer", search="JZ0004") == [old]
    assert listed(db, "reviewer", search="%") == []


@pytest.mark.data
def test_what_nobody_has_is_taken_by_one(db: Database, submit: Submit) -> None:
    visit = submit("as-overt")
    review = latest_review(db, visit)
    lay_open(db, review)
    with pytest.raises(NotFound):
        do(db, "outsider-reviewer", holders.take, review, NOW)
    do(db, "reviewer-2", holders.take, review, NOW)
    assert owner(db, review) == "reviewer-2"
    with pytest.raises(NotFound):  # no longer there to be taken
        do(db, "reviewer", holders.take, review, NOW)


def test_a_covert_visit_that_nobody_has_is_shown_to_nobody(db: Database, submit: Submit) -> None:
    review = latest_review(db, submit("as-hall"))
    lay_open(db, review)
    assert listed(db, "reviewer", "unassigned") == listed(db, "reviewer-2", "unassigned") == []
    with pytest.raises(NotFound):
        do(db, "reviewer", holders.take, review, NOW)


def clean_ids(db: Database, who: str) -> list[str]:
    return [row.review_id for row in ask(db, who, weighing.clean).rows]


SPOILT: dict[str, Callable[[Database, str, str], Any]] = {
    "flag": lambda db, visit, review: db.write_now(
        lambda s: flags.raise_flags(s, visit, [Flag("late")], NOW, True)
    ),
    "change": lambda db, visit, review: worsen(db, review, 8),
    "no file": lambda db, visit, review: db.write_now(
        lambda s: s.execute(update(Evidence).where(col(Evidence.visit_id) == visit).values(stored_at=None))
    ),
}  # fmt: skip


@pytest.mark.parametrize("why", SPOILT)
def test_only_clean_visits_are_offered_and_approved(db: Database, submit: Submit, why: str) -> None:
    visit = submit("as-hall")
    review = latest_review(db, visit)
    name = owner(db, review)
    assert clean_ids(db, name) == [review]
    assert clean_ids(db, colleague(name)) == []
    SPOILT[why](db, visit, review)
    assert clean_ids(db, name) == []
    with pytest.raises(Conflict):
        do(db, name, operations.approve_clean, review, draw, NOW)
    assert status(db, visit) == "in_review"


def test_the_rules_of_cleanness() -> None:
    clean = rules.Weighed(experience=9000, change=0, flags=0, unproven=0, critical=0, whole=True)
    assert rules.not_clean(clean) == []
    for wrong, code in (
        ({"experience": 7000}, "low"), ({"experience": None}, "not_whole"), ({"change": 501}, "changed"),
        ({"change": -501}, "changed"), ({"flags": 1}, "flags"), ({"unproven": 1}, "unproven"),
        ({"critical": 1}, "critical"), ({"whole": False}, "not_whole"),
    ):  # fmt: skip
        values = {name: getattr(clean, name) for name in clean.__dataclass_fields__} | wrong
        assert rules.not_clean(rules.Weighed(**values)) == [code]
    assert not rules.is_big(500)
    assert rules.is_big(-501)


def test_many_are_approved_each_on_its_own(client_for: Open, db: Database, submit: Submit) -> None:
    good, spoilt, other = submit("as-hall"), submit("as-tester-2"), submit("as-chief")
    all_to(db, "reviewer")
    foreign = latest_review(db, other)
    db.write_now(
        lambda s: s.execute(update(Review).where(col(Review.id) == foreign).values(reviewer_id="acc-reviewer-2"))
    )
    client = client_for("reviewer")
    assert f'value="{latest_review(db, good)}"' in client.get("/reviews/approvals").text
    db.write_now(lambda s: flags.raise_flags(s, spoilt, [Flag("late")], NOW, True))  # after the list was shown
    chosen = [latest_review(db, visit) for visit in (good, spoilt, other)] + ["no-such"]
    answer = client.post("/reviews/approvals", data={"review": chosen})
    assert answer.status_code in (200, 201)
    assert [status(db, visit) for visit in (good, spoilt, other)] == ["approved", "in_review", "in_review"]
    assert answer.text.count("not approved") == 3
    assert client.post("/reviews/approvals", data={}).status_code == 422
    trail = db.read_now(lambda s: s.execute(select(VisitResult.created_by)).scalars().all())
    assert trail == [account_id("reviewer")]


def copies(session: Session, visit_id: str, count: int) -> None:
    """So many more visits like this one, in review with the same person."""
    visit = session.execute(sa.select(Visit.__table__).where(col(Visit.id) == visit_id)).mappings().one()  # type: ignore[attr-defined]
    body = session.execute(
        sa.select(VisitRevision.__table__).where(col(VisitRevision.visit_id) == visit_id)  # type: ignore[attr-defined]
    ).mappings().one()  # fmt: skip
    files = session.execute(sa.select(Evidence.__table__).where(col(Evidence.visit_id) == visit_id)).mappings().all()  # type: ignore[attr-defined]
    review = session.execute(sa.select(Review.__table__).where(col(Review.visit_id) == visit_id)).mappings().one()  # type: ignore[attr-defined]
    job = session.execute(
        sa.text("SELECT * FROM assignment WHERE id = :id"), {"id": visit["assignment_id"]}
    ).mappings().one()  # fmt: skip
    names = ", ".join(job)
    keys = [random_id() for _ in range(count)]
    for key in keys:
        session.execute(
            sa.text(f"INSERT INTO assignment ({names}) VALUES ({', '.join(':' + n for n in job)})"), {**job, "id": key}
        )
    session.execute(insert(Visit), [{**visit, "id": key, "assignment_id": key, "outward_id": None} for key in keys])
    session.execute(insert(VisitRevision), [{**body, "visit_id": key} for key in keys])
    session.execute(insert(Evidence), [{**f, "id": random_id(), "visit_id": key} for key in keys for f in files])
    session.execute(insert(Review), [{**review, "id": random_id(), "visit_id": key} for key in keys])


def test_the_number_of_statements_does_not_grow_with_the_list(db: Database, submit: Submit) -> None:
    visit = submit("as-hall")
    all_to(db, "reviewer")
    looks: list[Callable[[], Any]] = [
        lambda: [listed(db, "reviewer", show) for show in queries.TABS],
        lambda: ask(db, "reviewer", weighing.clean),
        lambda: ask(db, "reviewer", queries.opinions, ""),
    ]
    few = []
    for look in looks:
        look()
        with statements(db) as found:
            look()
        few.append(len(found))
    db.write_now(copies, visit, 999)
    assert counts(db, "reviewer")["open"] == 1000
    for look, before in zip(looks, few, strict=True):
        with statements(db) as found:
            look()
        assert 0 < len(found) == before
    first = ask(db, "reviewer", queries.queue, queries.Listing(), NOW).page
    second = ask(db, "reviewer", queries.queue, queries.Listing(after=first.next), NOW).page
    assert not {r.id for r in first.rows} & {r.id for r in second.rows}
    assert len(ask(db, "reviewer", weighing.clean).rows) == rules.MOST_AT_ONCE


def test_what_waits_for_a_second_reviewer_is_not_clean(db: Database, submit: Submit) -> None:
    visit = submit("as-hall")
    review = latest_review(db, visit)
    name = owner(db, review)

    def plant(session: Session) -> None:
        session.add(SecondOpinion(visit_id=visit, review_id=review, kind="void", unit_path="36/",
                                  asked_by=account_id(name), asked_at=NOW, items=[]))  # fmt: skip

    db.write_now(plant)
    assert clean_ids(db, name) == []

"""The scored person's pages: own results only, sums that add up by hand, nothing of the assessor, an answer."""

import re
from collections.abc import Callable
from datetime import timedelta
from fractions import Fraction

import pytest
from litestar.testing import TestClient
from sqlmodel import select

from audit_app.kit.db import Database, Session
from audit_app.kit.errors import Conflict, NotFound
from audit_app.notices.models import Notice
from audit_app.organisation.models import RoleGrant, StaffMember
from audit_app.personal import operations, rules
from audit_app.personal.models import Explanation, ResultAcknowledgement
from audit_app.personal.queries import explanations, results
from audit_app.planning.models import Programme
from audit_app.reporting import operations as reporting
from audit_app.reporting.models import Scorecard
from audit_app.reporting.parts import half_up
from audit_app.reporting.queries import cards
from audit_app.review.models import VisitSubject
from audit_app.trail.models import TrailLine
from audit_app.visits.models import Visit
from tests import world
from tests.appeals.conftest import Court
from tests.reporting import made

Open = Callable[[str], TestClient]
PLAN = made.Plan(staff="bell-1", option_at=made.every(4))


def outward(db: Database, visit_id: str) -> str:
    return db.read_now(lambda session: session.get_one(Visit, visit_id).outward_id or "")


def own(db: Database, who: str, key: str) -> results.OwnResultScreen:
    return db.read_now(lambda session: results.own_result(session, made.actor(session, who), key, world.NOW))


@pytest.fixture
def released(db: Database) -> str:
    [visit] = made.make(db, PLAN)
    return outward(db, visit)


def test_the_figure_can_be_done_again_by_hand(db: Database, released: str) -> None:
    """From what the page prints alone: items → sections → total."""
    work = own(db, "staff", released).result.working
    assert work is not None
    earned: dict[str, Fraction] = {}
    for section in work.sections:
        scored = [i for i in section.items if i.state == "scored"]
        assert sum(Fraction(i.earned) for i in scored) == Fraction(section.earned)
        assert sum(Fraction(i.points) for i in scored if i.effect == "normal") == Fraction(section.points)
        if section.counts:
            earned[section.letter] = Fraction(section.weight) * Fraction(section.earned) / Fraction(section.points)
    weights = sum(Fraction(s.weight) for s in work.sections if s.counts)
    assert half_up(100 * sum(earned.values()) / weights) == work.raw
    inside, _, rest = work.sum.partition(") ÷ ")
    terms = [t.split(" × ") for t in inside.lstrip("(").split(" + ")]
    total = sum(Fraction(w) * Fraction(share) for w, share in terms) / Fraction(rest.partition(" ")[0]) * 100
    assert half_up(total) == work.raw
    lost = [i for s in work.sections for i in s.items if i.lost]
    assert lost
    assert all(i.cost != "0.00" for i in lost)


def test_three_persons(client_for: Open, released: str) -> None:
    page = client_for("staff").get(f"/my-results/{released}")
    assert page.status_code == 200
    assert client_for("staff").get("/my-results").text.count(released) == 1
    colleague = client_for("staff-2")
    assert colleague.get(f"/my-results/{released}").status_code == 404
    assert "No result yet" in colleague.get("/my-results").text
    for act in ("acknowledgement", "questions"):
        assert colleague.post(f"/my-results/{released}/{act}", data={"text": "x"}).status_code == 404
    for who in ("outsider", "outlet-manager", "hr"):
        assert client_for(who).get(f"/my-results/{released}").status_code == 403


def test_nothing_tells_who_came_or_when(client_for: Open, db: Database, released: str) -> None:
    visit = db.read_now(lambda s: s.scalars(select(Visit).where(Visit.outward_id == released)).one())
    for path in ("/my-results", f"/my-results/{released}"):
        page = client_for("staff").get(path).text
        for secret in (visit.id, visit.assignment_id, made.NOTE, "0101", "Chief Tester", f"{visit.started_at:%H:%M}"):
            assert secret not in page, (path, secret)
        assert not re.search(r"\b\d\d:\d\d:\d\d\b", page)
    assert made.RELEASE_NOTE in client_for("staff").get(f"/my-results/{released}").text


def test_before_its_release_there_is_nothing(client_for: Open, db: Database) -> None:
    visit = db.write_now(made.approved, PLAN)
    assert "No result yet" in client_for("staff").get("/my-results").text
    assert client_for("staff").get(f"/my-results/{visit}").status_code == 404


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("late notice", "notice_too_late"), ("no notice", "no_notice"), ("joined", "just_joined"),
        ("purpose", "no_incentives"), ("", ""),
    ],
)  # fmt: skip
def test_why_a_visit_counts_or_not(db: Database, released: str, change: str, why: str) -> None:
    started = PLAN.started_at

    def alter(session: Session) -> None:
        plan, who = session.get_one(Programme, "prog-covert"), session.get_one(StaffMember, "bell-1")
        if change == "late notice":
            plan.notice_at = started - timedelta(days=6)
        elif change == "no notice":
            plan.notice_at = None
        elif change == "joined":
            who.joined_on = (started - timedelta(days=6)).date()
        elif change == "purpose":
            plan.for_incentives = False

    db.write_now(alter)
    found = own(db, "staff", released).result.standing
    assert (found.state, found.why) == (("out", why) if why else ("pending", ""))


def test_standing_by_result() -> None:
    assert rules.standing("final", "ok", "").state == "counts"
    assert rules.standing("final", None, "").why == "no_personal"
    assert rules.standing("final", "insufficient", "").why == "insufficient"
    assert rules.standing("final", "none", "").why == "no_score"


def test_a_visit_that_names_nobody_is_counted_apart(client_for: Open, db: Database, released: str) -> None:
    [other] = made.make(db, made.Plan(started_at=world.NOW - timedelta(days=20)))
    nobody = VisitSubject(visit_id=other, how="unresolved", confidence="none", at=world.NOW)
    db.write_now(lambda session: session.add(nobody))
    page = client_for("staff").get("/my-results").text
    assert "1 further visit of your touchpoint names nobody" in page
    assert outward(db, other) not in page


def test_acknowledging_is_recorded_once_for_each_result(client_for: Open, db: Database, released: str) -> None:
    staff = client_for("staff")
    for _ in range(2):
        assert staff.post(f"/my-results/{released}/acknowledgement").status_code == 303
    assert "You confirmed on" in staff.get(f"/my-results/{released}").text
    assert len(db.read_now(lambda s: s.scalars(select(ResultAcknowledgement)).all())) == 1
    lines = db.read_now(lambda s: s.scalars(select(TrailLine).where(TrailLine.act == "result.acknowledged")).all())
    assert len(lines) == 1


def test_who_saw_it_is_told_by_role(client_for: Open, db: Database, released: str) -> None:
    assert [look.what for look in own(db, "staff", released).looks] == ["review"]
    manager = client_for("outlet-manager")
    for _ in range(3):
        assert manager.get(f"/results/{released}").status_code == 200
    looks = own(db, "staff", released).looks
    assert [(look.role, look.what, look.times) for look in looks] == [
        ("outlet_manager", "page", 1), ("reviewer", "review", 1),
    ]  # fmt: skip
    assert looks[1].on is None
    page = client_for("staff").get(f"/my-results/{released}").text
    assert "read the page of the result" in page
    assert "Outlet Manager" not in page


def test_the_role_is_the_one_in_which_it_was_seen(client_for: Open, db: Database, released: str) -> None:
    """A team lead takes the outlet's edition; a panel reads the result in its hearing, once a day."""
    visit = db.read_now(lambda s: s.scalars(select(Visit).where(Visit.outward_id == released)).one())
    court = Court(db, visit.id)
    appeal = court.file(now=world.NOW - timedelta(days=8))
    for _ in range(2):
        assert client_for("panel-city").get(f"/hearings/{court.hearing(appeal).id}").status_code == 200

    def take(session: Session) -> None:
        card = session.scalars(select(Scorecard).where(Scorecard.visit_id == visit.id)).one()
        found = cards.Found(card.id, card.unit_path, "outlet")
        reporting.hand_out(session, made.actor(session, "team-lead"), found, None, world.NOW)

    db.write_now(take)
    looks = {(look.role, look.what, look.times) for look in own(db, "staff", released).looks}
    assert looks == {("appeal_panel", "page", 1), ("team_lead", "card", 1), ("reviewer", "review", 1)}


def test_a_question_is_answered_by_a_role(client_for: Open, db: Database, released: str) -> None:
    staff, boss = client_for("staff"), client_for("county-supervisor")
    assert staff.post(f"/my-results/{released}/questions", data={"text": ""}).status_code == 422
    wrong = staff.post(f"/my-results/{released}/questions", data={"text": "Why?", "item_id": "nothing"})
    assert wrong.status_code == 422
    assert staff.post(f"/my-results/{released}/questions", data={"text": "Why so low?"}).status_code == 303
    again = staff.post(f"/my-results/{released}/questions", data={"text": "And now?"})
    assert again.status_code == 409
    assert "has not been answered yet" in again.text
    key = db.read_now(lambda s: s.scalars(select(Explanation.id)).one())
    assert "Why so low?" in boss.get("/explanations").text
    for who in ("county-supervisor-2", "city-supervisor", "outsider", "reviewer"):
        assert client_for(who).get(f"/explanations/{key}").status_code == 404
    shown = boss.get(f"/explanations/{key}").text
    for secret in (made.NOTE, "Chief Tester", "0101"):
        assert secret not in shown
    assert boss.post(f"/explanations/{key}/answer", data={"answer": " "}).status_code == 422
    assert boss.post(f"/explanations/{key}/answer", data={"answer": "Two items were lost."}).status_code == 303
    assert boss.post(f"/explanations/{key}/answer", data={"answer": "Again"}).status_code == 409
    page = staff.get(f"/my-results/{released}").text
    assert "Two items were lost." in page
    assert "Answer of the Supervisor" in page
    assert "County Supervisor" not in page
    told = db.read_now(lambda s: {(n.account_id, n.kind) for n in s.scalars(select(Notice))})
    assert told >= {("acc-county-supervisor", "explanation.asked"), ("acc-staff", "explanation.answered")}


def test_no_question_waits_for_nobody(db: Database, released: str) -> None:
    """The nearest supervisor leaves: the next one up gets it."""

    def ask(session: Session) -> str:
        return operations.ask(session, made.actor(session, "staff"), released, rules.Question("Why?"), world.NOW)

    key = db.write_now(ask)

    def leave(session: Session) -> int:
        grant = session.scalars(select(RoleGrant).where(RoleGrant.account_id == "acc-county-supervisor")).one()
        grant.revoked_at = world.NOW
        session.flush()
        return operations.place_questions(session, world.NOW)

    assert db.write_now(leave) == 1
    seen = db.read_now(lambda s: explanations.given(s, made.actor(s, "city-supervisor"), key))
    assert seen.question == "Why?"
    with pytest.raises(NotFound):
        db.read_now(lambda s: explanations.given(s, made.actor(s, "county-supervisor"), key))
    assert db.write_now(operations.place_questions, world.NOW) == 0


def asked(db: Database, released: str) -> str:
    """A question, given to the county's supervisor."""

    def ask(session: Session) -> str:
        return operations.ask(session, made.actor(session, "staff"), released, rules.Question("Why?"), world.NOW)

    return db.write_now(ask)


def moved(session: Session, who: str, role: str, unit: str) -> None:
    """Takes the role away and gives it somewhere else."""
    grants = select(RoleGrant).where(RoleGrant.account_id == f"acc-{who}", RoleGrant.role == role)
    for grant in session.scalars(grants):
        grant.revoked_at = world.NOW
    session.add(RoleGrant(account_id=f"acc-{who}", role=role, unit_code=unit, granted_at=world.NOW))
    session.flush()


def test_who_moves_away_answers_no_more(db: Database, released: str) -> None:
    key = asked(db, released)
    db.write_now(moved, "county-supervisor", "supervisor", "360103")
    assert db.write_now(operations.place_questions, world.NOW) == 1
    assert db.read_now(lambda s: s.get_one(Explanation, key).answerer_id) == "acc-city-supervisor"


def test_a_reviewer_who_moved_is_not_asked(db: Database, released: str) -> None:
    """Nobody above is left, and the reviewer works elsewhere: the question waits, and nobody is told twice."""
    key = asked(db, released)

    def leave(session: Session) -> None:
        for grant in session.scalars(select(RoleGrant).where(RoleGrant.role.in_(("supervisor", "reviewer")))):  # type: ignore[attr-defined]
            grant.revoked_at = world.NOW
        for name in ("reviewer", "reviewer-2"):
            session.add(RoleGrant(account_id=f"acc-{name}", role="reviewer", unit_code="360103", granted_at=world.NOW))

    db.write_now(leave)
    assert db.write_now(operations.place_questions, world.NOW) == 0
    assert db.read_now(lambda s: s.get_one(Explanation, key).answer_role) == "supervisor"


@pytest.mark.parametrize("end", ["void", "unnamed"])
def test_a_question_ends_with_what_it_is_about(db: Database, released: str, end: str) -> None:
    """It is neither counted, nor listed, nor given to somebody else."""
    key = asked(db, released)

    def finish(session: Session) -> None:
        visit = session.scalars(select(Visit).where(Visit.outward_id == released)).one()
        if end == "void":
            visit.status = "void"
        else:
            session.get_one(VisitSubject, visit.id).staff_id = None

    db.write_now(finish)
    boss = db.read_now(made.actor, "county-supervisor")
    assert db.read_now(explanations.count_waiting, boss, world.NOW) == (0, 0)
    assert db.read_now(explanations.to_answer, boss, "waiting", world.NOW).page.rows == []
    with pytest.raises(NotFound):
        db.read_now(explanations.given, boss, key)
    db.write_now(moved, "county-supervisor", "supervisor", "360103")
    assert db.read_now(explanations.unplaced) == []


@pytest.mark.parametrize("act", ["acknowledge", "ask"])
def test_a_double_tap_does_it_once(
    db: Database, released: str, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:  # fmt: skip
    """The other tap is through while this one waits for the visit's row."""
    real, waited = operations.visits.lock_visits, []

    def other_first(session: Session, keys: list[str]) -> None:
        real(session, keys)
        if not waited:
            waited.append(keys)
            tap(session)

    def tap(session: Session) -> None:
        who = made.actor(session, "staff")
        if act == "ask":
            operations.ask(session, who, released, rules.Question("Why?"), world.NOW)
        else:
            operations.acknowledge(session, who, released, world.NOW)

    monkeypatch.setattr(operations.visits, "lock_visits", other_first)
    if act == "ask":
        with pytest.raises(Conflict):
            db.write_now(tap)
    else:
        db.write_now(tap)
        assert len(db.read_now(lambda s: s.scalars(select(ResultAcknowledgement)).all())) == 1
    assert len(waited) == 1

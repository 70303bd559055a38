"""Appeals and the voiding of a visit: against it, because of it, and what nobody below may know."""

import pytest
from sqlmodel import col, select

from audit_app.appeals import operations, rules
from audit_app.appeals.queries import rates
from audit_app.kit.db import Session
from audit_app.kit.errors import Conflict, NotFound
from audit_app.planning.models import Assignment
from audit_app.review import operations as review
from audit_app.review.models import VisitResult
from audit_app.trail.models import TrailLine
from audit_app.visits import queries as visits
from audit_app.visits import voids
from audit_app.visits.models import Visit, VisitVoid
from tests import world
from tests.appeals.conftest import RELEASED, Court, actor

NOW = world.NOW
END = rules.window_end(RELEASED)


def test_a_voiding_that_nobody_below_may_know_of(court: Court) -> None:
    """The covert visit was never released: the province that sent it hears of it, the county and city do not."""

    def unreleased(session: Session) -> None:
        visit = session.get_one(Visit, court.visit)
        visit.status, visit.status_at, visit.outward_id = "approved", NOW, None

    court.db.write_now(unreleased)
    voided(court)
    appeal = str(court.do("chief-tester", operations.file_void, court.visit, "I was there.", [], NOW))
    assert court.panel(appeal) == ["panel-province", "panel-province-second"]
    late = court.hearing(appeal).decide_by
    for who, known in (("county-supervisor", 0), ("city-supervisor", 0), ("province-supervisor", 1)):
        found = court.look(lambda s, who=who: rates.rates(s, actor(s, who), late))
        assert (found.open, found.late, len(found.reviewers or ())) == (known, known, 0), who
    court.decide(appeal, rules.Ballot("The ticket proves it.", keep=False))
    city = court.look(lambda s: rates.rates(s, actor(s, "city-supervisor"), NOW))
    assert not city.reviewers
    assert court.look(lambda s: s.get_one(Visit, court.visit)).status == "approved"  # it waits for its release again


def test_a_voided_visit_has_nothing_left_to_contest(court: Court) -> None:
    from audit_app.appeals.queries import deadlines

    appeal = court.file()
    court.db.write_now(lambda s: setattr(s.get_one(Visit, court.visit), "status", "void"))
    drop = lambda s: operations.drop_moot(s, deadlines.moot(s, court.visit), NOW)  # noqa: E731
    assert court.db.write_now(drop) == 1
    assert court.db.write_now(drop) == 0
    assert court.appeal(appeal).outcome == "withdrawn"


def voided(court: Court) -> None:
    """As two reviewers void a released visit."""

    def void(session: Session) -> None:
        visit = session.get_one(Visit, court.visit)
        voids.void(session, visit, "recognised", [], "Known there.", "acc-reviewer", NOW)
        session.refresh(visit)
        review.store_result(session, visit, "void", "acc-reviewer", NOW)

    court.db.write_now(void)


def test_the_assessor_may_contest_a_voiding(court: Court) -> None:
    voided(court)
    with pytest.raises(NotFound):
        court.do("tester", operations.file_void, court.visit, "I was there.", [], NOW)
    with pytest.raises(Conflict):
        court.do("chief-tester", operations.file_void, court.visit, "Late.", [], rules.window_end(NOW))
    appeal = str(court.do("chief-tester", operations.file_void, court.visit, "I was there.", [], NOW))
    assert court.decide(appeal, rules.Ballot("The ticket proves it.", keep=False)) == "upheld"
    lines = select(TrailLine).where(TrailLine.act == "visit.void_overturned")
    assert [(line.subject_id, line.detail) for line in court.look(lambda s: list(s.scalars(lines)))] == [
        (court.visit, {"how": "lifted", "state": "released"})
    ]
    stands = court.look(lambda s: s.get_one(Visit, court.visit))
    assert (stands.status, stands.status_at) == ("released", NOW)
    results = court.look(lambda s: list(s.scalars(select(VisitResult).order_by(col(VisitResult.number)))))
    first, void, lifted = [one for one in results if one.visit_id == court.visit]
    assert (void.cause, lifted.cause) == ("void", "appeal")
    assert (lifted.results, lifted.outcome) == (first.results, first.outcome)
    assert lifted.created_at > void.created_at
    job = court.look(lambda s: s.get_one(Assignment, stands.assignment_id))
    assert job.reason == ""
    voided(court)  # a void that was lifted is no shield
    assert court.look(lambda s: s.get_one(Visit, court.visit)).status == "void"


def test_where_the_job_was_visited_again_the_first_visit_is_only_paid(court: Court) -> None:
    voided(court)

    def again(session: Session) -> None:
        first = session.get_one(Visit, court.visit)
        values = first.model_dump() | {"id": "visit-again", "outward_id": None, "status": "in_review"}
        session.add(Visit(**values))

    court.db.write_now(again)
    appeal = str(court.do("chief-tester", operations.file_void, court.visit, "I was there.", [], NOW))
    assert court.decide(appeal, rules.Ballot("The ticket proves it.", keep=False)) == "upheld"
    assert court.look(lambda s: s.get_one(Visit, court.visit)).status == "void"
    assert court.look(lambda s: s.get_one(VisitVoid, court.visit)).overturned_to == "pay"
    read = court.look(lambda s: visits.own_reading(s, actor(s, "chief-tester"), court.visit))
    assert read.void is not None
    assert read.void.for_pay

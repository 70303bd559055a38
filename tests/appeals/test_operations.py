"""The verbs of appeals on both databases: filing, panels, votes, what a decision changes, the second round."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from audit_app.access.models import Account
from audit_app.appeals import filing, operations, panels, rules, terms
from audit_app.appeals.models import Appeal, Hearing, PanelSeat
from audit_app.kit.db import Database, Session
from audit_app.kit.errors import Conflict, Invalid, NotFound
from audit_app.organisation.models import RoleGrant
from audit_app.review.models import VisitSubject
from audit_app.review.replay import replay
from audit_app.trail.models import TrailLine
from audit_app.visits.models import ReviewOverlay, Visit
from tests import world
from tests.appeals.conftest import KEEP, RELEASED, Court, actor, results

NOW = world.NOW
END = rules.window_end(RELEASED)


def test_the_app_finds_two_of_the_city(court: Court) -> None:
    appeal = court.file()
    assert court.panel(appeal) == ["panel-city", "panel-city-second"]
    hearing = court.hearing(appeal)
    assert (hearing.number, hearing.status, hearing.decide_by) == (1, "open", rules.decision_end(NOW, 1))


def test_nobody_with_a_tie_sits(court: Court) -> None:
    """Who reviewed the visit, works in the county or filed the appeal is passed over for somebody who does not."""

    def tie(session: Session) -> None:
        for name, unit in (("city-supervisor", "3601"), ("county-supervisor", "3601"), ("reviewer", "3601"),
                           ("county-supervisor-2", "3601"), ("city-supervisor-2", "3602")):  # fmt: skip
            session.add(RoleGrant(account_id=f"acc-{name}", role="appeal_panel", unit_code=unit, granted_at=NOW))
        for name in ("panel-city", "panel-city-second"):
            session.get_one(Account, f"acc-{name}").active = False

    court.db.write_now(tie)
    assert court.panel(court.file()) == ["city-supervisor", "county-supervisor-2"]


@pytest.mark.data
def test_the_time_to_appeal_ends(court: Court) -> None:
    with pytest.raises(Conflict, match="passed"):
        court.file(now=END)
    assert court.file(now=END - timedelta(seconds=1))


def test_an_item_is_contested_once(court: Court) -> None:
    item = court.lost(staff_only=True)[0]
    first = court.file(item=item)
    with pytest.raises(Conflict, match="already"):
        court.file("staff", item)
    court.do("outlet-manager", operations.withdraw, first, NOW)
    assert court.appeal(first).outcome == "withdrawn"
    assert court.file("staff", item) != first  # taken back, it may be filed anew


@pytest.mark.parametrize("who", ["outlet-manager-2", "team-lead", "tester", "reviewer", "outsider", "panel-city"])
def test_strangers_find_nothing_to_appeal(court: Court, who: str) -> None:
    with pytest.raises(NotFound):
        court.file(who)


def test_what_cannot_be_appealed(court: Court) -> None:
    kept = next(i for i in ("no-such-item", "") if i not in court.lost())
    for who, item, ground in [
        ("outlet-manager", kept, "facts"),
        ("outlet-manager", court.lost()[0], "not_me"),
        ("outlet-manager", "", "not_me"),
        ("outlet-manager", court.lost()[0], "void"),
        ("staff", court.lost()[0], "not_me"),
    ]:
        with pytest.raises(Invalid):
            court.file(who, item, ground)
    with pytest.raises(Invalid):
        court.file(words="  ")
    with pytest.raises(Invalid):
        court.file(words="x" * 2001)


def test_staff_appeal_only_what_staff_answer_for(court: Court) -> None:
    own, all_ = set(court.lost(staff_only=True)), court.lost()
    assert own
    other = next(item for item in all_ if item not in own)
    with pytest.raises(Invalid):
        court.file("staff", other)
    assert court.file("staff", sorted(own)[0])


@pytest.mark.data
def test_upheld_makes_a_new_result_and_leaves_the_old(court: Court) -> None:
    item, before = court.lost()[0], court.final()
    appeal = court.file(item=item)
    assert court.vote(appeal, court.best(item)) == "open"
    assert court.final() == before
    assert court.vote(appeal, court.best(item)) == "upheld"
    first, second = court.look(results, court.visit)
    assert (first.number, first.cause, second.number, second.cause) == (1, "approval", 2, "appeal")
    assert first.experience == before
    assert second.experience > before
    found = court.look(lambda s: s.scalars(select(ReviewOverlay).where(ReviewOverlay.visit_id == court.visit)).one())
    assert (found.item_id, found.reason) == (item, "It was there; the photo shows it.")
    closed = court.appeal(appeal)
    assert (closed.outcome, closed.closed_at is not None, closed.ask_by) == ("upheld", True, None)
    assert court.hearing(appeal).after != court.hearing(appeal).before
    assert court.look(replay).differences == []
    acts = court.look(
        lambda s: set(s.scalars(select(TrailLine.act).where(TrailLine.subject_id.in_([appeal, court.visit]))))
    )  # type: ignore[attr-defined]
    assert {"appeal.filed", "appeal.panel_seated", "appeal.voted", "appeal.decided", "visit.rescored"} <= acts


def test_two_items_of_one_visit_in_one_breath(court: Court) -> None:
    """Both results can be replayed, and the second rests on the first."""
    one, two = court.lost()[:2]
    for item in (one, two):
        court.decide(court.file(item=item), court.best(item))
    totals = [r.experience for r in court.look(results, court.visit)]
    assert totals == sorted(set(totals))
    assert court.look(replay).differences == []


def test_an_appeal_never_lowers_a_score(court: Court) -> None:
    item = court.lost()[0]
    appeal = court.file(item=item)
    with pytest.raises(Invalid):
        court.vote(appeal, court.best(item, -1))  # the worst option
    with pytest.raises(Invalid):
        court.vote(appeal, rules.Ballot("why", keep=False, option_ids=["no-such-option"]))
    with pytest.raises(Invalid):
        court.vote(appeal, rules.Ballot("  "))
    assert court.panel(appeal) == ["panel-city", "panel-city-second"]


def test_a_vote_is_cast_once_and_only_by_the_panel(court: Court) -> None:
    appeal = court.file()
    court.vote(appeal, KEEP, "panel-city")
    with pytest.raises(Conflict):
        court.vote(appeal, KEEP, "panel-city")
    for who in ("panel-province", "city-supervisor", "reviewer", "outlet-manager", "chief-tester"):
        with pytest.raises(NotFound):
            court.vote(appeal, KEEP, who)


@pytest.mark.data
def test_two_that_differ_get_a_third(court: Court) -> None:
    add = RoleGrant(account_id="acc-city-supervisor", role="appeal_panel", unit_code="3601", granted_at=NOW)
    court.db.write_now(lambda s: s.add(add))
    item, before = court.lost()[0], court.final()
    appeal = court.file(item=item)
    first, second = court.panel(appeal)
    court.vote(appeal, KEEP, first)
    assert court.vote(appeal, court.best(item), second) == "open"
    [third] = court.panel(appeal)
    assert third not in (first, second)
    assert court.vote(appeal, KEEP, third) == "rejected"
    assert court.hearing(appeal).how == "median"
    assert court.final() == before


def test_without_a_third_the_kinder_vote_counts(court: Court) -> None:
    item = court.lost()[0]
    appeal = court.file(item=item)
    court.vote(appeal, KEEP)
    assert court.vote(appeal, court.best(item)) == "upheld"
    assert court.hearing(appeal).how == "kinder"


def test_a_third_who_is_silent_holds_nothing_up(court: Court) -> None:
    add = RoleGrant(account_id="acc-city-supervisor", role="appeal_panel", unit_code="3601", granted_at=NOW)
    court.db.write_now(lambda s: s.add(add))
    item = court.lost()[0]
    appeal = court.file(item=item)
    court.vote(appeal, KEEP)
    court.vote(appeal, court.best(item))
    late = court.hearing(appeal).decide_by
    assert court.db.write_now(terms.press_late, late - timedelta(seconds=1)) == 0
    assert court.db.write_now(terms.press_late, late) == 1
    assert court.hearing(appeal).status == "upheld"
    assert court.db.write_now(terms.press_late, late) == 0


def test_two_late_votes_wait_for_no_third(court: Court) -> None:
    add = RoleGrant(account_id="acc-city-supervisor", role="appeal_panel", unit_code="3601", granted_at=NOW)
    court.db.write_now(lambda s: s.add(add))
    item = court.lost()[0]
    appeal = court.file(item=item)
    late = court.hearing(appeal).decide_by
    court.db.write_now(terms.press_late, late)
    assert court.vote(appeal, KEEP, now=late) == "open"
    assert court.vote(appeal, court.best(item), now=late) == "upheld"
    assert court.hearing(appeal).how == "kinder"


def test_a_late_round_is_settled_when_seats_are_filled(court: Court) -> None:
    """The third sits and is silent: the seats are looked after, and so is the day."""
    add = RoleGrant(account_id="acc-city-supervisor", role="appeal_panel", unit_code="3601", granted_at=NOW)
    court.db.write_now(lambda s: s.add(add))
    item = court.lost()[0]
    appeal = court.file(item=item)
    court.vote(appeal, KEEP)
    assert court.vote(appeal, court.best(item)) == "open"
    hearing = court.hearing(appeal)
    court.db.write_now(lambda s: panels.refill(s, hearing.id, hearing.decide_by))
    assert court.hearing(appeal).status == "upheld"


def test_a_late_panel_decides_against_nobody(court: Court) -> None:
    appeal = court.file()
    late = court.hearing(appeal).decide_by
    assert court.db.write_now(terms.press_late, late) == 1
    assert court.db.write_now(terms.press_late, late + timedelta(days=1)) == 0  # told once
    assert court.hearing(appeal).status == "open"
    assert finalise(court, late + timedelta(days=30)) == 0  # and the visit waits with it


def test_the_second_round_is_the_last(court: Court) -> None:
    item = court.lost()[0]
    appeal = court.file(item=item)
    assert court.decide(appeal, KEEP) == "rejected"
    assert court.appeal(appeal).ask_by == rules.ask_end(NOW)
    court.do("outlet-manager", operations.go_on, appeal, "Nobody looked at the photo.", [], NOW)
    assert court.panel(appeal) == ["panel-province", "panel-province-second"]
    assert court.hearing(appeal).decide_by == rules.decision_end(NOW, 2)
    assert court.decide(appeal, court.best(item)) == "upheld"
    with pytest.raises(Conflict):
        court.do("outlet-manager", operations.go_on, appeal, "Again.", [], NOW)


@pytest.mark.data
def test_the_second_round_is_asked_for_in_time(court: Court) -> None:
    appeal = court.file()
    court.decide(appeal, KEEP)
    end = rules.ask_end(NOW)
    with pytest.raises(Conflict):
        court.do("outlet-manager", operations.go_on, appeal, "Too late.", [], end)
    assert court.db.write_now(terms.close_unasked, end - timedelta(seconds=1)) == 0
    assert court.db.write_now(terms.close_unasked, end) == 1
    assert court.db.write_now(terms.close_unasked, end) == 0
    assert court.appeal(appeal).closed_at == end


def test_what_is_taken_further_meanwhile_is_not_closed(court: Court, monkeypatch: pytest.MonkeyPatch) -> None:
    appeal = court.file()
    court.decide(appeal, KEEP)
    seen = court.appeal(appeal)
    court.do("outlet-manager", operations.go_on, appeal, "Nobody looked at the photo.", [], NOW)
    monkeypatch.setattr(terms.deadlines, "unasked", lambda session, now: [seen])  # as it was a moment before
    assert court.db.write_now(terms.close_unasked, rules.ask_end(NOW)) == 0
    assert (court.appeal(appeal).closed_at, court.appeal(appeal).round) == (None, 2)


@pytest.mark.parametrize("step", ["press", "refill"])
def test_what_is_decided_meanwhile_is_left(court: Court, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """A vote decides while the clock waits for the visit's row."""
    item = court.lost()[0]
    appeal = court.file(item=item)
    court.vote(appeal, court.best(item))
    hearing, [last] = court.hearing(appeal), court.panel(appeal)
    real, ballot = panels.visits.lock_visits, court.best(item)

    def vote_first(session: Session, keys: list[str]) -> None:
        monkeypatch.setattr(panels.visits, "lock_visits", real)
        panels.vote(session, actor(session, last), hearing.id, ballot, NOW)

    monkeypatch.setattr(panels.visits, "lock_visits", vote_first)
    if step == "press":
        assert court.db.write_now(terms.press_late, hearing.decide_by) == 0
    else:
        assert court.db.write_now(panels.refill, hearing.id, hearing.decide_by) == 2
    assert (court.hearing(appeal).status, court.hearing(appeal).overdue_at) == ("upheld", None)
    assert len(court.look(results, court.visit)) == 2


def test_what_the_first_round_gave_stays(court: Court) -> None:
    """A second round that is taken back, or that gives nothing more, takes nothing away."""
    item = next(i for i in court.lost() if options(court, i) > 2)
    appeal = court.file(item=item)
    assert court.decide(appeal, court.best(item, 1)) == "partly"
    court.do("outlet-manager", operations.go_on, appeal, "All of it, please.", [], NOW)
    court.do("outlet-manager", operations.withdraw, appeal, NOW)
    assert court.appeal(appeal).outcome == "partly"
    assert len(court.look(results, court.visit)) == 2


def options(court: Court, item_id: str) -> int:
    from audit_app.appeals.queries import contested

    version = court.look(lambda s: s.get_one(Visit, court.visit).checklist_version_id)
    item = court.look(contested.numbered, version)[item_id].item
    return 0 if item.many else len(item.options)


def test_it_was_not_me(court: Court) -> None:
    appeal = court.file("staff", "", "not_me")
    assert court.decide(appeal, rules.Ballot("Another badge was worn.", keep=False)) == "upheld"
    subject = court.look(lambda s: s.get_one(VisitSubject, court.visit))
    assert (subject.staff_id, subject.team_id, subject.how) == (None, None, "unresolved")
    assert len(court.look(results, court.visit)) == 1  # no answer has changed


def test_a_manager_who_is_scored_may_say_it_was_not_me(court: Court) -> None:
    """As the person: nobody else who manages the place follows it."""
    lead = RoleGrant(account_id="acc-staff", role="outlet_manager", unit_code="360102", touchpoint_id="hall-bell",
                     granted_at=NOW)  # fmt: skip
    court.db.write_now(lambda s: s.add(lead))
    assert "not_me" in court.do("staff", filing.build, court.outward, "", NOW).grounds
    appeal = court.file("staff", "", "not_me")
    assert court.appeal(appeal).side == "staff"
    with pytest.raises(NotFound):
        court.do("outlet-manager", operations.withdraw, appeal, NOW)
    assert court.appeal(court.file("staff")).side == "outlet"


def test_a_hotline_is_heard_by_no_one_of_the_team(hotline: Court) -> None:
    def tie(session: Session) -> None:
        for name in ("team-lead", "team-lead-2"):
            session.add(RoleGrant(account_id=f"acc-{name}", role="appeal_panel", unit_code="3601", granted_at=NOW))
        session.get_one(Account, "acc-panel-city").active = False

    hotline.db.write_now(tie)
    appeal = hotline.file("team-lead")
    assert sorted(hotline.panel(appeal)) == ["panel-city-second", "team-lead-2"]
    with pytest.raises(NotFound):
        hotline.file("team-lead-2", hotline.lost()[1])


def finalise(court: Court, now: object) -> int:
    from audit_app.appeals.queries import deadlines

    batch = court.look(deadlines.perhaps_final, now, None)
    return court.db.write_now(terms.finalise, [(row[0], row[1]) for row in batch], now)


@pytest.mark.data
def test_a_visit_becomes_final_once(court: Court) -> None:
    assert finalise(court, END - timedelta(seconds=1)) == 0
    assert finalise(court, END) == 1
    assert finalise(court, END) == 0
    with pytest.raises(Conflict):
        court.file(now=END - timedelta(seconds=1))  # a clock that lags behind does not open it again
    lines = select(TrailLine).where(TrailLine.act == "visit.final", TrailLine.subject_id == court.visit)
    assert len(court.look(lambda s: list(s.scalars(lines)))) == 1


@pytest.mark.data
def test_an_open_appeal_keeps_the_visit_from_being_final(court: Court) -> None:
    appeal = court.file()
    assert finalise(court, END) == 0
    court.decide(appeal, KEEP)
    assert finalise(court, END) == 0  # the second round may still be asked for
    court.db.write_now(terms.close_unasked, rules.ask_end(NOW))
    assert finalise(court, END) == 1


def test_an_empty_seat_is_filled_later(court: Court) -> None:
    def only_one(session: Session) -> None:
        session.get_one(Account, "acc-panel-city").active = False

    court.db.write_now(only_one)
    appeal = court.file()
    assert court.panel(appeal) == ["panel-city-second"]
    assert court.db.write_now(terms.fill_seats, NOW) == 0
    add = RoleGrant(account_id="acc-city-supervisor", role="appeal_panel", unit_code="3601", granted_at=NOW)
    court.db.write_now(lambda s: s.add(add))
    assert court.db.write_now(terms.fill_seats, NOW) == 1
    assert sorted(court.panel(appeal)) == ["city-supervisor", "panel-city-second"]


@pytest.mark.data
def test_who_loses_the_role_is_replaced(court: Court) -> None:
    appeal = court.file()
    change = RoleGrant(account_id="acc-city-supervisor", role="appeal_panel", unit_code="3601", granted_at=NOW)
    court.db.write_now(lambda s: s.add(change))

    def revoke(session: Session) -> None:
        asked = select(RoleGrant).where(RoleGrant.account_id == "acc-panel-city")
        session.scalars(asked).one().revoked_at = NOW

    court.db.write_now(revoke)
    with pytest.raises(NotFound):
        court.vote(appeal, KEEP, "panel-city")
    court.db.write_now(terms.fill_seats, NOW)
    assert sorted(court.panel(appeal)) == ["city-supervisor", "panel-city-second"]


def test_who_moves_away_is_replaced(court: Court) -> None:
    """The panel role elsewhere is none here: the hearing could not even be opened with it."""
    appeal = court.file()

    def move(session: Session) -> None:
        asked = select(RoleGrant).where(RoleGrant.account_id == "acc-panel-city")
        session.scalars(asked).one().revoked_at = NOW
        for name, unit in (("panel-city", "3602"), ("city-supervisor", "3601")):
            session.add(RoleGrant(account_id=f"acc-{name}", role="appeal_panel", unit_code=unit, granted_at=NOW))

    court.db.write_now(move)
    court.db.write_now(terms.fill_seats, NOW)
    assert sorted(court.panel(appeal)) == ["city-supervisor", "panel-city-second"]


@pytest.mark.data
def test_the_same_panel_hears_a_visit(court: Court, db: Database) -> None:
    """Though others have less to do by then."""
    for unit in ("province-supervisor", "city-supervisor"):
        add = RoleGrant(account_id=f"acc-{unit}", role="appeal_panel", unit_code="3601", granted_at=NOW)
        court.db.write_now(lambda s, one=add: s.add(one))
    first, second = court.lost()[:2]
    panel = court.panel(court.file(item=first))
    assert court.panel(court.file(item=second)) == panel


def test_open_rounds_hold_the_votes_back(court: Court) -> None:
    appeal = court.file()
    court.vote(appeal, KEEP)
    seats = select(PanelSeat).join(Hearing, col(Hearing.id) == PanelSeat.hearing_id)
    cast = court.look(lambda s: [seat.verdict for seat in s.scalars(seats.where(Hearing.appeal_id == appeal))])
    assert sorted(cast) == ["", "rejected"]
    assert court.look(lambda s: s.scalars(select(Appeal.outcome)).all()) == [""]

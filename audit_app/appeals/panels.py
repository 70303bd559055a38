"""Panels at work: seats are filled, votes are cast, and what they decide is carried out."""

from datetime import datetime
from typing import Any

from sqlmodel import col, update

from audit_app.access.rules import Actor
from audit_app.appeals import rules, telling
from audit_app.appeals.models import Appeal, Hearing, PanelSeat
from audit_app.appeals.queries import deadlines, hearings, panel
from audit_app.appeals.rules import Ballot, Decision, Vote
from audit_app.appeals.weighing import Weighed, weigh
from audit_app.kit.db import Session
from audit_app.kit.errors import Conflict, FieldError, Invalid
from audit_app.kit.states import move
from audit_app.review import lifting
from audit_app.review import operations as review
from audit_app.review import queries as reviews
from audit_app.scoring.answers import Answer
from audit_app.standards.queries import sheet_for
from audit_app.trail.operations import record, record_daily
from audit_app.visits import queries as visits
from audit_app.visits.models import Visit


def fill(session: Session, appeal: Appeal, hearing: Hearing, now: datetime, wanted: int = rules.SEATS) -> int:
    """Finds members for the seats that are empty. Returns how many seats are filled now."""
    seated = panel.seats_of(session, hearing.id)
    matter = panel.matter_of(session, appeal, hearing.number)
    free = panel.members(session, matter, appeal.visit_id, now)
    found = rules.chosen(free, matter, wanted - len(seated), [seat.account_id for seat in seated])
    for account_id in found:
        session.add(PanelSeat(hearing_id=hearing.id, account_id=account_id, seated_at=now))
    session.flush()
    if found:
        telling.tell_panel(session, hearing, found, now)
        tell(session, "appeal.panel_seated", appeal, None, now, {"hearing": hearing.id, "members": found})
    return len(seated) + len(found)


def refill(session: Session, hearing_id: str, now: datetime) -> int:
    """Sends away whoever has not voted and may no longer sit, and finds others. Returns how many sit now."""
    visits.lock_visits(session, hearings.visits_of(session, [hearing_id]))
    hearing, appeal = hearings.round_of(session, hearing_id)
    seats = panel.seats_of(session, hearing_id)
    if hearing.status != "open":  # decided while the visit was waited for
        return len(seats)
    able = deadlines.may_sit(session, hearing_id)
    for seat in seats:
        if seat.voted_at is None and seat.account_id not in able:
            seat.left_at = now
            session.add(seat)
            tell(session, "appeal.panel_left", appeal, None, now, {"hearing": hearing_id, "member": seat.account_id})
    session.flush()
    sitting = fill(session, appeal, hearing, now)
    late = now >= hearing.decide_by
    if late or len(votes_of(session, hearing_id)) == sitting:  # the third member has gone, and the two differ
        settle(session, appeal, hearing, now, out_of_time=late)
    return sitting


def vote(session: Session, actor: Actor, hearing_id: str, ballot: Ballot, now: datetime) -> str:
    """Casts the actor's vote, once; two equal votes decide. The state of the hearing afterwards."""
    hearing, appeal, visit, _ = hearings.hearing_of(session, actor, hearing_id)
    visits.lock_visits(session, [visit.id])
    session.refresh(hearing)
    if hearing.status != "open":
        raise Conflict(code="state-changed")
    one = _weighed(session, appeal, visit, ballot)
    _check_reason(ballot.reason)
    cast = session.scalars(
        update(PanelSeat)
        .where(
            col(PanelSeat.hearing_id) == hearing_id, col(PanelSeat.account_id) == actor.account_id,
            col(PanelSeat.voted_at).is_(None), col(PanelSeat.left_at).is_(None),
        )
        .values(voted_at=now, verdict=one.verdict, better=one.better, answer=one.answer, reason=ballot.reason.strip())
        .returning(col(PanelSeat.account_id))
    ).all()  # fmt: skip
    if len(cast) != 1:
        raise Conflict("You have voted already.", code="voted")
    tell(session, "appeal.voted", appeal, actor.account_id, now, {"hearing": hearing_id, "verdict": one.verdict})
    return settle(session, appeal, hearing, now, out_of_time=now >= hearing.decide_by)


def settle(session: Session, appeal: Appeal, hearing: Hearing, now: datetime, out_of_time: bool = False) -> str:
    """What the votes cast so far make of the hearing: decided, or a third member is asked where two differ; where none
    can be had, or the time is up, the vote kinder to the appellant counts."""
    session.expire_all()
    votes = votes_of(session, hearing.id)
    decision = rules.decided(votes)
    if decision is None and len(votes) == rules.SEATS:
        third = not out_of_time and fill(session, appeal, hearing, now, rules.SEATS + 1) > rules.SEATS
        decision = None if third else rules.kinder(votes)
    if decision is None:
        return "open"
    _carry_out(session, appeal, hearing, decision, now)
    return decision.vote.verdict


def votes_of(session: Session, hearing_id: str) -> list[Vote]:
    """The votes cast, in the order of seating."""
    return [
        Vote(seat.account_id, seat.verdict, seat.better, seat.reason, seat.answer)
        for seat in panel.seats_of(session, hearing_id)
        if seat.voted_at is not None
    ]


def _weighed(session: Session, appeal: Appeal, visit: Visit, ballot: Ballot) -> Vote:
    """The ballot as a vote. Invalid if the answer does not fit the item, or would take something from the appellant."""
    if appeal.kind != "item":
        if ballot.option_ids or ballot.value or ballot.not_applicable:
            raise Invalid(fields=[FieldError("answer", "choice", "Please choose one of the list.")])
        return Vote("", "rejected" if ballot.keep else "upheld", int(not ballot.keep), ballot.reason)
    now_counting = weigh_now(session, visit, appeal.item_id)
    if ballot.keep:
        better = rules.weight(now_counting.earned, now_counting.most) if now_counting else 0
        return Vote("", "rejected", better, ballot.reason)
    if now_counting is None:
        raise Invalid(fields=[FieldError("answer", "gone", "This item does not count any more: only reject is left.")])
    sheet, answers = sheet_for(session, visit.checklist_version_id), reviews.effective_answers(session, visit)
    answer = Answer(appeal.item_id, tuple(ballot.option_ids), ballot.value or None, ballot.not_applicable)
    found = weigh(sheet, answers, answer)
    if found is None:
        raise Invalid(fields=[FieldError("answer", "option", "This answer does not fit the item.")])
    verdict = rules.verdict_of(now_counting.earned or rules.NOTHING, found.earned, found.most)
    if verdict == "rejected" or found.hundredths < now_counting.hundredths:
        raise Invalid(
            fields=[FieldError("answer", "worse", "An appeal never lowers a score; to keep it, choose to reject.")]
        )
    return Vote("", verdict, rules.weight(found.earned, found.most), ballot.reason, ballot.essence())


def weigh_now(session: Session, visit: Visit, item_id: str) -> Weighed | None:
    """The item as it counts now; None where it counts no more, since another appeal has hidden it."""
    answers = reviews.effective_answers(session, visit)
    return weigh(sheet_for(session, visit.checklist_version_id), answers, answers.get(item_id) or Answer(item_id))


def _check_reason(reason: str) -> None:
    text = reason.strip()
    if not text:
        raise Invalid(fields=[FieldError("reason", "required", "Please say why; both sides read it.")])
    if len(text) > rules.LONGEST_REASON:
        raise Invalid(fields=[FieldError("reason", "too-long", "At most 950 characters.")])
    if any(ord(c) < 32 and c not in "\n\t\r" for c in text):
        raise Invalid(fields=[FieldError("reason", "characters", "This contains characters that cannot be used.")])


def _carry_out(session: Session, appeal: Appeal, hearing: Hearing, decision: Decision, now: datetime) -> None:
    verdict = decision.vote.verdict
    visit = session.get_one(Visit, appeal.visit_id)
    before, after = _points(session, appeal, visit, decision)
    move(session, Hearing, hearing.id, rules.HEARING, verdict, decided_at=now, how=decision.how,
         reason=decision.reason, before=before, after=after)  # fmt: skip
    if verdict != "rejected":
        _change(session, appeal, decision, now)
    goes_on = hearing.number < rules.LAST_ROUND and verdict in rules.MAY_GO_ON
    outcome = _outcome(appeal, verdict)
    session.execute(
        update(Appeal)
        .where(col(Appeal.id) == appeal.id)
        .values(outcome=outcome, ask_by=rules.ask_end(now) if goes_on else None, closed_at=None if goes_on else now)
    )
    telling.tell_decided(session, appeal, hearing, now)
    detail = {"hearing": hearing.id, "round": hearing.number, "verdict": verdict, "how": decision.how}
    tell(session, "appeal.decided", appeal, None, now, detail | {"kind": appeal.kind, "item": appeal.item_id})


def _outcome(appeal: Appeal, verdict: str) -> str:
    """How the appeal ends as a whole: what the first round gave in part stays when the second gives nothing more."""
    return appeal.outcome if verdict == "rejected" and appeal.outcome == "partly" else verdict


def _points(session: Session, appeal: Appeal, visit: Visit, decision: Decision) -> tuple[str, str]:
    """The item's points before and after, as printed; after is "" where it does not apply any more, both where it
    counts no more."""
    counting = weigh_now(session, visit, appeal.item_id) if appeal.kind == "item" else None
    if counting is None:
        return "", ""
    if decision.vote.answer is None:
        return counting.printed, counting.printed
    answer = _answer(appeal.item_id, dict(decision.vote.answer))
    sheet, answers = sheet_for(session, visit.checklist_version_id), reviews.effective_answers(session, visit)
    found = weigh(sheet, answers, answer)
    return counting.printed, found.printed if found else ""


def _answer(item_id: str, essence: dict[str, Any]) -> Answer:
    return Answer(
        item_id, tuple(essence.get("option_ids") or ()), essence.get("value") or None,
        bool(essence.get("not_applicable")),
    )  # fmt: skip


def _change(session: Session, appeal: Appeal, decision: Decision, now: datetime) -> None:
    """The new result, the person unnamed, or the void lifted."""
    by = decision.vote.account_id
    if appeal.kind == "identity":
        review.unresolve_subject(session, appeal.visit_id, by, now)
    elif appeal.kind == "item":
        new = dict(decision.vote.answer or {})
        change = review.Amendment(appeal.item_id, new, decision.reason, by)
        review.amend(session, appeal.visit_id, change, "appeal", now)
    else:
        lifting.lift_void(session, appeal.visit_id, by, now)


def look(session: Session, actor: Actor, visit_id: str, now: datetime) -> None:
    """A member reads the result of a visit; the person whom it scores can see that a panel did. Once a day."""
    record_daily(session, "result.read", actor.account_id, "visit", visit_id, now, {"role": rules.ROLE})


def tell(session: Session, act: str, appeal: Appeal, by: str | None, now: datetime, detail: dict[str, Any]) -> None:
    """A line on the trail about an appeal; the visit stands in it."""
    record(session, act, actor_id=by, subject_kind="appeal", subject_id=appeal.id, now=now, unit_path=appeal.unit_path,
           detail={"visit": appeal.visit_id, **detail})  # fmt: skip

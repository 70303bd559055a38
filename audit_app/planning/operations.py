"""The verbs of planning, by hand: programmes, rounds, jobs, publication, and the assessor's answer."""

from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlmodel import col, select

from audit_app.access.rules import Actor
from audit_app.kit import clock
from audit_app.kit.db import Session, UTCDateTime
from audit_app.kit.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from audit_app.kit.forms import storable
from audit_app.kit.prepared import Prepared
from audit_app.kit.sql import all_of, any_of
from audit_app.kit.states import move
from audit_app.organisation.models import Touchpoint
from audit_app.planning import queries, rules
from audit_app.planning.models import Assignment, NoticeAcknowledgement, Programme, Round
from audit_app.standards.queries import document_for
from audit_app.testers.models import Assessor
from audit_app.trail.operations import record


def create_programme(session: Session, actor: Actor, new: rules.NewProgramme, now: datetime) -> str:
    """A programme of a unit in the actor's subtree; a covert one needs `covert.plan` there. Returns its id."""
    unit = next((u for u in queries.own_units(session, actor) if u.code == new.unit_code), None)
    if unit is None:
        raise Invalid(fields=[FieldError("unit_code", "choice", "Please choose one of your units.")])
    made = Programme(
        name=new.name, unit_code=unit.code, unit_path=unit.path, level=unit.level, kind=new.kind, manner=new.manner,
        touchpoint_kinds=new.touchpoint_kinds, checklist_ids=new.checklist_ids, purpose=new.purpose,
        for_incentives=new.for_incentives, notice=new.notice, notice_at=now if new.notice else None,
        created_by=actor.account_id, created_at=now,
    )  # fmt: skip
    if not queries.may_write(actor, made):
        raise Forbidden("A covert programme needs the right to plan covert visits there.")
    session.add(made)
    session.flush()
    _record(session, "programme.created", actor, "programme", made.id, unit.path, now)
    return made.id


def create_round(session: Session, actor: Actor, programme_id: str, new: rules.NewRound, now: datetime) -> str:
    """A round of the programme in draft. Returns its id."""
    found = _writable(session, actor, programme_id)
    if found.status != "active":
        raise Conflict("The programme is closed.", code="programme-closed")
    if new.last_day < new.starts_on:
        raise Invalid(fields=[FieldError("last_day", "order", "The last day lies before the first.")])
    made = Round(
        programme_id=found.id, name=new.name, starts_on=new.starts_on, ends_on=new.last_day + timedelta(days=1),
        created_by=actor.account_id, created_at=now,
    )  # fmt: skip
    session.add(made)
    session.flush()
    _record(session, "round.created", actor, "round", made.id, found.unit_path, now)
    return made.id


def assign(session: Session, actor: Actor, round_id: str, new: rules.NewAssignment, now: datetime) -> str:
    """A job in draft. Refuses, with every rule that speaks against it, whoever may not go. Returns its id."""
    found, in_round = _writable_round(session, actor, round_id)
    if in_round.status == "closed":
        raise Conflict("The round is closed.", code="round-closed")
    place = queries.touchpoint_of(session, actor, found, new.touchpoint_id)
    _check_days(in_round, new, clock.local_date(now))
    versions = queries.fitting_versions(session, actor, found, place, new.first_day)
    if new.checklist_version_id not in {v.id for v in versions}:
        raise Invalid(
            fields=[FieldError("checklist_version_id", "choice", "This checklist does not fit the touchpoint.")]
        )
    _check_story(session, new)
    people = queries.candidates(session, actor, found, place, new.checklist_version_id, new.first_day, hidden=True)
    chosen = next((c for c in people if c.id == new.assessor_id), None)
    if chosen is None:
        raise Invalid(fields=[FieldError("assessor_id", "choice", "Please choose an assessor.")])
    if chosen.refusals:
        raise Invalid(fields=[FieldError("assessor_id", code, REFUSAL_TEXTS[code]) for code in chosen.refusals])
    if found.manner == "covert":
        _check_pool(session, actor, found, place, new)
    made = Assignment(
        round_id=in_round.id, touchpoint_id=place.id, unit_path=place.unit_path, assessor_id=chosen.id,
        checklist_version_id=new.checklist_version_id, scenario_id=new.scenario_id or None,
        window_start=clock.day_start(new.first_day), window_end=clock.day_start(new.last_day + timedelta(days=1)),
        status="draft", status_at=now, created_by=actor.account_id, created_at=now,
    )  # fmt: skip
    session.add(made)
    session.flush()
    _record(session, "assignment.created", actor, "assignment", made.id, place.unit_path, now)
    if in_round.status == "published":
        _offer(session, actor, made, now)
    return made.id


def _check_pool(
    session: Session, actor: Actor, programme: Programme, place: Touchpoint, new: rules.NewAssignment
) -> None:
    """A covert job needs enough who could have gone. Counted as the actor sees it: a number that counted hidden work
    would tell of it."""
    people = queries.candidates(session, actor, programme, place, new.checklist_version_id, new.first_day)
    eligible = sum(not c.refusals for c in people)
    if eligible < programme.fewest_eligible:
        params = {"fewest": programme.fewest_eligible, "found": eligible}
        raise Invalid(fields=[FieldError("assessor_id", "too-few", TOO_FEW, params)])


TOO_FEW = "Too few may go: this programme needs at least %(fewest)s to choose from, here are %(found)s."
REFUSAL_TEXTS = {
    "reach": "Does not work in this area.",
    "kind_of_assessor": "The checklist is not for this kind of assessor.",
    "tier_1": "Tier-1 halls only by chief testers or inspectors.",
    "home_county": "Not for this county.",
    "not_certified": "Not certified for this checklist.",
    "unavailable": "Not available.",
}


def _check_days(in_round: Round, new: rules.NewAssignment, today: date) -> None:
    faults = []
    if new.first_day < in_round.starts_on or new.last_day >= in_round.ends_on:
        faults.append(FieldError("first_day", "outside", "The days must lie inside the round."))
    if new.last_day < new.first_day:
        faults.append(FieldError("last_day", "order", "The last day lies before the first."))
    elif new.last_day < today:
        faults.append(FieldError("last_day", "past", "These days have passed."))
    if faults:
        raise Invalid(fields=faults)


def _check_story(session: Session, new: rules.NewAssignment) -> None:
    stories = {s.id for s in document_for(session, new.checklist_version_id).scenarios}
    if new.scenario_id and new.scenario_id not in stories:
        raise Invalid(fields=[FieldError("scenario_id", "choice", "Please choose one of the scenarios.")])


def publish_round(session: Session, actor: Actor, round_id: str, now: datetime) -> int:
    """Offers every job of the round that is still in draft. Returns how many."""
    found, in_round = _writable_round(session, actor, round_id)
    drafts = session.scalars(
        select(Assignment).where(Assignment.round_id == in_round.id, Assignment.status == "draft")
    ).all()
    if not drafts:
        raise Conflict("There is nothing to publish: give out a touchpoint first.", code="nothing-to-publish")
    if queries.thin_jobs(session, actor, found, in_round.id, clock.local_date(now)):
        raise Conflict("For some covert jobs too few assessors may go.", code=THIN)
    if in_round.status != "published":
        move(session, Round, in_round.id, rules.ROUND, "published", published_at=now)
    for job in drafts:
        _offer(session, actor, job, now)
    _record(session, "round.published", actor, "round", in_round.id, found.unit_path, now)
    return len(drafts)


THIN = "too-few-eligible"


def close_round(session: Session, actor: Actor, round_id: str, now: datetime) -> None:
    """Ends a published round: nothing more is given out in it. Conflict while a job of it is still open."""
    found, in_round = _writable_round(session, actor, round_id)
    if queries.open_jobs(session, in_round.id):
        raise Conflict("The round still has open jobs: wait for them or withdraw them.", code="open-jobs")
    move(session, Round, in_round.id, rules.ROUND, "closed")
    _record(session, "round.closed", actor, "round", in_round.id, found.unit_path, now)


def _offer(session: Session, actor: Actor, job: Assignment, now: datetime) -> None:
    respond_by = min(now + rules.RESPONSE_TIME, job.window_end)
    move(session, Assignment, job.id, rules.ASSIGNMENT, "offered", status_at=now, respond_by=respond_by)
    _record(session, "assignment.offered", actor, "assignment", job.id, job.unit_path, now)


def cancel(session: Session, actor: Actor, assignment_id: str, reason: str, now: datetime) -> str:
    """Takes a job back at any time before it is done. Returns the id of its round."""
    job = session.get(Assignment, assignment_id)
    if job is None:
        raise NotFound
    _, in_round = _writable_round(session, actor, job.round_id)
    move(session, Assignment, job.id, rules.ASSIGNMENT, "cancelled", status_at=now, reason="cancelled", note=reason)
    _record(session, "assignment.cancelled", actor, "assignment", job.id, job.unit_path, now)
    return in_round.id


def accept(session: Session, actor: Actor, assignment_id: str, now: datetime) -> None:
    """The assessor takes the job. Accepting what is accepted already is no error."""
    job = own_assignment(session, actor, assignment_id)
    if job.status in ("accepted", "started", "done"):
        return
    if job.status == "offered" and job.respond_by is not None and job.respond_by <= now:
        raise Conflict("The time to answer this offer has passed.", code="too-late")
    move(session, Assignment, job.id, rules.ASSIGNMENT, "accepted", status_at=now)
    _record(session, "assignment.accepted", actor, "assignment", job.id, job.unit_path, now)


def decline(session: Session, actor: Actor, assignment_id: str, reason: str, note: str, now: datetime) -> None:
    """The assessor refuses the job, or hands it back, with a reason of :data:`rules.DECLINE_REASONS`."""
    job = own_assignment(session, actor, assignment_id)
    if reason not in rules.DECLINE_REASONS:
        raise Invalid(fields=[FieldError("reason", "choice", "Please choose a reason.")])
    if len(note) > 2000:
        raise Invalid(fields=[FieldError("note", "too-long", "At most 2,000 characters.")])
    if not storable(note):
        raise Invalid(fields=[FieldError("note", "characters", "This contains characters that cannot be used.")])
    move(session, Assignment, job.id, rules.ASSIGNMENT, "declined", status_at=now, reason=reason, note=note)
    _record(session, "assignment.declined", actor, "assignment", job.id, job.unit_path, now)


def start(session: Session, account_id: str, assignment_id: str, now: datetime) -> None:
    """The assessor's phone has begun the visit. Nothing happens unless the job is the account's own and accepted."""
    own = sa.select(col(Assessor.id)).where(col(Assessor.account_id) == account_id)
    begun = (
        sa.update(_JOB)
        .where(_JOB.c.id == assignment_id, _JOB.c.status == "accepted", _JOB.c.assessor_id.in_(own))
        .values(status="started", status_at=now)
        .returning(_JOB.c.unit_path)
    )
    row = session.execute(begun).first()
    if row is not None:
        record(session, "assignment.started", actor_id=account_id, subject_kind="assignment", subject_id=assignment_id,
               now=now, unit_path=row.unit_path)  # fmt: skip


def finish(session: Session, assignment_id: str, visited_at: datetime, now: datetime) -> None:
    """A visit was sent for the job. Cancelled and expired jobs keep their status, but the visit is remembered: its day
    only, since whoever plans by it and orders by it below must not learn the minute."""
    day = clock.day_start(clock.local_date(visited_at))
    _FINISH.run(session.connection(), {"b_job": assignment_id, "b_visited_at": day, "b_now": now})


_JOB: sa.Table = Assignment.__table__  # type: ignore[attr-defined]
_OPEN = _JOB.c.status.in_([sa.literal_column(f"'{status}'") for status in ("offered", "accepted", "started")])
_VOID: sa.ColumnElement[str] = sa.literal_column(f"'{rules.VOID}'")
_FINISH = Prepared(
    sa.update(_JOB)
    .where(_JOB.c.id == sa.bindparam("b_job"))
    .values(
        visited_at=sa.bindparam("b_visited_at", type_=UTCDateTime()),
        status=sa.case((_OPEN, sa.literal_column("'done'")), else_=_JOB.c.status),
        status_at=sa.case((_OPEN, sa.bindparam("b_now", type_=UTCDateTime())), else_=_JOB.c.status_at),
        reason=sa.case((_JOB.c.reason == _VOID, sa.literal_column("''")), else_=_JOB.c.reason),
    )
)


def unvisit(session: Session, assignment_id: str) -> None:
    """The visit of a job counts for nothing: its touchpoint waits for one again. That somebody was there stays known:
    the gap before the same assessor may come again counts from it."""
    session.execute(sa.update(_JOB).where(_JOB.c.id == assignment_id).values(reason=rules.VOID))


def revisit(session: Session, assignment_id: str) -> None:
    """The visit of a job counts again."""
    again = sa.update(_JOB).where(_JOB.c.id == assignment_id, _JOB.c.reason == rules.VOID).values(reason="")
    session.execute(again)


def disclose(session: Session, assignment_ids: list[str], now: datetime) -> None:
    """From now on lower units may know of these visits (overt: at approval; covert: at release)."""
    rows = session.scalars(
        select(Assignment).where(col(Assignment.id).in_(assignment_ids), col(Assignment.visible_at).is_(None))
    )
    for job in rows:
        job.visible_at = now
        session.add(job)
    session.flush()


def follow_merger(session: Session, touchpoint_id: str, now: datetime) -> int:
    """The touchpoint was a double: its open jobs are jobs at the entry kept. Returns how many; repeated, none."""
    double = session.get(Touchpoint, touchpoint_id)
    kept = session.get(Touchpoint, double.merged_into) if double and double.merged_into else None
    jobs = queries.open_jobs_at(session, touchpoint_id) if kept else []
    for job in jobs:
        assert kept is not None
        job.touchpoint_id, job.unit_path = kept.id, kept.unit_path
        session.add(job)
        record(session, "assignment.place_merged", actor_id=None, subject_kind="assignment", subject_id=job.id, now=now,
               unit_path=job.unit_path, detail={"from": touchpoint_id, "to": kept.id})  # fmt: skip
    session.flush()
    return len(jobs)


def expire_offers(session: Session, now: datetime) -> int:
    """Ends offers that nobody answered in time and jobs whose window has passed unvisited. Returns how many."""
    unanswered = all_of(Assignment.status == "offered", col(Assignment.respond_by) <= now)
    passed = all_of(col(Assignment.status).in_(("offered", "accepted")), col(Assignment.window_end) <= now)
    jobs = session.scalars(select(Assignment).where(any_of(unanswered, passed)).limit(500)).all()
    for job in jobs:
        move(session, Assignment, job.id, rules.ASSIGNMENT, "expired", status_at=now)
        record(session, "assignment.expired", actor_id=None, subject_kind="assignment", subject_id=job.id, now=now,
               unit_path=job.unit_path)  # fmt: skip
    return len(jobs)


def set_pool(session: Session, actor: Actor, programme_id: str, pool: rules.Pool, now: datetime) -> None:
    """How many must be eligible for each covert job of the programme from now on; fewer than usual needs a reason."""
    found = _writable(session, actor, programme_id)
    faults = []
    if not 1 <= pool.fewest <= rules.MOST_FEWEST:
        faults.append(FieldError("fewest", "range", "Please enter a number from 1 to 50."))
    elif pool.fewest < rules.FEWEST_ELIGIBLE and pool.reason not in rules.FEWER_REASONS:
        faults.append(FieldError("reason", "required", "Fewer than 5 needs a reason."))
    if faults:
        raise Invalid(fields=faults)
    reason = pool.reason if pool.fewest < rules.FEWEST_ELIGIBLE else ""
    before, found.fewest_eligible, found.fewer_reason = found.fewest_eligible, pool.fewest, reason
    session.add(found)
    session.flush()
    detail = {"before": before, "after": pool.fewest} | ({"reason": reason} if reason else {})
    record(session, "programme.pool_set", actor_id=actor.account_id, subject_kind="programme", subject_id=found.id,
           now=now, unit_path=found.unit_path, detail=detail)  # fmt: skip


def give_notice(session: Session, actor: Actor, programme_id: str, text: str, now: datetime) -> None:
    """Gives the programme's general notice to staff, once; results count for a person from 7 days later on."""
    found = _writable(session, actor, programme_id)
    if found.notice_at is not None:
        raise Conflict("The notice has been given already.", code="notice-given")
    found.notice, found.notice_at = text, now
    session.add(found)
    session.flush()
    _record(session, "notice.given", actor, "programme", found.id, found.unit_path, now)


def acknowledge_notice(session: Session, actor: Actor, notice_id: str, now: datetime) -> None:
    """Somebody has read a notice; a second time changes nothing."""
    programme_id = queries.noticed_programme(session, actor, notice_id)
    if programme_id is None:
        raise NotFound
    if session.get(NoticeAcknowledgement, (programme_id, actor.account_id)) is None:
        session.add(NoticeAcknowledgement(programme_id=programme_id, account_id=actor.account_id, at=now))
        _record(session, "notice.acknowledged", actor, "programme", programme_id, None, now)


def own_assignment(session: Session, actor: Actor, assignment_id: str) -> Assignment:
    """The actor's own job; NotFound for anybody else's and for drafts."""
    found = session.scalars(
        select(Assignment)
        .join(Assessor, col(Assessor.id) == Assignment.assessor_id)
        .where(Assignment.id == assignment_id, Assessor.account_id == actor.account_id, Assignment.status != "draft")
    ).first()
    if found is None:
        raise NotFound
    return found


def _writable(session: Session, actor: Actor, programme_id: str) -> Programme:
    found = queries.programme(session, actor, programme_id)
    if not queries.may_write(actor, found):
        raise Forbidden
    return found


def _writable_round(session: Session, actor: Actor, round_id: str) -> tuple[Programme, Round]:
    found, in_round = queries.round_of(session, actor, round_id)
    if not queries.may_write(actor, found):
        raise Forbidden
    return found, in_round


def _record(
    session: Session, act: str, actor: Actor, kind: str, key: str, unit_path: str | None, now: datetime
) -> None:
    record(session, act, actor_id=actor.account_id, subject_kind=kind, subject_id=key, now=now, unit_path=unit_path)

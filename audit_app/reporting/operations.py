"""The verbs of reporting: cards are kept up to date, documents handed out, batches started and moved on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col

from audit_app.access.limits import need_turn
from audit_app.access.rules import RUNS_PER_ACCOUNT, Actor
from audit_app.kit.db import Session
from audit_app.kit.errors import Conflict, Invalid
from audit_app.kit.ids import random_id
from audit_app.kit.sql import all_of, any_of, columns
from audit_app.kit.states import move
from audit_app.organisation.models import Touchpoint
from audit_app.reporting import rules
from audit_app.reporting.models import IssuedDocument, RenderedDocument, ReportItem, ReportRun, Scorecard
from audit_app.reporting.queries import cards, runs, sources
from audit_app.reporting.tokens import Stamp
from audit_app.trail.operations import record
from audit_app.visits.models import Visit

CHUNK = 500
_CARD: Any = Scorecard.__table__  # type: ignore[attr-defined]
_ITEM: Any = ReportItem.__table__  # type: ignore[attr-defined]
_ISSUED: Any = IssuedDocument.__table__  # type: ignore[attr-defined]
_RENDERED: Any = RenderedDocument.__table__  # type: ignore[attr-defined]


def _insert(session: Session, table: Any) -> Any:
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    return make(table)


def keep_cards(session: Session, visit_ids: Sequence[str]) -> int:
    """Makes or renews the cards of these visits and of their touchpoints' periods. Safe to repeat: the rows follow from
    the visits alone. Returns how many visits have a card."""
    issued = sources.issued(session, col(Visit.id).in_(list(visit_ids)))
    _withdraw(session, set(visit_ids) - {one.id for one in issued})
    if not issued:
        return 0
    rows = [
        _row("visit", one.touchpoint_id, one.unit_path, rules.period_of(one.local_date), 1, one.at, one.id)
        for one in issued
    ]
    changes = ("visits", "updated_at", "period", "unit_path")
    statement = _insert(session, _CARD).values(rows)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["visit_id"], set_={name: statement.excluded[name] for name in changes}
        )
    )
    _keep_periods(session, {(one.touchpoint_id, rules.period_of(one.local_date)) for one in issued})
    return len(issued)


def _withdraw(session: Session, visit_ids: set[str]) -> None:
    """Cards of visits that count no more stay as rows without visits, changed when the visit was voided; their periods
    follow from what is left."""
    card = columns(Scorecard.visit_id, Scorecard.touchpoint_id, Scorecard.period)
    gone = session.execute(card.where(col(Scorecard.visit_id).in_(visit_ids))).all()
    voided = {one.id: one.at for one in sources.withdrawn(session, col(Visit.id).in_([row.visit_id for row in gone]))}
    for row in gone:
        since = {"updated_at": voided[row.visit_id]} if row.visit_id in voided else {}
        session.execute(sa.update(Scorecard).where(col(Scorecard.visit_id) == row.visit_id).values(visits=0, **since))
    _keep_periods(session, {(row.touchpoint_id, row.period) for row in gone})


def _keep_periods(session: Session, wanted: Iterable[tuple[str, str]]) -> None:
    places = sorted(wanted)
    conditions = []
    for touchpoint_id, period in places:
        start, end = rules.period_bounds(period)
        day = col(Visit.local_date)
        conditions.append(all_of(Visit.touchpoint_id == touchpoint_id, day >= start, day < end))
    found: dict[tuple[str, str], list[Any]] = {}
    for one in sources.issued(session, any_of(*conditions)):
        found.setdefault((one.touchpoint_id, rules.period_of(one.local_date)), []).append(one)
    voided: dict[tuple[str, str], list[datetime]] = {}
    for one in sources.withdrawn(session, any_of(*conditions)):
        voided.setdefault((one.touchpoint_id, rules.period_of(one.local_date)), []).append(one.at)
    for key in set(places) - found.keys():
        _empty_period(session, *key, voided.get(key, []))
    rows = [
        _row("touchpoint", place, of[0].unit_path, period, len(of),
             max([one.at for one in of] + voided.get((place, period), [])), None)
        for (place, period), of in found.items()
    ]  # fmt: skip
    if not rows:
        return
    statement = _insert(session, _CARD).values(rows)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["touchpoint_id", "period"],
            index_where=sa.text("visit_id IS NULL"),
            set_={name: statement.excluded[name] for name in ("visits", "updated_at", "unit_path")},
        )
    )


def _empty_period(session: Session, touchpoint_id: str, period: str, voided: Sequence[datetime]) -> None:
    """The card of a touchpoint none of whose visits counts any more, changed by the last voiding."""
    since = {"updated_at": max(voided)} if voided else {}
    session.execute(
        sa.update(Scorecard)
        .where(
            col(Scorecard.touchpoint_id) == touchpoint_id, col(Scorecard.period) == period,
            col(Scorecard.visit_id).is_(None),
        )
        .values(visits=0, **since)
    )  # fmt: skip


def _row(
    kind: str, touchpoint_id: str, unit_path: str, period: str, visits: int, at: datetime, visit_id: str | None
) -> dict[str, Any]:
    return {
        "id": random_id(), "kind": kind, "touchpoint_id": touchpoint_id, "unit_path": unit_path, "period": period,
        "visits": visits, "updated_at": at, "visit_id": visit_id,
    }  # fmt: skip


def rebuild(session: Session) -> int:
    """All cards anew from the released visits; ids of cards that go on existing stay. Returns how many visits have one.

    A card whose visits are all gone stays as a row without visits, which nobody sees: a batch may name it."""
    session.execute(sa.update(Scorecard).values(visits=0).execution_options(synchronize_session=False))
    voided = all_of(Visit.status == "void", col(Visit.outward_id).is_not(None))
    told = any_of(col(Visit.status).in_(rules.SHOWN), voided)
    ids = list(session.scalars(columns(Visit.id).where(told).order_by(Visit.id)))
    return sum(keep_cards(session, ids[at : at + CHUNK]) for at in range(0, len(ids), CHUNK))


@dataclass(frozen=True)
class Made:
    """A rendered document in the blob store, with what it is checked by."""

    key: str
    blob: str
    bytes: int
    stamp: Stamp
    scorecard_id: str
    edition: str
    locale: str


def keep_documents(session: Session, made: Sequence[Made], now: datetime) -> None:
    """Remembers what was rendered, so that the same card is not rendered twice and every file can be checked."""
    if not made:
        return
    issued = [
        {"token": one.stamp.token, "scorecard_id": one.scorecard_id, "edition": one.edition, "locale": one.locale,
         "facts_sha256": one.stamp.facts_sha256, "issued_at": now}
        for one in made
    ]  # fmt: skip
    session.execute(_insert(session, _ISSUED).values(issued).on_conflict_do_nothing(index_elements=["token"]))
    rows = [
        {"key": one.key, "blob": one.blob, "bytes": one.bytes, "made_at": now, "token": one.stamp.token} for one in made
    ]
    session.execute(_insert(session, _RENDERED).values(rows).on_conflict_do_nothing(index_elements=["key"]))


def hand_out(session: Session, actor: Actor, found: cards.Found, made: Made | None, now: datetime) -> None:
    """Writes on the trail who took which card in which edition and role; `made` if it was rendered just now."""
    if made is not None:
        keep_documents(session, [made], now)
    record(
        session, "scorecard.downloaded", actor_id=actor.account_id, subject_kind="scorecard", subject_id=found.id,
        now=now, unit_path=found.unit_path, detail={"edition": found.edition, "role": actor.main_role},
    )  # fmt: skip


def start_run(session: Session, actor: Actor, filters: rules.Filters, locale: str, now: datetime) -> str:
    """Puts all cards that the actor sees under these filters into a run, whose id it returns; the trail line wakes the
    job."""
    need_turn(session, RUNS_PER_ACCOUNT, actor.account_id, now)
    run = ReportRun(
        account_id=actor.account_id, edition="hr", locale=locale, filters=filters.as_dict(), status="queued",
        created_at=now,
    )  # fmt: skip
    session.add(run)
    session.flush()
    session.execute(_items_of(session, actor, filters, run.id))
    run.total = session.execute(sa.select(sa.func.count()).where(_ITEM.c.run_id == run.id)).scalar_one()
    if not run.total:
        raise Invalid("There is no scorecard under these filters.", code="empty")
    if run.total > rules.MOST_IN_A_RUN:
        raise Invalid("These are too many scorecards for one file; choose a period or a unit.", code="too-many")
    session.add(run)
    session.flush()
    _record_run(session, "report_run.started", actor.account_id, run.id, now, {"documents": run.total})
    return run.id


def _items_of(session: Session, actor: Actor, filters: rules.Filters, run_id: str) -> Any:
    """One INSERT … SELECT of what the actor may see."""
    seq = sa.func.row_number().over(order_by=(col(Touchpoint.unit_path), col(Touchpoint.code), col(Scorecard.id)))
    empty = sa.literal("")
    chosen = (
        columns(sa.literal(run_id), seq, Scorecard.id, sa.literal("waiting"), empty, empty)
        .select_from(Scorecard)
        .join(Touchpoint, col(Touchpoint.id) == Scorecard.touchpoint_id)
        .where(
            cards.narrowed(session, actor, filters),
            cards.within_hr(actor),
        )
    )
    names = ["run_id", "seq", "scorecard_id", "status", "reason", "file_name"]
    return sa.insert(_ITEM).from_select(names, chosen, include_defaults=False)


def retry_failed(session: Session, actor: Actor, run_id: str, now: datetime) -> None:
    """Puts what failed into the run again; what is done stays done."""
    found = runs.run(session, actor, run_id)
    if not found.failed or found.status not in ("ready", "failed"):
        raise Conflict(code="state-changed")
    move(session, ReportRun, run_id, rules.RUN, "queued", failed=0, zip_blob=None, zip_bytes=None, finished_at=None)
    session.execute(
        sa.update(_ITEM).where(_ITEM.c.run_id == run_id, _ITEM.c.status == "failed").values(status="waiting", reason="")
    )
    _record_run(session, "report_run.retried", actor.account_id, run_id, now, {"documents": found.failed})


def cancel_run(session: Session, actor: Actor, run_id: str, now: datetime) -> None:
    """Ends a run that is not finished; the worker stops at the next batch."""
    runs.run(session, actor, run_id)
    move(session, ReportRun, run_id, rules.RUN, "cancelled", finished_at=now)
    _record_run(session, "report_run.cancelled", actor.account_id, run_id, now, {})


def take_zip(session: Session, actor: Actor, run_id: str, now: datetime) -> None:
    """Writes the download on the trail."""
    found = runs.run(session, actor, run_id)
    _record_run(session, "report_run.downloaded", actor.account_id, run_id, now, {"documents": found.done})


@dataclass(frozen=True)
class Outcome:
    """What became of one document of a run: `made` with its name in the ZIP and its summary, or the reason why not."""

    seq: int
    made: Made | None = None
    file_name: str = ""
    summary: dict[str, Any] | None = None
    reason: str = ""


def begin_run(session: Session, run_id: str) -> int:
    """Marks the run as running, also when it is taken up again. Returns its number of documents; 0: nothing to do."""
    run = session.get(ReportRun, run_id)
    if run is None or run.status not in rules.UNFINISHED:
        return 0
    move(session, ReportRun, run_id, rules.RUN, "running")
    return run.total


def settle(session: Session, run_id: str, outcomes: Sequence[Outcome], now: datetime) -> None:
    """Marks documents as done or failed and counts anew: whoever does it twice changes nothing."""
    keep_documents(session, [one.made for one in outcomes if one.made], now)
    for one in outcomes:
        values: dict[str, Any] = {"status": "failed", "reason": one.reason[:120]}
        if one.made:
            values = {
                "status": "done", "reason": "", "blob": one.made.blob, "bytes": one.made.bytes,
                "file_name": one.file_name, "summary": one.summary,
            }  # fmt: skip
        session.execute(
            sa.update(_ITEM)
            .where(_ITEM.c.run_id == run_id, _ITEM.c.seq == one.seq, _ITEM.c.status == "waiting")
            .values(**values)
        )
    states = sa.select(_ITEM.c.status, sa.func.count()).where(_ITEM.c.run_id == run_id).group_by(_ITEM.c.status)
    counts = {row[0]: row[1] for row in session.execute(states)}
    session.execute(
        sa.update(ReportRun)
        .where(col(ReportRun.id) == run_id)
        .values(done=counts.get("done", 0), failed=counts.get("failed", 0))
    )


def finish_run(session: Session, run_id: str, zip_blob: str | None, zip_bytes: int, now: datetime) -> bool:
    """Flips the run to ready (or failed, when no document could be made); False when somebody else has done so."""
    status = "ready" if zip_blob else "failed"
    try:
        move(session, ReportRun, run_id, {"running": frozenset({status})}, status, finished_at=now,
             zip_blob=zip_blob, zip_bytes=zip_bytes if zip_blob else None)  # fmt: skip
    except Conflict:
        return False
    _record_run(session, f"report_run.{status}", None, run_id, now, {})
    return True


def _record_run(
    session: Session, act: str, actor_id: str | None, run_id: str, now: datetime, detail: dict[str, Any]
) -> None:
    record(session, act, actor_id=actor_id, subject_kind="report_run", subject_id=run_id, now=now, detail=detail)

"""Importing the organisation: a dry run that is kept, and its application in one transaction."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from audit_app.access.rules import Actor
from audit_app.kit import clock, errors
from audit_app.kit.db import Database, Session
from audit_app.kit.states import move
from audit_app.organisation import people, queries, rules
from audit_app.organisation.models import ImportRun, StaffMember, Touchpoint
from audit_app.organisation.reading import Table, read_table
from audit_app.organisation.rules import Report
from audit_app.organisation.state import known_for, lock_organisation
from audit_app.organisation.verdicts import judge
from audit_app.organisation.writing import write_report
from audit_app.trail.operations import record


def check(session: Session, actor: Actor | None, table: Table) -> Report:
    """What the table would do. Reads only."""
    return judge(table, known_for(session, actor, table))


def keep(session: Session, actor: Actor, report: Report, now: datetime) -> str:
    """Stores a dry run and returns its id."""
    run = ImportRun(
        kind=report.kind,
        file_name=report.file_name,
        file_sha256=report.file_sha256,
        status="checked",
        counts=report.counts,
        report=rules.as_document(report),
        created_by=actor.account_id,
        created_at=now,
    )
    session.add(run)
    session.flush()
    return run.id


def apply(session: Session, actor: Actor, run_id: str, right_rows_only: bool, now: datetime) -> dict[str, int]:
    """Writes what the dry run showed, in the caller's one transaction, and returns the counts.

    Wrong rows stop it unless `right_rows_only`. Conflict if the run was applied already (`state-changed`), or if the
    organisation has changed since, so that the same file would now do something else (`data-changed`: then
    :func:`recheck`).
    """
    shown = queries.run_report(session, actor, run_id)
    if shown.counts["wrong"] and not right_rows_only:
        raise errors.Conflict("Some rows are wrong. Correct the file, or apply the right rows only.", code="wrong-rows")
    lock_organisation(session)
    fresh = check(session, actor, rules.table_again(shown))
    if fresh.lines != shown.lines:
        raise errors.Conflict("The organisation has changed since this dry run.", code="data-changed")
    move(session, ImportRun, run_id, rules.RUN_STATES, "applied", applied_at=now)
    _write(session, actor, fresh, run_id, now)
    return fresh.counts


def recheck(session: Session, actor: Actor, run_id: str) -> None:
    """Puts a fresh dry run of the same file in the place of one that is out of date. Nothing else is written."""
    shown = queries.run_report(session, actor, run_id)
    run = session.get_one(ImportRun, run_id)
    if run.status != "checked":
        return
    fresh = check(session, actor, rules.table_again(shown))
    run.counts, run.report = fresh.counts, rules.as_document(fresh)
    session.add(run)
    session.flush()


def take_wrong_rows(session: Session, actor: Actor, run_id: str, now: datetime) -> Report:
    """The report for a download of its wrong rows, which may hold names: so it leaves a line on the trail."""
    report = queries.run_report(session, actor, run_id)
    record(
        session,
        "import.errors_downloaded",
        actor_id=actor.account_id,
        subject_kind="import_run",
        subject_id=run_id,
        now=now,
        detail={"kind": report.kind, "wrong": report.counts["wrong"]},
    )
    return report


def take_report(session: Session, actor: Actor, run_id: str, now: datetime) -> Report:
    """The whole report for a download, which leaves a line on the trail."""
    report = queries.run_report(session, actor, run_id)
    record(session, "import.report_downloaded", actor_id=actor.account_id, subject_kind="import_run",
           subject_id=run_id, now=now, detail={"kind": report.kind, "rows": len(report.lines)})  # fmt: skip
    return report


def look_at_person(session: Session, actor: Actor, staff_id: str, now: datetime) -> StaffMember:
    """One staff member that the actor may see. The look is a line on the trail."""
    found = people.staff_of(session, actor, staff_id)
    place = session.get_one(Touchpoint, found.touchpoint_id)
    record(session, "staff.viewed", actor_id=actor.account_id, subject_kind="staff", subject_id=staff_id, now=now,
           unit_path=place.unit_path)  # fmt: skip
    return found


def import_file(
    db: Database,
    kind: str,
    path: Path,
    *,
    apply_it: bool = False,
    right_rows_only: bool = False,
    now: datetime | None = None,
) -> Report:
    """`audit-app import KIND FILE [--apply]`: the report of a dry run, applied if asked for and nothing is wrong
    (`right_rows_only`: the right rows all the same). Acts as the system, in the whole tree.

    Raises Invalid or TooLarge for a file that is no table of this kind, Conflict for wrong rows.
    """
    table = read_table(kind, path.name, path.read_bytes())
    if not apply_it:
        return db.read_now(check, None, table)
    return db.write_now(_check_and_write, table, right_rows_only, now or clock.now())


def _check_and_write(session: Session, table: Table, right_rows_only: bool, now: datetime) -> Report:
    lock_organisation(session)
    report = check(session, None, table)
    if report.counts["wrong"] and not right_rows_only:
        raise errors.Conflict("Some rows are wrong. Correct the file, or apply the right rows only.", code="wrong-rows")
    _write(session, None, report, "", now)
    return report


def import_table(session: Session, table: Table, now: datetime) -> Report:
    """The same inside a transaction of the caller's: demonstration data."""
    return _check_and_write(session, table, False, now)


def _write(session: Session, actor: Actor | None, report: Report, run_id: str, now: datetime) -> None:
    right = replace(report, lines=[line for line in report.lines if line.verdict in ("new", "changed")])
    if right.lines:
        write_report(session, right, known_for(session, actor, rules.table_again(right)))
    record(
        session,
        "import.applied",
        actor_id=actor.account_id if actor else None,
        subject_kind="import_run",
        subject_id=run_id or report.file_sha256,
        now=now,
        detail={"kind": report.kind, **report.counts},
    )

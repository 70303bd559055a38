"""Writing checklists: drafts, publication, retirement, and the ready library."""

from datetime import date, datetime
from pathlib import Path

from audit_app.kit import clock
from audit_app.kit.db import Session
from audit_app.kit.errors import Conflict
from audit_app.kit.states import move
from audit_app.standards import queries
from audit_app.standards.document import ChecklistDocument, body_of, sha256_of
from audit_app.standards.models import Checklist, ChecklistVersion
from audit_app.standards.rules import TRANSITIONS, parse_checklist
from audit_app.trail.operations import record

LIBRARY = Path(__file__).resolve().parent / "library"


def load_library(session: Session, now: datetime, actor_id: str | None) -> list[str]:
    """Publishes every file of the ready library whose text is not the newest version already; returns the new versions'
    ids. Running it again changes nothing; a changed text makes the next number."""
    made = []
    for path in sorted(LIBRARY.glob("*.yaml")):
        document = parse_checklist(path.read_bytes())
        latest = queries.latest_version(session, document.id)
        if latest is not None and latest.body_sha256 == sha256_of(body_of(document)):
            continue
        draft = save_draft(session, document, now)
        publish(session, draft.id, now, actor_id, effective_from=clock.local_date(now))
        made.append(draft.id)
    return made


def save_draft(session: Session, document: ChecklistDocument, now: datetime) -> ChecklistVersion:
    """A new draft version under the next number; Conflict while another draft of the checklist is open."""
    latest = queries.latest_version(session, document.id)
    if latest is not None and latest.status == "draft":
        raise Conflict("This checklist has an open draft already.", code="draft-open")
    if queries.checklist(session, document.id) is None:
        session.add(_checklist(document, now))
        session.flush()
    body = body_of(document)
    draft = ChecklistVersion(
        checklist_id=document.id,
        number=1 if latest is None else latest.number + 1,
        title_zh=document.title.zh,
        title_en=document.title.en,
        item_count=document.item_count,
        critical_count=document.critical_count,
        body=body,
        body_sha256=sha256_of(body),
        created_at=now,
    )
    session.add(draft)
    session.flush()
    return draft


def publish(
    session: Session,
    version_id: str,
    now: datetime,
    actor_id: str | None,
    effective_from: date,
    comparable_with: str | None = None,
) -> None:
    """Freezes a draft for ever. `comparable_with` is the publisher's word on which version its scores compare with."""
    move(
        session,
        ChecklistVersion,
        version_id,
        TRANSITIONS,
        "published",
        published_at=now,
        published_by=actor_id,
        effective_from=effective_from,
        comparable_with=comparable_with,
    )
    _recorded(session, "checklist.published", version_id, now, actor_id)


def retire(session: Session, version_id: str, now: datetime, actor_id: str | None) -> None:
    """Takes a published version out of use for new assignments; started visits keep it."""
    move(session, ChecklistVersion, version_id, TRANSITIONS, "retired")
    _recorded(session, "checklist.retired", version_id, now, actor_id)


def _recorded(session: Session, act: str, version_id: str, now: datetime, actor_id: str | None) -> None:
    found = queries.version(session, version_id)
    record(
        session,
        act,
        actor_id=actor_id,
        subject_kind="checklist_version",
        subject_id=version_id,
        now=now,
        detail={"checklist": found.checklist_id, "number": found.number, "sha256": found.body_sha256},
    )


def _checklist(document: ChecklistDocument, now: datetime) -> Checklist:
    return Checklist(
        id=document.id,
        family=document.family,
        channel=document.channel,
        kind=document.kind,
        series=document.series,
        created_at=now,
    )

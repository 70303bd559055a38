"""The verbs of appeals. Every change of state goes by compare-and-swap and has its line on the trail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select, update

from audit_app.access.rules import Actor
from audit_app.appeals import panels, rules
from audit_app.appeals.models import Appeal, AppealFile, Hearing
from audit_app.appeals.queries import cases, contested
from audit_app.kit.db import Session
from audit_app.kit.errors import Conflict, FieldError, Invalid
from audit_app.kit.states import move
from audit_app.visits import queries as visits
from audit_app.visits.models import Visit


@dataclass(frozen=True)
class Upload:
    """A file as it came, already in the store."""

    blob: str
    media_type: str
    size: int


def file_appeal(
    session: Session, actor: Actor, outward_id: str, filing: rules.Filing, files: Sequence[Upload], now: datetime
) -> str:
    """Contests one matter of a released visit; the appeal's id. NotFound unless the visit is the actor's to appeal,
    Conflict when the window has passed or the matter is contested already."""
    return _file(session, actor, contested.visit_for(session, actor, outward_id), filing, files, now)


def file_void(session: Session, actor: Actor, visit_id: str, words: str, files: Sequence[Upload], now: datetime) -> str:
    """Contests that an own visit was voided."""
    found = contested.own_void(session, actor, visit_id)
    return _file(session, actor, found, rules.Filing("void", words), files, now)


def _file(
    session: Session, actor: Actor, found: contested.Contested, filing: rules.Filing, files: Sequence[Upload],
    now: datetime,
) -> str:  # fmt: skip
    visits.lock_visits(session, [found.id])
    _in_time(session, found, now)
    _check(session, found, filing)
    same = select(Appeal.id).where(
        Appeal.visit_id == found.id, Appeal.kind == filing.kind, Appeal.item_id == filing.item_id,
        col(Appeal.outcome) != "withdrawn",
    )  # fmt: skip
    if session.scalars(same).first():
        raise Conflict("This has been appealed already.", code="already-appealed")
    side = "staff" if filing.kind == "identity" else found.side  # who it was is the person's own matter
    appeal = Appeal(
        visit_id=found.id, kind=filing.kind, item_id=filing.item_id, side=side,
        team_id=found.team_id if side == "team" else None, ground=filing.ground, words=filing.words.strip(),
        unit_path=found.unit_path, filed_by=actor.account_id, filed_at=now,
    )  # fmt: skip
    session.add(appeal)
    session.flush()
    _open_round(session, appeal, 1, "", now)
    _keep(session, appeal.id, 1, files, now)
    panels.tell(session, "appeal.filed", appeal, actor.account_id, now, {"kind": appeal.kind, "files": len(files)})
    return appeal.id


def _in_time(session: Session, found: contested.Contested, now: datetime) -> None:
    """The visit's state as it is now that its row is held."""
    wanted = "void" if found.side == "tester" else "released"
    status = session.scalars(select(Visit.status).where(Visit.id == found.id)).one()
    if status != wanted or now >= found.window_end:
        raise Conflict("The time to appeal has passed.", code="window-closed")


def _check(session: Session, found: contested.Contested, filing: rules.Filing) -> None:
    faults = _text_faults(filing.words)
    if filing.ground not in found.grounds():
        faults.append(FieldError("ground", "choice", "Please choose one of the list."))
    elif filing.kind == "item":
        items, results = contested.numbered(session, found.version_id), found.items
        key = filing.item_id
        if not contested.appealable(found.side, items.get(key), results.get(key)):
            faults.append(FieldError("item_id", "choice", "This item cannot be appealed: it lost no points here."))
    elif filing.item_id:
        faults.append(FieldError("item_id", "choice", "This ground is not about one item."))
    if faults:
        raise Invalid(fields=faults)


def _text_faults(words: str, name: str = "words") -> list[FieldError]:
    """What is wrong with a free text, from a form or from JSON."""
    if not words.strip():
        return [FieldError(name, "required", "Please say why.")]
    if len(words) > rules.LONGEST_WORDS:
        return [FieldError(name, "too-long", "At most 2,000 characters.")]
    if any(ord(c) < 32 and c not in "\n\t\r" for c in words):
        return [FieldError(name, "characters", "This contains characters that cannot be used.")]
    return []


def _open_round(session: Session, appeal: Appeal, number: int, words: str, now: datetime) -> None:
    hearing = Hearing(
        appeal_id=appeal.id, number=number, status="open", words=words.strip(), opened_at=now,
        decide_by=rules.decision_end(now, number),
    )  # fmt: skip
    session.add(hearing)
    session.flush()
    panels.fill(session, appeal, hearing, now)


def _keep(session: Session, appeal_id: str, number: int, files: Sequence[Upload], now: datetime) -> None:
    for one in files:
        session.add(
            AppealFile(
                appeal_id=appeal_id, number=number, media_type=one.media_type, size=one.size, blob=one.blob,
                added_at=now,
            )
        )  # fmt: skip
    session.flush()


def go_on(session: Session, actor: Actor, appeal_id: str, words: str, files: Sequence[Upload], now: datetime) -> None:
    """Asks for the second round, the last one. Conflict when it is too late, or nothing can follow."""
    appeal = cases.appeal_of(session, actor, appeal_id)
    if faults := _text_faults(words):
        raise Invalid(fields=faults)
    asked = session.scalars(
        update(Appeal)
        .where(
            col(Appeal.id) == appeal_id,
            col(Appeal.closed_at).is_(None),
            col(Appeal.round) == 1,
            col(Appeal.ask_by) > now,
        )
        .values(round=rules.LAST_ROUND, ask_by=None)
        .returning(col(Appeal.id))
    ).all()
    if len(asked) != 1:
        raise Conflict("The second round cannot be asked for any more.", code="too-late")
    session.refresh(appeal)
    _open_round(session, appeal, rules.LAST_ROUND, words, now)
    _keep(session, appeal_id, rules.LAST_ROUND, files, now)
    panels.tell(session, "appeal.taken_further", appeal, actor.account_id, now, {"files": len(files)})


def withdraw(session: Session, actor: Actor, appeal_id: str, now: datetime) -> None:
    """Takes the round back that is open. What the first round decided stays; a matter whose first round is taken back
    may be appealed anew while the window is open."""
    appeal = cases.appeal_of(session, actor, appeal_id)
    _drop(session, appeal, actor.account_id, now)


def _drop(session: Session, appeal: Appeal, by: str | None, now: datetime) -> None:
    hearing = session.scalars(
        select(Hearing).where(Hearing.appeal_id == appeal.id, Hearing.number == appeal.round)
    ).one()
    move(session, Hearing, hearing.id, rules.HEARING, "withdrawn", decided_at=now)
    outcome = appeal.outcome if hearing.number == rules.LAST_ROUND else "withdrawn"
    close(session, appeal.id, outcome, now)
    panels.tell(session, "appeal.withdrawn", appeal, by, now, {"round": hearing.number})


def drop_moot(session: Session, open_appeals: Sequence[Appeal], now: datetime) -> int:
    """A visit was voided: what was contested of it is contested no more. Returns how many."""
    for appeal in open_appeals:
        if appeal.ask_by is not None:
            close(session, appeal.id, appeal.outcome, now)
        else:
            _drop(session, appeal, None, now)
    return len(open_appeals)


def close(session: Session, appeal_id: str, outcome: str, now: datetime) -> None:
    """Nothing can follow any more."""
    closed = session.scalars(
        update(Appeal)
        .where(col(Appeal.id) == appeal_id, col(Appeal.closed_at).is_(None))
        .values(closed_at=now, outcome=outcome, ask_by=None)
        .returning(col(Appeal.id))
    ).all()
    if len(closed) != 1:
        raise Conflict(code="state-changed")


def let_stand(session: Session, appeal_id: str, now: datetime) -> bool:
    """Ends an appeal whose second round was not asked for in time, with what the first gave. False where it has been
    asked for, or the appeal ended otherwise, meanwhile."""
    stands = session.scalars(
        update(Appeal)
        .where(col(Appeal.id) == appeal_id, col(Appeal.closed_at).is_(None), col(Appeal.ask_by) <= now)
        .values(closed_at=now, ask_by=None)
        .returning(col(Appeal.id))
    ).all()
    return len(stands) == 1


def set_view(session: Session, file_id: str, blob: str | None, media_type: str | None, fault: str) -> None:
    """Remembers the cleaned copy of an appellant's file, or why there is none."""
    session.execute(
        update(AppealFile)
        .where(col(AppealFile.id) == file_id)
        .values(view_blob=blob, view_type=media_type, fault=fault)
    )

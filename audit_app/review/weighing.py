"""What a visit's review amounts to: by how much its score was changed, and whether it is clean."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from audit_app.access.rules import Actor
from audit_app.kit.db import Session
from audit_app.review import queries, rules
from audit_app.scoring.answers import Answer, effective
from audit_app.scoring.engine import Result, score
from audit_app.scoring.sheet import Sheet
from audit_app.standards.queries import sheet_for
from audit_app.visits.models import Visit
from audit_app.visits.rules import answers_of, read_revision, with_overlays

LOOKED_AT = 100  # so many of the oldest are judged for a list


def change_of(session: Session, visit: Visit) -> int:
    """By how many hundredths the overlays of the present revision move the experience total."""
    layers = [(o.item_id, o.new) for o in queries.overlays_of(session, visit.id, visit.revision)]
    return _change(sheet_for(session, visit.checklist_version_id), answers_of(queries.body_of(session, visit)), layers)


def _change(sheet: Sheet, sent: Mapping[str, Answer], layers: Sequence[tuple[str, Mapping[str, Any]]]) -> int:
    if not layers:
        return 0
    before, after = (score(sheet, effective(sheet, a)) for a in (dict(sent), with_overlays(sent, layers)))
    return rules.change(before.final_total, after.final_total)


@dataclass(frozen=True)
class CleanRow:
    """A visit that may be approved without opening it."""

    review_id: str
    touchpoint: str
    unit_name: str
    started_at: datetime
    opened_at: datetime
    score: str
    lost: int  # items that lost points, each with evidence


@dataclass(frozen=True)
class CleanScreen:
    """The clean visits among the oldest of the actor's list; `more`: how many else were looked at and are not."""

    rows: list[CleanRow]
    others: int


def clean(session: Session, actor: Actor) -> CleanScreen:
    """The actor's clean visits, the oldest first, as many as may be approved in one go."""
    material = queries.waiting_material(session, actor, LOOKED_AT)
    judged = [(one, weigh(session, one)) for one in material]
    rows = [_row(one, result, lost) for one, (weighed, result, lost) in judged if not rules.not_clean(weighed)]
    return CleanScreen(rows[: rules.MOST_AT_ONCE], len(material) - len(rows))


def is_clean(session: Session, actor: Actor, review_id: str) -> bool:
    """Whether the actor's own open review is of a clean visit."""
    found = queries.waiting_material(session, actor, 1, review_id)
    return bool(found) and not rules.not_clean(weigh(session, found[0])[0])


def weigh(session: Session, one: queries.Material) -> tuple[rules.Weighed, Result, int]:
    """What speaks for a visit, its result, and how many items lost points."""
    sheet = sheet_for(session, one.version_id)
    body = read_revision(one.body)
    sent = answers_of(body)
    answers = effective(sheet, with_overlays(sent, one.layers))
    result = score(sheet, answers)
    lost = [item for item in result.items if item.state == "scored" and item.earned < item.points]
    unproven = sum(not (set(answers[item.item_id].evidence) & one.here) for item in lost)
    named = {line.sha256 for line in body.manifest}
    total = result.final_total
    weighed = rules.Weighed(
        experience=None if total is None else int(total * 100),
        change=_change(sheet, sent, one.layers),
        flags=one.flags,
        unproven=unproven,
        critical=len(result.fired),
        whole=not result.unanswered and result.basis == "ok" and named <= one.here,
    )
    return weighed, result, len(lost)


def _row(one: queries.Material, result: Result, lost: int) -> CleanRow:
    return CleanRow(
        one.review_id, one.touchpoint, one.unit_name, one.started_at, one.opened_at, str(result.final_total), lost
    )

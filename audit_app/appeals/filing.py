"""What somebody may contest of a released visit, for the form and for JSON."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from audit_app.access.rules import Actor
from audit_app.appeals import rules
from audit_app.appeals.queries import contested
from audit_app.kit.db import Session
from audit_app.kit.errors import FieldError
from audit_app.standards.screens import NumberedItem


@dataclass(frozen=True)
class FormScreen:
    """The form of a new appeal: the items that can be appealed, the one chosen, the time that is left."""

    visit: contested.Contested
    items: list[NumberedItem]
    points: dict[str, tuple[str, str]]
    held: dict[str, contested.Held]
    chosen: str
    grounds: tuple[str, ...]
    now: datetime
    errors: list[FieldError] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)

    @property
    def open(self) -> bool:
        return self.visit.status == "released" and self.now < self.visit.window_end

    @property
    def days_left(self) -> int:
        return rules.days_left(self.visit.window_end, self.now)

    @property
    def last_day(self) -> Any:
        return rules.last_day(self.visit.window_end)


def build(session: Session, actor: Actor, outward_id: str, chosen: str, now: datetime) -> FormScreen:
    """What of a visit the actor may contest now; NotFound unless it is theirs to appeal."""
    visit = contested.visit_for(session, actor, outward_id)
    held = {one.item_id or one.kind: one for one in contested.held(session, actor, visit.id)}
    results = visit.items
    items = [
        one
        for key, one in contested.numbered(session, visit.version_id).items()
        if key not in held and contested.appealable(visit.side, one, results.get(key))
    ]
    grounds = rules.ITEM_GROUNDS if items else ()
    if visit.scored and "identity" not in held:
        grounds = (*grounds, "not_me")
    points = {key: (str(one.earned), str(one.points)) for key, one in results.items()}
    return FormScreen(visit, items, points, held, chosen, grounds, now)

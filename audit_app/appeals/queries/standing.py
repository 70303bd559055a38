"""Where the appeals of one visit stand, for the page of its result."""

from dataclasses import dataclass
from datetime import date, datetime

from audit_app.access.rules import Actor
from audit_app.appeals import rules
from audit_app.appeals.queries import contested
from audit_app.appeals.queries.contested import Held
from audit_app.kit.db import Session


@dataclass(frozen=True, slots=True)
class Standing:
    """`by_code`: printed number of an item → its appeal; `items`: printed number → item id, of what may be appealed
    now. `last_day` and `days_left` speak of the time to appeal."""

    open: bool
    last_day: date
    days_left: int
    by_code: dict[str, Held]
    items: dict[str, str]


def standing(session: Session, actor: Actor, outward_id: str, now: datetime) -> Standing:
    """NotFound unless the visit is the actor's to appeal."""
    visit = contested.visit_for(session, actor, outward_id)
    numbered, results = contested.numbered(session, visit.version_id), visit.items
    held = {one.item_id: one for one in contested.held(session, actor, visit.id) if one.kind == "item"}
    end = visit.window_end
    free = {
        one.number: key
        for key, one in numbered.items()
        if key not in held and contested.appealable(visit.side, one, results.get(key))
    }
    return Standing(
        visit.status == "released" and now < end, rules.last_day(end), rules.days_left(end, now),
        {numbered[key].number: one for key, one in held.items() if key in numbered}, free,
    )  # fmt: skip

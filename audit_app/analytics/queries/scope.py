"""Which part of the tree the overview speaks of: only what lies in the asker's subtree for planning."""

from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlmodel import col

from audit_app.access.rules import Actor
from audit_app.analytics.rules import levels_from
from audit_app.kit.db import Session
from audit_app.kit.errors import NotFound
from audit_app.kit.sql import columns
from audit_app.organisation.models import OrgUnit
from audit_app.organisation.scope import under, within

PERMISSION = "planning.read"


@dataclass(frozen=True, slots=True)
class Unit:
    code: str
    name: str
    level: str
    parent: str | None
    path: str


@dataclass(frozen=True)
class Scope:
    """The unit chosen, the units above it that the asker may see (outermost first), and all units below it."""

    unit: Unit
    above: list[Unit]
    below: list[Unit]
    siblings: dict[str, list[Unit]] = field(default_factory=dict)  # unit of the way down → its children

    @property
    def steps(self) -> list[tuple[Unit, list[Unit]]]:
        """The scope bar, outermost first: each unit of the way down with what can be chosen below it."""
        way = [*self.above, self.unit]
        return [(one, self.siblings.get(one.code, [])) for one in way]

    @property
    def children(self) -> list[Unit]:
        return [one for one in self.below if one.parent == self.unit.code]

    def children_of(self, code: str) -> list[Unit]:
        return [one for one in self.below if one.parent == code]

    def named(self, code: str) -> Unit | None:
        return next((one for one in self.below if one.code == code), None)

    def of_level(self, level: str) -> list[Unit]:
        """The active units of a level in the scope, itself among them."""
        return [one for one in [self.unit, *self.below] if one.level == level]

    @property
    def levels(self) -> list[str]:
        return list(levels_from(self.unit.level))


def scope(session: Session, actor: Actor, code: str, below: str = "") -> Scope:
    """The scope of a unit, or of a child `below` it (ignored where it is none of its children); "" is the first of the
    asker's own. NotFound for what the asker may not see."""
    seen = within(col(OrgUnit.path), actor.paths(PERMISSION))
    o = OrgUnit
    chosen = columns(o.code, o.name, o.level, o.parent_code, o.path).where(seen, col(o.level) != "town")
    if not code:
        chosen = chosen.order_by(col(o.path)).limit(1)
    elif below and below != code:
        narrowed = sa.and_(o.code == below, o.parent_code == code)
        chosen = chosen.where(sa.or_(o.code == code, narrowed)).order_by(col(o.path).desc()).limit(1)
    else:
        chosen = chosen.where(o.code == code)
    row = session.execute(chosen).first()
    if row is None:
        raise NotFound
    unit = Unit(*row)
    way = unit.path.strip("/").split("/")
    around = columns(o.code, o.name, o.level, o.parent_code, o.path).where(
        seen, col(o.level) != "town", col(o.active).is_(True),
        sa.or_(under(col(o.path), unit.path), col(o.code).in_(way), col(o.parent_code).in_(way)),
    )  # fmt: skip
    found = [Unit(*each) for each in session.execute(around.order_by(col(o.path)))]
    above = [one for one in found if one.code != unit.code and unit.path.startswith(one.path)]
    siblings = {code: [one for one in found if one.parent == code] for code in way}
    return Scope(
        unit, above, [one for one in found if one.path != unit.path and one.path.startswith(unit.path)], siblings
    )

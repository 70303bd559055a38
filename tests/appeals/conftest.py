"""Released visits that lost points, and the people who contest them and judge."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from audit_app.access.rules import Actor
from audit_app.appeals import operations, panels, rules
from audit_app.appeals.models import Appeal, Hearing, PanelSeat
from audit_app.appeals.queries import contested
from audit_app.kit.db import Database, Session
from audit_app.organisation.models import RoleGrant
from audit_app.organisation.queries import grants_of
from audit_app.scoring.sheet import Item
from audit_app.visits.models import Visit
from tests import world
from tests.reporting.made import Plan, every, make

RELEASED = world.NOW - timedelta(days=1)


def losses(item: Item) -> int:
    """Every third item is lost wholly, but none that would decide the total alone."""
    return 0 if item.critical else every(3)(item)


HALL = Plan(staff="bell-1", option_at=losses, started_at=RELEASED - timedelta(days=5))
CALL = Plan(
    touchpoint="hotline", manner="hotline", who="inspector", checklist="hotline-mystery", team="team-1",
    option_at=losses, started_at=RELEASED - timedelta(days=5),
)  # fmt: skip
KEEP = rules.Ballot("It was as the assessor wrote.")


def actor(session: Session, username: str) -> Actor:
    key = world.account_id(username)
    return Actor(key, username, username, tuple(grants_of(session, key)))


@dataclass
class Court:
    """A released visit with what may be done about it; each verb by who does it."""

    db: Database
    visit: str

    def do(self, who: str, operation: Callable[..., Any], *args: Any) -> Any:
        return self.db.write_now(lambda s: operation(s, actor(s, who), *args))

    def look(self, query: Callable[..., Any], *args: Any) -> Any:
        return self.db.read_now(query, *args)

    @property
    def outward(self) -> str:
        return self.db.read_now(lambda s: s.get_one(Visit, self.visit).outward_id or "")

    def lost(self, staff_only: bool = False) -> list[str]:
        """Items that can be appealed, in order."""

        def find(session: Session) -> list[str]:
            visit = session.get_one(Visit, self.visit)
            items = contested.numbered(session, visit.checklist_version_id)
            results = {i.item_id: i for i in contested_items(session, self.visit)}
            side = "staff" if staff_only else "outlet"
            return [key for key, one in items.items() if contested.appealable(side, one, results.get(key))]

        return self.db.read_now(find)

    def file(
        self,
        who: str = "outlet-manager",
        item: str | None = None,
        ground: str = "facts",
        now: datetime = world.NOW,
        words: str = "The poster hung there.",
    ) -> str:
        item_id = self.lost()[0] if item is None else item
        return str(self.do(who, operations.file_appeal, self.outward, rules.Filing(ground, words, item_id), [], now))

    def hearing(self, appeal_id: str) -> Hearing:
        asked = select(Hearing).where(Hearing.appeal_id == appeal_id).order_by(Hearing.number.desc())  # type: ignore[attr-defined]
        return self.db.read_now(lambda s: s.scalars(asked).first())

    def appeal(self, appeal_id: str) -> Appeal:
        return self.db.read_now(lambda s: s.get_one(Appeal, appeal_id))

    def panel(self, appeal_id: str) -> list[str]:
        """Who sits in the last round and has not voted, by user name."""
        asked = (
            select(PanelSeat.account_id)
            .where(PanelSeat.hearing_id == self.hearing(appeal_id).id, PanelSeat.left_at == None, PanelSeat.voted_at == None)  # noqa: E501, E711
            .order_by(PanelSeat.seated_at, PanelSeat.account_id)
        )  # fmt: skip
        return [key.removeprefix("acc-") for key in self.db.read_now(lambda s: list(s.scalars(asked)))]

    def vote(self, appeal_id: str, ballot: rules.Ballot, who: str = "", now: datetime = world.NOW) -> str:
        name = who or self.panel(appeal_id)[0]
        return str(self.do(name, panels.vote, self.hearing(appeal_id).id, ballot, now))

    def decide(self, appeal_id: str, ballot: rules.Ballot, now: datetime = world.NOW) -> str:
        """Everybody who sits votes alike."""
        said = ""
        for name in self.panel(appeal_id):
            said = self.vote(appeal_id, ballot, name, now)
        return said

    def best(self, item_id: str, place: int = 0) -> rules.Ballot:
        """A ballot for the option at a place, the best first."""

        def find(session: Session) -> str:
            visit = session.get_one(Visit, self.visit)
            return contested.numbered(session, visit.checklist_version_id)[item_id].item.options[place].id

        return rules.Ballot("It was there; the photo shows it.", keep=False, option_ids=[self.db.read_now(find)])

    def final(self) -> int | None:
        """The total that counts now, in hundredths."""
        return self.db.read_now(lambda s: results(s, self.visit)[-1].experience)


def results(session: Session, visit_id: str) -> list[Any]:
    from audit_app.review.models import VisitResult

    asked = select(VisitResult).where(VisitResult.visit_id == visit_id).order_by(VisitResult.number)  # type: ignore[arg-type]
    return list(session.scalars(asked))


def contested_items(session: Session, visit_id: str) -> list[Any]:
    from audit_app.scoring.canonical import results_from_json

    return list(results_from_json(results(session, visit_id)[-1].results).experience.items)


@pytest.fixture
def court(db: Database) -> Court:
    """A covert visit of the hall in Bell County, released yesterday, that scored one of its staff."""
    [visit] = make(db, HALL)
    return Court(db, visit)


@pytest.fixture
def hotline(db: Database) -> Court:
    """A mystery call of team 1."""
    [visit] = make(db, CALL)
    return Court(db, visit)


def not_found(body: dict[str, Any]) -> None:
    """The assessor stood before a closed door: nothing else was looked at."""
    first = "outlet-partner.outlet-found"
    body["answers"] = [one for one in body["answers"] if one["item_id"] == first]
    body["evidence"] = [one for one in body["evidence"] if one["item_id"] == first]


@pytest.fixture
def closed(db: Database) -> Court:
    """A visit of an outlet that was not found, so that no other item was shown."""
    shut = replace(HALL, touchpoint="outlet-bell", checklist="outlet-partner", staff=None, who="tester",
                   option_at=lambda item: 99, change=not_found)  # fmt: skip
    [visit] = make(db, shut)
    manages = RoleGrant(account_id="acc-outlet-manager", role="outlet_manager", unit_code="360102001",
                        touchpoint_id="outlet-bell", granted_at=world.NOW)  # fmt: skip
    db.write_now(lambda s: s.add(manages))
    return Court(db, visit)

"""Documents that no longer say what is true are superseded: a visit was voided, or it was not the person named."""

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import select, update

from audit_app.kit.db import Database, Session
from audit_app.reporting import operations
from audit_app.reporting.models import IssuedDocument, Scorecard
from audit_app.reporting.queries import issued
from audit_app.review import operations as review
from audit_app.visits.models import Visit
from tests import world
from tests.reporting.made import Plan, make

LATER = world.NOW + timedelta(hours=1)
FIRST, SECOND = Plan(), Plan(started_at=world.NOW - timedelta(days=13))


def hand_out(db: Database) -> None:
    """A document of every card, issued now; its token is the card's id."""

    def put(session: Session) -> None:
        for card in session.scalars(select(Scorecard)):
            session.add(IssuedDocument(token=card.id, scorecard_id=card.id, edition="office", locale="en",
                                       facts_sha256="0" * 64, issued_at=world.NOW))  # fmt: skip

    db.write_now(put)


def standing(db: Database) -> dict[str, tuple[int, datetime | None]]:
    """Visit of a card ("" for the touchpoint's) → how many visits it speaks of, since when its document is old."""

    def find(session: Session) -> Any:
        return {
            card.visit_id or "": (card.visits, issued.checked(session, card.id).superseded_at)  # type: ignore[union-attr]
            for card in session.scalars(select(Scorecard))
        }

    return db.read_now(find)


def void(db: Database, visit: str, at: datetime) -> None:
    gone = update(Visit).where(Visit.id == visit).values(status="void", status_at=at)  # type: ignore[arg-type]
    db.write_now(lambda s: (s.execute(gone), operations.keep_cards(s, [visit])))


def test_a_voided_visit_makes_both_its_cards_old(db: Database) -> None:
    first, second = make(db, FIRST, SECOND)
    hand_out(db)
    void(db, first, LATER)
    assert standing(db) == {first: (0, LATER), second: (1, None), "": (1, LATER)}
    void(db, second, LATER + timedelta(hours=1))
    found = standing(db)
    assert found[""] == (0, LATER + timedelta(hours=1))
    db.write_now(operations.rebuild)
    assert standing(db) == found


def test_it_was_not_me_makes_the_card_old(db: Database) -> None:
    [visit] = make(db, Plan(staff="bell-1"))
    hand_out(db)
    db.write_now(review.unresolve_subject, visit, "acc-panel-city", LATER)
    db.write_now(operations.keep_cards, [visit])
    assert standing(db) == {visit: (1, LATER), "": (1, LATER)}
    db.write_now(operations.rebuild)
    assert standing(db)[visit] == (1, LATER)


def test_a_void_that_was_never_released_shows_nowhere(db: Database) -> None:
    _, hidden = make(db, FIRST, SECOND)
    hand_out(db)
    db.write_now(lambda s: s.execute(update(Visit).where(Visit.id == hidden).values(outward_id=None)))  # type: ignore[arg-type]
    void(db, hidden, LATER)
    assert standing(db)[""] == (1, None)

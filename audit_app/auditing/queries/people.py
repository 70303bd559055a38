"""Who did it: by name, or by a code where the name is nobody's business."""

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import col

from audit_app.access.models import Account
from audit_app.accounts.queries.scope import is_tester
from audit_app.kit.db import Session
from audit_app.testers.models import Assessor

MOST = 200


@dataclass(frozen=True, slots=True)
class Person:
    """`name` is empty for a tester, who has a `code`; `assessor`: does visits, whichever tier."""

    id: str
    name: str
    code: str
    tier: str
    assessor: bool


def people(session: Session, ids: Iterable[str | None]) -> dict[str, Person]:
    """The accounts with these ids in one statement."""
    wanted = sorted({key for key in ids if key})
    statement = (
        sa.select(
            col(Account.id), sa.case({True: ""}, value=is_tester(), else_=col(Account.display_name)),
            sa.func.coalesce(col(Assessor.code), ""), sa.func.coalesce(col(Assessor.tier), ""),
            col(Assessor.id).is_not(None),
        )
        .outerjoin(Assessor, col(Assessor.account_id) == col(Account.id))
        .where(col(Account.id).in_(wanted))
    )  # fmt: skip
    return {row[0]: Person(row[0], row[1], row[2], row[3], bool(row[4])) for row in session.execute(statement)}


def named(session: Session, text: str) -> tuple[list[str], list[str]]:
    """(employees, testers) whom a name, a sign-in name or a code means. Testers have no name here."""
    names = (col(Account.display_name), col(Account.username))
    by_name = sa.and_(sa.not_(is_tester()), sa.or_(*[n.icontains(text, autoescape=True) for n in names]))
    statement = (
        sa.select(col(Account.id), col(Assessor.id).is_not(None))
        .outerjoin(Assessor, col(Assessor.account_id) == col(Account.id))
        .where(sa.or_(by_name, col(Assessor.code) == text))
        .limit(MOST)
    )
    rows = session.execute(statement).all()
    return [row[0] for row in rows if not row[1]], [row[0] for row in rows if row[1]]

"""From the bytes of a body to its receipt: what the phone's interface and the plain form have in common."""

import msgspec
from sqlalchemy.exc import IntegrityError

from audit_app.kit import clock
from audit_app.kit.db import Database
from audit_app.kit.web import decode_json
from audit_app.visits import operations, rules
from audit_app.visits.operations import Outcome


def read_visit(raw: bytes) -> rules.VisitBody:
    """A visit's body as its struct; BadRequest if unreadable, Invalid if a field is wrong or unknown."""
    try:
        return rules.DECODER.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError):
        return decode_json(raw, rules.VisitBody)


async def take(db: Database, account_id: str, sent: rules.Sent) -> Outcome:
    """Submits through the group commit. Where another process was faster, its row is there on the second look."""
    try:
        return await db.group_write(operations.submit, account_id, sent, clock.now())
    except IntegrityError:
        return await db.group_write(operations.submit, account_id, sent, clock.now())

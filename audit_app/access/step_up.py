"""Proving once more that it is oneself, before something that a stolen session must not do."""

from datetime import datetime

from audit_app.access import operations, passwords, queries, totp
from audit_app.access.answers import too_many
from audit_app.access.keys import Keys
from audit_app.access.rules import Actor
from audit_app.kit.db import Database, Session
from audit_app.kit.errors import FieldError, Forbidden, Invalid

FIELD = "proof"


def asks_for_code(session: Session, actor: Actor) -> bool:
    """Whether the account has a code generator; without one (in the demonstration) the password is asked for."""
    known = queries.totp_of(session, actor.account_id)
    return bool(known and known.enrolled_at and known.seed)


async def prove(db: Database, keys: Keys, actor: Actor, typed: str, now: datetime) -> None:
    """Raises Invalid unless `typed` is a fresh code of the actor's generator, or the password where there is none.
    Tries are counted; tokens and phones cannot prove anything."""
    if actor.via != "desk":
        raise Forbidden()
    wait, known = await db.write(operations.start_totp, actor.account_id, now)
    if wait:
        raise Invalid(fields=list(too_many(FIELD, wait)))
    if known and known.enrolled_at and known.seed:
        seed = totp.opened(keys, known.seed, actor.account_id)
        step = totp.matching_step(seed, typed, now) if seed else None
        if step is None or not await db.write(operations.check_totp, actor.account_id, step):
            raise Invalid(fields=[FieldError(FIELD, "wrong", "That code is wrong, or it was used before.")])
        return
    stored = await db.read(queries.password_of_account, actor.account_id)
    usable = stored is not None and stored.active and not passwords.too_long(typed)
    right = await passwords.verify(stored.password_hash if stored and usable else None, typed if usable else "")
    if not right:
        raise Invalid(fields=[FieldError(FIELD, "wrong", "This is not your present password.")])

"""Before the files of a plain form are kept. They lie in the store before the form is judged, so that a refused form
costs room, too: an account may send only so many of them."""

from audit_app.access.limits import need_turn
from audit_app.access.rules import FILES_PER_ACCOUNT, Actor
from audit_app.kit import clock
from audit_app.kit.blobs import Blobs
from audit_app.kit.db import Database


async def admit_files(db: Database, blobs: Blobs, actor: Actor) -> None:
    """NoRoom while the disk is nearly full, TooMany after too many forms with files in an hour."""
    blobs.need_room()
    await db.write(need_turn, FILES_PER_ACCOUNT, actor.account_id, clock.now())

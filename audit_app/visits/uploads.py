"""Files in parts: what one caller has sent of one file lies in a part file until the whole has the hash of its address.

A part is acknowledged only when it is on disk. The place is moved by compare-and-swap; a part that was written twice
lands at the same place; and whatever happens in between, only our own hash makes a file whole.
"""

import asyncio
import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakValueDictionary

from sqlalchemy.exc import IntegrityError

from audit_app.kit import clock
from audit_app.kit.blobs import Blobs
from audit_app.kit.db import Database
from audit_app.kit.errors import Busy, Conflict, NotFound, Refusal, TooMany
from audit_app.kit.ids import random_id
from audit_app.settings import Settings
from audit_app.visits import operations, queries, rules
from audit_app.visits.queries import Upload

FOLDER = "uploads"
LATER_TODAY = 3600  # seconds
_SHA256 = re.compile(r"[0-9a-f]{64}")
_turns: "WeakValueDictionary[tuple[str, str], asyncio.Lock]" = WeakValueDictionary()


class WrongOffset(Refusal):
    """The part does not begin, or end, where it should; `offset` says where to go on."""

    status, code, default = 409, "upload-offset", "The upload goes on at another place."

    def __init__(self, offset: int, message: str = "", code: str = "", status: int = 409) -> None:
        super().__init__(message, code=code, extra={"offset": offset})
        self.offset, self.status = offset, status


@dataclass(frozen=True, slots=True)
class State:
    """How far a file has come."""

    offset: int
    size: int
    complete: bool


class Uploads:
    """The uploads of one data folder."""

    def __init__(self, db: Database, settings: Settings, blobs: Blobs) -> None:
        self.db, self.blobs, self.folder = db, blobs, settings.data_dir / FOLDER
        self.stored = settings.data_dir / "blobs"

    async def state(self, account_id: str, sha256: str) -> State:
        """Where to go on; NotFound unless the hash stands in a manifest of the caller's visits."""
        return _state(await self._look(account_id, sha256))

    async def take(self, account_id: str, sha256: str, offset: int, data: bytes) -> State:
        """Takes the part that begins at `offset` and tells the new place."""
        turn = _turns.setdefault((account_id, sha256), asyncio.Lock())
        async with turn:
            found = await self._look(account_id, sha256)
            if found.complete:
                return _state(found)
            if offset != found.offset:
                raise WrongOffset(found.offset)
            end = offset + len(data)
            if end > found.size:
                await self._begin_anew(account_id, sha256, found.part_name)
                raise WrongOffset(0, "This is more than the visit announced.", "too-long", 422)
            if not data:
                return _state(found)
            self.blobs.need_room()
            if not offset:
                await self._within_the_day(account_id, found.size)
            try:
                return await self._keep(account_id, sha256, found, data)
            except OSError as fault:
                raise Busy(retry_after=30) from fault

    async def _within_the_day(self, account_id: str, size: int) -> None:
        """A file begins only while the caller's files of this day leave room for it; tomorrow it will be taken."""
        now = clock.now()
        today = clock.day_start(clock.local_date(now))
        count, size_so_far = await self.db.read(queries.stored_since, account_id, today)
        if count >= rules.MOST_FILES_A_DAY or size_so_far + size > rules.MOST_BYTES_A_DAY:
            text = "Too many files were sent today. The rest is taken tomorrow: keep it on the phone."
            raise TooMany(text, code="too-much-today", retry_after=LATER_TODAY)

    async def _look(self, account_id: str, sha256: str) -> Upload:
        if _SHA256.fullmatch(sha256) is None:
            raise NotFound
        return await self.db.read(queries.upload, account_id, sha256)

    async def _keep(self, account_id: str, sha256: str, found: Upload, data: bytes) -> State:
        end, part = found.offset + len(data), self.folder / (found.part_name or random_id())
        if len(data) == found.size:
            whole = data
        else:
            await asyncio.to_thread(_write, part, found.offset, data)
            if end < found.size:
                await self._advance(account_id, sha256, part.name, found.offset, end)
                return State(end, found.size, False)
            whole = await asyncio.to_thread(part.read_bytes)
        if not await asyncio.to_thread(_store, self.blobs, self.stored, sha256, whole):
            await self._begin_anew(account_id, sha256, part.name)
            message = "The file does not have the hash that the visit names. Send it again."
            raise WrongOffset(0, message, "hash-mismatch", 422)
        await self.db.group_write(operations.file_stored, account_id, sha256, clock.now())
        await asyncio.to_thread(part.unlink, missing_ok=True)
        return State(found.size, found.size, True)

    async def _advance(self, account_id: str, sha256: str, part_name: str, old: int, new: int) -> None:
        try:
            await self.db.group_write(operations.advance, account_id, sha256, part_name, old, new, clock.now())
        except (Conflict, IntegrityError) as fault:
            raise WrongOffset((await self._look(account_id, sha256)).offset) from fault

    async def _begin_anew(self, account_id: str, sha256: str, part_name: str) -> None:
        await self.db.group_write(operations.restart, account_id, sha256)
        if part_name:
            await asyncio.to_thread((self.folder / part_name).unlink, missing_ok=True)


def _state(found: Upload) -> State:
    return State(found.offset, found.size, found.complete)


def _write(part: Path, offset: int, data: bytes) -> None:
    """Puts the bytes at their place and waits for the disk."""
    part.parent.mkdir(parents=True, exist_ok=True)
    new = not part.exists()
    handle = os.open(part, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        os.ftruncate(handle, offset)
        os.pwrite(handle, data, offset)
        os.fsync(handle)
    finally:
        os.close(handle)
    if new:
        _sync(part.parent)


def _sync(path: Path) -> None:
    """Waits until a file's bytes, or a folder's names, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _store(blobs: Blobs, folder: Path, sha256: str, whole: bytes) -> bool:
    """Puts the whole file into the blob store if it has the hash, and waits for the disk (the store is a folder)."""
    if hashlib.sha256(whole).hexdigest() != sha256:
        return False
    blobs.put(whole)
    place = folder / sha256[:2] / sha256[2:4] / sha256
    if place.is_file():
        for path in (place, place.parent, place.parent.parent, folder):
            _sync(path)
    return True

"""Photos, recordings and documents: content-addressed by SHA-256, in a folder or an S3-compatible store."""

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import obstore
from obstore.store import LocalStore, ObjectStore

from audit_app.kit.errors import NoRoom

LEAST_FREE = 512 * 1024 * 1024  # bytes of the disk that the database keeps for itself
COME_AGAIN = 600  # seconds


class Blobs:
    """A blob is written whole (temporary name, then rename) and never changed; its address is its SHA-256."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.store: ObjectStore = LocalStore(folder)

    def need_room(self) -> None:
        """NoRoom while less than the floor of the disk is free: files must never stop the database from writing."""
        if shutil.disk_usage(self.folder).free < LEAST_FREE:
            raise NoRoom(retry_after=COME_AGAIN)

    @staticmethod
    def _path(sha256: str) -> str:
        return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"

    def put(self, data: bytes) -> str:
        """Stores the bytes and returns their address; the same bytes twice are stored once."""
        sha256 = hashlib.sha256(data).hexdigest()
        if not self.has(sha256):
            obstore.put(self.store, self._path(sha256), data)
        return sha256

    def put_file(self, path: Path) -> str:
        """As :meth:`put`, for a file too large for memory. The file itself stays where it is."""
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        if not self.has(sha256):
            obstore.put(self.store, self._path(sha256), path)
        return sha256

    def has(self, sha256: str) -> bool:
        try:
            obstore.head(self.store, self._path(sha256))
        except FileNotFoundError:
            return False
        return True

    def get(self, sha256: str) -> bytes:
        """The bytes of an address; FileNotFoundError if there are none."""
        return bytes(obstore.get(self.store, self._path(sha256)).bytes())

    def chunks(self, sha256: str, size: int = 256 * 1024) -> Iterator[bytes]:
        for chunk in obstore.get(self.store, self._path(sha256)).stream(min_chunk_size=size):
            yield bytes(chunk)

"""Photos, recordings and documents: content-addressed by SHA-256, in a folder or an S3-compatible store."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import obstore
from obstore.store import LocalStore, ObjectStore


class Blobs:
    """A blob is written whole (temporary name, then rename) and never changed; its address is its SHA-256."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.store: ObjectStore = LocalStore(folder)

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

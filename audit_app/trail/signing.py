"""The key that signs checkpoints and the text file that keeps them outside the database."""

import base64
import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from audit_app.trail.rules import Checkpoint, checkpoint_text, note, read_notes

KEY_FILE = "trail-key.pem"
NOTES_FILE = "trail-checkpoints.txt"


class Signer:
    """Signs and checks checkpoints with the Ed25519 key of a data folder; the key is made at the first signature."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def sign(self, seq: int, hash_: str) -> Checkpoint:
        signature = self._private().sign(checkpoint_text(seq, hash_))
        return Checkpoint(seq, hash_, base64.b64encode(signature).decode())

    def valid(self, point: Checkpoint) -> bool:
        """Whether this folder's key made the signature. Without a key nothing is valid."""
        public = self._public()
        try:
            signature = base64.b64decode(point.signature)
            if public is None:
                return False
            public.verify(signature, checkpoint_text(point.seq, point.hash))
        except (InvalidSignature, ValueError):
            return False
        return True

    def keep(self, point: Checkpoint) -> None:
        """Adds the checkpoint to the file, durably. The file may be copied to another host at any time."""
        with (self.folder / NOTES_FILE).open("a", encoding="utf-8") as file:
            file.write(note(point))
            file.flush()
            os.fsync(file.fileno())

    def kept(self) -> list[Checkpoint]:
        """The checkpoints of the file."""
        path = self.folder / NOTES_FILE
        return read_notes(path.read_text(encoding="utf-8", errors="replace")) if path.exists() else []

    def _private(self) -> Ed25519PrivateKey:
        path = self.folder / KEY_FILE
        if not path.exists():
            self._make(path)
        key = load_pem_private_key(path.read_bytes(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise TypeError(f"{KEY_FILE} does not hold an Ed25519 key")
        return key

    def _public(self) -> Ed25519PublicKey | None:
        path = self.folder / KEY_FILE
        return self._private().public_key() if path.exists() else None

    def _make(self, path: Path) -> None:
        """Writes a new key whole and under a name that only one process can take."""
        self.folder.mkdir(parents=True, exist_ok=True)
        pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, path)  # fails if another process was faster: its key is the one
        except FileExistsError:
            pass
        finally:
            fresh.unlink()

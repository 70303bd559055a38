"""The server's secret keys: one file in the data folder, readable by its owner only, made at the first start.

Two rings, each with a present key and older ones that still open what they once closed: one to authenticate short texts
(`mac`, `proves`), one to encrypt small values at rest (`seal`, `open`). The key's id travels in front of the result.
"""

import base64
import contextlib
import hashlib
import hmac
import json
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FILE = "keys.json"
KEY_BYTES = 32
ID_CHARS = 8
NONCE_BYTES = 12


class Unreadable(ValueError):
    """A sealed value that no key of ours opens in this context: altered, or sealed elsewhere."""


class Keys:
    """The rings of one data folder. Every process of the folder reads the same file."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / FILE
        if not self._path.exists():
            _create(self._path)
        self._load()

    def mac(self, purpose: str, text: str) -> str:
        """A short proof that we have seen `text` for `purpose`: safe in a form, a header or an address."""
        return self._mac(self._mac_now, purpose, text)

    def proves(self, purpose: str, text: str, proof: str | bytes) -> bool:
        """Whether :meth:`mac` made the proof, with a present or an older key. Any bytes may be asked about."""
        given = proof.encode("utf-8", "surrogatepass") if isinstance(proof, str) else proof
        key_id = given[:ID_CHARS].decode("ascii", "replace")
        if key_id not in self._mac_ring:
            return False
        return hmac.compare_digest(self._mac(key_id, purpose, text).encode(), given)

    def seal(self, clear: bytes, context: str = "") -> bytes:
        """Encrypts and authenticates. Whoever opens it must name the same context (what it belongs to)."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        body = bytes(self._seal_ring[self._seal_now].encrypt(nonce, clear, context.encode()))
        return b"".join((self._seal_now.encode(), nonce, body))

    def open(self, sealed: bytes, context: str = "") -> bytes:
        """The clear bytes of :meth:`seal`; :class:`Unreadable` if anything was changed."""
        box = self._seal_ring.get(sealed[:ID_CHARS].decode("ascii", "replace"))
        if box is None:
            raise Unreadable("sealed with an unknown key")
        nonce, body = sealed[ID_CHARS : ID_CHARS + NONCE_BYTES], sealed[ID_CHARS + NONCE_BYTES :]
        try:
            return bytes(box.decrypt(nonce, body, context.encode()))
        except (InvalidTag, ValueError) as fault:
            raise Unreadable("altered, or sealed for something else") from fault

    def seal_text(self, clear: bytes, context: str = "") -> str:
        """:meth:`seal` for a text column or a hidden form field."""
        return base64.urlsafe_b64encode(self.seal(clear, context)).decode()

    def open_text(self, sealed: str, context: str = "") -> bytes:
        try:
            raw = base64.urlsafe_b64decode(sealed.encode("ascii"))
        except ValueError as fault:
            raise Unreadable("not sealed by us") from fault
        return self.open(raw, context)

    def rotate(self) -> None:
        """Puts new keys in front. Older ones stay, so that open sessions and stored seeds keep working."""
        rings = json.loads(self._path.read_text())
        for ring in rings.values():
            name, key = _fresh()
            ring["keys"][name], ring["now"] = key, name
        temporary = _write(self._path, rings)
        os.replace(temporary, self._path)
        self._load()

    def _load(self) -> None:
        rings = json.loads(self._path.read_text())
        self._mac_now, self._seal_now = rings["mac"]["now"], rings["seal"]["now"]
        self._mac_ring = {name: base64.b64decode(key) for name, key in rings["mac"]["keys"].items()}
        self._seal_ring = {name: AESGCM(base64.b64decode(key)) for name, key in rings["seal"]["keys"].items()}

    def _mac(self, key_id: str, purpose: str, text: str) -> str:
        message = f"{purpose}\0{text}".encode("utf-8", "surrogatepass")
        digest = hmac.digest(self._mac_ring[key_id], message, hashlib.sha256)
        return key_id + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _fresh() -> tuple[str, str]:
    return secrets.token_hex(ID_CHARS // 2), base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def _create(path: Path) -> None:
    """Two processes may start at once: the one that links first wins, the other reads its file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rings = {}
    for ring in ("mac", "seal"):
        name, key = _fresh()
        rings[ring] = {"now": name, "keys": {name: key}}
    temporary = _write(path, rings)
    with contextlib.suppress(FileExistsError):
        os.link(temporary, path)
    temporary.unlink()


def _write(path: Path, rings: object) -> Path:
    temporary = path.with_name(f".{FILE}.{secrets.token_hex(4)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(rings, file)
        file.flush()
        os.fsync(file.fileno())
    return temporary

"""What is hashed and what is signed. Pure.

A line's hash is SHA-256 over the previous line's hash (its 64 hexadecimal digits) followed by the line as canonical JSON
(RFC 8785). A checkpoint signs the place and the hash in the note form of C2SP's tlog-checkpoint.
"""

import base64
import hashlib
import json
from typing import Any

import rfc8785

GENESIS = "0" * 64
ORIGIN = "mingcha/trail"


def canonical(value: Any) -> str:
    """The one JSON text of a value (RFC 8785)."""
    return rfc8785.dumps(value).decode()


def parse(text: str) -> dict[str, Any]:
    found = json.loads(text)
    return found if isinstance(found, dict) else {}


def line_hash(prev: str, body: str) -> str:
    """The hash of a line whose canonical JSON is `body`, following the line with hash `prev`."""
    return hashlib.sha256((prev + body).encode()).hexdigest()


def checkpoint_text(seq: int, hash_: str) -> bytes:
    """The bytes that a checkpoint signs."""
    return f"{ORIGIN}\n{seq}\n{base64.b64encode(bytes.fromhex(hash_)).decode()}\n".encode()

"""What is hashed and what is signed. Pure.

A line's hash is SHA-256 over the previous line's hash (64 hexadecimal digits) followed by the line's values as a
canonical JSON array (RFC 8785), in the order of :data:`CHAINED`. A checkpoint signs a place and its hash in the note
form of C2SP's tlog-checkpoint.
"""

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import rfc8785

GENESIS = "0" * 64
ORIGIN = "mingcha/trail"
CHAINED = (
    "seq",
    "id",
    "at",
    "actor_id",
    "act",
    "subject_kind",
    "subject_id",
    "unit_path",
    "detail",
    "batch_id",
)


@dataclass(frozen=True)
class Checkpoint:
    """A signed statement that line `seq` of the chain has this hash. `signature` is base64."""

    seq: int
    hash: str
    signature: str


def canonical(value: Any) -> str:
    """The one JSON text of a value (RFC 8785)."""
    return rfc8785.dumps(value).decode()


def parse(text: str) -> dict[str, Any]:
    found = json.loads(text)
    return found if isinstance(found, dict) else {}


def instant_text(at: datetime) -> str:
    """An instant as it is hashed: UTC, microseconds."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"


def line_hash(prev: str, values: Sequence[Any]) -> str:
    """The hash of a line with these :data:`CHAINED` values, following the line with hash `prev`."""
    return hashlib.sha256((prev + canonical(list(values))).encode()).hexdigest()


def checkpoint_text(seq: int, hash_: str) -> bytes:
    """The bytes that a checkpoint signs."""
    return f"{ORIGIN}\n{seq}\n{base64.b64encode(bytes.fromhex(hash_)).decode()}\n".encode()


def note(point: Checkpoint) -> str:
    """A checkpoint as a block of the text file that is kept outside the database."""
    return f"{checkpoint_text(point.seq, point.hash).decode()}\n— {ORIGIN} {point.signature}\n\n"


def read_notes(text: str) -> list[Checkpoint]:
    """The checkpoints of such a file; a block that cannot be read counts as one that proves nothing."""
    found = []
    for block in text.split(f"{ORIGIN}\n")[1:]:
        lines = block.splitlines()
        try:
            seq, hash_ = int(lines[0]), base64.b64decode(lines[1]).hex()
            found.append(Checkpoint(seq, hash_, lines[3].rsplit(" ", 1)[1]))
        except (IndexError, ValueError):
            continue
    return found

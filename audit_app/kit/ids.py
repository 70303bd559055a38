"""Two kinds of identifier, both plain text.

`new_id` sorts by time and therefore tells the minute it was made: for internal keys only. `random_id` tells nothing:
for everything that a phone mints or that an outlet, staff, HR or the public can see.
"""

import re
import secrets

from uuid6 import uuid7

_RANDOM = re.compile(r"[0-9a-f]{32}")


def new_id() -> str:
    """A UUIDv7 as text (36 characters)."""
    return str(uuid7())


def random_id() -> str:
    """128 random bits as 32 hexadecimal digits."""
    return secrets.token_hex(16)


def is_random_id(text: str) -> bool:
    """Whether the text has the form of :func:`random_id`: what a phone must send as the id of a visit."""
    return _RANDOM.fullmatch(text) is not None

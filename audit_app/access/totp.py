"""One-time codes by the clock: which time step a code belongs to, and the picture that a phone scans to enrol."""

import hmac
import re
from dataclasses import dataclass
from datetime import datetime

import pyotp
import segno

from audit_app.access.keys import Keys, Unreadable

SECONDS = 30
BESIDE = 1  # steps before and after that are taken, too: clocks differ
_CODE = re.compile(r"[0-9]{6}", re.ASCII)


def matching_step(seed: str, typed: str, now: datetime) -> int | None:
    """The time step whose code was typed (spaces do not matter), or None. Knows nothing of codes used before."""
    code = re.sub(r"\s", "", typed)
    if not _CODE.fullmatch(code):
        return None
    generator, present = pyotp.HOTP(seed), int(now.timestamp()) // SECONDS
    for step in range(present - BESIDE, present + BESIDE + 1):
        if hmac.compare_digest(generator.at(step).encode(), code.encode()):
            return step
    return None


def new_seed() -> str:
    return str(pyotp.random_base32())


def groups(seed: str) -> str:
    """The secret to be typed by hand."""
    return " ".join(seed[at : at + 4] for at in range(0, len(seed), 4))


def address(seed: str, username: str, issuer: str) -> str:
    """What the picture says: `otpauth://totp/…`."""
    return str(pyotp.TOTP(seed).provisioning_uri(name=username, issuer_name=issuer))


def sealed(keys: Keys, seed: str, account_id: str) -> str:
    """The seed as it is stored, and as it travels through the enrolment form: useless for any other account."""
    return keys.seal_text(seed.encode(), f"totp:{account_id}")


def opened(keys: Keys, stored: str, account_id: str) -> str | None:
    try:
        return keys.open_text(stored, f"totp:{account_id}").decode()
    except Unreadable:
        return None


@dataclass(frozen=True)
class Picture:
    """A QR code as one path of an SVG, a unit per module, with the quiet zone around it."""

    size: int
    path: str


def picture(text: str) -> Picture:
    rows = [list(row) for row in segno.make(text, error="m", micro=False).matrix_iter(border=4)]
    path = "".join(_runs(y, row) for y, row in enumerate(rows))
    return Picture(len(rows), path)


def _runs(y: int, row: list[int]) -> str:
    parts, x = [], 0
    while x < len(row):
        width = 1
        while x + width < len(row) and row[x + width] == row[x]:
            width += 1
        if row[x]:
            parts.append(f"M{x} {y}h{width}v1h-{width}z")
        x += width
    return "".join(parts)

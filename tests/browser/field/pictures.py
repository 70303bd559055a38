"""Photos as a phone makes them: with a time, and with a position that must not leave it."""

import io

from PIL import Image

TAKEN = "2026:11:24 10:42:07"
GPS, EXIF = 0x8825, 0x8769


def picture(colour: str = "#4477aa", size: tuple[int, int] = (640, 480), tags: bool = True, grain: int = 0) -> bytes:
    """A JPEG; `grain` random bytes make it as heavy as a real photo."""
    image = Image.effect_noise(size, grain).convert("RGB") if grain else Image.new("RGB", size, colour)
    exif = Image.Exif()
    if tags:
        inner = exif.get_ifd(EXIF)
        inner[0x9003], inner[0x9011] = TAKEN, "+08:00"
        place = exif.get_ifd(GPS)
        place[1], place[2] = "N", (28.0, 40.0, 12.0)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=92, exif=exif)
    return out.getvalue()

"""Copies to look at. A file from a phone is untrusted: it is never shown as it came.

Photos are decoded by three decoders only, within a pixel limit read before the decoding, painted onto a new picture and
encoded anew, so that nothing but pixels survives. Recordings are let through only where they are built as a container
that we know, without their tags; they are served with `nosniff` under that container's type, whatever the phone called
them.

Plain functions of bytes: the job runs them in a child that may be killed.
"""

import io
from collections.abc import Sequence

from PIL import Image, ImageFile, ImageOps

LONGEST = 1600
MOST_PIXELS = 40_000_000
QUALITY = 82
FORMATS = ("JPEG", "PNG", "WEBP")
PHOTO_TYPE = "image/jpeg"


class NotShown(Exception):
    """The file cannot be shown; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def view_copy(data: bytes) -> bytes:
    """A JPEG of at most 1600 pixels a side, upright, without any metadata. Raises NotShown."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as found:
            width, height = found.size
            if width * height > MOST_PIXELS or min(width, height) < 1:
                raise NotShown("too-many-pixels")
            found.draft("RGB", (LONGEST, LONGEST))  # a large JPEG is decoded at a fraction of its size
            _load_all(found)
            return _painted(ImageOps.exif_transpose(found))
    except NotShown:
        raise
    except (OSError, SyntaxError, ValueError, EOFError, MemoryError, Image.DecompressionBombError) as fault:
        raise NotShown("not-a-photo") from fault
    except Exception as fault:  # a decoder met something it did not foresee
        raise NotShown("not-a-photo") from fault


def _load_all(found: Image.Image) -> None:
    """Decodes, and refuses half a file even where another library (the PDF renderer does) has told Pillow not to."""
    before, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
    try:
        found.load()
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before


def _painted(found: Image.Image) -> bytes:
    found.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    plain = found.convert("RGBA") if found.mode in ("RGBA", "LA", "P", "PA") else found.convert("RGB")
    canvas = Image.new("RGB", plain.size, "white")
    canvas.paste(plain, mask=plain if plain.mode == "RGBA" else None)
    out = io.BytesIO()
    canvas.save(out, "JPEG", quality=QUALITY, optimize=True, comment=b"")
    return out.getvalue()


BLACK = (24, 28, 30)
BLOCK = 16  # pixels: what a JPEG stores together, colour included
WHOLE = 10_000  # boxes are told in ten-thousandths of the picture's width and height


def covered(data: bytes, boxes: Sequence[Sequence[int]]) -> bytes:
    """A view copy with boxes (left, top, width, height in ten-thousandths) painted over, encoded anew: what lay under
    them is gone. Each box grows to whole blocks of the JPEG, since a block's rim carries traces of what lies in its
    middle. Raises NotShown."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as found:
            _load_all(found)
            canvas = found.convert("RGB")
    except (OSError, SyntaxError, ValueError, EOFError, MemoryError, Image.DecompressionBombError) as fault:
        raise NotShown("not-a-photo") from fault
    wide, high = canvas.size
    for left, top, width, height in boxes:
        right, bottom = min(left + width, WHOLE) * wide, min(top + height, WHOLE) * high
        corner = (left * wide // WHOLE // BLOCK * BLOCK, top * high // WHOLE // BLOCK * BLOCK)
        end = (-(-right // (WHOLE * BLOCK)) * BLOCK, -(-bottom // (WHOLE * BLOCK)) * BLOCK)
        canvas.paste(BLACK, (*corner, min(end[0], wide), min(end[1], high)))
    return _painted(canvas)


PLAIN = 6  # standard deviation of the grey values: below, a picture has nothing that could be recognised


def likeness(view: bytes) -> str:
    """The perceptual hash of a view copy: 64 bits as 16 hexadecimal digits; "" for a picture without contrast. Copies
    that were recompressed or resized differ in a few bits, other pictures in about half of them."""
    import imagehash  # loads slowly, and only a child needs it
    from PIL import ImageStat

    try:
        with Image.open(io.BytesIO(view), formats=("JPEG",)) as found:
            grey = found.convert("L")
    except (OSError, SyntaxError, ValueError, EOFError, MemoryError) as fault:
        raise NotShown("not-a-photo") from fault
    return "" if ImageStat.Stat(grey).stddev[0] < PLAIN else str(imagehash.phash(grey))


def sound_type(data: bytes) -> str:
    """The media type of a recording by its own first bytes. Raises NotShown for everything else."""
    head = data[:16]
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "audio/wav"
    if head[:3] == b"ID3" or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2):
        return "audio/mpeg"
    if head[4:8] == b"ftyp" and head[8:12] in (b"M4A ", b"mp42", b"mp41", b"isom", b"iso2", b"iso5", b"3gp4", b"3gp5"):
        return "audio/mp4"
    if head[:4] == b"OggS":
        return "audio/ogg"
    if head[:4] == b"\x1aE\xdf\xa3":
        return "audio/webm"
    if head[:5] == b"#!AMR":
        return "audio/amr"
    raise NotShown("not-a-recording")


def kind_of(data: bytes) -> str:
    """The media type of a photo or recording by its own first bytes. Raises NotShown for everything else."""
    if data[:3] == b"\xff\xd8\xff":
        return "image/jpeg"
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return "image/png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return sound_type(data)


def shown(data: bytes, media_type: str) -> tuple[bytes, str]:
    """What is shown of a file, and as which type: a photo painted anew, a recording without its tags."""
    if media_type.startswith("image/"):
        return view_copy(data), PHOTO_TYPE
    from audit_app.visits.sound import Unclear, cleaned  # loads slowly, and only a child needs it

    kind = sound_type(data)
    try:
        return cleaned(data, kind), kind
    except Unclear as fault:
        raise NotShown("not-a-recording") from fault

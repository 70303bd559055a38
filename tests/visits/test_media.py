"""Copies to look at: nothing of the file but its pixels; whatever is no photo or recording is refused."""

import io
import random
import struct
import zlib
from collections.abc import Callable

import pytest
from PIL import Image

from audit_app.jobs.registry import JobContext
from audit_app.kit.blobs import Blobs
from audit_app.kit.db import Database
from audit_app.settings import Settings
from audit_app.visits.jobs import child, make_views
from audit_app.visits.media import LONGEST, NotShown, shown, sound_type, view_copy
from audit_app.visits.models import Evidence
from tests.visits.sending import Client, bodies, new_visit, part, put, sha

CANARY = b"CANARY-28.6800-115.8900"


def photo(size: tuple[int, int] = (400, 300), kind: str = "JPEG", mode: str = "RGB", **options: object) -> bytes:
    picture = Image.new(mode, size, 128 if mode in ("L", "1", "P") else None)
    exif = Image.Exif()
    exif[0x010E] = CANARY.decode()
    exif[0x0112] = 6
    out = io.BytesIO()
    picture.save(out, kind, exif=exif, **options)  # type: ignore[arg-type]
    return out.getvalue()


@pytest.mark.parametrize(("kind", "options"), [("JPEG", {"comment": CANARY}), ("PNG", {}), ("WEBP", {"xmp": CANARY})])
def test_only_pixels_survive(kind: str, options: dict[str, object]) -> None:
    before = photo(kind=kind, **options)
    assert CANARY in before
    after = view_copy(before)
    assert CANARY not in after
    for marker in (b"Exif", b"http://ns.adobe.com", b"ICC_PROFILE", b"\xff\xfe"):
        assert marker not in after[:2000]
    with Image.open(io.BytesIO(after)) as found:
        assert (found.format, found.size) == ("JPEG", (300, 400))  # turned upright


def test_large_photos_become_small() -> None:
    with Image.open(io.BytesIO(view_copy(photo((4000, 3000))))) as found:
        assert max(found.size) == LONGEST


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "LA", "1"])
def test_every_kind_of_pixel(mode: str) -> None:
    assert view_copy(photo(kind="PNG", mode=mode))


def bomb(side: int) -> bytes:
    """A PNG of a few kilobytes that unfolds to side × side pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress(b"\0" * ((side // 8 + 1) * side), 9)
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "data",
    [
        bomb(9000), b"", b"x", b"GIF89a" + b"\0" * 40, b"%PDF-1.7", b"<svg onload='x()'/>", b"%!PS-Adobe", b"8BPS\0\1",
        b"\xff\xd8\xff\xe0" + b"\0" * 50, photo()[: len(photo()) // 3],
    ],
)  # fmt: skip
def test_what_is_no_photo_is_refused(data: bytes) -> None:
    with pytest.raises(NotShown):
        view_copy(data)


def test_a_line_of_sixty_thousand_pixels() -> None:
    with Image.open(io.BytesIO(view_copy(photo((60_000, 1), "PNG")))) as found:
        assert max(found.size) == LONGEST


@pytest.mark.parametrize("tail", [b"<html>CANARY</html>", b"PK\x03\x04 CANARY PK\x05\x06", b"%PDF-1.7 CANARY"])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_what_hangs_on_a_photo_falls_off(kind: str, tail: bytes) -> None:
    assert b"CANARY" not in view_copy(photo(kind=kind) + tail)


def test_moving_pictures_and_other_kinds_are_refused_whatever_they_are_called() -> None:
    frames = [Image.new("RGB", (20, 20), (n, 0, 0)) for n in range(3)]
    for kind in ("GIF", "TIFF", "BMP", "ICO"):
        out = io.BytesIO()
        more = {"save_all": True, "append_images": frames[1:]} if kind == "GIF" else {}
        frames[0].save(out, kind, **more)  # type: ignore[arg-type]
        with pytest.raises(NotShown):
            shown(out.getvalue(), "image/jpeg")
    moving = io.BytesIO()
    frames[0].save(moving, "WEBP", save_all=True, append_images=frames[1:])
    with Image.open(io.BytesIO(view_copy(moving.getvalue()))) as found:
        assert getattr(found, "n_frames", 1) == 1


def test_truncated_and_altered_photos_never_break_the_decoder() -> None:
    """200 cuts and flips: each is either shown as a new picture or refused, nothing else."""
    chance = random.Random(7)
    whole = photo((160, 120), quality=90)
    for _ in range(200):
        data = bytearray(whole[: chance.randrange(10, len(whole))])
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        try:
            after = view_copy(bytes(data))
        except NotShown:
            continue
        assert after.startswith(b"\xff\xd8")


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"RIFF\0\0\0\0WAVEfmt ", "audio/wav"), (b"ID3\4\0", "audio/mpeg"), (b"\xff\xfb\x90\x64", "audio/mpeg"),
        (b"\0\0\0\x20ftypM4A \0", "audio/mp4"), (b"OggS\0\2", "audio/ogg"), (b"\x1aE\xdf\xa3\x01", "audio/webm"),
        (b"#!AMR\n", "audio/amr"),
    ],
)  # fmt: skip
def test_recordings_are_known_by_their_bytes(head: bytes, kind: str) -> None:
    assert sound_type(head + b"\0" * 40) == kind


@pytest.mark.parametrize("head", [b"<html>", b"RIFF\0\0\0\0AVI ", b"#EXTM3U\nhttp://x/", b"\0\0\0\x20ftypheic", b"MZ"])
def test_other_bytes_are_no_recording(head: bytes) -> None:
    with pytest.raises(NotShown):
        sound_type(head + b"\0" * 40)


def test_a_visit_gets_its_copies(
    client_for: Callable[[str], Client], db: Database, settings: Settings, tester: Client
) -> None:
    """Two files: one is a photo and is shown to its owner only, the other is a lie and is flagged."""
    good, key = photo(), new_visit()
    content = iter([good, b"<script>alert(1)</script>"])
    made: dict[str, bytes] = {}
    body = bodies(db, "as-hall", content=lambda item: made.setdefault(item, next(content)))
    assert put(tester, key, body).status_code == 201
    for data in made.values():
        assert part(tester, sha(data), 0, data).json()["complete"] is True
    context = JobContext(settings, db, Blobs(settings.data_dir / "blobs"), "k", None, None)  # type: ignore[arg-type]
    with child() as show:
        assert make_views(context, key, show) == 2
        assert make_views(context, key, show) == 0
    rows = db.read_now(lambda s: {row.sha256: row for row in s.exec(Evidence.__table__.select())})  # type: ignore[attr-defined]
    assert rows[sha(good)].view_type == "image/jpeg"
    assert rows[sha(b"<script>alert(1)</script>")].fault == "not-a-photo"
    address = f"/evidence/{rows[sha(good)].id}"
    seen = tester.get(address)
    assert (seen.status_code, seen.headers["content-type"], seen.headers["x-content-type-options"]) == (
        200, "image/jpeg", "nosniff",
    )  # fmt: skip
    assert seen.headers["content-security-policy"].startswith("sandbox")
    assert seen.headers["cache-control"] == "private, no-store"
    assert CANARY not in seen.content
    bad = rows[sha(b"<script>alert(1)</script>")].id
    assert tester.get(f"/evidence/{bad}").status_code == 404
    for who, status in (("tester-2", 404), ("outsider", 403), ("tester-far", 404), ("hr", 403)):
        assert client_for(who).get(address).status_code == status

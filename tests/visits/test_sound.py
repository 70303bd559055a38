"""Recordings keep their sound and lose everything else; what is no recording is refused."""

import io
import random
import wave

import pytest

from audit_app.visits.media import NotShown, shown
from audit_app.visits.sound import Unclear, _crc, cleaned

CANARY = b"CANARY +28.6800+115.8900/"
SOUND = bytes(range(1, 201))


def box(kind: bytes, *inside: bytes) -> bytes:
    body = b"".join(inside)
    return (8 + len(body)).to_bytes(4, "big") + kind + body


def mp4(handler: bytes = b"soun") -> bytes:
    header = box(b"mvhd", bytes(4), b"TIMETIME", bytes(88))
    named = box(b"hdlr", bytes(8), handler, bytes(12), CANARY)
    track = box(b"trak", box(b"tkhd", bytes(84)), box(b"mdia", named), box(b"udta", CANARY))
    user = box(b"udta", box(b"\xa9xyz", CANARY), box(b"meta", CANARY))
    movie = box(b"moov", header, track, user, box(b"meta", CANARY), box(b"loci", CANARY))
    return (
        box(b"ftyp", b"M4A \0\0\0\0M4A mp42")
        + box(b"uuid", CANARY)
        + box(b"mdat", SOUND)
        + movie
        + box(b"free", CANARY)
    )


def wav() -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(8000)
        file.writeframes(SOUND)
    tags = b"INFOIART" + len(CANARY).to_bytes(4, "little") + CANARY
    more = b"LIST" + len(tags).to_bytes(4, "little") + tags + b"\0" * (len(tags) & 1)
    return out.getvalue()[:12] + more + out.getvalue()[12:] + more


def mp3() -> bytes:
    tag = b"ID3\4\0\0" + bytes([0, 0, 0, len(CANARY) + 10]) + CANARY + bytes(10)
    return tag + b"\xff\xfb\x90\x64" + SOUND + b"APETAGEX" + CANARY + b"TAG" + CANARY.ljust(125, b"\0")


def amr() -> bytes:
    return b"#!AMR\n" + (b"\x3c" + bytes(31)) * 3 + CANARY


def element(name: bytes, *inside: bytes) -> bytes:
    body = b"".join(inside)
    return name + (1 << 14 | len(body)).to_bytes(2, "big") + body


def webm(kind: bytes = b"\x02") -> bytes:
    """As a browser records: segment and clusters of unknown size."""
    unknown = b"\x01" + b"\xff" * 7
    told = element(b"\x15\x49\xa9\x66", element(b"\x7b\xa9", CANARY), element(b"\x44\x61", b"TIMETIME"))
    tracks = element(b"\x16\x54\xae\x6b", element(b"\xae", element(b"\x83", kind), element(b"\x53\x6e", CANARY)))
    cluster = b"\x1f\x43\xb6\x75" + unknown + element(b"\xe7", b"\0") + element(b"\xa3", b"\x81\0\0\x80" + SOUND)
    tags = element(b"\x12\x54\xc3\x67", CANARY)
    return element(b"\x1a\x45\xdf\xa3", b"webm") + b"\x18\x53\x80\x67" + unknown + told + tracks + tags + cluster + tags


def page(number: int, body: bytes) -> bytes:
    lacing = bytes([255] * (len(body) // 255) + [len(body) % 255])
    head = b"OggS\0\0" + bytes(8) + b"SERI" + number.to_bytes(4, "little")
    plain = head + bytes(4) + bytes([len(lacing)]) + lacing + body
    return head + _crc(plain).to_bytes(4, "little") + plain[26:]


def text(words: bytes) -> bytes:
    return len(words).to_bytes(4, "little") + words


def ogg(head: bytes = b"OpusTags") -> bytes:
    comments = head + text(CANARY) + (2).to_bytes(4, "little") + text(b"ARTIST=" + CANARY) + text(b"") + CANARY
    return page(0, b"OpusHead\1\1" + bytes(9)) + page(1, comments) + page(2, SOUND) + CANARY


FILES = {
    "audio/mp4": mp4(), "audio/wav": wav(), "audio/mpeg": mp3(), "audio/amr": amr(), "audio/webm": webm(),
    "audio/ogg": ogg(),
}  # fmt: skip
SAME_SIZE = ("audio/mp4", "audio/webm")


@pytest.mark.parametrize("kind", FILES)
def test_only_the_sound_is_left(kind: str) -> None:
    before = FILES[kind]
    assert CANARY in before
    after, told = shown(before, "audio/whatever")
    assert told == kind
    assert CANARY not in after
    assert b"TIMETIME" not in after
    assert kind == "audio/amr" or SOUND in after
    if kind in SAME_SIZE:
        assert (len(after), after.index(SOUND)) == (len(before), before.index(SOUND)), "every offset stays right"
    assert shown(after, "audio/whatever") == (after, kind), "clean is clean"


def test_a_wav_still_plays() -> None:
    with wave.open(io.BytesIO(cleaned(wav(), "audio/wav"))) as found:
        assert (found.getframerate(), found.readframes(500)) == (8000, SOUND)


def test_pages_of_an_ogg_keep_a_right_checksum() -> None:
    after = cleaned(ogg(), "audio/ogg")
    start = after.index(b"OggS", 10)
    stop = after.index(b"OggS", start + 4)
    found = bytearray(after[start:stop])
    told = int.from_bytes(found[22:26], "little")
    found[22:26] = bytes(4)
    assert _crc(found) == told
    assert _crc(b"123456789") == 0x89A1897F  # the known value of this polynomial


@pytest.mark.parametrize("data", [mp4(b"vide"), webm(b"\x01")], ids=["mp4", "webm"])
def test_a_film_is_no_recording(data: bytes) -> None:
    with pytest.raises(NotShown):
        shown(data, "audio/mp4")


@pytest.mark.parametrize("kind", FILES)
def test_damaged_recordings_are_refused_or_clean(kind: str) -> None:
    """200 cuts and flips: nothing but a refusal is raised, and nobody waits."""
    chance, whole = random.Random(3), FILES[kind]
    for _ in range(200):
        data = bytearray(whole[: chance.randrange(8, len(whole))])
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        try:
            cleaned(bytes(data), kind)
        except Unclear:
            continue

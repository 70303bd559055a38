"""Recordings without what does not sound: place, name, device and pictures that a phone wrote beside the sound.

Nothing is decoded. In an MP4 and a WebM the boxes that may hold such things are overwritten in place, so that every
offset stays right; of a WAV only the chunks that a player needs are kept; tags before and after an MP3 are cut off; in
an Ogg the comments are emptied. What cannot be followed to its end is refused. Plain functions of bytes.
"""

from collections.abc import Callable, Iterator

Place = tuple[int, int, int]  # where an element begins, where its content begins, where it ends


class Unclear(ValueError):
    """The file is not built as its first bytes say."""


def cleaned(data: bytes, media_type: str) -> bytes:
    """The recording without its tags. Raises Unclear."""
    try:
        return _CLEANERS[media_type](data)
    except (IndexError, OverflowError, RecursionError) as fault:
        raise Unclear from fault


# --- MP4 and 3GP -----------------------------------------------------------------------------------------------------

_INSIDE = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"dinf", b"mvex", b"moof", b"traf"}
_PLAYED = _INSIDE | {
    b"ftyp", b"styp", b"mdat", b"sidx", b"mfra", b"mvhd", b"tkhd", b"elst", b"mdhd", b"hdlr", b"smhd", b"dref", b"stsd",
    b"stts", b"ctts", b"stsc", b"stsz", b"stz2", b"stco", b"co64", b"stss", b"sgpd", b"sbgp", b"mehd", b"trex", b"mfhd",
    b"tfhd", b"tfdt", b"trun", b"saiz", b"saio", b"iods", b"nmhd",
}  # fmt: skip
DEEPEST = 8


def _mp4(data: bytes) -> bytes:
    out = bytearray(data)
    kinds = _boxes(out, 0, len(out), 0)
    if not {b"moov", b"mdat"} <= kinds:
        raise Unclear
    return bytes(out)


def _boxes(out: bytearray, at: int, end: int, depth: int) -> set[bytes]:
    """Blanks every box that is not needed to play; the kinds that were met."""
    if depth > DEEPEST:
        raise Unclear
    kinds: set[bytes] = set()
    while at < end:
        start, inner, stop = _box(out, at, end)
        kind = bytes(out[start + 4 : start + 8])
        kinds.add(kind)
        if kind in _INSIDE:
            _boxes(out, inner, stop, depth + 1)
        elif kind == b"hdlr":
            if out[inner + 8 : inner + 12] == b"vide":
                raise Unclear
            out[inner + 24 : stop] = bytes(max(0, stop - inner - 24))  # its name
        elif kind in (b"mvhd", b"tkhd", b"mdhd") and stop - inner >= 20:
            wide = 8 if out[inner] == 1 else 4
            out[inner + 4 : inner + 4 + 2 * wide] = bytes(2 * wide)  # when it was made
        elif kind not in _PLAYED:
            out[start + 4 : start + 8] = b"free"
            out[inner:stop] = bytes(stop - inner)
        at = stop
    return kinds


def _box(out: bytearray, at: int, end: int) -> Place:
    size, inner = int.from_bytes(out[at : at + 4], "big"), at + 8
    if size == 1:
        size, inner = int.from_bytes(out[at + 8 : at + 16], "big"), at + 16
    stop = end if size == 0 else at + size
    if not inner <= stop <= end:
        raise Unclear
    return at, inner, stop


# --- WAV -------------------------------------------------------------------------------------------------------------


def _wav(data: bytes) -> bytes:
    kept, at, kinds = b"", 12, set()
    while at + 8 <= len(data):
        kind, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if kind == b"data":
            size = min(size, len(data) - at - 8)  # a recorder that was cut off has not told the size
        if at + 8 + size > len(data):
            raise Unclear
        if kind in (b"fmt ", b"data", b"fact"):
            kinds.add(kind)
            body = data[at + 8 : at + 8 + size]
            kept += kind + size.to_bytes(4, "little") + body + b"\0" * (size & 1)
        at += 8 + size + (size & 1)
    if not {b"fmt ", b"data"} <= kinds:
        raise Unclear
    return b"RIFF" + (len(kept) + 4).to_bytes(4, "little") + b"WAVE" + kept


# --- MP3 and AMR -----------------------------------------------------------------------------------------------------


def _mp3(data: bytes) -> bytes:
    while data[:3] == b"ID3":
        size = 0
        for byte in data[6:10]:
            size = size << 7 | byte & 0x7F
        data = data[10 + size + (10 if data[5] & 0x10 else 0) :]
    end = len(data) - 128 if data[-128:-125] == b"TAG" else len(data)
    apes = data.find(b"APETAGEX")
    data = data[: end if apes < 0 else min(end, apes)].lstrip(b"\0")
    if len(data) < 4 or data[0] != 0xFF or data[1] & 0xE6 != 0xE2:
        raise Unclear
    return data


_AMR = {b"#!AMR\n": (12, 13, 15, 17, 19, 20, 26, 31, 5), b"#!AMR-WB\n": (17, 23, 32, 36, 40, 46, 50, 58, 60, 5)}


def _amr(data: bytes) -> bytes:
    """Only frames of the sizes that the format has; what follows the last one is cut off."""
    head = next((head for head in _AMR if data.startswith(head)), b"")
    if not head:
        raise Unclear
    sizes, at = _AMR[head], len(head)
    while at < len(data):
        mode = data[at] >> 3 & 0x0F
        size = sizes[mode] if mode < len(sizes) else 0 if mode >= 14 else -1
        if data[at] & 0x83 or size < 0 or at + 1 + size > len(data):
            break
        at += 1 + size
    if at == len(head):
        raise Unclear
    return data[:at]


# --- WebM ------------------------------------------------------------------------------------------------------------

_SEGMENT, _CLUSTER, _INFO = b"\x18\x53\x80\x67", b"\x1f\x43\xb6\x75", b"\x15\x49\xa9\x66"
_ENTERED = {_SEGMENT, _CLUSTER, _INFO, b"\x16\x54\xae\x6b", b"\xae"}  # … tracks, track
_TRACK_TYPE, _VIDEO = b"\x83", b"\x01"
_LOOSE = {b"\x12\x54\xc3\x67", b"\x19\x41\xa4\x69", b"\x10\x43\xa7\x70"}
_TOLD = {b"\x44\x61", b"\x7b\xa9", b"\x73\x84", b"\x4d\x80", b"\x57\x41", b"\x53\x6e"}
# … tags, attachments, chapters; date, title, file name, two programs, a track's name


def _webm(data: bytes) -> bytes:
    out = bytearray(data)
    seen = set()
    for name, start, inner, stop in _elements(out):
        seen.add(name)
        if name == _TRACK_TYPE and out[inner:stop] == _VIDEO:
            raise Unclear
        if name in _LOOSE | _TOLD:
            _void(out, start, inner, stop)
    if _SEGMENT not in seen or _CLUSTER not in seen:
        raise Unclear
    return bytes(out)


def _elements(out: bytearray) -> Iterator[tuple[bytes, int, int, int]]:
    """Every element of the file, those inside the entered ones among them."""
    at = 0
    while at < len(out):
        width = _width(out[at], 4)
        name = bytes(out[at : at + width])
        long = _width(out[at + width], 8)
        size = int.from_bytes(out[at + width : at + width + long], "big") & ((1 << 7 * long) - 1)
        inner = at + width + long
        open_end = size == (1 << 7 * long) - 1 and name in (_SEGMENT, _CLUSTER)
        stop = len(out) if open_end else inner + size
        if stop > len(out):
            if name not in (_SEGMENT, _CLUSTER, b"\xa3", b"\xa0"):
                raise Unclear
            stop = len(out)  # cut off in the middle of the sound
        yield name, at, inner, stop
        at = inner if name in _ENTERED else stop


def _width(first: int, most: int) -> int:
    found = 9 - first.bit_length()
    if found > most:
        raise Unclear
    return found


def _void(out: bytearray, start: int, inner: int, stop: int) -> None:
    """An empty element of the same length in place of this one."""
    room = stop - start
    long = 8 if room >= 9 else 1
    out[start:stop] = b"\xec" + ((1 << 7 * long) | room - 1 - long).to_bytes(long, "big") + bytes(room - 1 - long)


# --- Ogg -------------------------------------------------------------------------------------------------------------

_COMMENTS = (b"OpusTags", b"\x03vorbis")


def _ogg(data: bytes) -> bytes:
    out, at, emptied = bytearray(data), 0, False
    while at < len(out) and out[at : at + 4] == b"OggS":
        lacing = out[at + 27 : at + 27 + out[at + 26]]
        body = at + 27 + out[at + 26]
        stop = body + sum(lacing)
        if stop > len(out):
            break  # cut off in the middle of a page
        head = next((head for head in _COMMENTS if out.startswith(head, body)), b"")
        if head:
            first = next((n for n, size in enumerate(lacing) if size < 255), None)
            if first is None:
                raise Unclear  # comments of several pages: pictures
            _empty(out, body + len(head), body + sum(lacing[: first + 1]))
            out[at + 22 : at + 26] = bytes(4)
            out[at + 22 : at + 26] = _crc(out[at:stop]).to_bytes(4, "little")
            emptied = True
        at = stop
    if not emptied:
        raise Unclear
    return bytes(out[:at])


def _empty(out: bytearray, at: int, stop: int) -> None:
    """Every text of the comments becomes spaces of the same length, and what follows them (padding) nothing."""
    at = _blank(out, at, stop, b"")
    count, at = int.from_bytes(out[at : at + 4], "little"), at + 4
    for _ in range(count):
        at = _blank(out, at, stop, b"=")
    if out[at:stop] != b"\x01":  # Vorbis ends with a set bit
        out[at:stop] = bytes(stop - at)


def _blank(out: bytearray, at: int, stop: int, first: bytes) -> int:
    begin = at + 4
    end = begin + int.from_bytes(out[at:begin], "little")
    if begin > stop or end > stop:
        raise Unclear
    out[begin:end] = (first + b" " * (end - begin))[: end - begin]
    return end


def _table() -> list[int]:
    found = []
    for byte in range(256):
        crc = byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ 0x04C11DB7 if crc & 0x80000000 else crc << 1) & 0xFFFFFFFF
        found.append(crc)
    return found


_CRC = _table()


def _crc(page: bytes | bytearray) -> int:
    """The checksum of an Ogg page."""
    crc = 0
    for byte in page:
        crc = (crc << 8 & 0xFFFFFFFF) ^ _CRC[crc >> 24 ^ byte]
    return crc


_CLEANERS: dict[str, Callable[[bytes], bytes]] = {
    "audio/mp4": _mp4, "audio/wav": _wav, "audio/mpeg": _mp3, "audio/amr": _amr, "audio/webm": _webm, "audio/ogg": _ogg,
}  # fmt: skip

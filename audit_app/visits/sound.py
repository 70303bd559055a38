"""Recordings without what does not sound: place, name, device and pictures that a phone wrote beside the sound.

Nothing is decoded: the packets of the sound are copied into a new container of the same kind, and nothing else of the
old one comes along. Plain functions of bytes, for a child that may be killed.
"""

import io

import av
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer

# Media type → how its container is read, and written. A demuxer is named, so that none is guessed.
_CONTAINERS = {
    "audio/mp4": ("mov", "mp4"), "audio/wav": ("wav", "wav"), "audio/mpeg": ("mp3", "mp3"), "audio/amr": ("amr", "amr"),
    "audio/webm": ("matroska", "webm"), "audio/ogg": ("ogg", "ogg"),
}  # fmt: skip
# No file or address that a container names is opened, and nothing of time or program is written.
_READ = {"protocol_whitelist": "none"}
_WRITE = {"fflags": "+bitexact"}
_WRITE_MP3 = _WRITE | {"id3v2_version": "0", "write_xing": "0"}


class Unclear(ValueError):
    """The file is not built as its first bytes say, or holds more than a sound."""


def cleaned(data: bytes, media_type: str) -> bytes:
    """The recording without its tags. Raises Unclear."""
    reader, writer = _CONTAINERS[media_type]
    out = io.BytesIO()
    try:
        with av.open(io.BytesIO(data), "r", format=reader, options=_READ) as source:
            sound = _only_sound(source)
            if writer == "mp4" and sound.codec_context.name.startswith("amr"):
                writer = "3gp"  # no other of these boxes may hold the speech of a phone
            with av.open(out, "w", format=writer, options=_WRITE_MP3 if writer == "mp3" else _WRITE) as target:
                _copy(source, sound, target)
    except (av.FFmpegError, ValueError, IndexError, OverflowError, MemoryError) as fault:
        raise Unclear from fault
    return out.getvalue()


def _only_sound(source: InputContainer) -> AudioStream:
    """The one sound of the file; a film is no recording, the picture of a cover is left behind."""
    films = [one for one in source.streams.video if not one.disposition & av.stream.Disposition.attached_pic]
    sounds = source.streams.audio
    if films or len(sounds) != 1 or sounds[0].codec_context is None:
        raise Unclear
    return sounds[0]


def _copy(source: InputContainer, sound: AudioStream, target: OutputContainer) -> None:
    into = target.add_stream_from_template(sound)
    into.metadata.clear()
    # A packet without a time only says that there is no more.
    packets = [one for one in source.demux(sound) if one.dts is not None]
    if target.format.name == "mp3":
        packets.pop()  # with it goes a tag behind the sound, and a fifteenth of a second at most
    for packet in packets:
        packet.stream = into
        target.mux(packet)
    if not packets:
        raise Unclear

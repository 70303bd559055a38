"""Recordings keep their sound and lose everything else; what is no recording is refused."""

import io
import math
import random
from array import array
from functools import cache

import av
import pytest

from audit_app.visits.media import NotShown, shown
from audit_app.visits.sound import Unclear, cleaned

CANARY = "CANARY +28.6800+115.8900/"
# Container as written, codec, samples a second, how the samples lie.
MADE = {
    "audio/mp4": ("ipod", "aac", 16_000, "fltp"), "audio/wav": ("wav", "pcm_s16le", 8_000, "s16"),
    "audio/mpeg": ("mp3", "libmp3lame", 16_000, "s16p"), "audio/amr": ("amr", "libopencore_amrnb", 8_000, "s16"),
    "audio/webm": ("webm", "libopus", 48_000, "s16"), "audio/ogg": ("ogg", "libopus", 48_000, "s16"),
}  # fmt: skip


@cache
def recording(kind: str, container: str = "", codec: str = "", *, film: bool = False) -> bytes:
    """Half a second of a tone, with tags of every kind that the container has."""
    usual, coder, rate, form = MADE[kind]
    out = io.BytesIO()
    with av.open(out, "w", format=container or usual) as file:
        for name in ("title", "artist", "comment", "location", "date", "com.apple.quicktime.location.ISO6709"):
            file.metadata[name] = CANARY
        sound = file.add_stream(codec or coder, rate=rate)
        sound.layout, sound.format = "mono", form
        sound.metadata["title"] = CANARY
        if film:
            picture = file.add_stream("mpeg4", rate=10)
            picture.width, picture.height, picture.pix_fmt = 32, 32, "yuv420p"
            file.mux(picture.encode(av.VideoFrame(32, 32, "yuv420p")))
            file.mux(picture.encode(None))
        step = sound.codec_context.frame_size or 1024
        for at in range(0, rate // 2, step):
            frame = av.AudioFrame(format=form, layout="mono", samples=step)
            tone = [math.sin((at + n) / 9) / 3 for n in range(step)]
            samples = array("f", tone) if form == "fltp" else array("h", [int(32_000 * one) for one in tone])
            room = frame.planes[0].buffer_size
            frame.planes[0].update(samples.tobytes().ljust(room, b"\0")[:room])
            frame.sample_rate, frame.pts = rate, at
            file.mux(sound.encode(frame))
        file.mux(sound.encode(None))
    return out.getvalue()


def heard(data: bytes) -> tuple[str, int, list[bytes]]:
    """Codec, rate and packets of the sound."""
    with av.open(io.BytesIO(data)) as file:
        sound = file.streams.audio[0]
        return sound.codec_context.name, sound.rate, [bytes(one) for one in file.demux(sound) if one.dts is not None]


@pytest.mark.parametrize("kind", MADE)
def test_only_the_sound_is_left(kind: str) -> None:
    before = recording(kind)
    assert CANARY.encode() in before or kind == "audio/amr"
    after, told = shown(before, "audio/whatever")
    assert told == kind
    assert CANARY.encode() not in after
    with av.open(io.BytesIO(after)) as file:
        assert CANARY not in str([file.metadata, *[stream.metadata for stream in file.streams]])
    (codec, rate, packets), all_of_it = heard(after), heard(before)
    assert (codec, rate) == all_of_it[:2]
    assert packets == all_of_it[2][: -1 if kind == "audio/mpeg" else None], "of an MP3 the last frame is given up"
    assert len(packets) > 3
    assert shown(after, "audio/whatever")[1] == kind


def test_speech_of_a_phone_in_a_box() -> None:
    """Recorders of many phones write AMR into 3GP."""
    found = recording("audio/amr", "3gp")
    after, told = shown(found, "audio/3gpp")
    assert (told, heard(after)) == ("audio/mp4", heard(found))
    assert CANARY.encode() not in after


def test_what_follows_the_sound_is_gone() -> None:
    for kind in MADE.keys() - {"audio/amr"}:  # which has no tags, and whose frames may say anything
        assert CANARY.encode() not in shown(recording(kind) + CANARY.encode(), kind)[0], kind


@pytest.mark.parametrize("container", ["mp4", "matroska"])
def test_a_film_is_no_recording(container: str) -> None:
    film = recording("audio/mp4", container, film=True)
    with pytest.raises(NotShown):
        shown(film, "audio/mp4")


@pytest.mark.parametrize("kind", MADE)
def test_damaged_recordings_are_refused_or_clean(kind: str) -> None:
    """60 cuts and flips: nothing but a refusal is raised, and nobody waits."""
    chance, whole = random.Random(3), recording(kind)
    for _ in range(60):
        data = bytearray(whole[: chance.randrange(8, len(whole))])
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        try:
            cleaned(bytes(data), kind)
        except Unclear:
            continue


def test_no_file_that_a_recording_names_is_opened() -> None:
    """A play list in place of a recording, as it would be followed by a demuxer that was left to guess."""
    listed = b"#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n"
    for kind in MADE:
        with pytest.raises(Unclear):
            cleaned(listed, kind)

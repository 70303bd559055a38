"""Photos and a recording that the program makes itself: halls, fronts, posters, machines, receipts; all invented.

A few dozen pictures are drawn once; every use gets its own comment segment, so that no two photos are the same file.
"""

import io
import math
import random
import struct
import wave
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from audit_app.demo.material import chance, read
from audit_app.settings import ROOT

FONT = ROOT / "reports" / "fonts" / "NotoSansSC_700Bold.ttf"
SIZE = (960, 720)
EACH = 6
Colour = tuple[int, int, int]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


class Album:
    """Pictures by what they show."""

    def __init__(self, pages: dict[str, list[bytes]]) -> None:
        self.pages = pages

    @staticmethod
    def drawn(each: int = EACH) -> "Album":
        rng, noise = chance("pictures"), _noise(chance("noise"))
        return Album({name: [_finish(draw(rng), noise, rng) for _ in range(each)] for name, draw in SCENES.items()})

    def halved(self) -> "Album":
        """The same at half the size, for what nobody looks at closely any more."""
        return Album({name: [_halved(page) for page in pages] for name, pages in self.pages.items()})

    def take(self, name: str, mark: str, rng: random.Random) -> bytes:
        """One of the pictures, with the mark inside, so that it is a file of its own."""
        data, comment = rng.choice(self.pages[name]), mark.encode()
        return data[:2] + b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment + data[2:]


def plain(data: bytes) -> bytes:
    """The picture without the mark, as the server's copy to look at would be."""
    if data[2:4] != b"\xff\xfe":
        return data
    return data[:2] + data[4 + int.from_bytes(data[4:6], "big") :]


def _noise(rng: random.Random) -> Image.Image:
    return Image.frombytes("L", SIZE, rng.randbytes(SIZE[0] * SIZE[1])).point(lambda v: 122 + v // 24)


def _finish(picture: Image.Image, noise: Image.Image, rng: random.Random) -> bytes:
    """Tilt, blur, uneven light and grain of a phone's camera."""
    picture = picture.rotate(rng.uniform(-2.5, 2.5), Image.Resampling.BILINEAR, expand=False, fillcolor=(70, 72, 74))
    picture = picture.filter(ImageFilter.GaussianBlur(rng.uniform(0.4, 1.1)))
    light = Image.radial_gradient("L").resize(SIZE).point(lambda v: 255 - v // 6)
    picture = ImageChops.multiply(picture, Image.merge("RGB", (light, light, light)))
    picture = ImageChops.add(picture, Image.merge("RGB", (noise, noise, noise)), 1.0, -128)
    return _jpeg(picture, 80)


def _halved(page: bytes) -> bytes:
    with Image.open(io.BytesIO(page), formats=("JPEG",)) as picture:
        return _jpeg(picture.reduce(2), 70)


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return out.getvalue()


def _font(size: int) -> Font:
    return ImageFont.truetype(str(FONT), size) if Path(FONT).exists() else ImageFont.load_default(size)


def _words(
    draw: ImageDraw.ImageDraw, at: tuple[float, float], text: str, size: int, fill: Colour, anchor: str = "mm"
) -> None:
    """Chinese words where the font of the documents is installed; bars in their place else."""
    if FONT.exists() or text.isascii():
        draw.text(at, text, fill=fill, font=_font(size), anchor=anchor)
        return
    width = size * len(text) / 2
    draw.rectangle((at[0] - width, at[1] - size / 3, at[0] + width, at[1] + size / 3), fill=fill)


def _shade(rng: random.Random, base: Colour, spread: int = 18) -> Colour:
    r, g, b = (max(0, min(255, c + rng.randint(-spread, spread))) for c in base)
    return r, g, b


def _room(rng: random.Random) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """Floor with tiles in perspective, back wall, lamps."""
    picture = Image.new("RGB", SIZE, _shade(rng, (214, 212, 205)))
    draw = ImageDraw.Draw(picture)
    floor = _shade(rng, (176, 170, 160))
    draw.rectangle((0, 430, 960, 720), fill=floor)
    dark = tuple(c - 22 for c in floor)
    for x in range(-960, 1921, 120):
        draw.line((480 + (x - 480) * 0.35, 430, x, 720), fill=dark, width=2)
    for n in range(1, 7):
        y = 430 + 290 * (n / 6) ** 1.8
        draw.line((0, y, 960, y), fill=dark, width=2)
    for x in range(90, 960, rng.choice((190, 230))):
        draw.polygon([(x, 0), (x + 90, 0), (x + 70, 46), (x + 20, 46)], fill=(250, 250, 244))
    return picture, draw


def _person(draw: ImageDraw.ImageDraw, rng: random.Random, x: float, foot: float, height: float, uniform: bool) -> None:
    """A figure without a face."""
    coat = _shade(rng, (38, 84, 124) if uniform else (rng.randint(60, 190), rng.randint(60, 170), rng.randint(60, 160)))
    head, wide = height * 0.13, height * 0.13
    draw.rectangle((x - wide * 0.8, foot - height * 0.45, x + wide * 0.8, foot), fill=_shade(rng, (48, 50, 58)))
    draw.rounded_rectangle((x - wide, foot - height * 0.83, x + wide, foot - height * 0.4), 14, fill=coat)
    draw.ellipse(
        (x - head / 1.6, foot - height, x + head / 1.6, foot - height * 0.82), fill=_shade(rng, (206, 168, 140))
    )
    draw.pieslice(
        (x - head / 1.5, foot - height * 1.01, x + head / 1.5, foot - height * 0.84), 180, 360, fill=(40, 34, 32)
    )


def hall(rng: random.Random) -> Image.Image:
    picture, draw = _room(rng)
    brand, signs = _shade(rng, (30, 98, 140)), read("remarks")["signs"]
    draw.rectangle((60, 90, 900, 160), fill=brand)
    _words(draw, (480, 125), rng.choice(signs), 40, (245, 248, 250))
    desks = rng.randint(3, 5)
    for n in range(desks):
        x = 70 + n * 820 / desks
        draw.rectangle((x, 330, x + 760 / desks, 470), fill=_shade(rng, (232, 230, 224)))
        draw.rectangle((x, 330, x + 760 / desks, 346), fill=brand)
        draw.rectangle((x + 30, 268, x + 96, 316), fill=(30, 34, 40))
        _words(draw, (x + 120, 240), str(n + 1), 30, brand)
        if rng.random() < 0.7:
            _person(draw, rng, x + 90, 340, 130, True)
    for _ in range(rng.randint(1, 6)):
        _person(draw, rng, rng.uniform(80, 880), rng.uniform(560, 700), rng.uniform(220, 300), False)
    return picture


def front(rng: random.Random) -> Image.Image:
    picture = Image.new("RGB", SIZE, _shade(rng, (168, 188, 204)))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 60, 960, 620), fill=_shade(rng, (186, 178, 166)))
    draw.rectangle((0, 620, 960, 720), fill=_shade(rng, (128, 126, 122)))
    brand = _shade(rng, (26, 92, 136))
    draw.rectangle((110, 120, 850, 220), fill=brand)
    _words(draw, (480, 170), rng.choice(read("remarks")["signs"][:2]), 58, (250, 250, 250))
    draw.rectangle((150, 250, 810, 610), fill=_shade(rng, (94, 118, 128)))
    for x in (150, 370, 590, 810):
        draw.rectangle((x - 6, 250, x + 6, 610), fill=(206, 208, 208))
    for _ in range(rng.randint(2, 5)):
        x, y = rng.randint(180, 700), rng.randint(280, 480)
        draw.rectangle((x, y, x + 80, y + 110), fill=_shade(rng, (226, 176, 90), 40))
    if rng.random() < 0.6:
        _person(draw, rng, rng.uniform(200, 760), 690, 300, False)
    return picture


def poster(rng: random.Random) -> Image.Image:
    picture = Image.new("RGB", SIZE, _shade(rng, (206, 204, 198)))
    draw = ImageDraw.Draw(picture)
    paper, brand = _shade(rng, (248, 246, 240), 6), _shade(rng, (178, 62, 46), 40)
    draw.rectangle((196, 56, 784, 690), fill=(120, 120, 118))
    draw.rectangle((190, 50, 776, 682), fill=paper)
    draw.rectangle((190, 50, 776, 150), fill=brand)
    _words(draw, (483, 100), read("remarks")["signs"][2], 52, (252, 250, 244))
    for row in range(8):
        y = 190 + row * 56
        draw.line((220, y + 44, 748, y + 44), fill=(206, 204, 198), width=2)
        _words(draw, (290, y + 20), f"{rng.choice((29, 39, 59, 79, 99, 129, 159))}.00", 30, (60, 60, 60))
        for x in (400, 540, 660):
            draw.rectangle((x, y + 10, x + rng.randint(50, 100), y + 26), fill=(150, 150, 148))
    if rng.random() < 0.4:
        draw.polygon([(560, 480), (860, 520), (840, 640), (540, 600)], fill=_shade(rng, (238, 214, 120)))
    return picture


def machine(rng: random.Random) -> Image.Image:
    picture, draw = _room(rng)
    x = rng.uniform(260, 420)
    draw.rounded_rectangle((x, 120, x + 320, 690), 18, fill=_shade(rng, (228, 230, 230)))
    draw.rectangle((x, 120, x + 320, 180), fill=_shade(rng, (30, 98, 140)))
    _words(draw, (x + 160, 150), read("remarks")["signs"][3], 34, (248, 250, 250))
    broken = rng.random() < 0.4
    draw.rectangle((x + 30, 210, x + 290, 410), fill=(14, 16, 18) if broken else _shade(rng, (120, 172, 204)))
    if not broken:
        for row in range(2):
            for column in range(3):
                left, top = x + 46 + column * 80, 230 + row * 84
                draw.rounded_rectangle((left, top, left + 64, top + 64), 8, fill=_shade(rng, (238, 240, 240)))
    draw.rectangle((x + 90, 450, x + 230, 480), fill=(52, 54, 58))
    draw.rectangle((x + 60, 520, x + 260, 600), fill=(176, 180, 180))
    return picture


def receipt(rng: random.Random) -> Image.Image:
    picture = Image.new("RGB", SIZE, _shade(rng, (126, 98, 74)))
    draw = ImageDraw.Draw(picture)
    for y in range(0, 720, 16):
        draw.line((0, y + rng.randint(-3, 3), 960, y + rng.randint(-3, 3)), fill=_shade(rng, (118, 90, 68), 8), width=3)
    words = read("remarks")["receipt"]
    draw.rectangle((300, 40, 676, 700), fill=_shade(rng, (246, 244, 238), 5))
    _words(draw, (488, 86), words[0], 38, (40, 40, 42))
    for row in range(11):
        y = 140 + row * 40
        draw.rectangle((330, y, 330 + rng.randint(90, 170), y + 12), fill=(120, 120, 122))
        draw.rectangle((560, y, 560 + rng.randint(40, 80), y + 12), fill=(120, 120, 122))
    _words(draw, (400, 600), words[2], 28, (40, 40, 42))
    _words(draw, (590, 600), f"{rng.choice((0, 0, 29, 50, 100))}.00 {words[3]}", 28, (40, 40, 42))
    draw.arc((340, 630, 560, 700), 200, 340, fill=(30, 44, 96), width=4)
    return picture


SCENES: dict[str, Callable[[random.Random], Image.Image]] = {
    "hall": hall, "front": front, "poster": poster, "machine": machine, "receipt": receipt,
}  # fmt: skip


def recording(mark: str, seconds: int = 12) -> bytes:
    """A telephone line: ringing tone, then two voices as tones under noise. 8 kHz, mono, WAV."""
    rng, rate, frames = chance(f"sound {mark}"), 8000, bytearray()
    for n in range(seconds * rate):
        t = n / rate
        ringing = t < 3 and t % 1.5 < 0.8
        tone = 0.25 * math.sin(2 * math.pi * 450 * t) if ringing else 0.0
        if t >= 3:
            pitch = 150 if int(t / 1.7) % 2 else 220
            swell = max(0.0, math.sin(math.pi * (t * 2.3 % 1)))
            tone = swell * 0.22 * (math.sin(2 * math.pi * pitch * t) + 0.5 * math.sin(4 * math.pi * pitch * t))
        frames += struct.pack("<h", round(32000 * max(-1.0, min(1.0, tone + rng.gauss(0, 0.012)))))
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(bytes(frames))
    return out.getvalue()

"""The worked example of each document (reports/<document>/sample.json), for tests, the bench and template authors."""

import io
import random
from dataclasses import replace

import msgspec
from PIL import Image, ImageDraw

from audit_app.reporting.assets import REPORTS
from audit_app.reporting.editions import hr_edition, outlet_edition
from audit_app.reporting.facts import Document, Facts, OfficeFacts, OfficeTouchpoint, OfficeVisit, Photo
from audit_app.reporting.parts import Edition, Text


def sample(document: Document, edition: Edition, photos: int = 3) -> Facts:
    """The example in an edition; the office edition of a visit gets `photos` drawn pictures."""
    card = _read(document)
    if edition == "hr":
        return hr_edition(card, card.issue)
    if edition == "outlet":
        return outlet_edition(card, card.issue)
    if isinstance(card, OfficeVisit) and photos:
        drawn = tuple(
            Photo(
                content=draw_photo(number),
                item_code=card.losses[number].code,
                caption=card.losses[number].reasons[0] if card.losses[number].reasons else Text("—"),
                taken_at=card.when.started_at,
            )
            for number in range(photos)
        )
        return replace(card, photos=drawn)
    return card


def _read(document: Document) -> OfficeFacts:
    content = (REPORTS / document / "sample.json").read_bytes()
    if document == "visit":
        return msgspec.json.decode(content, type=OfficeVisit)
    return msgspec.json.decode(content, type=OfficeTouchpoint)


def draw_photo(number: int, size: tuple[int, int] = (1600, 1200)) -> bytes:
    """A picture of nothing in particular, of the size and grain of a phone's photo after shrinking."""
    grain = random.Random(number).randbytes(size[0] // 4 * (size[1] // 4))
    noise = Image.frombytes("L", (size[0] // 4, size[1] // 4), grain).resize(size).convert("RGB")
    wall = Image.new("RGB", size, ("#cfd6da", "#d8d2c6", "#c9d3cc")[number % 3])
    picture = Image.blend(wall, noise, 0.08)
    drawing = ImageDraw.Draw(picture)
    drawing.rectangle((0, size[1] * 0.78, size[0], size[1]), fill="#9a9284")
    drawing.rounded_rectangle((size[0] * 0.38, size[1] * 0.18, size[0] * 0.64, size[1] * 0.82), 30, fill="#eef1f2")
    drawing.rectangle((size[0] * 0.42, size[1] * 0.26, size[0] * 0.60, size[1] * 0.48), fill="#1b4a5f")
    drawing.rectangle((size[0] * 0.45, size[1] * 0.31, size[0] * 0.57, size[1] * 0.41), fill="#f4e7c5")
    content = io.BytesIO()
    picture.save(content, "JPEG", quality=82)
    return content.getvalue()

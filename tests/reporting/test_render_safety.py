"""Nobody's text can make a document read a file, reach the network or hang."""

import http.server
import io
import re
import threading
import zlib
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pypdf
import pytest
from weasyprint import HTML

from audit_app.reporting import assets
from audit_app.reporting import render as rendering
from audit_app.reporting.assets import Assets, missing_system_parts, photo_for_print
from audit_app.reporting.facts import OfficeTouchpoint, OfficeVisit
from audit_app.reporting.parts import Text
from audit_app.reporting.render import render
from audit_app.reporting.samples import draw_photo, sample
from audit_app.reporting.words import TextTooLong, breakable, printable

CANARY = "CANARY-7f3a9c21-do-not-print"
VECTORS = [
    '<img src="{file}">',
    '<img src="{http}/img">',
    '<link rel="attachment" href="{file}">',
    '<a rel="attachment" href="{file}">x</a>',
    '<link rel="stylesheet" href="{http}/css">',
    '<style>@import url("{http}/import"); @import url("{file}");</style>',
    '<style>@font-face {{ font-family: X; src: url("{http}/font") }} * {{ font-family: X }}</style>',
    '<style>body {{ background: url("{http}/background") }}</style>',
    '<object data="{file}"></object>',
    '<embed src="{http}/embed">',
    '<iframe src="{file}"></iframe>',
    '<svg xmlns:xlink="http://www.w3.org/1999/xlink"><image xlink:href="{http}/svg" width="9" height="9"/></svg>',
    '<svg><use href="{file}#a"/></svg>',
    "<img src=\"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'><image href='{file}'/></svg>\">",
    '<base href="{http}/"><p style="content: url({http}/content); list-style-image: url({file})">x</p>',
    '<input type="image" src="{http}/input"><img srcset="asset:../../etc/passwd, {file} 2x">',
]


@pytest.fixture(scope="module")
def targets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, list[str]]]:
    """A canary file, a listener and the list of what was asked from it."""
    hits: list[str] = []

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hits.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(CANARY.encode())

        def log_message(self, *_: object) -> None:
            pass

    canary: Path = tmp_path_factory.mktemp("canary") / "canary.txt"
    canary.write_text(CANARY)
    server = http.server.HTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield canary.as_uri(), f"http://127.0.0.1:{server.server_port}", hits
    server.shutdown()
    server.server_close()


def everything_in(pdf: bytes) -> bytes:
    """The file with its streams unpacked, so that a canary cannot hide in a compressed attachment."""
    unpacked = [pdf]
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            unpacked.append(zlib.decompress(stream))
        except zlib.error:
            continue
    return b"".join(unpacked)


def with_texts(value: Any, text: str) -> Any:
    """The same facts with `text` in every field that holds words, whoever wrote them."""
    if isinstance(value, Text):
        return Text(text, text)
    if is_dataclass(value) and not isinstance(value, type):
        words = {"note", "release_note", "assessor", "subject", "code", "item_code", "visit_number", "number"}
        changed = {
            field.name: text if field.name in words else with_texts(getattr(value, field.name), text)
            for field in fields(value)
        }
        return replace(value, **changed)
    if isinstance(value, tuple):
        return tuple(with_texts(member, text) for member in value)
    return value


def small_visit() -> OfficeVisit:
    card = sample("visit", "office", photos=0)
    assert isinstance(card, OfficeVisit)
    return replace(card, items=card.items[:2], losses=card.losses[:2], sections=card.sections[:1])


def small_period() -> OfficeTouchpoint:
    card = sample("scorecard", "office")
    assert isinstance(card, OfficeTouchpoint)
    block = replace(card.blocks[1], losses=card.blocks[1].losses[:2], sections=card.blocks[1].sections[:1])
    return replace(card, blocks=(block,))


@pytest.mark.parametrize("vector", VECTORS)
def test_a_vector_in_every_text_field_is_only_text(
    vector: str, targets: tuple[str, str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    file, http_address, hits = targets
    made: list[Assets] = []

    class Watched(Assets):
        def __init__(self, files: dict[str, bytes] | None = None) -> None:
            super().__init__(files)
            made.append(self)

    monkeypatch.setattr(rendering, "Assets", Watched)
    text = vector.format(file=file, http=http_address)
    pdf = render(with_texts(small_period() if "style" in vector else small_visit(), text), "en")
    assert CANARY.encode() not in everything_in(pdf)
    assert pypdf.PdfReader(io.BytesIO(pdf)).trailer["/Root"].get("/Names") is None
    assert made
    assert hits == []
    assert [refused for each in made for refused in each.refused] == []


@pytest.mark.parametrize("vector", VECTORS)
def test_even_unescaped_a_vector_reaches_nothing(vector: str, targets: tuple[str, str, list[str]]) -> None:
    file, http_address, hits = targets
    source = f"<!doctype html><html><body>{vector.format(file=file, http=http_address)}<p>text</p></body></html>"
    pdf = HTML(string=source, url_fetcher=Assets(), base_url="asset:").write_pdf()
    assert CANARY.encode() not in everything_in(pdf)
    assert hits == []


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "http://127.0.0.1/", "asset:../x", "asset:", "ASSET:photo/0.jpg", "data:text/plain,x", "x"],
)
def test_the_fetcher_knows_only_its_own_names(url: str) -> None:
    fetcher = Assets({"photo/0.jpg": b"x"})
    with pytest.raises(assets.NotAnAsset):
        fetcher.fetch(url)
    with pytest.raises(assets.NotAnAsset):
        fetcher(url)
    assert fetcher.refused == [url, url]
    assert fetcher.fetch("asset:photo/0.jpg").read() == b"x"


def test_a_text_over_two_thousand_characters_is_refused() -> None:
    with pytest.raises(TextTooLong):
        render(replace(small_visit(), release_note="字" * 2001), "zh")
    assert render(replace(small_visit(), release_note="字" * 2000), "zh")


def test_long_runs_can_break_and_stay_escaped() -> None:
    assert str(breakable("a" * 45)) == "a" * 20 + "<wbr>" + "a" * 20 + "<wbr>" + "a" * 5
    assert str(breakable("<b>&" * 6)).replace("<wbr>", "") == "&lt;b&gt;&amp;" * 6
    assert str(breakable("短文")) == "短文"


def test_what_pango_cannot_print_well_is_taken_out() -> None:
    assert printable("A\u2011B") == "A-B"
    assert printable("好\U0001f600评\ufe0f\u200b\u202e") == "好评"
    assert printable("★ ① ■ \u26a1") == "★ ① ■ "
    assert printable("a\x00b\nc") == "ab\nc"


def test_photos_are_drawn_anew_without_their_metadata() -> None:
    from PIL import Image

    exif = Image.Exif()
    exif[0x010E] = CANARY
    content = io.BytesIO()
    Image.open(io.BytesIO(draw_photo(0))).save(content, "JPEG", exif=exif)
    assert CANARY.encode() in content.getvalue()
    printed = photo_for_print(content.getvalue())
    assert CANARY.encode() not in printed
    assert len(printed) < 120_000


def test_something_else_than_a_photo_is_refused() -> None:
    for content in (b"<svg/>", b"", b"%PDF-1.7", b"\x89PNG\r\n\x1a\n" + b"0" * 64):
        with pytest.raises(Exception, match=r"cannot identify|broken|truncated|Truncated"):
            photo_for_print(content)


def test_a_photo_with_too_many_pixels_is_refused() -> None:
    from PIL import Image

    content = io.BytesIO()
    Image.new("1", (9000, 9000)).save(content, "PNG")
    with pytest.raises(ValueError, match="too many pixels"):
        photo_for_print(content.getvalue())


def test_this_machine_has_what_fast_documents_need() -> None:
    assert missing_system_parts() == []


def test_missing_parts_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from weasyprint.text import ffi

    monkeypatch.setattr(ffi, "harfbuzz_subset", None)
    monkeypatch.setattr(assets, "REPORTS", tmp_path)
    assert missing_system_parts() == ["libharfbuzz-subset0", "npm run vendor"]

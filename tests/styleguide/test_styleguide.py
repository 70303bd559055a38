"""The design system: it renders, keeps its own rules, and its colours can be read."""

import gzip
import re
from pathlib import Path

import pytest

from audit_app.kit.web import ErrorScreen
from audit_app.settings import ROOT

from .samples import VARIANTS, page

TEMPLATES = ROOT / "templates"
CSS = ROOT / "static" / "css"
SHEETS = ["tokens.css", "base.css", "components.css", "screens.css", "field.css"]
PAIR = re.compile(r"--([\w-]+):(#[0-9A-Fa-f]{6})")


def all_templates() -> list[Path]:
    return sorted(TEMPLATES.rglob("*.html"))


def tokens(block: str) -> dict[str, str]:
    return dict(PAIR.findall(block))


def blocks() -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """The light, the dark and the follow-the-device values."""
    text = (CSS / "tokens.css").read_text()
    light, rest = text.split("@media screen{[data-theme=dark]{", 1)
    dark, auto = rest.split("@media screen and (prefers-color-scheme:dark)", 1)
    return tokens(light), tokens(dark), tokens(auto)


def luminance(colour: str) -> float:
    def channel(at: int) -> float:
        part = int(colour[at : at + 2], 16) / 255
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("locale", "theme"), VARIANTS)
def test_the_style_guide_renders(locale: str, theme: str) -> None:
    text = page("styleguide.html", locale, theme)
    assert f'<html lang="{"zh-CN" if locale == "zh" else "en"}" data-theme="{theme}">' in text
    assert 'name="_csrf" value="token"' in text
    assert "/static/missing" not in text


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 422, 429, 500, 503])
@pytest.mark.parametrize("signed_in", [True, False])
def test_every_refusal_has_a_page_and_a_fragment(status: int, signed_in: bool) -> None:
    screen = ErrorScreen(status, "Title of it", "What happened <b>", "7f3a" if status == 500 else "")
    for template in ("layout/error.html", "layout/_error.html"):
        text = page(template, screen=screen, signed_in=signed_in)
        assert "Title of it" in text
        assert "What happened &lt;b&gt;" in text
        assert ("7f3a" in text) == (status == 500)


def test_a_signed_out_page_shows_no_menu() -> None:
    text = page("layout/error.html", screen=ErrorScreen(404, "Not found", "Gone"), signed_in=False)
    assert 'class="side"' not in text
    assert "/session/end" not in text


@pytest.mark.parametrize("path", all_templates(), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_templates_need_no_unsafe_policy(path: Path) -> None:
    """No inline style, script or handler: the content security policy would drop them silently."""
    text = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.S)
    assert not re.search(r"[\s\"']style\s*=", text)
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text)
    assert "hx-on" not in text
    assert "javascript:" not in text
    assert "<style" not in text
    for tag in re.findall(r"<script[^>]*>", text):
        assert "src=" in tag or "application/json" in tag, tag
    assert not re.search(r"[\u3400-\u9fff\uff00-\uffef]", text), "Chinese belongs in the catalogues"


def icons_asked_for() -> dict[str, str]:
    """Names of icons, as far as they stand as literals, and one place for each."""
    called = re.compile(r"""\bicon(?:_button|_link)?\(\s*["']([a-z0-9-]+)["']|icon_name=["']([a-z0-9-]+)["']""")
    found: dict[str, str] = {}
    for path in [*all_templates(), *sorted((ROOT / "static" / "js").rglob("*.js"))]:
        for names in called.findall(path.read_text()):
            for name in filter(None, names):
                found.setdefault(name, str(path.relative_to(ROOT)))
    for locale, theme in VARIANTS:
        for name in re.findall(r"icons\.svg[^#\"]*#([a-z0-9-]+)", page("styleguide.html", locale, theme)):
            found.setdefault(name, "the rendered style guide")
    return found


def test_every_icon_is_in_the_sprite_list() -> None:
    listed = (ROOT / "static" / "icons.txt").read_text().split()
    assert listed == sorted(set(listed))
    asked = icons_asked_for()
    assert len(asked) > 40
    missing = {name: place for name, place in asked.items() if name not in listed}
    assert not missing


def test_every_sheet_stays_light() -> None:
    """The whole product's style sheets fit in 15 kB of gzip, and nothing is printed smaller than 12 px."""
    whole = b"".join((CSS / name).read_bytes() for name in SHEETS)
    assert len(gzip.compress(whole, 9)) < 15_000
    sizes = [float(size) for size in re.findall(rb"font(?:-size)?:(?:[0-9]{3} )?([0-9.]+)px", whole)]
    assert sizes
    assert min(sizes) >= 12


def test_the_device_theme_is_the_dark_theme() -> None:
    light, dark, auto = blocks()
    assert auto == dark
    assert set(dark) <= set(light)
    assert light["qing"] == "#1B5E82"
    assert dark["qing"] == "#4C9BC4"


TEXT = [
    *[(text, ground) for text in ("text", "text-2", "text-3") for ground in ("bg", "surface", "surface-2")],
    *[("qing-text", ground) for ground in ("bg", "surface", "qing-soft")],
    *[(f"{tone}-text", ground) for tone in ("good", "warn", "bad") for ground in ("surface", f"{tone}-soft")],
    ("na-text", "na-soft"),
    ("on-qing", "qing"),
    ("on-bad", "bad"),
    ("side-text", "side"),
    ("side-mute", "side"),
    ("side-on-text", "side-on"),
    *[("heat-ink", f"heat-{level}") for level in range(1, 6)],
    *[("text", f"{tone}-soft") for tone in ("qing", "good", "warn", "bad")],
]
EDGES = [
    *[("ctl", ground) for ground in ("bg", "surface", "surface-2")],
    *[(tone, "surface") for tone in ("qing", "good", "warn", "bad", "na")],
    ("focus", "bg"),
    ("focus", "surface"),
]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_can_be_read(theme: str) -> None:
    """4.5 : 1 for text, 3 : 1 for edges of controls, bars and the focus ring."""
    light, dark, _auto = blocks()
    values = light if theme == "light" else light | dark
    for least, pairs in ((4.5, TEXT), (3.0, EDGES)):
        for one, other in pairs:
            seen = contrast(values[one], values[other])
            assert seen >= least, f"{theme}: {one} on {other} is {seen:.2f} : 1"


def test_the_focus_ring_shows_on_the_dark_menu_too() -> None:
    light, _dark, _auto = blocks()
    assert contrast("#F2C14E", light["side"]) >= 3
    assert ".side :focus-visible{outline-color:#0F2A36;box-shadow:0 0 0 8px #F2C14E" in (CSS / "base.css").read_text()

"""What a document may load: our own fonts, style sheets and the photos handed in with the facts. Nothing else, ever.

WeasyPrint reads files and the network by default. `Assets` answers names of the form `asset:…` from memory and refuses
everything else before it is looked at; `refused` keeps what was asked for, so that tests and the log can say so.
"""

import hashlib
import io
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from PIL import Image, ImageOps
from weasyprint.urls import URLFetcher, URLFetcherResponse

REPORTS = Path(__file__).resolve().parents[2] / "reports"
FONTS = (
    "NotoSansSC_400Regular.ttf",
    "NotoSansSC_700Bold.ttf",
    "NotoSerifSC_400Regular.ttf",
    "NotoSerifSC_700Bold.ttf",
)
PHOTO_SIZE = (720, 500)
PHOTO_MOST_PIXELS = 40_000_000


class NotAnAsset(ValueError):
    """Somebody's text tried to load something."""


class Assets(URLFetcher):  # type: ignore[misc]
    """A fetcher that can reach nothing: it has no network, file or data handler, only `files`."""

    def __init__(self, files: Mapping[str, bytes] | None = None) -> None:
        super().__init__(allowed_protocols={"asset"}, allow_redirects=False)
        self.files = dict(files or {})
        self.refused: list[str] = []

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        name = url.removeprefix("asset:")
        if not url.startswith("asset:") or name not in self.files:
            self.refused.append(url[:200])
            raise NotAnAsset(f"not an asset: {url[:200]}")
        return URLFetcherResponse(url, self.files[name], {"Content-Type": _media_type(name)})

    def open(self, url: object, data: object = None, timeout: object = None) -> URLFetcherResponse:
        return self.fetch(url if isinstance(url, str) else getattr(url, "full_url", ""))


def font_files() -> dict[str, bytes]:
    """The font files by asset name."""
    return {f"fonts/{name}": (REPORTS / "fonts" / name).read_bytes() for name in FONTS}


def photo_for_print(content: bytes) -> bytes:
    """A photo cut to the frame of the card: decoded and encoded anew, so that nothing but the picture goes in."""
    with Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP")) as picture:
        if picture.width * picture.height > PHOTO_MOST_PIXELS:
            raise ValueError("photo has too many pixels")
        picture.draft("RGB", (PHOTO_SIZE[0] * 2, PHOTO_SIZE[1] * 2))
        fitted = ImageOps.fit(ImageOps.exif_transpose(picture).convert("RGB"), PHOTO_SIZE, Image.Resampling.BILINEAR)
    printed = io.BytesIO()
    fitted.save(printed, "JPEG", quality=78, optimize=True)
    return printed.getvalue()


def missing_system_parts() -> list[str]:
    """What this machine lacks for fast and complete PDFs, as Debian packages or commands; empty when all is there."""
    missing = []
    try:
        from weasyprint.text import ffi
    except OSError:
        return ["libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"]
    if not ffi.harfbuzz_subset:
        missing.append("libharfbuzz-subset0")
    if not all((REPORTS / "fonts" / name).is_file() for name in FONTS):
        missing.append("npm run vendor")
    return missing


@cache
def design_sha256() -> str:
    """Hash of every template, style sheet, wording and font: with the facts' hash it says whether a card is current."""
    digest = hashlib.sha256()
    for path in sorted(REPORTS.rglob("*")):
        if path.is_file() and path.name != "sample.json":
            digest.update(path.relative_to(REPORTS).as_posix().encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _media_type(name: str) -> str:
    return {"ttf": "font/ttf", "css": "text/css", "jpg": "image/jpeg"}.get(name.rsplit(".", 1)[-1], "text/plain")

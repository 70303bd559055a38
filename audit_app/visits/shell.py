"""The field app as files: what it is made of, and a name for exactly this state of them.

The service worker keeps these files on the phone. Its build changes when any of them does, and only then.
"""

import hashlib
import json
import re
from functools import cache
from pathlib import Path

from audit_app.kit import i18n
from audit_app.settings import ROOT

STATIC = ROOT / "static"
SHELL = "/field"
TEMPLATE = ROOT / "templates" / "visits" / "field.html"
STYLES = ("css/tokens.css", "css/base.css", "css/components.css", "css/field.css")
MESSAGES = tuple(f"/field/messages/{locale}.json" for locale in i18n.LOCALES)
MANIFEST = "js/field/manifest.webmanifest"
_VENDOR = re.compile(r"vendor/[\w./-]+\.(?:js|css|svg|mjs|woff2)")


@cache
def files() -> tuple[str, ...]:
    """Addresses of everything the app needs, the shell first."""
    own = sorted(path.relative_to(STATIC).as_posix() for path in (STATIC / "js" / "field").rglob("*") if path.is_file())
    named = sorted({found for path in own for found in _vendor_in(STATIC / path)} | {"vendor/icons.svg"})
    return (SHELL, *MESSAGES, *(f"/static/{path}" for path in (*STYLES, *own, *named) if (STATIC / path).is_file()))


def _vendor_in(path: Path) -> set[str]:
    return set(_VENDOR.findall(path.read_text("utf-8"))) if path.suffix == ".js" else set()


@cache
def build() -> str:
    """A name for this state of the files."""
    digest = hashlib.sha256(TEMPLATE.read_bytes())
    for address in files():
        digest.update(address.encode())
        if address.startswith("/static/"):
            digest.update((STATIC / address.removeprefix("/static/")).read_bytes())
    for locale in i18n.LOCALES:
        digest.update(i18n.messages_json("field", locale).encode())
    return digest.hexdigest()[:16]


@cache
def service_worker() -> str:
    """`static/sw.js` with the build and the files in front."""
    head = f"const BUILD = {json.dumps(build())};\nconst FILES = {json.dumps(files())};\n"
    return head + (STATIC / "sw.js").read_text("utf-8")


@cache
def manifest() -> str:
    """The web manifest. Its name tells a bystander nothing."""
    text = json.loads((STATIC / MANIFEST).read_text("utf-8"))
    for icon in text.get("icons", []):
        icon["src"] = "/" + (Path("static") / MANIFEST).parent.joinpath(icon["src"]).as_posix()
    return json.dumps(text, ensure_ascii=False)

"""The cookies and how each is set. Over TLS those that sign somebody in carry the `__Host-` prefix.

- `mingcha`: a desk session (or the step between password and one-time code); ends with the browser.
- `mingcha_field`: a phone's session of 14 days, good only together with the device cookie it was opened with.
- `mingcha_device`: a random name of this browser. Names no person; tells a known device from a guesser.
- `mingcha_anon`: what the form token of somebody not signed in is bound to.
- `mingcha_locale`, `mingcha_theme`: what was chosen in this browser.
"""

import hashlib

from litestar.datastructures import Cookie

from audit_app.access import rules
from audit_app.settings import Settings

DESK, FIELD, DEVICE, ANON = "mingcha", "mingcha_field", "mingcha_device", "mingcha_anon"
LOCALE, THEME = "mingcha_locale", "mingcha_theme"
THEMES = ("auto", "light", "dark")
YEAR = 365 * 24 * 3600


def name_of(settings: Settings, base: str) -> str:
    return f"__Host-{base}" if settings.secure else base


def hashed(secret: str) -> str:
    """What is stored of a session's or a token's secret, and of a device's name."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def parse(header: str) -> dict[str, str]:
    """The cookies of a request. Of two with one name the first counts, as browsers send the narrower path first."""
    found: dict[str, str] = {}
    for pair in header.split(";"):
        name, equals, value = pair.partition("=")
        if equals:
            found.setdefault(name.strip(), value.strip())
    return found


def private(settings: Settings, base: str, value: str, max_age: int | None = None) -> Cookie:
    """A cookie that no script may read."""
    return Cookie(
        key=name_of(settings, base),
        value=value,
        max_age=max_age,
        path="/",
        secure=settings.secure,
        httponly=True,
        samesite="lax",
    )


def choice(settings: Settings, base: str, value: str) -> Cookie:
    """A choice of language or theme; the phone's script may read it."""
    return Cookie(key=base, value=value, max_age=YEAR, path="/", secure=settings.secure, httponly=False, samesite="lax")


def gone(settings: Settings, base: str) -> Cookie:
    return private(settings, base, "", 0)


def for_session(settings: Settings, kind: str, token: str, device: str) -> list[Cookie]:
    """What a browser gets when a session of this kind begins: its cookie, the device's, and an end to all others."""
    held, other = (FIELD, DESK) if kind == "field" else (DESK, FIELD)
    age = int(rules.FIELD_LONGEST.total_seconds()) if kind == "field" else None
    return [
        private(settings, held, token, age),
        private(settings, DEVICE, device, YEAR),
        gone(settings, other),
        gone(settings, ANON),
    ]


def header_of(cookie: Cookie) -> str:
    return cookie.to_header(header="")

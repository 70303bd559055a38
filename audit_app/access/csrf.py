"""Whether an unsafe request was meant: three checks, all of which must pass. Requests with an API token are exempt.

1. `Sec-Fetch-Site`, where the browser sends it: `same-origin` or `none`.
2. `Origin`, where the browser sends it: our own.
3. A token bound to the session (or, before sign-in, to a random cookie): in the header `X-CSRF-Token`, or as the field
   `_csrf` of a plain form. The field must stand in the first 16 kB of the body (the form macro puts it first): only
   so much is read ahead, whatever the size of an upload behind it, and handed on to the application untouched.

Looking for the token in raw bytes is safe: whoever can put the right token anywhere into the body knows it.
"""

import re
from urllib.parse import urlsplit

from litestar.types import Receive
from litestar.types.asgi_types import ReceiveMessage

from audit_app.access.keys import Keys
from audit_app.settings import LOOPBACK, Settings

PURPOSE = "csrf"
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
READ_AHEAD = 16 * 1024
_IN_FORM = re.compile(rb"(?:^|&)_csrf=([A-Za-z0-9_-]{20,80})(?:&|$)")
_IN_PARTS = re.compile(rb'name="_csrf"\r\n\r\n([A-Za-z0-9_-]{20,80})\r\n')


def mint(keys: Keys, binding: str) -> str:
    """The token for forms and headers of this session (or anonymous browser)."""
    return keys.mac(PURPOSE, binding)


def same_site(headers: dict[bytes, bytes], settings: Settings) -> bool:
    """The first two checks."""
    site, origin = headers.get(b"sec-fetch-site"), headers.get(b"origin")
    if site is not None and site not in (b"same-origin", b"none"):
        return False
    return origin is None or _ours(origin, headers.get(b"host", b""), settings)


def _ours(origin: bytes, host: bytes, settings: Settings) -> bool:
    if origin == settings.public_origin.encode():
        return True
    if not settings.loopback:
        return False
    # On one's own machine the program answers to each name of the loopback, at the port it was asked on.
    try:
        here = urlsplit(b"http://" + host).hostname or b""
    except ValueError:
        return False
    return origin == b"http://" + host and here.decode("ascii", "replace") in LOOPBACK


def proven(keys: Keys, binding: str, token: bytes) -> bool:
    return bool(binding) and keys.proves(PURPOSE, binding, token)


async def token_in_form(content_type: bytes, receive: Receive) -> tuple[bytes, Receive]:
    """The `_csrf` field of a plain form, and a `receive` that still yields the whole body."""
    if content_type.startswith(b"application/x-www-form-urlencoded"):
        pattern = _IN_FORM
    elif content_type.startswith(b"multipart/form-data"):
        pattern = _IN_PARTS
    else:
        return b"", receive
    messages, head = await _read_ahead(receive)
    found = pattern.search(head[:READ_AHEAD])
    return (found.group(1) if found else b""), _replay(messages, receive)


async def _read_ahead(receive: Receive) -> tuple[list[ReceiveMessage], bytes]:
    messages: list[ReceiveMessage] = []
    head = b""
    while len(head) < READ_AHEAD:
        message = await receive()
        messages.append(message)
        if message["type"] != "http.request":
            break
        head += message.get("body", b"")
        if not message.get("more_body", False):
            break
    return messages, head


def _replay(messages: list[ReceiveMessage], receive: Receive) -> Receive:
    waiting = iter(messages)

    async def again() -> ReceiveMessage:
        for message in waiting:
            return message
        return await receive()

    return again

"""The security headers that every answer carries: pages, errors, redirects, files and 404 alike."""

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
    "connect-src 'self'; font-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; object-src 'none'"
)

ALWAYS: tuple[tuple[bytes, bytes], ...] = (
    (b"content-security-policy", CSP.encode()),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(self), microphone=(self), geolocation=(self)"),
)
NO_STORE = b"no-store"


def guarded(headers: list[tuple[bytes, bytes]], caching: bytes = NO_STORE) -> list[tuple[bytes, bytes]]:
    """The headers of an answer with ours added; what a handler set itself (a stricter CSP for a file) stays.

    Nothing is stored by a browser or a cache between us unless the handler or `caching` says so (static files).
    """
    present = {name.lower() for name, _ in headers}
    added = [pair for pair in ALWAYS if pair[0] not in present]
    if b"cache-control" not in present:
        added.append((b"cache-control", caching))
    return [*headers, *added]


def static_caching(query: bytes) -> bytes:
    """A file asked for with its version may be kept for ever; one without must be asked for again each time, or a
    browser could mix the modules of two builds."""
    return b"public, max-age=31536000, immutable" if query.startswith(b"v=") else b"no-cache"

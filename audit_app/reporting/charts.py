"""Numbers for the SVG macros in reports/base/charts.html. Arcs are paths: WeasyPrint draws dashed strokes badly."""

from math import cos, pi, sin

import segno
from markupsafe import Markup

from audit_app.reporting.parts import Band

_CENTRE_X, _CENTRE_Y, _RADIUS = 100.0, 92.0, 84.0


def arc(share_from: float, share_to: float) -> str:
    """A path along the half circle of the gauge, from one share (0–100) to another."""
    start, end = _point(share_from), _point(share_to)
    return f"M{start}A{_RADIUS:g} {_RADIUS:g} 0 0 1 {end}"


def edges(bands: tuple[Band, ...]) -> list[float]:
    """Where one band ends and the next begins, without 0 and 100."""
    return sorted({float(band.low) for band in bands} - {0.0, 100.0})


def share(number: str | None) -> float:
    """A printed number as a length between 0 and 100."""
    return min(100.0, max(0.0, float(number or 0)))


def qr(address: str) -> Markup:
    """An address as a QR code in SVG: modules as filled squares, nothing to load."""
    matrix = segno.make(address, error="m", micro=False).matrix
    size = len(matrix) + 4
    dark = "".join(f"M{x + 2} {y + 2}h1v1h-1z" for y, row in enumerate(matrix) for x, on in enumerate(row) if on)
    return Markup('<svg viewBox="0 0 {0} {0}"><path fill="#fff" d="M0 0h{0}v{0}H0z"/><path d="{1}"/></svg>').format(
        size, dark
    )


def _point(share_of: float) -> str:
    angle = pi * (1 - share_of / 100)
    return f"{_CENTRE_X + _RADIUS * cos(angle):.2f} {_CENTRE_Y - _RADIUS * sin(angle):.2f}"

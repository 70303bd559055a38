"""Numbers as the product writes them: decimal text in, exact fractions inside, one rounding (half up, 2 places) out."""

import re
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

CENT = Decimal("0.01")
_DECIMAL = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,6})?")
_RATIO = re.compile(r"-?[0-9]+(/[0-9]+)?")


def exact(text: str) -> Fraction:
    """The exact value of a decimal text such as "1.5". Anything else, a float above all, raises ValueError."""
    if not isinstance(text, str) or _DECIMAL.fullmatch(text) is None:
        raise ValueError(f"not a decimal text: {text!r}")
    return Fraction(text)


def plain(value: Fraction) -> str:
    """The shortest decimal text of a value that has one ("1.5", "-2", "0"); ValueError for one like 1/3."""
    text = f"{Decimal(value.numerator) / Decimal(value.denominator):f}"
    if Fraction(text) != value:
        raise ValueError(f"{value} has no finite decimal text")
    return text.rstrip("0").rstrip(".") if "." in text else text


def printed(value: Fraction) -> Decimal:
    """The value as printed: half up to two places (away from zero at the half, as `Decimal` does it)."""
    cents, rest = divmod(abs(value) * 100, 1)
    cents += rest >= Fraction(1, 2)
    amount = Decimal(int(cents)).scaleb(-2)
    return (-amount if value < 0 and cents else amount).quantize(CENT, rounding=ROUND_HALF_UP)


def ratio_text(value: Fraction) -> str:
    """An exact share for storage: "3/10", "0", "1"."""
    return str(value)


def ratio(text: str) -> Fraction:
    """Back from :func:`ratio_text`."""
    if _RATIO.fullmatch(text) is None:
        raise ValueError(f"not a ratio: {text!r}")
    return Fraction(text)

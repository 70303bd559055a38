"""Means of a period: of printed finals, so that anyone can compute them again, each series by itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from audit_app.scoring.engine import Basis
from audit_app.scoring.numbers import printed


@dataclass(frozen=True, slots=True)
class Final:
    """A visit's printed final total (text such as "78.57", or None without a score), its series and its basis."""

    series: str
    final_total: str | Decimal | None
    basis: Basis = "ok"


@dataclass(frozen=True, slots=True)
class SeriesMean:
    """`mean` over `n` visits; `kept_out` more were left out for an insufficient basis or no score."""

    series: str
    n: int
    kept_out: int
    mean: Decimal | None


def period_means(finals: Iterable[Final]) -> dict[str, SeriesMean]:
    """Series → mean of its printed finals, half up to two places. Series are never mixed."""
    by_series: dict[str, list[Final]] = {}
    for final in finals:
        by_series.setdefault(final.series, []).append(final)
    return {series: _mean(series, rows) for series, rows in sorted(by_series.items())}


def mean(finals: Iterable[str | Decimal]) -> Decimal | None:
    """Mean of printed finals, half up to two places; None of nothing."""
    values = [Fraction(Decimal(final)) for final in finals]
    return printed(sum(values, Fraction(0)) / len(values)) if values else None


def _mean(series: str, rows: list[Final]) -> SeriesMean:
    kept = [row.final_total for row in rows if row.basis == "ok" and row.final_total is not None]
    return SeriesMean(series, len(kept), len(rows) - len(kept), mean(kept))

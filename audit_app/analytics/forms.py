"""The address of the overview to its filters: what is not understood falls back to the usual."""

from collections.abc import Mapping

from audit_app.analytics import rules


def filters(values: Mapping[str, str]) -> rules.Filters:
    kind = values.get("kind", "")
    series = values.get("series", "")
    return rules.Filters(
        unit=values.get("unit", "")[:36],
        county=values.get("county", "")[:36],
        period=values.get("period", ""),
        kind=kind if kind in rules.KINDS else "hall",
        series=series if series in rules.MANNERS else "covert",
        open=values.get("open", "")[:36],
    )

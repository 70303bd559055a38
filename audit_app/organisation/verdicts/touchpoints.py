"""Lines of a file of touchpoints."""

from decimal import Decimal

from audit_app.organisation.rules import Draft, Line, refuse_repeats
from audit_app.organisation.verdicts.known import Known, KnownRow

DEFAULTS = {"opens": "09:00", "closes": "18:00", "active": "yes"}


def judge(found: list[Draft], known: Known) -> list[Line]:
    refuse_repeats(found)
    lines = []
    for draft in found:
        old = known.touchpoints.get(draft.get("code"))
        if old is not None and not known.may_write(old.path):
            draft.wrong("code", "code-taken")  # says nothing about whose it is
            old = None
        elif old is not None and old.merged:
            draft.wrong("code", "merged")
        _check(draft, known, old)
        lines.append(draft.settled(old.cells if old else None, old.id if old else ""))
    return lines


def _check(draft: Draft, known: Known, old: KnownRow | None) -> None:
    unit = known.units.get(draft.get("unit_code"))
    if draft.get("unit_code") and (unit is None or not known.may_write(unit.path)):
        draft.wrong("unit_code", "no-such-unit", value=draft.get("unit_code")[:36])
    if draft.faults:
        return
    if old is not None and old.cells["kind"] != draft.get("kind"):
        draft.wrong("kind", "kind-fixed", old=old.cells["kind"])
    whole = {**DEFAULTS, **(old.cells if old else {}), **{code: value for code, value in draft.cells.items() if value}}
    _check_kind(draft, whole)
    _check_place(draft, whole)
    if whole["opens"] >= whole["closes"] and whole["kind"] != "hotline":
        draft.wrong("closes", "closes-before-opens", opens=whole["opens"], closes=whole["closes"])


def _check_kind(draft: Draft, whole: dict[str, str]) -> None:
    if whole["kind"] == "hall" and not whole.get("tier"):
        draft.wrong("tier", "tier-needed")
    if whole["kind"] != "hall" and whole.get("tier"):
        draft.wrong("tier", "tier-of-halls")
    if whole["kind"] == "hotline" and not whole.get("hotline_number"):
        draft.wrong("hotline_number", "hotline-number-needed")
    if whole["kind"] != "hotline" and whole.get("hotline_number"):
        draft.wrong("hotline_number", "hotline-number-of-hotlines")


def _check_place(draft: Draft, whole: dict[str, str]) -> None:
    lat, lon = whole.get("lat"), whole.get("lon")
    if not lat and not lon:
        return
    if not lat or not lon:
        draft.wrong("lon" if lat else "lat", "half-a-place")
        return
    if not _in_china(lat, lon):
        draft.wrong("lat", "swapped" if _in_china(lon, lat) else "not-here", lat=lat, lon=lon)
    if not whole.get("datum"):
        draft.wrong("datum", "datum-needed")


def _in_china(lat: str, lon: str) -> bool:
    return 3 <= Decimal(lat) <= 54 and 73 <= Decimal(lon) <= 136

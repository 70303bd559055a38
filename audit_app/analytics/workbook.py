"""What the overview shows, as an Excel file: every text as text, never as a formula."""

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter

from audit_app.analytics.queries.overview import Overview, Row
from audit_app.kit.i18n import gettext as _
from audit_app.kit.i18n import pick
from audit_app.kit.sheets import NO_MOMENT

OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
WIDTH = 14


def workbook(screen: Overview) -> bytes:
    """One sheet per part of the page, in the language of the request."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, OPTIONS)
    book.set_properties({"created": NO_MOMENT})
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    for name, headings, rows in (_scores(screen), _trend(screen), _lost(screen), _cadence(screen), _overdue(screen)):
        sheet = book.add_worksheet(name[:31])
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, 0, 28)
        sheet.set_column(1, max(1, len(headings) - 1), WIDTH)
        for column, text in enumerate(headings):
            sheet.write_string(0, column, text, head)
        for n, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                _write(sheet, n, column, value)
    book.close()
    return out.getvalue()


def _write(sheet: Any, row: int, column: int, value: object) -> None:
    if isinstance(value, int | float):
        sheet.write_number(row, column, value)
    elif value is not None:
        sheet.write_string(row, column, str(value))


Sheet = tuple[str, list[str], list[Sequence[object]]]


def _scores(screen: Overview) -> Sheet:
    headings = [_("Unit"), *[pick(h.title) for h in screen.headings]]
    headings += [_("Total"), _("Visits")]
    rows: list[Sequence[object]] = [_line(row) for row in [*screen.rows, screen.whole]]
    return _("Section scores"), headings, rows


def _line(row: Row) -> Sequence[object]:
    return [("    " if row.child else "") + row.name, *row.cells, row.total, row.visits]


def _trend(screen: Overview) -> Sheet:
    rows = [
        (f"{month:%Y-%m}", mean, n) for month, mean, n in zip(screen.months, screen.trend, screen.counts, strict=True)
    ]
    return _("Trend"), [_("Month"), _("Mean score"), _("Visits")], list(rows)


def _lost(screen: Overview) -> Sheet:
    rows = [(item.code, pick(item.text), item.percent, item.change) for item in screen.lost]
    headings = [_("Code"), _("Item"), _("Share of visits, percent"), _("Against the quarter before")]
    return _("Items lost most often"), headings, list(rows)


def _cadence(screen: Overview) -> Sheet:
    words = {"province": _("Province"), "city": _("City"), "county": _("County")}
    rows = [
        (words.get(one.level, one.level), f"{one.first:%Y-%m}", f"{one.last:%Y-%m}", one.done, one.units)
        for one in screen.cadence
    ]
    return _("Inspection cadence"), [_("Level"), _("From"), _("To"), _("Kept"), _("Units")], list(rows)


def _overdue(screen: Overview) -> Sheet:
    rows = [(one.code, one.name, one.unit, one.days) for one in screen.overdue.rows]
    return _("Overdue touchpoints"), [_("Code"), _("Name"), _("Unit"), _("Days overdue")], list(rows)

"""Files that the import pages give: an empty table per kind, and the wrong rows of a dry run. UTF-8 with a BOM."""

from audit_app.kit.i18n import gettext as _
from audit_app.kit.i18n import locale_now
from audit_app.kit.sheets import BOM, csv_row
from audit_app.organisation import columns, words
from audit_app.organisation.rules import Report


def template(kind: str) -> bytes:
    """The headings of a kind: words in Chinese, codes in English, both of which the import knows."""
    chinese = locale_now.get() == "zh"
    row = [column.label["zh"] if chinese else column.code for column in columns.columns(kind)]
    return (BOM + ",".join(row) + "\r\n").encode()


def wrong_rows(report: Report) -> bytes:
    """The wrong rows with why, one line per fault, and their cells as they were sent."""
    labels = [words.column_text(report.kind, code) for code in report.columns]
    text = [csv_row([_("Row"), _("Column"), _("What is wrong"), *labels])]
    for line in report.lines:
        for fault in line.faults:
            cells = [line.cells.get(code, "") for code in report.columns]
            column = words.column_text(report.kind, fault.column)
            text.append(csv_row([line.number, column, words.fault_text(report.kind, fault), *cells]))
    return (BOM + "".join(text)).encode()


def whole_report(report: Report) -> bytes:
    """Every row of a dry run or import with its verdict and what it changed."""
    labels = [words.column_text(report.kind, code) for code in report.columns]
    text = [csv_row([_("Row"), _("Verdict"), _("What changed"), _("What is wrong"), *labels])]
    for line in report.lines:
        changed = "; ".join(" ".join(words.change_texts(report.kind, change)) for change in line.changes)
        faults = "; ".join(words.fault_text(report.kind, fault) for fault in line.faults)
        cells = [line.cells.get(code, "") for code in report.columns]
        text.append(csv_row([line.number, words.verdict_text(line.verdict), changed, faults, *cells]))
    return (BOM + "".join(text)).encode()

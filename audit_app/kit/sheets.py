"""CSV that spreadsheets open: no cell is taken for a formula, whatever somebody typed into it."""

import re
from collections.abc import Iterable
from datetime import datetime
from io import StringIO

from defusedcsv import csv

BOM = "\ufeff"
NO_MOMENT = datetime(2000, 1, 1)  # noqa: DTZ001 (a workbook's bytes follow from its contents alone)
# Full-width signs begin formulas in Chinese editions, and what stands before a sign unseen does not stop it.
_FORMULA = re.compile(r"[\s\x00-\x1f\u200b-\u200f\u2060\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]")
_PLAIN_START = frozenset("=+-@|%")  # the writer sees to these itself


def csv_row(cells: Iterable[object]) -> str:
    """One line. Every cell is quoted: an unquoted one falls apart where the reader's separator is another than ours."""
    text = StringIO()
    csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_ALL).writerow([_harmless(cell) for cell in cells])
    return text.getvalue()


def _harmless(cell: object) -> object:
    if isinstance(cell, str) and cell[:1] not in _PLAIN_START and _FORMULA.match(cell):
        return f"'{cell}"
    return cell

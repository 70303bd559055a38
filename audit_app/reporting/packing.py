"""The ZIP of a run: a folder per county, a manifest and a workbook, streamed into one file."""

import os
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import xlsxwriter
from zipstream import ZIP_DEFLATED, ZIP_STORED, ZipStream

from audit_app.kit.i18n import gettext
from audit_app.kit.sheets import BOM, NO_MOMENT, csv_row
from audit_app.reporting.facts import Facts, TouchpointCard, experience_figure, site_figure
from audit_app.reporting.parts import Text
from audit_app.reporting.queries.runs import Finished
from audit_app.reporting.render import Locale, filename

MOST_NAME = 200
_FORBIDDEN = re.compile(r'[/\\:*?"<>|\x00-\x1f\x7f]')


def zip_name(facts: Facts, locale: Locale) -> str:
    """The path of a document inside the ZIP: the county's folder, then the file's own name."""
    place = facts.place
    parts = [text.pick(locale) for text in (place.city, place.county)]
    folder = "-".join(_clean(part) for part in parts if _clean(part)) or "-"
    stem, end = os.path.splitext(filename(facts, locale))
    return f"{folder}/{stem[: MOST_NAME - len(folder) - len(end) - 1]}{end}"


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("", text)[:40].strip(" .")


def summary(facts: Facts) -> dict[str, Any]:
    """What manifest and workbook say of a document as it was rendered: plain JSON, figures as decimal text."""
    place = facts.place
    base = {
        "period": facts.period.code, "code": place.code, "name": _pair(place.name), "city": _pair(place.city),
        "county": _pair(place.county), "kind": facts.document,
    }  # fmt: skip
    if isinstance(facts, TouchpointCard):
        series = [
            {
                "series": block.series, "visits": experience_figure(block).count, "site": site_figure(block).mean,
                "experience": experience_figure(block).mean,
            }
            for block in facts.blocks
        ]  # fmt: skip
    else:
        counted = int(facts.experience.basis == "sufficient")
        series = [
            {
                "series": facts.series, "visits": counted, "site": facts.site.final,
                "experience": facts.experience.final,
            }
        ]  # fmt: skip
    return {**base, "series": series}


def _pair(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _in(pair: dict[str, str], locale: str) -> str:
    return Text(**pair).pick(locale)


def headings(locale: str) -> list[str]:
    """The columns that manifest and workbook share."""

    def _(message: str) -> str:
        return gettext(message, locale)

    return [
        _("Period"), _("City"), _("County"), _("Code"), _("Name"), _("Kind of card"), _("Series"),
        _("Visits counted"), _("Site figure"), _("Experience figure"),
    ]  # fmt: skip


def lines(one: Finished, locale: str) -> list[list[str]]:
    """One line per series of a document."""
    s = one.summary
    head = [s["period"], _in(s["city"], locale), _in(s["county"], locale), s["code"], _in(s["name"], locale)]
    return [
        [*head, kind_word(s["kind"], locale), series_word(each["series"], locale), str(each["visits"]),
         each["site"] or "", each["experience"] or ""]
        for each in s["series"]
    ]  # fmt: skip


def kind_word(kind: str, locale: str) -> str:
    return gettext("One visit", locale) if kind == "visit" else gettext("Touchpoint and period", locale)


def series_word(series: str, locale: str) -> str:
    if series == "overt":
        return gettext("Overt", locale)
    return gettext("Covert", locale) if series == "covert" else gettext("Hotline", locale)


def write_zip(
    target: Path, documents: Callable[[], Iterator[Finished]], chunks: Callable[[str], Iterator[bytes]], locale: str
) -> None:
    """Streams the ZIP into `target`. `documents` is gone through three times; no more than one piece is in memory."""
    stream = ZipStream(compress_type=ZIP_STORED, sized=False)
    for name, one in named(documents()):
        stream.add(_reader(chunks, one.blob), name)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        workbook = Path(folder) / "summary.xlsx"
        write_workbook(workbook, documents(), locale)
        stream.add(manifest(documents(), locale), "manifest.csv", compress_type=ZIP_DEFLATED)
        stream.add_path(workbook, f"{gettext('Summary', locale)}.xlsx")
        with target.open("wb") as file:
            for piece in stream:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())


def named(documents: Iterator[Finished]) -> Iterator[tuple[str, Finished]]:
    """Each document with its name in the ZIP; should two be alike, the second carries its number."""
    taken: set[str] = set()
    for one in documents:
        name = one.file_name if one.file_name not in taken else f"{one.file_name[:-4]}_{one.seq}.pdf"
        taken.add(name)
        yield name, one


def _reader(chunks: Callable[[str], Iterator[bytes]], blob: str) -> Iterator[bytes]:
    yield from chunks(blob)


def manifest(documents: Iterator[Finished], locale: str) -> Iterator[bytes]:
    """CSV with a BOM: file, hash and size of each document, then its figures; no cell can be a formula."""
    yield BOM.encode()
    yield csv_row([gettext("File", locale), "sha256", gettext("Bytes", locale), *headings(locale)]).encode()
    for name, one in named(documents):
        for line in lines(one, locale):
            yield csv_row([name, one.blob, str(one.bytes), *line]).encode()


def write_workbook(path: Path, documents: Iterator[Finished], locale: str) -> None:
    """The summary as XLSX: texts are never formulas, codes stay text, figures are numbers, the head is frozen."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(str(path), options)
    book.set_properties({"created": NO_MOMENT})
    sheet = book.add_worksheet(gettext("Summary", locale)[:31])
    bold, figure = book.add_format({"bold": True}), book.add_format({"num_format": "0.00"})
    names = headings(locale)
    sheet.freeze_panes(1, 0)
    for at, (name, width) in enumerate(zip(names, (10, 14, 14, 14, 30, 18, 10, 14, 14, 16), strict=True)):
        sheet.set_column(at, at, width)
        sheet.write_string(0, at, name, bold)
    row = 1
    for one in documents:
        for line in lines(one, locale):
            for at, cell in enumerate(line):
                if at == len(line) - 3:
                    sheet.write_number(row, at, int(cell))
                elif at >= len(line) - 2 and cell:
                    sheet.write_number(row, at, float(cell), figure)
                else:
                    sheet.write_string(row, at, cell)
            row += 1
    sheet.autofilter(0, 0, max(row - 1, 1), len(names) - 1)
    book.close()

"""A file's bytes as a table of texts. Pure: CSV in UTF-8, UTF-16 or GB18030, and XLSX, both held to limits."""

import csv
import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time

from openpyxl import load_workbook

from audit_app.kit import errors
from audit_app.kit.child import Killed, in_child
from audit_app.kit.errors import FieldError
from audit_app.organisation.columns import Heading, recognise

MOST_BYTES = 5 * 1024 * 1024
MOST_ROWS = 50_000
MOST_COLUMNS = 60
MOST_UNPACKED = 120 * 1024 * 1024
MOST_CELL = 2_000
XLSX = b"PK\x03\x04"
SECONDS = 120.0  # 50,000 rows of XLSX take half a minute
MEMORY = 320 * 1024 * 1024

MESSAGES = {
    "empty": "The file holds no rows.",
    "too-many-rows": "The file holds more than %(most)s rows. Please split it.",
    "encoding": "The text of the file cannot be read. Save it as CSV UTF-8 or as XLSX.",
    "old-excel": "This is an old Excel file. Save it as XLSX.",
    "not-a-table": "This is neither a CSV nor an XLSX file.",
    "unpacked-size": "The XLSX file unpacks to more than we accept.",
    "too-costly": "Reading this file takes more time or memory than we allow. Please split it, or save it as CSV.",
}


@dataclass(frozen=True)
class Row:
    """One line of a file: its number as a spreadsheet shows it, and the text of each known column."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Table:
    """A file that could be read."""

    kind: str
    file_name: str
    sha256: str
    heading: Heading
    rows: list[Row]


def read_apart(kind: str, file_name: str, data: bytes) -> Table:
    """:func:`read_table` for a file that somebody sent: a spreadsheet, of which 20 kB can ask for gigabytes, is read in
    a process of its own. Blocks."""
    if not data.startswith(XLSX) or len(data) > MOST_BYTES:
        return read_table(kind, file_name, data)
    try:
        return in_child(SECONDS, MEMORY, read_table, kind, file_name, data)
    except Killed as fault:
        raise _refuse("too-costly") from fault


def read_table(kind: str, file_name: str, data: bytes) -> Table:
    """The table in the bytes. Invalid with one field `file` says what is wrong with the file as a whole; TooLarge for
    more than 5 MB."""
    if len(data) > MOST_BYTES:
        raise errors.TooLarge("The file is larger than 5 MB.")
    lines = _filled(_xlsx_lines(data) if data.startswith(XLSX) else _csv_lines(data))
    first = next(lines, None)
    if first is None:
        raise _refuse("empty")
    heading = recognise(kind, first[1])
    rows: list[Row] = []
    for number, line in lines:
        if len(rows) >= MOST_ROWS:
            raise _refuse("too-many-rows", most=f"{MOST_ROWS:,}")
        rows.append(Row(number, {code: _at(line, place) for code, place in heading.places.items()}))
    if not rows:
        raise _refuse("empty")
    return Table(kind, _plain_name(file_name), hashlib.sha256(data).hexdigest(), heading, rows)


def _plain_name(file_name: str) -> str:
    """The name without folders, and without what cannot be seen: a NUL no database takes, a mark turns text round."""
    return "".join(c for c in file_name.replace("\\", "/").rsplit("/", 1)[-1] if c.isprintable())[-120:]


def _at(line: list[str], place: int) -> str:
    return line[place] if place < len(line) else ""


def _filled(lines: Iterable[list[str]]) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(lines, start=1):
        if any(line):
            yield number, line


def _csv_lines(data: bytes) -> Iterator[list[str]]:
    text = _text_of(data)
    first = text.split("\n", 1)[0]
    delimiter = max(",\t;", key=first.count)
    try:
        for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False):
            yield [cell.strip()[:MOST_CELL] for cell in line[:MOST_COLUMNS]]
    except csv.Error as fault:
        raise _refuse("not-a-table") from fault


def _text_of(data: bytes) -> str:
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise _refuse("old-excel")
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            raise _refuse("not-a-table")
        return text
    raise _refuse("encoding")


def _xlsx_lines(data: bytes) -> Iterator[list[str]]:
    """The first sheet. Formulas stay the text that they are: nothing is computed."""
    _guard_archive(data)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        for line in sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=MOST_COLUMNS, values_only=True):
            yield [_cell_text(value) for value in line]
        book.close()
    except (errors.Refusal, MemoryError):
        raise
    except Exception as fault:  # a damaged file meets the library anywhere
        raise _refuse("not-a-table") from fault


def _guard_archive(data: bytes) -> None:
    """Sizes in the directory bind: zipfile reads no more of a part than it declares. No part may declare entities."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > 2_000 or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise _refuse("unpacked-size")
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    with archive.open(part) as file:
                        if b"<!" in file.read(4096).replace(b"<!--", b"").replace(b"<![CDATA[", b""):
                            raise _refuse("not-a-table")
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as fault:
        raise _refuse("not-a-table") from fault


def _cell_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d" if value.time() == time() else "%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(getattr(value, "text", value)).strip()[:MOST_CELL]


def _refuse(code: str, **params: object) -> errors.Invalid:
    return errors.Invalid(fields=[FieldError("file", code, MESSAGES[code], params)], code=code)

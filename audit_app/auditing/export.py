"""Lines of the trail as a file, read page by page: CSV without an end, or a workbook written beside and sent."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import xlsxwriter

from audit_app.access.rules import Actor
from audit_app.auditing.queries import lines
from audit_app.auditing.queries.lines import Line
from audit_app.auditing.queries.people import Person
from audit_app.auditing.rules import EXPORT_PAGE, Filters
from audit_app.kit import clock
from audit_app.kit.db import Database
from audit_app.kit.i18n import gettext as _
from audit_app.kit.i18n import locale_now
from audit_app.kit.sheets import BOM, csv_row
from audit_app.trail.rules import canonical

CHUNK = 256 * 1024
WIDTHS = (19, 36, 24, 22, 36, 16, 10, 48)


def heading() -> list[str]:
    """The columns, in the language of the request."""
    return [_("When it was"), _("Act"), _("Who"), _("Kind"), _("Thing"), _("Unit"), _("Number"), _("Details")]


def row(line: Line) -> list[str]:
    """One line in words; codes and ids as text."""
    subject = person_text(line.about) if line.about else line.subject
    return [
        f"{clock.local(line.at):%Y-%m-%d %H:%M:%S}", _(line.act_name(line.act)), who_text(line),
        _(line.kind_name(line.kind)), subject, line.unit, str(line.seq or ""), canonical(line.detail),
    ]  # fmt: skip


def who_text(line: Line) -> str:
    if line.anonymous:
        return _("Assessor")
    return person_text(line.who) if line.who else _("System")


def person_text(person: Person) -> str:
    if person.name:
        return person.name
    return f"{_('Chief tester') if person.tier == 'chief_tester' else _('Tester')} {person.code}".strip()


async def csv_lines(db: Database, actor: Actor, filters: Filters) -> AsyncIterator[bytes]:
    """The whole file, a page at a time; nothing is kept in memory but that page."""
    yield (BOM + csv_row(heading())).encode()
    marker = ""
    while True:
        page = await db.read(lines.lines, actor, filters, marker, EXPORT_PAGE)
        yield "".join(csv_row(row(line)) for line in page.rows).encode()
        marker = page.next
        if not marker:
            return


async def workbook(db: Database, actor: Actor, filters: Filters, folder: Path) -> AsyncIterator[bytes]:
    """A workbook, written to a file of its own in a thread and removed when it has been sent."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix="trail-") as place:
        target = Path(place) / "trail.xlsx"
        await asyncio.to_thread(_write, target, db, actor, filters, locale_now.get())
        with target.open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk


def _write(target: Path, db: Database, actor: Actor, filters: Filters, locale: str) -> None:
    locale_now.set(locale)
    options: dict[str, Any] = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
                               "strings_to_numbers": False}  # fmt: skip
    with xlsxwriter.Workbook(str(target), options) as book:
        sheet, bold = book.add_worksheet(), book.add_format({"bold": True})
        sheet.freeze_panes(1, 0)
        for column, width in enumerate(WIDTHS):
            sheet.set_column(column, column, width)
        for column, text in enumerate(heading()):
            sheet.write_string(0, column, text, bold)
        for number, cells in enumerate(_rows(db, actor, filters), start=1):
            for column, text in enumerate(cells):
                sheet.write_string(number, column, text)


def _rows(db: Database, actor: Actor, filters: Filters) -> Iterator[list[str]]:
    marker = ""
    while True:
        page = db.read_now(lines.lines, actor, filters, marker, EXPORT_PAGE)
        yield from (row(line) for line in page.rows)
        marker = page.next
        if not marker:
            return

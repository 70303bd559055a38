"""Spreadsheets that strangers made: damaged, inflated or lying ones are refused, and none of ours runs a formula."""

import io
import random
import resource
import zipfile
from collections.abc import Callable

import pytest

from audit_app.kit.errors import Invalid
from audit_app.kit.sheets import csv_row
from audit_app.organisation import reading
from audit_app.organisation.reading import read_apart, read_table
from tests.access.conftest import ClientFor
from tests.organisation import files

ROWS: list[list[object]] = [["code", "name", "level", "parent_code"], ["36", "=1+1", "province", ""]]
SHEET, STYLES = "xl/worksheets/sheet1.xml", "xl/styles.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def with_part(name: str, content: str | bytes) -> bytes:
    """A spreadsheet with one part in place of the true one."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(files.xlsx(ROWS))) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, content if part == name else old.read(part))
    return out.getvalue()


def wide_row(cells: int) -> bytes:
    return with_part(SHEET, f'<worksheet xmlns="{MAIN}"><sheetData><row>{"<c/>" * cells}</row></sheetData></worksheet>')


def many_styles(count: int) -> bytes:
    return with_part(STYLES, f'<styleSheet xmlns="{MAIN}"><cellXfs>{"<xf/>" * count}</cellXfs></styleSheet>')


def entities(head: str) -> bytes:
    """One cell of 10^12 letters, declared behind `head`."""
    steps = "".join(f'<!ENTITY {b} "{f"&{a};" * 100}">' for a, b in ("ab", "bc", "cd", "de", "ef"))
    text = f'<!DOCTYPE x [<!ENTITY a "{"x" * 100}">{steps}]>'
    cell = '<row><c t="inlineStr"><is><t>&f;</t></is></c></row>'
    return with_part(SHEET, f'{head}{text}<worksheet xmlns="{MAIN}"><sheetData>{cell}</sheetData></worksheet>')


BOMBS: dict[str, Callable[[], bytes]] = {
    "10^6 cells in a row": lambda: wide_row(1_000_000),
    "10^6 styles": lambda: many_styles(1_000_000),
    "entities": lambda: entities(""),
    "entities behind a long head": lambda: entities('<?xml version="1.0"?>' + " " * 5000),
}
FIRST, *OTHERS = BOMBS


@pytest.mark.parametrize("name", [FIRST, *(pytest.param(name, marks=pytest.mark.full) for name in OTHERS)])
def test_a_bomb_takes_a_child_down_and_not_the_server(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is a few kilobytes; the memory of this process must not follow it."""
    monkeypatch.setattr(reading, "SECONDS", 4.0)
    monkeypatch.setattr(reading, "MEMORY", 200 * 1024 * 1024)
    data = BOMBS[name]()
    assert len(data) < 60_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(Invalid) as refused:
        read_apart("units", "a.xlsx", data)
    assert refused.value.code in ("too-costly", "not-a-table", "empty")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 40_000


def test_a_sound_spreadsheet_comes_back_from_the_child() -> None:
    table = read_apart("units", "a.xlsx", files.xlsx(ROWS))
    assert (table.kind, table.rows[0].cells["name"]) == ("units", "=1+1")


def outcome(data: bytes) -> str:
    """`read`, or the code of the refusal. Anything else that is raised is the fault that we look for."""
    try:
        read_table("units", "a.xlsx", data)
    except Invalid as refusal:
        return refusal.code
    return "read"


def test_damaged_spreadsheets_are_refused_and_never_a_bug() -> None:
    """70 cuts and flips of bits, 70 values in the XML that a program would never write."""
    chance, whole = random.Random(11), files.xlsx(ROWS)
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    seen = set()
    for _ in range(70):
        data = bytearray(whole)
        for _ in range(chance.choice((1, 4))):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        seen.add(outcome(bytes(data[: chance.randrange(200, len(data))] if chance.random() < 0.2 else data)))
    for _ in range(70):
        name = chance.choice([name for name in parts if parts[name].count('"') > 3])
        bits = parts[name].split('"')
        bits[chance.randrange(1, len(bits) - 1)] = chance.choice(["-1", "9" * 30, "", "1e400", "XFD1048577", "../x"])
        seen.add(outcome(with_part(name, '"'.join(bits))))
    assert "not-a-table" in seen
    assert "read" in seen


@pytest.mark.data
@pytest.mark.parametrize("name", [b"a\0b.csv", b"../../etc/passwd.csv", b"a\x01\x7f.csv", "\u202ea.csv".encode()])
def test_a_file_name_is_only_a_name(client_for: ClientFor, name: bytes) -> None:
    """A path, a control character, a mark that turns text round: what is kept can be stored and read."""
    head = b'--b\r\nContent-Disposition: form-data; name="kind"\r\n\r\nunits\r\n--b\r\nContent-Disposition: form-data; '
    body = b'name="file"; filename="' + name + b'"\r\n\r\ncode,name,level\n36,Province,province\n\r\n--b--\r\n'
    admin = client_for("admin")
    answer = admin.post("/imports", content=head + body, headers={"content-type": "multipart/form-data; boundary=b"})
    assert answer.status_code == 303, answer.text
    page = admin.get(answer.headers["location"]).text
    assert not {"\0", "\x01", "\x7f", "\u202e", "/etc/"} & set(page)
    assert "etc/passwd" not in page


FORMULAS = [
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", "\n=1+1", " =1+1", "\uff1d1+1", "\uff0b1+1", "\uff0d1+1",
    "\uff20SUM(A1)", "\u200b=1+1", "\ufeff=1+1", "|calc", "%0A=1+1", "=cmd|'/c calc'!A0", "\u3000=1+1", "\xa0=1+1",
]  # fmt: skip


@pytest.mark.parametrize("cell", FORMULAS)
def test_no_csv_cell_begins_a_formula(cell: str) -> None:
    written = csv_row(["first", cell])
    assert written.split(",", 1)[1].startswith("\"'")


@pytest.mark.parametrize("cell", ["harmless;=1+1", "harmless\t=1+1", "harmless,=1+1", 'a"b', "line\nline"])
def test_a_cell_stays_one_cell_whatever_the_separator(cell: str) -> None:
    quoted = cell.replace('"', '""')
    assert csv_row([cell, 1, "\u4e2d\u6587", "-1.5"]) == f'"{quoted}","1","\u4e2d\u6587","-1.5"\r\n'


def test_the_wrong_rows_of_an_import_hold_no_formula(client_for: ClientFor) -> None:
    """The cells come back as they were sent: the one who sent them need not be the one who opens them."""
    lines = "".join(f"no-such,{cell.strip()},province,\n" for cell in FORMULAS if "," not in cell and "\n" not in cell)
    admin = client_for("admin")
    file = {"file": ("a.csv", f"code,name,level,parent_code\n{lines}x;=1+1,y,no,\n".encode(), "text/csv")}
    run = admin.post("/imports", data={"kind": "units"}, files=file).headers["location"]
    text = admin.get(f"{run}/errors").text
    assert text.count("1+1") >= 10
    for line in text.splitlines()[1:]:
        assert line.startswith('"')
        for cell in line.strip('"').split('","'):
            assert cell.lstrip("\ufeff\u200b\u3000\xa0 \t")[:1] not in {*"=+@", "\uff1d", "\uff0b", "\uff0d", "\uff20"}

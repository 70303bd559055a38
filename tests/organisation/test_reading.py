"""Bytes to tables: encodings, spreadsheets, headings, limits and files that are no tables at all."""

from datetime import date, datetime

import pytest

from audit_app.kit.errors import Invalid, TooLarge
from audit_app.organisation import columns, reading
from audit_app.organisation.reading import read_table
from tests.organisation import files

CHINESE = "编码,名称,层级,上级编码\n36,江州省,省,\n3601,北市,市,36\n"
WIDE = [["code", "name", "level", "parent_code"], ["36", "江州省", "province", ""], ["3601", "北市", "city", "36"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_every_encoding_gives_the_same_table(encoding: str) -> None:
    table = read_table("units", "a.csv", CHINESE.encode(encoding))
    assert table.heading.codes == ["code", "name", "level", "parent_code"]
    assert [row.cells["name"] for row in table.rows] == ["江州省", "北市"]
    assert [row.number for row in table.rows] == [2, 3]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters(delimiter: str) -> None:
    table = read_table("units", "a.csv", CHINESE.replace(",", delimiter).encode())
    assert table.rows[1].cells == {"code": "3601", "name": "北市", "level": "市", "parent_code": "36"}


def test_a_spreadsheet_reads_like_its_csv() -> None:
    rows: list[list[object]] = [
        ["编码", "名称*", "层级（必填）", "上级编码", "备注"],
        [36, "江州省", "省", None, "x"],
        [3601.0, "北市", "市", 36, ""],
    ]
    table = read_table("units", "b.xlsx", files.xlsx(rows))
    assert table.heading.unknown == ("备注",)
    assert [row.cells["code"] for row in table.rows] == ["36", "3601"]


def test_dates_and_formulas_of_a_spreadsheet() -> None:
    rows: list[list[object]] = [
        ["code", "name", "touchpoint_code", "joined_on"],
        ["S1", "=1+1", "T1", date(2024, 1, 8)],
        ["S2", "B", "T1", datetime(2024, 1, 8)],
    ]
    table = read_table("staff", "c.xlsx", files.xlsx(rows))
    assert table.rows[0].cells["name"] == "=1+1"
    assert [row.cells["joined_on"] for row in table.rows] == ["2024-01-08", "2024-01-08"]


def test_blank_lines_are_passed_over_and_rows_keep_their_numbers() -> None:
    table = read_table("units", "a.csv", b"\n\ncode,name,level\n\n36,A,province\n,,\n35,B,province\n")
    assert [row.number for row in table.rows] == [5, 7]


def code_of(data: bytes, kind: str = "units") -> str:
    with pytest.raises(Invalid) as refused:
        read_table(kind, "a", data)
    assert refused.value.fields[0].path == "file"
    return refused.value.fields[0].code


def test_wrong_files_are_named() -> None:
    assert code_of(b"") == "empty"
    assert code_of(b"code,name,level\n") == "empty"
    assert code_of(b"code,name\n1,2\n") == "column-missing"
    assert code_of("编号,编码,名称,层级\n1,1,a,省\n".encode()) == "column-twice"
    assert code_of(b"\xd0\xcf\x11\xe0xls") == "old-excel"
    assert code_of(b"PK\x03\x04 not a zip") == "not-a-table"
    assert code_of(files.xlsx([["code", "name", "level"], ["36", "A", "province"]])[:900]) == "not-a-table"
    assert code_of(b"code,name,level\x00\n") == "not-a-table"
    assert code_of(b"\xff\xffcode") == "encoding"


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TooLarge):
        read_table("units", "a.csv", b"x" * (reading.MOST_BYTES + 1))
    assert code_of(files.bomb(reading.MOST_UNPACKED + 1)) == "unpacked-size"
    monkeypatch.setattr(reading, "MOST_ROWS", 2)
    assert code_of(b"code,name,level\n1,a,province\n2,b,province\n3,c,province\n") == "too-many-rows"


def test_every_heading_means_one_column_of_its_kind() -> None:
    for kind in columns.KINDS:
        seen: dict[str, str] = {}
        for column in columns.columns(kind):
            for name in {*column.names, *column.label.values(), column.code}:
                assert seen.setdefault(columns.fold(name), column.code) == column.code, (kind, name)

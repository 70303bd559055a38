"""Small files for import tests."""

import io
import zipfile

from openpyxl import Workbook

UNITS = "code,name,level,parent_code\n360102,Bell County,county,3601\n360102002,New Town,town,360102\n"
TOUCHPOINTS = (
    "code,name,kind,tier,unit_code,address,hotline_number,lat,lon,datum,opens,closes\n"
    "JZ0001,Bell Road Hall,hall,1,360102,2 Long Street,,28.68,115.89,WGS-84,09:00,18:00\n"
    "JZ0100,New Hall,hall,3,360103,,,,,,08:30,17:30\n"
)
STAFF = (
    "code,name,touchpoint_code,team_code,team_name,badge,agent_no,job,joined_on\n"
    "S1001,Bell Staff 1,hall-x,,,B1,,,2024-01-08\n"
)


def xlsx(rows: list[list[object]]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def bomb(size: int) -> bytes:
    """An XLSX whose sheet unpacks to `size` bytes."""
    small = xlsx([["code", "name", "level"], ["36", "X", "province"]])
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(small)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, old.read(part))
        new.writestr("xl/worksheets/sheet9.xml", b"0" * size)
    return out.getvalue()

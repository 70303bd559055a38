"""Verdicts on lines, without a database."""

from datetime import UTC, datetime

import pytest

from audit_app.organisation.reading import read_table
from audit_app.organisation.rules import Line, Report, as_document, from_document, table_again
from audit_app.organisation.verdicts import judge
from audit_app.organisation.verdicts.known import Known, KnownRow, KnownShift, KnownTeam


def unit(code: str, level: str, parent: str, path: str, name: str = "X") -> KnownRow:
    return KnownRow(code, path, {"code": code, "name": name, "level": level, "parent_code": parent, "active": "yes"})


def place(code: str, kind: str = "hall", **cells: str) -> KnownRow:
    empty = dict.fromkeys(("address", "hotline_number", "lat", "lon", "datum"), "")
    whole = {**empty, "code": code, "name": code, "kind": kind, "tier": "1" if kind == "hall" else "",
             "unit_code": "360102", "opens": "09:00", "closes": "18:00", "active": "yes", **cells}  # fmt: skip
    return KnownRow(f"id-{code}", "36/3601/360102/", whole)


def person(code: str, touchpoint: str = "H1", **cells: str) -> KnownRow:
    whole = {"code": code, "name": code, "touchpoint_code": touchpoint, "team_code": "", "team_name": "", "badge": "",
             "agent_no": "", "job": "", "joined_on": "2024-01-08", "left_on": "", **cells}  # fmt: skip
    return KnownRow(f"id-{code}", "36/3601/360102/", whole)


def world(paths: tuple[str, ...] | None = None) -> Known:
    return Known(
        paths,
        units={
            "36": unit("36", "province", "", "36/"),
            "3601": unit("3601", "city", "36", "36/3601/"),
            "360102": unit("360102", "county", "3601", "36/3601/360102/", "Bell"),
            "35": unit("35", "province", "", "35/"),
        },
        touchpoints={"H1": place("H1"), "HL": place("HL", "hotline", hotline_number="10000")},
        staff={
            "S1": person("S1", badge="B1"),
            "A1": person("A1", "HL", agent_no="801"),
            "A2": person("A2", "HL", agent_no="802"),
        },
        teams={"T1": KnownTeam("id-T1", "HL", "One")},
    )


def report(kind: str, text: str, known: Known | None = None) -> Report:
    return judge(read_table(kind, "a.csv", text.encode()), known or world())


def lines(kind: str, text: str, known: Known | None = None) -> list[Line]:
    return report(kind, text, known).lines


def faults(line: Line) -> list[tuple[str, str]]:
    assert line.verdict == "wrong"
    return [(fault.column, fault.code) for fault in line.faults]


def test_new_changed_unchanged_and_parents_in_any_order() -> None:
    found = lines(
        "units",
        "code,name,level,parent_code\n360102001,T,town,360102\n360202001,U,town,360202\n360202,C,county,3602\n"
        "3602,City,city,36\n360102,Drum,county,3601\n3601,X,city,36\n",
    )
    assert [line.verdict for line in found] == ["new", "new", "new", "new", "changed", "unchanged"]
    assert [(c.column, c.old, c.new) for c in found[4].changes] == [("name", "Bell", "Drum")]


def test_units_that_do_not_fit_in_the_tree() -> None:
    found = lines(
        "units",
        "code,name,level,parent_code\n1,A,town,9\n2,B,town,3601\n3,C,town,\n36,D,city,35\n37,E,province,36\n"
        "38,F,county,39\n39,,city,36\n40,G,moon,36\n3601,X,city,36\n3601,X,city,36\n",
    )
    assert faults(found[0]) == [("parent_code", "no-such-unit")]
    assert faults(found[1]) == [("parent_code", "parent-level")]
    assert faults(found[2]) == [("parent_code", "parent-needed")]
    assert ("level", "level-fixed") in faults(found[3])
    assert faults(found[4]) == [("parent_code", "parent-of-province")]
    assert faults(found[5]) == [("parent_code", "parent-wrong")]
    assert faults(found[6]) == [("name", "empty")]
    assert faults(found[7]) == [("level", "not-a-choice")]
    assert found[8].verdict == "unchanged"
    assert faults(found[9]) == [("code", "repeated")]
    assert found[9].faults[0].params == {"line": "10"}


def test_nobody_imports_outside_the_own_subtree() -> None:
    known = world(("36/3601/",))
    assert faults(lines("units", "code,name,level,parent_code\n3602,A,city,36\n", known)[0]) == [("code", "outside")]
    text = "code,name,kind,tier,unit_code\nH9,New,hall,1,35\n"
    assert faults(lines("touchpoints", text, known)[0]) == [("unit_code", "no-such-unit")]
    elsewhere = world(("35/",))
    taken = lines("touchpoints", "code,name,kind,tier,unit_code\nH1,Mine,hall,1,35\n", elsewhere)[0]
    assert faults(taken) == [("code", "code-taken")]
    assert taken.key == ""  # nothing of the hidden one shows
    assert faults(lines("staff", "code,name,touchpoint_code,joined_on\nS9,A,H1,2024-01-08\n", elsewhere)[0]) == [
        ("touchpoint_code", "no-such-touchpoint")
    ]


@pytest.mark.parametrize(
    ("cells", "wrong"),
    [
        ("H2,N,hall,,360102,,,,", [("tier", "tier-needed")]),
        ("H2,N,outlet,2,360102,,,,", [("tier", "tier-of-halls")]),
        ("H2,N,hotline,,36,,,,", [("hotline_number", "hotline-number-needed")]),
        ("H2,N,agent,,360102,10000,,,", [("hotline_number", "hotline-number-of-hotlines")]),
        ("H2,N,hall,1,360102,,115.89,28.68,WGS-84", [("lat", "not-degrees")]),
        ("H2,N,hall,1,360102,,81,41,WGS-84", [("lat", "swapped")]),
        ("H2,N,hall,1,360102,,28.6,,", [("lon", "half-a-place")]),
        ("H2,N,hall,1,360102,,28.6,115.8,", [("datum", "datum-needed")]),
        ("H1,N,outlet,,360102,,,,", [("kind", "kind-fixed"), ("tier", "tier-of-halls")]),
    ],
)
def test_touchpoints_that_contradict_themselves(cells: str, wrong: list[tuple[str, str]]) -> None:
    text = "code,name,kind,tier,unit_code,hotline_number,lat,lon,datum\n" + cells + "\n"
    assert faults(lines("touchpoints", text)[0]) == wrong


def test_an_empty_cell_changes_nothing() -> None:
    known = world()
    known.touchpoints["H1"].cells["address"] = "1 Long Street"
    line = lines("touchpoints", "code,name,kind,tier,unit_code,address\nH1,H1,hall,,360102,\n", known)[0]
    assert line.verdict == "unchanged"


def test_numbers_are_held_by_one_person() -> None:
    head = "code,name,touchpoint_code,badge,agent_no,joined_on\n"
    found = lines(
        "staff",
        head + "S2,A,H1,B1,,2024-01-08\nA3,B,HL,,801,2024-01-08\nA4,B,HL,,803,2024-01-08\nA5,B,HL,,803,2024-01-08\n",
    )
    assert faults(found[0]) == [("badge", "number-taken")]
    assert faults(found[1]) == [("agent_no", "number-taken")]
    assert found[2].verdict == "new"
    assert faults(found[3]) == [("agent_no", "number-taken")]


def test_two_may_swap_their_numbers_but_a_wrong_line_gives_nothing_up() -> None:
    head = "code,name,touchpoint_code,agent_no,joined_on\n"
    found = lines("staff", head + "A1,A1,HL,802,2024-01-08\nA2,A2,HL,801,2024-01-08\n")
    assert [line.verdict for line in found] == ["changed", "changed"]
    found = lines("staff", head + "A1,,HL,805,2024-01-08\nA9,A9,HL,801,2024-01-08\n")
    assert faults(found[1]) == [("agent_no", "number-taken")]


def test_teams() -> None:
    head = "code,name,touchpoint_code,team_code,team_name,joined_on\n"
    found = lines(
        "staff",
        head + "N1,A,HL,T1,One,2024-01-08\nN2,A,H1,T1,One,2024-01-08\nN3,A,HL,T9,Nine,2024-01-08\n"
        "N4,A,HL,T9,Ten,2024-01-08\nN5,A,HL,,Nine,2024-01-08\n",
    )
    assert [line.verdict for line in found] == ["new", "wrong", "new", "wrong", "wrong"]
    assert faults(found[1]) == [("team_code", "team-of-hotlines")]
    assert faults(found[3]) == [("team_name", "team-named-twice")]
    assert faults(found[4]) == [("team_code", "team-code-needed")]


ROSTER = "staff_code,date,starts,ends,desk\n"


def shift(key: str, day: int, start: int, end: int) -> KnownShift:
    return KnownShift(
        key, datetime(2026, 11, day, start - 8, tzinfo=UTC), datetime(2026, 11, day, end - 8, tzinfo=UTC), "H1", "1"
    )


def test_rosters() -> None:
    known = world()
    known.shifts = {"S1": [shift("s1", 2, 9, 18), shift("s2", 3, 9, 18), shift("s3", 4, 9, 12), shift("s4", 4, 13, 18)]}
    found = lines(
        "rosters",
        ROSTER + "S1,2026-11-02,9:00,18:00,1\nS1,2026/11/3,09:30,18:00,1\nS1,2026-11-04,10:00,17:00,1\n"
        "S1,2026-11-05,22:00,06:00,\nS1,2026-11-06,09:00,09:00,\nS1,2023-01-01,09:00,17:00,\n"
        "S9,2026-11-06,09:00,17:00,\nS1,2026-11-05,23:00,23:30,\n",
        known,
    )
    assert [line.verdict for line in found] == [
        "unchanged",
        "changed",
        "wrong",
        "new",
        "wrong",
        "wrong",
        "wrong",
        "wrong",
    ]
    assert [(c.column, c.old, c.new) for c in found[1].changes] == [("starts", "09:00", "09:30")]
    assert found[1].key == "s2"
    assert faults(found[2]) == [("starts", "overlaps-shifts")]
    assert faults(found[4]) == [("ends", "no-time-at-all")]
    assert faults(found[5]) == [("date", "not-employed-then")]
    assert faults(found[6]) == [("staff_code", "no-such-staff")]
    assert faults(found[7]) == [("starts", "overlaps-line")]


def test_a_stored_report_judged_again_is_the_same() -> None:
    texts = {
        "units": "code,name,level,parent_code,remark\n3602,城,市,36,x\n1,A,town,9,\n3601,Y,city,36,\n",
        "touchpoints": "code,name,kind,tier,unit_code,lat,lon,datum\nH2,N,营业厅,一级,360102,28.600,115.80,gcj02\nH1,"
        + "长" * 250
        + ",hall,1,360102,,,\n",
        "staff": "code,name,touchpoint_code,joined_on\nS9,A,H1,2024年1月8日\nS1,A,H9,2024-01-08\n",
        "rosters": ROSTER + "S1,20261102,9:00,18:00,1\nS1,2026-13-02,9:00,18:00,1\n",
    }
    for kind, text in texts.items():
        first = report(kind, text)
        stored = from_document(kind, "a.csv", first.file_sha256, as_document(first))
        assert stored == first
        assert judge(table_again(stored), world()).lines == first.lines

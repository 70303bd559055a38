"""The ready library: every file reads, compiles, survives its canonical bytes and scores."""

from fractions import Fraction
from pathlib import Path

import pytest
import yaml

from audit_app.scoring.answers import Answer
from audit_app.scoring.engine import score_all
from audit_app.scoring.gaps import gaps
from audit_app.scoring.numbers import exact
from audit_app.scoring.sheet import BY_OPTION, BY_VALUE, Item, Sheet
from audit_app.standards.operations import LIBRARY
from audit_app.standards.rules import (
    advice_on,
    body_of,
    check_checklist,
    compile_sheet,
    document_of,
    parse_checklist,
    phone_json,
    sha256_of,
)

FILES = sorted(LIBRARY.glob("*.yaml"))
EXPECTED = {
    "hotline-mystery": 33, "outlet-partner": 28, "own-hall-basic": 34, "own-hall-flagship": 48, "own-hall-overt": 26,
    "payment-agent": 14,
}  # fmt: skip


def test_the_library_is_the_six_checklists_of_halls_outlets_agents_and_the_hotline() -> None:
    assert {path.stem: parse_checklist(path.read_bytes()).item_count for path in FILES} == EXPECTED


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_becomes_a_document_without_losing_anything(path: Path) -> None:
    document, source = parse_checklist(path.read_bytes()), yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    assert document_of(body_of(document)) == document
    assert advice_on(document) == []
    written = [item for section in source["sections"] for item in section["items"]]
    for item, raw in zip(document.items(), written, strict=True):
        assert (item.id, item.text.zh, item.text.en) == (raw["id"], raw["text"]["zh"], raw["text"]["en"])
        assert exact(item.points) == Fraction(str(raw["points"]))
        assert [exact(o.points) for o in item.options] == [Fraction(str(o["points"])) for o in raw["options"]]
        assert (item.critical is None) == (raw["critical"] == "none")
        assert (item.show_if is None) == ("show_if" not in raw)
    assert [exact(s.weight) for s in document.sections] == [Fraction(str(s["weight"])) for s in source["sections"]]
    assert len(document.scenarios) == len(source["scenarios"])


def best(item: Item) -> Answer:
    if item.type in BY_OPTION:
        return Answer(item.id, (item.options[0].id,), evidence=("ab",), note="seen")
    if item.type in BY_VALUE and item.thresholds is not None:
        return Answer(item.id, value=str(item.thresholds.steps[0].limit), evidence=("ab",), note="seen")
    return Answer(item.id)


def worst(item: Item) -> Answer:
    if item.type in BY_OPTION:
        return Answer(item.id, (item.options[-1].id,), evidence=("ab", "cd"), note="seen")
    if item.type in BY_VALUE and item.thresholds is not None:
        value = "9999999" if item.thresholds.better == "lower" else "0"
        return Answer(item.id, value=value, evidence=("ab", "cd"), note="seen")
    return Answer(item.id)


MEDIA = {"ab": "image/jpeg", "cd": "audio/mp4"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_best_visit_earns_100_and_the_worst_nothing(path: Path) -> None:
    sheet = compile_sheet(parse_checklist(path.read_bytes()))
    perfect, awful = ({item.id: give(item) for item in sheet.items()} for give in (best, worst))
    assert gaps(sheet, perfect.values(), MEDIA) == []
    assert gaps(sheet, awful.values(), MEDIA) == []
    results = score_all(sheet, perfect)
    assert {str(result.final_total) for result in results.each()} == {"100.00"}
    assert {result.band for result in results.each()} == {"excellent"}
    assert (results.person is not None) == sheet.personal_scores
    lowest = score_all(sheet, awful).experience
    assert lowest.final_total is not None
    assert lowest.final_total < 5
    fired = {fire.item_id for fire in lowest.fired}
    shown = {row.item_id for row in lowest.items if row.state == "scored"}
    assert fired == {item.id for item in sheet.items() if item.critical and item.id in shown}


def test_the_first_item_of_an_outlet_hides_everything_else() -> None:
    sheet = compile_sheet(parse_checklist((LIBRARY / "outlet-partner.yaml").read_bytes()))
    found = sheet.by_id["outlet-partner.outlet-found"]
    only = [Answer(found.id, (found.options[-1].id,), note="not there", evidence=("ab",))]
    assert gaps(sheet, only, MEDIA) == []
    states = [row.state for row in score_all(sheet, {found.id: only[0]}).experience.items]
    assert states[1:] == ["hidden"] * 27


def test_hashes_tell_versions_apart() -> None:
    source = (LIBRARY / "payment-agent.yaml").read_text(encoding="utf-8")
    document = parse_checklist(source.encode())
    assert compile_sheet(document).version_sha256 == sha256_of(body_of(document))
    respaced = parse_checklist(source.replace("\nsections:", "\n\nsections:").encode())
    assert body_of(respaced) == body_of(document)
    changed = parse_checklist(source.replace("en: Excellent", "en: Superb").encode())
    assert body_of(changed) != body_of(document)


def test_the_body_holds_no_number_that_could_be_a_float() -> None:
    document = parse_checklist((LIBRARY / "hotline-mystery.yaml").read_bytes())
    assert any(option.points == "1.5" for item in document.items() for option in item.options)
    assert all(isinstance(item.points, str) for item in document.items())
    assert b'"points":1' not in body_of(document)
    assert b'"weight":"' in body_of(document)


def test_what_the_phone_gets() -> None:
    document = parse_checklist((LIBRARY / "own-hall-flagship.yaml").read_bytes())
    data = phone_json(document, "f" * 32, "0" * 64)
    assert data["id"] == "f" * 32
    assert data["title"] == {"zh": document.title.zh, "en": document.title.en}
    items = [item for section in data["sections"] for item in section["items"]]
    assert len(items) == 48
    for item in items:
        assert {"id", "type", "text", "points", "options", "not_applicable_allowed", "evidence", "show_if"} <= set(item)
        points = [exact(option["points"]) for option in item["options"]]
        assert points == sorted(points, reverse=True)
    waits = next(item for item in items if item["thresholds"])
    assert set(waits["thresholds"]) == {"unit", "better", "steps", "otherwise"}
    assert set(waits["thresholds"]["steps"][0]) == {"at_most", "points"}


def every_shared_file() -> list[Path]:
    """The whole ready library where it lies beside the project (it is not part of it)."""
    for parent in Path(__file__).resolve().parents:
        found = sorted((parent / "shared" / "data" / "checklists").glob("*.yaml"))
        if found:
            return found
    return []


def test_the_other_checklists_of_the_ready_library_read_too() -> None:
    files = every_shared_file() or FILES
    sheets: list[Sheet] = []
    for path in files:
        document, faults = check_checklist(path.read_bytes())
        assert document is not None, (path.name, faults)
        sheets.append(compile_sheet(document))
    assert len(sheets) == len(files) >= 6
    assert all(str(score_all(s, {i.id: best(i) for i in s.items()}).experience.final_total) == "100.00" for s in sheets)

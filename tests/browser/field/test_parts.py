"""Pieces of the app by themselves: its rules agree with the server's, its pages are light and free of barriers."""

import gzip
import json
import random
from pathlib import Path

import axe_playwright_python  # type: ignore[import-untyped]
import pytest

from audit_app.scoring.answers import Answer
from audit_app.scoring.gaps import gaps
from audit_app.standards.operations import LIBRARY
from audit_app.standards.rules import compile_sheet
from tests.browser.field.conftest import HALL, Phone
from tests.browser.field.fake_server import checklist, checklist_json

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
PHOTO = "a" * 64
WORDS = {"unanswered": "answer", "na_reason": "reason"}


def some_answers(name: str, dice: random.Random) -> list[dict[str, object]]:
    """Answers as a person might leave them: some missing, some lost, some N/A, some with evidence."""
    found: list[dict[str, object]] = []
    for section in checklist(name).sections:
        for item in section.items:
            if dice.random() < 0.15:
                continue
            answer: dict[str, object] = {"item_id": item.id}
            if item.not_applicable.allowed and dice.random() < 0.2:
                answer["not_applicable"] = True
            elif item.options:
                answer["option_id"] = dice.choice(item.options).id
            elif item.thresholds is not None:
                answer["value"] = str(dice.choice([5, 45, 400, 5000]))
            if dice.random() < 0.4:
                answer["note"] = dice.choice(["seen", "  "])
            if dice.random() < 0.3:
                answer["reason"] = "because"
            if dice.random() < 0.4:
                answer["evidence"] = [PHOTO]
            found.append(answer)
    return found


def as_server(answer: dict[str, object]) -> Answer:
    option = answer.get("option_id")
    return Answer(
        str(answer["item_id"]), () if option is None else (str(option),), answer.get("value"),  # type: ignore[arg-type]
        bool(answer.get("not_applicable")), str(answer.get("reason", "")), str(answer.get("note", "")), "",
        tuple(answer.get("evidence", ())),  # type: ignore[arg-type]
    )  # fmt: skip


def test_the_phone_finds_the_same_gaps_as_the_server(phone: Phone) -> None:
    phone.open("/me")
    dice = random.Random(20261124)
    for name in sorted(path.stem for path in LIBRARY.glob("*.yaml")):
        cases = [some_answers(name, dice) for _ in range(40)]
        drafts = [
            {
                "answers": {str(a["item_id"]): a for a in case},
                "evidence": [{"sha256": PHOTO, "media_type": "image/jpeg"}],
            }
            for case in cases
        ]
        mine = phone.page.evaluate(
            """([raw, drafts]) => import('/static/js/field/rules.js').then((r) => { const list = r.normalise(raw);
            return drafts.map((d) => r.gaps(list, d).flatMap((g) => g.kinds.map((k) => [g.item.id, k]))); })""",
            [json.loads(checklist_json(name)), drafts],
        )
        sheet = compile_sheet(checklist(name))
        for case, found in zip(cases, mine, strict=True):
            theirs = gaps(sheet, [as_server(answer) for answer in case], {PHOTO: "image/jpeg"})
            assert found == [[gap.item_id, WORDS.get(gap.kind, gap.kind)] for gap in theirs]


def test_the_first_load_is_light(phone: Phone) -> None:
    """Everything that comes before the first page is shown, packed as the server packs it."""
    loaded: dict[str, int] = {}
    phone.context.route("**/sw.js", lambda route: route.abort())
    phone.context.add_cookies([{"name": "mingcha_locale", "value": "zh", "url": phone.base}])
    phone.page.on("response", lambda answer: loaded.update({answer.url: len(gzip.compress(answer.body(), 6))}))
    phone.open("/")
    phone.page.wait_for_load_state("networkidle")
    shell = {url: size for url, size in loaded.items() if "/api/" not in url}
    assert 20_000 < sum(shell.values()) <= 60_000, shell


def test_the_backup_is_a_readable_zip(phone: Phone, tmp_path: Path) -> None:
    import zipfile

    page, visit = phone.page, phone.begin(1)
    page.locator("#item-A1 label.y").click()
    phone.open("/me")
    with page.expect_download() as started:
        page.get_by_role("button", name="Export a backup").click()
    file = tmp_path / "backup.zip"
    started.value.save_as(file)
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        draft = json.loads(archive.read(f"{visit}/draft.json"))
    assert draft["answers"]["own-hall-flagship.open-on-time"]["option_id"] == "yes"


def walk(phone: Phone) -> list[str]:
    """Addresses of every view, with something on it."""
    visit = phone.begin(1)
    page = phone.page
    page.locator("#item-A2 label.n").click()
    page.locator("#item-A2 .chip").first.click()
    call = phone.begin(2)
    page.locator("[data-key=next-mark]").click()
    last = f"/visit/{visit}/{checklist(HALL).sections[4].id}"
    return [
        "/",
        "/outbox",
        "/me",
        "/briefing/a3",
        f"/visit/{visit}/arrive/A2",
        last,
        f"/call/{call}",
        f"/check/{visit}",
    ]


@pytest.mark.parametrize(("locale", "theme"), [("zh", "light"), ("en", "dark")])
def test_no_view_has_a_barrier(phone: Phone, locale: str, theme: str) -> None:
    places = walk(phone)
    for name, value in (("locale", locale), ("theme", theme)):
        phone.context.add_cookies([{"name": f"mingcha_{name}", "value": value, "url": phone.base}])
    phone.page.reload()
    found = {}
    for place in places:
        phone.open(place)
        found[place] = violations(phone)
    phone.open("/briefing/a3")
    phone.page.locator(".dock button").first.click()
    phone.until("document.getAnimations().length === 0")
    found["decline"] = violations(phone)
    assert {place: faults for place, faults in found.items() if faults} == {}


def violations(phone: Phone) -> list[str]:
    phone.page.evaluate(AXE)
    result = phone.page.evaluate("(tags) => axe.run({runOnly: tags})", TAGS)
    return [f"{one['id']}: {node['html'][:160]}" for one in result["violations"] for node in one["nodes"]]

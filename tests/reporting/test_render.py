"""The PDFs say what the facts say, in both languages, and the same facts give the same bytes."""

import io
import re
from dataclasses import replace

import pypdf
import pytest

from audit_app.reporting.editions import hr_edition, outlet_edition
from audit_app.reporting.facts import Document, Facts, OfficeTouchpoint, OfficeVisit, experience_figure, site_figure
from audit_app.reporting.parts import CriticalHit, Edition, Text
from audit_app.reporting.render import Locale, bare_write_pdf, cache_key, filename, html, render
from audit_app.reporting.samples import sample

EVERY = [(document, edition) for document in ("visit", "scorecard") for edition in ("hr", "outlet", "office")]
DISMISSAL = {"zh": "仅凭低分不得作为解除劳动合同的理由", "en": "A low score alone is no ground for dismissal"}
INTERNAL = {"zh": "内部资料", "en": "Internal"}


def text_of(pdf: bytes) -> str:
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]
    return re.sub(r"\s+", "", "".join(pages))


def source_of(card: Facts, locale: Locale) -> str:
    """The words of a card before they are set: enough where only the wording is in question."""
    return squeezed(re.sub(r"<[^>]*>", "", html(card, locale)))


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def visit(photos: int = 0) -> OfficeVisit:
    card = sample("visit", "office", photos=photos)
    assert isinstance(card, OfficeVisit)
    return card


def period() -> OfficeTouchpoint:
    card = sample("scorecard", "office")
    assert isinstance(card, OfficeTouchpoint)
    return card


@pytest.mark.parametrize(
    ("document", "edition", "locale"),
    [*((*each, "zh") for each in EVERY), ("visit", "outlet", "en"), ("scorecard", "hr", "en")],
)
def test_every_edition_prints_its_frame(document: Document, edition: Edition, locale: Locale) -> None:
    card = sample(document, edition, photos=0)
    pdf = render(card, locale)
    text = text_of(pdf)
    assert squeezed(DISMISSAL[locale]) in text
    assert squeezed(card.place.name.pick(locale)) in text
    assert card.place.code in text
    pages = len(pypdf.PdfReader(io.BytesIO(pdf)).pages)
    assert text.count(INTERNAL[locale]) == pages
    names = {"zh": {"hr": "人力资源版", "outlet": "触点版", "office": "管理版"}}
    names["en"] = {"hr": "HRedition", "outlet": "Touchpointedition", "office": "Officeedition"}
    assert text.count(names[locale][edition]) >= pages
    last = {"zh": f"第{pages}页共{pages}页", "en": f"Page{pages}of{pages}"}
    assert last[locale] in text


def test_a_visit_prints_both_totals_sections_losses_and_hashes() -> None:
    card = hr_edition(visit(), visit().issue)
    text = text_of(render(card, "zh"))
    for result in (visit().experience, visit().site):
        assert result.final is not None
        assert result.final in text
        assert f"{result.na_share}%" in text
    assert visit().experience.final != visit().site.final
    for section in visit().sections:
        assert f"{section.earned}/{section.points}{section.percent}%" in text
    assert visit().answers_sha256 in text
    assert visit().checklist.sha256 in text
    assert "结果第1版" in text


def test_a_critical_item_prints_raw_final_and_reason() -> None:
    hit = CriticalHit(code="F8", text=Text("未经同意办理业务", "Service added without consent"), rule="cap", cap="60")
    limited = replace(visit().experience, raw="88.12", final="60.00", critical=(hit,))
    text = source_of(replace(visit(), experience=limited), "zh")
    assert "88.12" in text
    assert "60.00" in text
    assert "总分最高60分" in text
    assert "未经同意办理业务" in text
    failed = replace(limited, outcome="fail", raw="88.12", final="88.12", critical=(replace(hit, rule="fail"),))
    assert "Fail(criticalitem)" in source_of(replace(visit(), experience=failed), "en")


def test_an_insufficient_basis_is_shown_and_said() -> None:
    thin = replace(visit().experience, basis="insufficient", na_share="34.20")
    assert "超过30%" in source_of(replace(visit(), experience=thin), "zh")
    none = replace(thin, basis="none", raw=None, final=None, band=None, na_share="100.00")
    assert "Noscore" in source_of(replace(visit(), experience=none), "en")


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_a_period_card_can_be_recomputed(locale: Locale) -> None:
    card = period()
    text = text_of(render(hr_edition(card, card.issue), locale))
    for block in card.blocks:
        for figure in (experience_figure(block), site_figure(block)):
            assert figure.mean is not None
            assert figure.total in text
            assert f"÷{figure.count}={figure.mean}" in text
        for row in block.rows:
            assert row.answers_sha256[:16] in text
    assert ("依据不足" if locale == "zh" else "insufficientbasis") in text


def test_the_office_edition_prints_names_notes_and_photos() -> None:
    card = visit(photos=2)
    pdf = render(card, "zh")
    text = text_of(pdf)
    assert card.assessor.replace(" ", "") in text
    assert "2026-09-2110:32" in text
    note = next(loss.note for loss in card.losses if loss.note)
    assert squeezed(note[:12]) in text
    images = {image.name for page in pypdf.PdfReader(io.BytesIO(pdf)).pages for image in page.images}
    assert len(images) == 2


@pytest.mark.parametrize("narrow", [hr_edition, outlet_edition])
def test_what_only_the_office_may_read_changes_no_byte_elsewhere(narrow: object) -> None:
    card = visit(photos=1)
    other = replace(
        card,
        assessor="体验师 0317",
        subject="张三",
        person=None,
        photos=(),
        when=replace(card.when, started_at=card.when.started_at.replace(minute=1)),
        losses=tuple(replace(loss, note="别的话", measured=Text("9 分", "9 min")) for loss in card.losses),
    )
    first, second = (render(narrow(each, card.issue), "zh") for each in (card, other))  # type: ignore[operator]
    assert first == second
    assert b"0317" not in second
    assert "张三" not in text_of(second)


def test_the_outlet_reads_the_release_note_and_bands_not_words_or_times() -> None:
    card = visit()
    text = text_of(render(outlet_edition(card, card.issue), "zh"))
    assert card.release_note[:10] in text
    assert "10–15分钟" in text
    assert "14分08秒" not in text
    assert "10:32" not in text
    assert "蓝色7" not in text
    assert "李娜" not in text
    assert card.release_note[:10] not in text_of(render(hr_edition(card, card.issue), "zh"))


@pytest.mark.parametrize("edition", ["hr", "outlet"])
def test_metadata_names_no_day_and_no_person(edition: Edition) -> None:
    pdf = render(sample("visit", edition), "zh")
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    metadata = str(reader.metadata) + str(reader.trailer["/Root"]["/Metadata"].get_data())
    assert "2026-09-21" not in metadata
    assert "20260921" not in metadata
    assert "蓝色" not in metadata
    assert reader.trailer["/Root"].get("/Names") is None


@pytest.mark.parametrize(("document", "edition"), [("visit", "office"), ("scorecard", "hr")])
def test_the_same_facts_give_the_same_bytes(document: Document, edition: Edition) -> None:
    assert render(sample(document, edition), "zh") == render(sample(document, edition), "zh")


def test_the_bare_writer_makes_the_same_file() -> None:
    card = sample("visit", "hr")
    assert bare_write_pdf(card, html(card, "zh")) == render(card, "zh")


def test_the_cache_key_follows_facts_and_language() -> None:
    card = visit()
    keys = {cache_key(card, "zh"), cache_key(card, "en"), cache_key(replace(card, revision=9), "zh")}
    assert len(keys) == 3
    assert cache_key(visit(), "zh") in keys


def test_a_card_of_one_page_stays_small() -> None:
    pdf = render(sample("visit", "hr"), "zh")
    assert len(pypdf.PdfReader(io.BytesIO(pdf)).pages) == 1
    assert len(pdf) <= 120_000
    office = render(sample("visit", "office", photos=3), "zh")
    assert len(pypdf.PdfReader(io.BytesIO(office)).pages) == 2
    assert len(office) <= 400_000


def test_file_names_sort_and_are_allowed_everywhere() -> None:
    card: Facts = sample("scorecard", "hr")
    assert filename(card, "zh") == "2026Q3_南昌市_东湖区_0791-0032_八一大道营业厅_评分卡_v1.pdf"
    assert filename(card, "en") == "2026Q3_Nanchang_Donghu_0791-0032_Bayi-Avenue-hall_scorecard_v1.pdf"
    odd = replace(card.place, name=Text('a/b\\c:d*e?f"g<h>i|j\n'), county=Text(""), city=Text(" . "))
    assert filename(replace(card, place=odd), "zh") == "2026Q3_0791-0032_abcdefghij_评分卡_v1.pdf"


def test_a_period_without_visits_says_so() -> None:
    card = replace(period(), blocks=())
    assert "本周期没有检查记录" in source_of(card, "zh")
    assert filename(card, "zh").endswith("评分卡-管理版_v1.pdf")

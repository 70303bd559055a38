"""Facts → HTML → PDF, pure: the same facts in the same language give the same bytes, on any worker.

`render` is what everybody calls; `bare_write_pdf` is the yardstick of `audit-app bench scorecards`. One process loads
fonts and style sheets once (`warm`), which takes about a second.
"""

import gc
import hashlib
import re
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from audit_app.reporting import charts
from audit_app.reporting.assets import REPORTS, Assets, design_sha256, font_files, photo_for_print
from audit_app.reporting.facts import (
    Facts,
    HrVisit,
    OfficeVisit,
    OutletVisit,
    TouchpointCard,
    experience_figure,
    facts_sha256,
    site_figure,
    worst_first,
)
from audit_app.reporting.parts import Checklist, ItemLine, SectionLine
from audit_app.reporting.words import LOCALES, Words, breakable, printable, short_id

Locale = Literal["zh", "en"]

_FORBIDDEN = re.compile(r'[/\\:*?"<>|\x00-\x1f\x7f]')
DOCUMENTS = ("visit", "scorecard")
MOST_LOSSES = {"hr": 6, "outlet": 10, "office": 10}


@dataclass(frozen=True)
class _Press:
    """What a process keeps between documents."""

    fonts: FontConfiguration
    sheets: dict[str, list[CSS]]


def render(facts: Facts, locale: Locale) -> bytes:
    """The PDF of a card. Raises on a text over 2,000 characters or a photo that cannot be read."""
    press = _press()
    running = gc.isenabled()
    gc.disable()
    try:
        return _write(html(facts, locale), _photos(facts), facts, press)
    finally:
        if running:
            gc.enable()


def bare_write_pdf(facts: Facts, source: str) -> bytes:
    """WeasyPrint alone on HTML that is made already, with everything loaded: what `render` is held against."""
    return _write(source, _photos(facts), facts, _press())


def html(facts: Facts, locale: Locale) -> str:
    """The document before it becomes a PDF; its pictures are asset names."""
    if locale not in LOCALES:
        raise ValueError(f"no documents in {locale!r}")
    template = _templates().get_template(f"{facts.document}/document.html")
    return template.render(card=facts, w=Words(facts.document, locale), most_losses=_most_losses(facts))


def filename(facts: Facts, locale: Locale) -> str:
    """Period_city_county_code_name_kind_version.pdf: sorts well and is allowed on every file system."""
    words, place = Words(facts.document, locale), facts.place
    kind = words.t("file.kind") if facts.edition == "hr" else words.t(f"file.kind.{facts.edition}")
    parts = [
        facts.period.code,
        words.text(place.city),
        words.text(place.county),
        place.code,
        words.text(place.name),
        kind,
    ]
    if isinstance(facts, HrVisit | OutletVisit | OfficeVisit):
        parts.append(short_id(facts.visit_number))
    parts.append(f"v{facts.issue.version}")
    cleaned = (_FORBIDDEN.sub("", str(printable(part)))[:40].strip(" .").replace(" ", "-") for part in parts)
    return "_".join(part for part in cleaned if part) + ".pdf"


def cache_key(facts: Facts, locale: Locale) -> str:
    """Changes exactly when the bytes of `render` may change: facts, language, templates, wording, fonts."""
    return hashlib.sha256(f"{facts_sha256(facts)} {locale} {design_sha256()}".encode()).hexdigest()


def warm() -> None:
    """Load fonts, style sheets and templates now rather than at the first card."""
    _press()
    for document in DOCUMENTS:
        _templates().get_template(f"{document}/document.html")


def _write(source: str, photos: dict[str, bytes], facts: Facts, press: _Press) -> bytes:
    document = HTML(string=source, url_fetcher=Assets(photos), base_url="asset:")
    written: bytes = document.write_pdf(
        stylesheets=press.sheets[facts.document],
        font_config=press.fonts,
        pdf_identifier=facts_sha256(facts)[:32].encode(),
        pdf_variant="pdf/a-3b",
        pdf_tags=True,
    )
    return written


def _visit_lines(card: OutletVisit | OfficeVisit) -> list[tuple[SectionLine, ItemLine | None]]:
    """The full list: each section's own line (no item), then its items."""
    return [
        (section, line)
        for section in card.sections
        for line in (None, *(item for item in card.items if item.section == section.code))
    ]


def _most_losses(facts: Facts) -> int:
    """How many losses fit the first page; a period card shows six per series."""
    return MOST_LOSSES[facts.edition] if facts.document == "visit" else 6


def _versions(card: TouchpointCard) -> list[Checklist]:
    """Every checklist version that a period card rests on, once."""
    return list({checklist.sha256: checklist for block in card.blocks for checklist in block.checklists}.values())


def _photos(facts: Facts) -> dict[str, bytes]:
    if isinstance(facts, OfficeVisit):
        contents = [photo.content for photo in facts.photos]
    else:
        contents = [photo.content for photo in facts.painted] if isinstance(facts, OutletVisit) else []
    return {f"photo/{number}.jpg": photo_for_print(content) for number, content in enumerate(contents)}


def _sheets(document: str, assets: Assets, fonts: FontConfiguration) -> list[CSS]:
    return [
        CSS(string=(REPORTS / path).read_text("utf-8"), url_fetcher=assets, font_config=fonts, base_url="asset:")
        for path in ("base/print.css", f"{document}/print.css")
    ]


@cache
def _press() -> _Press:
    fonts, assets = FontConfiguration(), Assets(font_files())
    return _Press(fonts, {document: _sheets(document, assets, fonts) for document in DOCUMENTS})


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(REPORTS),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=printable,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters.update(free=breakable, short=short_id)
    environment.globals.update(
        arc=charts.arc,
        qr=charts.qr,
        edges=charts.edges,
        share=charts.share,
        site_figure=site_figure,
        experience_figure=experience_figure,
        worst_first=worst_first,
        visit_lines=_visit_lines,
        versions=_versions,
        last_day=lambda period: period.end - timedelta(days=1),
    )
    return environment

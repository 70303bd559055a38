"""From what is stored to what a document says: the office edition, narrowed to the one that is asked for. Pure."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, cast

from audit_app.kit.clock import local_date
from audit_app.kit.i18n import gettext
from audit_app.reporting import parts, rules
from audit_app.reporting.checklist_words import Coded, checklist_of, coded, measured, measured_band, reasons
from audit_app.reporting.editions import hr_edition, outlet_edition
from audit_app.reporting.facts import (
    ExactTimes,
    Facts,
    OfficeBlock,
    OfficeLoss,
    OfficeRow,
    OfficeTouchpoint,
    OfficeVisit,
    ReasonedChange,
)
from audit_app.reporting.parts import (
    Edition,
    Issue,
    ItemLine,
    Mark,
    Period,
    Place,
    SectionLine,
    Text,
    TimeSlot,
    half_up,
)
from audit_app.reporting.queries.sources import CardSource, PlaceSource, VisitSource
from audit_app.scoring.engine import ItemResult, Result
from audit_app.scoring.numbers import plain

_PARTS = {"morning": "opening"}
_STATES = {"scored": "scored", "na": "not_applicable", "hidden": "hidden"}
_BASIS = {"ok": "sufficient", "insufficient": "insufficient", "none": "none"}


def facts_of(card: CardSource, edition: Edition) -> Facts:
    """What the card says in an edition. Photos are not in it: `complete` of downloads puts them in."""
    if edition != "office":
        card = replace(card, visits=tuple(sorted(card.visits, key=_told)))
    office = visit_card(card, edition) if card.kind == "visit" else touchpoint_card(card, edition)
    if edition == "hr":
        return hr_edition(office, office.issue)
    return outlet_edition(office, office.issue) if edition == "outlet" else office


def _told(visit: VisitSource) -> tuple[Any, str]:
    """The order of visits for whoever may not know their minutes: days, and within a day nothing that tells."""
    return visit.local_date, visit.outward_id


def visit_card(card: CardSource, edition: Edition) -> OfficeVisit:
    """The card of one visit."""
    visit = card.visits[0]
    marks, results = coded(visit.version.document), visit.results
    return OfficeVisit(
        issue=_issue(card, edition), period=_period(card.period), place=place_of(card.place),
        series=cast(parts.Series, visit.series), visit_number=visit.outward_id, checklist=checklist_of(visit.version),
        experience=_result(results.experience, visit, marks), site=_result(results.site, visit, marks),
        sections=_sections(visit, results.experience), answers_sha256=visit.answers_sha256, revision=visit.revision,
        when=_times(visit), losses=_losses(visit, marks, edition), items=_items(results.experience, marks),
        assessor=assessor_of(visit), release_note=visit.release_note, subject=visit.subject,
        person=_result(results.person, visit, marks) if results.person and visit.staff_id else None,
        before=_total(visit.first.experience.final_total) if visit.first else None, changes=_changes(visit, marks),
    )  # fmt: skip


def touchpoint_card(card: CardSource, edition: Edition) -> OfficeTouchpoint:
    """The card of a touchpoint and a period: one block per series, never mixed."""
    by_series: dict[str, list[VisitSource]] = {}
    for visit in card.visits:
        by_series.setdefault(visit.series, []).append(visit)
    blocks = tuple(_block(s, by_series[s], card.void.get(s, 0), edition) for s in rules.SERIES if s in by_series)
    return OfficeTouchpoint(
        issue=_issue(card, edition), period=_period(card.period), place=place_of(card.place), blocks=blocks
    )


def _block(series: str, visits: Sequence[VisitSource], void: int, edition: Edition) -> OfficeBlock:
    counted = [visit for visit in visits if visit.results.experience.averaged]
    versions = {visit.version.sha256: visit.version for visit in reversed(visits)}
    return OfficeBlock(
        series=cast(parts.Series, series), checklists=tuple(checklist_of(version) for version in versions.values()),
        sections=_summed_sections(counted), assessors=len({visit.assessor_id for visit in counted}),
        slots=len({(visit.day_type, visit.day_part) for visit in counted}), void=void,
        rows=tuple(_row(visit) for visit in visits), losses=_summed_losses(counted, edition),
    )  # fmt: skip


def _row(visit: VisitSource) -> OfficeRow:
    times = _times(visit)
    return OfficeRow(
        visit_number=visit.outward_id, when=parts.DayAndPart(on=visit.local_date, slot=times.slot),
        experience=mark_of(visit.results.experience), site=mark_of(visit.results.site),
        answers_sha256=visit.answers_sha256, revision=visit.revision, release_note=visit.release_note, times=times,
        assessor=assessor_of(visit),
    )  # fmt: skip


def mark_of(result: Result) -> Mark:
    """What a result brings into a period figure; without a sufficient basis it is shown and kept out."""
    excluded = {"insufficient": "insufficient", "none": "no_score"}.get(result.basis)
    return Mark(
        raw=_total(result.raw_total), final=_total(result.final_total), outcome=_outcome(result),
        na_share=_share(result), excluded=cast("parts.Excluded | None", excluded),
    )  # fmt: skip


def assessor_of(visit: VisitSource) -> str:
    """An inspector's name in an overt programme; otherwise a pseudonym for this visit alone."""
    if visit.manner == "overt" and visit.assessor_tier == "inspector":
        return visit.assessor_name
    return visit.id[:4].upper()


def place_of(place: PlaceSource) -> Place:
    """A touchpoint as a card prints it: city and county by name, the province where it lies higher."""
    city, county = (place.units[n] if len(place.units) > n else "" for n in (1, 2))
    return Place(
        kind=cast(parts.TouchpointKind, place.kind), code=place.code, name=Text(place.name), tier=place.tier,
        city=Text(city or (place.units[0] if place.units else "")), county=Text(county),
    )  # fmt: skip


def _(message: str) -> Text:
    """One of our own texts in both languages."""
    return Text(zh=gettext(message, "zh"), en=message)


def _issue(card: CardSource, edition: Edition) -> Issue:
    """The number is minted from card and edition, so that the same card keeps its number; each released or replaced
    result is a new issue."""
    reader = {"hr": _("Human resources"), "outlet": _("The place itself"), "office": _("Supervising office")}[edition]
    number = hashlib.sha256(f"{card.id} {edition}".encode()).hexdigest()[:32]
    units = card.place.units
    return Issue(
        number=number, issuer=Text(units[0] if units else ""), department=_("Service quality department"),
        made_for=reader, use="incentives" if any(v.for_incentives for v in card.visits) else "improvement",
        issued_on=local_date(card.updated_at), version=sum(visit.result_number for visit in card.visits),
    )  # fmt: skip


def _period(code: str) -> Period:
    start, end = rules.period_bounds(code)
    return Period(code=code, start=start, end=end)


def _times(visit: VisitSource) -> ExactTimes:
    day: parts.DayType = "workday" if visit.day_type == "workday" else "off"
    part = cast(parts.DayPart, _PARTS.get(visit.day_part, visit.day_part))
    return ExactTimes(
        started_at=visit.started_at, finished_at=visit.finished_at, slot=TimeSlot(day_type=day, day_part=part)
    )


def _result(result: Result, visit: VisitSource, marks: Mapping[str, Coded]) -> parts.Result:
    bands = {band.id: band for band in checklist_of(visit.version).bands}
    critical = tuple(
        parts.CriticalHit(
            code=marks[hit.item_id].code, text=marks[hit.item_id].text,
            rule="fail" if hit.rule == "fail_flag" else hit.rule,
            cap=None if hit.cap is None else plain(hit.cap),
        )
        for hit in result.fired
    )  # fmt: skip
    return parts.Result(
        raw=_total(result.raw_total), final=_total(result.final_total), outcome=_outcome(result),
        na_share=_share(result), basis=cast(parts.Basis, _BASIS[result.basis]),
        band=bands.get(result.band) if result.band else None, critical=critical,
    )  # fmt: skip


def _total(total: object) -> str | None:
    return None if total is None else f"{total:.2f}"


def _outcome(result: Result) -> parts.Outcome:
    return "fail" if result.outcome == "fail" else "pass"


def _share(result: Result) -> str:
    return half_up(result.na_share * 100)


def _section(letter: str, title: Text, weight: str, earned: Fraction, possible: Fraction) -> SectionLine:
    percent = half_up(100 * earned / possible, 1) if possible > 0 else None
    return SectionLine(
        code=letter, title=title, weight=weight, earned=plain(earned), points=plain(possible), percent=percent
    )


def _sections(visit: VisitSource, result: Result) -> tuple[SectionLine, ...]:
    texts = {section.id: section for section in visit.version.document.sections}
    return tuple(
        _section(parts.section_letter(n), _text(texts[s.section_id].title), plain(s.weight), s.earned, s.possible)
        for n, s in enumerate(result.sections)
    )


def _summed_sections(visits: Sequence[VisitSource]) -> tuple[SectionLine, ...]:
    """Σe / Σp over visits; sections of an older version that the newest has no more come last."""
    order: dict[str, Any] = {}
    for visit in reversed(visits):
        for section in visit.version.document.sections:
            order.setdefault(section.id, section)
    sums = {key: [Fraction(0), Fraction(0)] for key in order}
    for visit in visits:
        for part in visit.results.experience.sections:
            sums[part.section_id][0] += part.earned if part.counts else 0
            sums[part.section_id][1] += part.possible
    return tuple(
        _section(parts.section_letter(n), _text(section.title), section.weight, *sums[key])
        for n, (key, section) in enumerate(order.items())
    )


def _text(text: Any) -> Text:
    return Text(zh=text.zh, en=text.en)


def _items(result: Result, marks: Mapping[str, Coded]) -> tuple[ItemLine, ...]:
    return tuple(
        ItemLine(
            section=mark.section, code=mark.code, text=mark.text, points=plain(_possible(item)),
            earned=plain(item.earned) if item.state == "scored" else None,
            state=cast(parts.ItemState, _STATES.get(item.state, "unscored")), answers_for=mark.item.answers_for,
            critical=mark.item.critical is not None,
        )
        for item in result.items
        if (mark := marks[item.item_id])
    )  # fmt: skip


def _possible(item: ItemResult) -> Fraction:
    """What the item could have earned: a bonus not earned is no loss, and a deduction starts from nothing."""
    if item.effect == "bonus" and item.state == "scored":
        return item.earned
    return Fraction(0) if item.effect == "deduction" else item.points


def _lost(item: ItemResult) -> bool:
    return item.state == "scored" and item.earned < _possible(item)


def _losses(visit: VisitSource, marks: Mapping[str, Coded], edition: Edition) -> tuple[OfficeLoss, ...]:
    return tuple(
        _loss(visit, item, marks[item.item_id], edition) for item in visit.results.experience.items if _lost(item)
    )


def _loss(visit: VisitSource, item: ItemResult, mark: Coded, edition: Edition) -> OfficeLoss:
    said, answer = visit.said.get(item.item_id), visit.answers.get(item.item_id)
    return OfficeLoss(
        code=mark.code, text=mark.text, earned=plain(item.earned), points=plain(_possible(item)),
        answers_for=mark.item.answers_for, reasons=reasons(mark.item, said, answer),
        measured_band=measured_band(mark.item, answer), measured=measured(mark.item, answer),
        note=said.note if said and edition == "office" else "",
    )  # fmt: skip


def _changes(visit: VisitSource, marks: Mapping[str, Coded]) -> tuple[ReasonedChange, ...]:
    """The items that score otherwise than at the release."""
    if visit.first is None:
        return ()
    before = {item.item_id: item for item in visit.first.experience.items}
    return tuple(
        ReasonedChange(
            code=mark.code, text=mark.text, points=plain(item.points), before=_earned(before[item.item_id]),
            after=_earned(item), reason=visit.reasons.get(item.item_id, ""),
        )
        for item in visit.results.experience.items
        if (mark := marks[item.item_id]) and _earned(before[item.item_id]) != _earned(item)
    )  # fmt: skip


def _earned(item: ItemResult) -> str:
    return plain(item.earned) if item.state == "scored" else ""


def _summed_losses(visits: Sequence[VisitSource], edition: Edition) -> tuple[OfficeLoss, ...]:
    """One line per item that was lost in any of the visits: earned and points are sums over all of them."""
    found: dict[str, OfficeLoss] = {}
    for visit in visits:
        marks = coded(visit.version.document)
        for item in visit.results.experience.items:
            if item.state != "scored":
                continue
            one = _loss(visit, item, marks[item.item_id], edition)
            one = replace(one, measured=None, measured_band=None, note="", times=int(_lost(item)))
            found[item.item_id] = _plus(found[item.item_id], one) if item.item_id in found else one
    return tuple(loss for loss in found.values() if loss.times)


def _plus(old: OfficeLoss, new: OfficeLoss) -> OfficeLoss:
    reasons_of = (*old.reasons, *(reason for reason in new.reasons if reason not in old.reasons))
    return replace(
        new, earned=plain(Fraction(old.earned) + Fraction(new.earned)),
        points=plain(Fraction(old.points) + Fraction(new.points)), reasons=reasons_of, times=old.times + new.times,
    )  # fmt: skip

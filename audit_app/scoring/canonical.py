"""Bytes that hash the same everywhere: effective answers, and a result as plain JSON and back. No floats anywhere."""

import hashlib
import json
from decimal import Decimal
from fractions import Fraction
from typing import Any

import rfc8785

from audit_app.scoring.answers import Answer, Answers
from audit_app.scoring.engine import Fired, ItemResult, Result, Results, SectionResult
from audit_app.scoring.numbers import exact, plain, ratio, ratio_text


def answers_bytes(answers: Answers) -> bytes:
    """Canonical JSON (RFC 8785) of what a score depends on: item id → options, value or N/A.

    No notes, times, reasons or evidence, so that whoever holds a card's attached data can hash it again. Pass what
    `answers.effective` returns.
    """
    return rfc8785.dumps({key: _essence(answer) for key, answer in answers.items() if _given(answer)})


def answers_from(body: bytes) -> dict[str, Answer]:
    """The answers that :func:`answers_bytes` wrote: enough to score them again."""
    stored: dict[str, dict[str, Any]] = json.loads(body)
    return {
        key: Answer(key, tuple(one.get("options", ())), one.get("value"), one.get("na", False))
        for key, one in stored.items()
    }


def answers_sha256(answers: Answers) -> str:
    """The effective-answers hash that a card carries."""
    return hashlib.sha256(answers_bytes(answers)).hexdigest()


def _given(answer: Answer) -> bool:
    return bool(answer.option_ids) or answer.value is not None or answer.not_applicable


def _essence(answer: Answer) -> dict[str, Any]:
    if answer.not_applicable:
        return {"na": True}
    if answer.option_ids:
        return {"options": sorted(answer.option_ids)}
    return {"value": _normal(answer.value or "")}


def _normal(value: str) -> str:
    """One text per measure: 35.0 and 35 are the same. A free text stays as it is."""
    try:
        return plain(exact(value))
    except ValueError:
        return value


def result_json(result: Result) -> dict[str, Any]:
    """A result as plain JSON: numbers are text (points decimal, totals with two places, the N/A share as a ratio)."""
    return {
        "audience": result.audience,
        "version_sha256": result.version_sha256,
        "raw_total": _total(result.raw_total),
        "final_total": _total(result.final_total),
        "outcome": result.outcome,
        "number_rule": result.number_rule,
        "fired": [
            {"item": f.item_id, "rule": f.rule, "cap": None if f.cap is None else plain(f.cap)} for f in result.fired
        ],
        "na_share": ratio_text(result.na_share),
        "basis": result.basis,
        "band": result.band,
        "sections": [
            {"id": s.section_id, "weight": plain(s.weight), "earned": plain(s.earned), "possible": plain(s.possible)}
            for s in result.sections
        ],
        "items": [
            {
                "id": i.item_id,
                "section": i.section_id,
                "state": i.state,
                "earned": plain(i.earned),
                "points": plain(i.points),
                "effect": i.effect,
            }
            for i in result.items
        ],
    }


def result_from_json(data: dict[str, Any]) -> Result:
    """Back from :func:`result_json`, equal to the result it was made of."""
    return Result(
        audience=data["audience"],
        version_sha256=data["version_sha256"],
        items=tuple(
            ItemResult(i["id"], i["section"], i["state"], exact(i["earned"]), exact(i["points"]), i["effect"])
            for i in data["items"]
        ),
        sections=tuple(
            SectionResult(s["id"], exact(s["weight"]), exact(s["earned"]), exact(s["possible"]))
            for s in data["sections"]
        ),
        raw_total=_total_back(data["raw_total"]),
        final_total=_total_back(data["final_total"]),
        outcome=data["outcome"],
        number_rule=data["number_rule"],
        fired=tuple(Fired(f["item"], f["rule"], _cap(f["cap"])) for f in data["fired"]),
        na_share=ratio(data["na_share"]),
        basis=data["basis"],
        band=data["band"],
    )


def results_json(results: Results) -> dict[str, Any]:
    """The three results by audience; `person` is null where there is none."""
    person = None if results.person is None else result_json(results.person)
    return {"experience": result_json(results.experience), "site": result_json(results.site), "person": person}


def results_from_json(data: dict[str, Any]) -> Results:
    """Back from :func:`results_json`."""
    person = None if data["person"] is None else result_from_json(data["person"])
    return Results(result_from_json(data["experience"]), result_from_json(data["site"]), person)


def _total(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:.2f}"


def _total_back(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _cap(text: str | None) -> Fraction | None:
    return None if text is None else exact(text)

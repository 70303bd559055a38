"""Faults that somebody might build in one day. Each is planted into the running program and must be found."""

import hashlib
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from audit_app.desk import queries as home
from audit_app.kit.clock import local
from audit_app.planning import queries as planning
from audit_app.planning.models import Assignment
from audit_app.reporting import assembly, downloads, editions, pages, rules
from audit_app.reporting.parts import DayAndPart, Text
from audit_app.reporting.queries import cards, results, sources
from audit_app.review.models import Redaction
from audit_app.testers.models import Assessor
from audit_app.visits.models import Evidence, Visit, VisitRevision
from tests.anonymity.worlds import MOVED, QUIET, SWAPPED, Kind, World

Patch = pytest.MonkeyPatch


@dataclass(frozen=True)
class Leak:
    """`plant(patch, world)` for each world in turn; `who` would see it on one of the pages that begin with `where`."""

    name: str
    who: str
    where: str
    worlds: Kind
    plant: Callable[[Patch, World], None]


def tester_code_in_the_note(patch: Patch, _: World) -> None:
    def notes(session: Session, keys: list[str]) -> dict[tuple[str, int], str]:
        rows = session.execute(
            select(Visit.id, Visit.revision, Assessor.code)
            .join(Assessor, col(Assessor.id) == Visit.assessor_id)
            .where(col(Visit.id).in_(keys))
        )
        return {(row[0], row[1]): f"Seen by {row[2]}" for row in rows}

    patch.setattr(sources, "_release_notes", notes)


def pseudonym_on_the_page(patch: Patch, _: World) -> None:
    real = assembly.visit_card
    patch.setattr(assembly, "visit_card", lambda card, edition: replace(
        real(card, edition), release_note=assembly.assessor_of(card.visits[0])))  # fmt: skip


def _visit_of(found: World, outward_id: str) -> Visit:
    asked = select(Visit).where(Visit.outward_id == outward_id)
    return found.db.read_now(lambda session: session.scalars(asked).one())


def _with_header(patch: Patch, found: World, name: str, value: Callable[[Visit], str]) -> None:
    real = pages.page

    def page(request: Any, template: str, screen: object = None, status: int = 200, **headers: str) -> Any:
        reply = real(request, template, screen, status, **headers)
        if template == "reporting/result.html":
            reply.headers[name] = value(_visit_of(found, request.path_params["outward_id"]))
        return reply

    patch.setattr(pages, "page", page)


def etag_of_the_visit(patch: Patch, found: World) -> None:
    _with_header(patch, found, "etag", lambda visit: hashlib.sha256(visit.id.encode()).hexdigest()[:8])


def last_modified(patch: Patch, found: World) -> None:
    _with_header(patch, found, "last-modified", lambda visit: f"{visit.received_at:%a, %d %b %Y %H:%M:%S GMT}")


def order_by_the_minute(patch: Patch, _: World) -> None:
    patch.setattr(assembly, "_told", lambda visit: (visit.started_at, ""))


def order_by_the_tester(patch: Patch, _: World) -> None:
    real = results.results

    def by_tester(session: Session, actor: Any, marker: str = "") -> Any:
        screen = real(session, actor, marker)
        who = {row[0]: row[1] for row in session.execute(select(Visit.outward_id, Visit.assessor_id))}
        screen.page.rows.sort(key=lambda row: who[row.outward_id][::-1])
        return screen

    patch.setattr(results, "results", by_tester)


def number_of_the_document(patch: Patch, _: World) -> None:
    real = assembly._issue

    def issue(card: Any, edition: Any) -> Any:
        return replace(real(card, edition), number=card.visits[0].id)

    patch.setattr(assembly, "_issue", issue)


def name_of_the_file(patch: Patch, found: World) -> None:
    real = downloads.filename

    def minute(number: str) -> str:
        asked = select(Visit.started_at).where(Visit.outward_id == number)
        return f"{found.db.read_now(lambda session: session.scalars(asked).one()):%H%M}"

    patch.setattr(downloads, "filename", lambda facts, locale: (
        minute(facts.visit_number) if hasattr(facts, "visit_number") else "") + real(facts, locale))  # fmt: skip


def minute_of_the_visit(patch: Patch, _: World) -> None:
    def with_minute(times: Any) -> DayAndPart:
        return DayAndPart(on=local(times.started_at), slot=times.slot)

    patch.setattr(editions, "_day_and_part", with_minute)


def exact_measure(patch: Patch, _: World) -> None:
    """How long the visit took, instead of nothing."""
    real = assembly.visit_card

    def card(source: Any, edition: Any) -> Any:
        at = source.visits[0].started_at
        return replace(real(source, edition), release_note=f"begun {at.minute} minutes past")

    patch.setattr(assembly, "visit_card", card)


def cards_before_their_release(patch: Patch, _: World) -> None:
    patch.setattr(rules, "SHOWN", (*rules.SHOWN, "approved"))
    patch.setattr(cards, "seen_card", lambda actor: sa.true())


def _work_at(session: Session, touchpoint_ids: tuple[str, ...]) -> int:
    asked = sa.select(sa.func.count()).where(
        col(Assignment.touchpoint_id).in_(touchpoint_ids), col(Assignment.visible_at).is_(None)
    )
    return int(session.execute(asked).scalar_one())


def count_before_the_release(patch: Patch, _: World) -> None:
    def released(session: Session, actor: Any, now: Any) -> int:
        return _work_at(session, actor.touchpoint_ids("results.read"))

    patch.setattr(home, "_released", released)


def count_of_the_overview(patch: Patch, _: World) -> None:
    from audit_app.analytics.queries import duties

    real = planning.visible_visit
    patch.setattr(
        duties.planning, "visible_visit", lambda actor: sa.true() if actor.may("planning.read") else real(actor)
    )


def notice_of_a_job(patch: Patch, _: World) -> None:
    real = planning.notices_for

    def notices(session: Session, actor: Any) -> Any:
        listed = real(session, actor)
        number = _work_at(session, tuple(g.touchpoint_id for g in actor.grants if g.touchpoint_id))
        return [replace(row, text=f"{row.text} {number} soon.") for row in listed]

    patch.setattr(planning, "notices_for", notices)


def load_with_hidden_jobs(patch: Patch, _: World) -> None:
    candidates = sys.modules["audit_app.planning.queries.candidates"]
    patch.setattr(candidates, "seen_programme", lambda actor: sa.true())


def id_of_before_the_release(patch: Patch, found: World) -> None:
    """The outward id taken from something that existed before: here the phone's own id of the visit."""

    def card(source: Any) -> Any:
        visit = source.visits[0]
        return replace(source, visits=(replace(visit, outward_id=visit.id), *source.visits[1:]))

    real = assembly.facts_of
    patch.setattr(assembly, "facts_of", lambda source, edition: real(card(source), edition))


def hash_of_the_body(patch: Patch, _: World) -> None:
    real = sources._results

    def found(session: Session, keys: list[str]) -> Any:
        rows = real(session, keys)
        bodies = select(VisitRevision.visit_id, VisitRevision.body_sha256).where(col(VisitRevision.visit_id).in_(keys))
        for visit_id, sha256 in session.execute(bodies):
            if visit_id in rows:
                session.expunge(rows[visit_id])
                rows[visit_id].answers_sha256 = sha256
        return rows

    patch.setattr(sources, "_results", found)


def words_of_the_tester(patch: Patch, _: World) -> None:
    real = assembly._loss

    def loss(visit: Any, item: Any, mark: Any, edition: Any) -> Any:
        said = visit.said.get(item.item_id)
        one = real(visit, item, mark, edition)
        return replace(one, reasons=(*one.reasons, Text(said.note if said else "")))

    patch.setattr(assembly, "_loss", loss)


def photo_without_its_boxes(patch: Patch, _: World) -> None:
    real = results.photo

    def bare(session: Session, actor: Any, outward_id: str, photo_id: str) -> str:
        painted = real(session, actor, outward_id, photo_id)
        one = select(Evidence.view_blob).join(Redaction, col(Redaction.evidence_id) == Evidence.id)
        return session.scalars(one.where(Redaction.outward_id == photo_id)).first() or painted

    patch.setattr(results, "photo", bare)


def photos_in_the_order_of_sending(patch: Patch, _: World) -> None:
    """More photos than were let out: how many the visit has, and their internal ids."""
    real = results._shown_photos

    def shown(visit: Any) -> Any:
        return [replace(one, href=f"{one.href}?of={visit.id[:6]}") for one in real(visit)]

    patch.setattr(results, "_shown_photos", shown)


CARD = "/scorecards/"
LEAKS = [
    Leak("code in the note", "outlet-manager", "/results/", SWAPPED, tester_code_in_the_note),
    Leak("pseudonym", "outlet-manager", "/results/", SWAPPED, pseudonym_on_the_page),
    Leak("ETag", "outlet-manager", "/results/", SWAPPED, etag_of_the_visit),
    Leak("Last-Modified", "outlet-manager", "/results/", MOVED, last_modified),
    Leak("order by the minute", "hr", CARD, MOVED, order_by_the_minute),
    Leak("order by the tester", "outlet-manager", "/results", SWAPPED, order_by_the_tester),
    Leak("number of the PDF", "hr", CARD, MOVED, number_of_the_document),
    Leak("name of the file", "county-supervisor", CARD, MOVED, name_of_the_file),
    Leak("minute of the visit", "team-lead", CARD, MOVED, minute_of_the_visit),
    Leak("begin of the visit", "outlet-manager", "/results/", MOVED, exact_measure),
    Leak("cards before the release", "county-supervisor", "/api/v1/scorecards", QUIET, cards_before_their_release),
    Leak("count before the release", "outlet-manager", "/", QUIET, count_before_the_release),
    Leak("count of the overview", "county-supervisor", "/overview", QUIET, count_of_the_overview),
    Leak("notice", "outlet-manager", "/", QUIET, notice_of_a_job),
    Leak("load", "county-supervisor", "/rounds/round-county/touchpoints/", QUIET, load_with_hidden_jobs),
    Leak("id of before", "hr", CARD, SWAPPED, id_of_before_the_release),
    Leak("hash of the body", "outlet-manager", CARD, MOVED, hash_of_the_body),
    Leak("photo without its boxes", "outlet-manager", "/results/*/photos/", MOVED, photo_without_its_boxes),
    Leak("address of a photo", "outlet-manager", "/results/", SWAPPED, photos_in_the_order_of_sending),
    Leak("words of the tester", "outlet-manager", "/results/", MOVED, words_of_the_tester),
]

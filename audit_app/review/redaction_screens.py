"""The page on which a reviewer paints over what a photo must not show, and lets it out."""

from collections.abc import Sequence
from dataclasses import dataclass

from audit_app.access.rules import Actor
from audit_app.kit.db import Session
from audit_app.kit.errors import FieldError
from audit_app.organisation.models import Touchpoint
from audit_app.review import queries, redacting, rules
from audit_app.review.models import Redaction, Review
from audit_app.standards.queries import document_for
from audit_app.standards.screens import numbered_sections
from audit_app.visits.models import Visit

SPARE = 1  # empty lines of the form beyond the boxes there are


@dataclass(frozen=True)
class BoxLine:
    """One line of the form, in percent as typed; empty texts are an empty line."""

    left: str = ""
    top: str = ""
    width: str = ""
    height: str = ""


@dataclass(frozen=True)
class RedactionScreen:
    """A photo and its boxes. `open`: the asker may change them now; `errors`: of a form that was refused."""

    review: Review
    open: bool
    touchpoint: str
    evidence_id: str
    number: str  # of its item
    redaction: Redaction | None
    lines: list[BoxLine]
    shows: str
    errors: Sequence[FieldError]

    @property
    def here(self) -> str:
        return f"/reviews/{self.review.id}/evidence/{self.evidence_id}"

    @property
    def never(self) -> bool:
        """Whether what the photo shows keeps it from ever being let out."""
        return self.redaction is not None and self.redaction.shows in rules.NEVER_SHOWN


@dataclass(frozen=True)
class Typed:
    """A refused form."""

    errors: Sequence[FieldError]
    lines: list[BoxLine] | None = None  # None: those that are kept
    shows: str = ""


def build(
    session: Session, actor: Actor, review_id: str, evidence_id: str, typed: Typed | None = None
) -> RedactionScreen:
    """NotFound for anybody but the reviewer and whoever is asked for a second opinion, and for what is no photo."""
    review, visit, own = queries.readable(session, actor, review_id)
    photo = queries.photo_of(session, visit, evidence_id)
    kept = photo.redaction
    if typed and typed.lines is not None:
        lines, shows = typed.lines, typed.shows
    else:
        lines, shows = ([_line(box) for box in kept.boxes], kept.shows) if kept else ([], "")
    spare = [BoxLine()] * SPARE if len(lines) < rules.MOST_BOXES else []
    return RedactionScreen(
        review=review, open=own and redacting.changeable(session, review, visit),
        touchpoint=session.get_one(Touchpoint, visit.touchpoint_id).name, evidence_id=evidence_id,
        number=_number(session, visit, photo.item_id), redaction=kept, lines=lines + spare,
        shows=shows, errors=typed.errors if typed else (),
    )  # fmt: skip


def _line(box: Sequence[int]) -> BoxLine:
    return BoxLine(*[f"{part / 100:g}" for part in box])


def _number(session: Session, visit: Visit, item_id: str) -> str:
    parts = numbered_sections(document_for(session, visit.checklist_version_id))
    return next((one.number for part in parts for one in part.items if one.item.id == item_id), "")

"""What a phone may send, and the states of a visit. Pure.

A revision is taken as bytes and never re-encoded: the structs here only read it. Every unknown field is refused, so
that nothing can be smuggled into a row; times without an offset are refused: a phone's zone is not ours to guess.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from audit_app.kit.errors import FieldError
from audit_app.kit.states import Transitions
from audit_app.scoring.answers import Answer

VISIT: Transitions = {
    "receiving": frozenset({"submitted", "void"}),
    "submitted": frozenset({"in_review", "void"}),
    "in_review": frozenset({"submitted", "returned", "approved", "void"}),
    "returned": frozenset({"receiving", "submitted", "in_review", "void"}),
    "approved": frozenset({"released", "void"}),
    "released": frozenset({"final", "void"}),
    "final": frozenset(),
}
# Only by an upheld appeal against the void; no file that comes late may bring a void visit back.
LIFT: Transitions = {"void": frozenset({"receiving", "submitted", "approved", "released"})}
OPEN_JOBS = frozenset({"offered", "accepted", "started"})
# A visit begun under a job that was meanwhile withdrawn is still taken, flagged. `done`: an earlier visit was voided.
TAKEN_JOBS = OPEN_JOBS | {"cancelled", "expired", "done"}

# Clocks of a visit (PRODUCT.md section 4).
EVIDENCE_ASKED_AFTER = timedelta(hours=72)
EVIDENCE_OVERDUE_AFTER = timedelta(days=7)

REVIEWER_FLAGS = ("doubtful_evidence", "doubtful_time", "wrong_place", "other")
SETTLED_HOW = ("explained", "minor", "acted")
VOID_REASONS = (
    "wrong_touchpoint", "false_evidence", "evidence_missing", "conflict_of_interest", "recognised", "wrong_checklist",
    "duplicate", "other",
)  # fmt: skip

LARGEST_BODY = 2 * 1024 * 1024
LARGEST_DRAFT = 512 * 1024
PART = 128 * 1024
LARGEST_PART = 192 * 1024
LARGEST_FILE = 64 * 1024 * 1024
MOST_DRAFTS = 200
# Storage: far more than an honest visit or day needs, far less than what fills a disk.
MOST_FILES, MOST_BYTES = 200, 1024 * 1024 * 1024  # of one revision of a visit
MOST_FILES_A_DAY, MOST_BYTES_A_DAY = 2000, 8 * 1024 * 1024 * 1024  # of one assessor
SEALED = "application/vnd.mingcha.sealed"
IMAGES = frozenset({"image/jpeg", "image/png", "image/webp"})
SOUNDS = frozenset(
    {"audio/wav", "audio/x-wav", "audio/mpeg", "audio/mp4", "audio/x-m4a", "audio/ogg", "audio/webm", "audio/amr"}
)
VIEW_HEADERS: Mapping[str, str] = {
    "cache-control": "private, no-store",
    "x-content-type-options": "nosniff",
    "content-security-policy": "sandbox; default-src 'none'; img-src 'self'; media-src 'self'",
    "content-disposition": "inline",
    "cross-origin-resource-policy": "same-origin",
}
"""Headers of every answer that carries a view copy."""

Id = Annotated[str, Meta(pattern=r"^[!-~]{1,80}\Z")]
Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
Short = Annotated[str, Meta(max_length=80)]
Note = Annotated[str, Meta(max_length=2000)]
Instant = Annotated[datetime, Meta(tz=True)]
Count = Annotated[int, Meta(ge=0, le=1000)]
Decimal = Annotated[str, Meta(max_length=40)] | float | None


class AnswerIn(Struct, forbid_unknown_fields=True):
    """One answer: one of option_id, option_ids, value and not_applicable."""

    item_id: Short
    option_id: Short | None = None
    option_ids: Annotated[list[Short], Meta(max_length=40)] | None = None
    value: Note | None = None
    not_applicable: bool | None = False
    reason: Note | None = ""
    note: Note | None = ""
    answered_at: Instant | None = None
    evidence: Annotated[list[Sha256], Meta(max_length=40)] | None = None

    def chosen(self) -> tuple[str, ...]:
        """The chosen options, however they were sent."""
        single = () if self.option_id is None else (self.option_id,)
        return single + tuple(self.option_ids or ())

    def typed(self) -> Answer:
        """The answer as scoring reads it."""
        return Answer(
            self.item_id,
            self.chosen(),
            self.value,
            bool(self.not_applicable),
            self.reason or "",
            self.note or "",
            self.answered_at.isoformat() if self.answered_at else "",
            tuple(self.evidence or ()),
        )


class EvidenceIn(Struct, forbid_unknown_fields=True):
    """One line of the manifest: a file that the phone still holds."""

    sha256: Sha256
    size: Annotated[int, Meta(ge=1, le=LARGEST_FILE)]
    media_type: Annotated[str, Meta(max_length=60)]
    taken_at: Instant | None = None
    original_sha256: Sha256 | None = None
    source: Annotated[str, Meta(pattern=r"^(camera|gallery|file)\Z")] = "camera"
    item_id: Id | None = None

    @property
    def kind(self) -> str:
        """The media type without its parameters (`audio/webm;codecs=opus`)."""
        return self.media_type.split(";", 1)[0].strip().lower()


class PositionIn(Struct, forbid_unknown_fields=True):
    at: Instant
    lat: Decimal = None
    lon: Decimal = None
    accuracy_m: Decimal = None
    datum: Short | None = None


class MarkIn(Struct, forbid_unknown_fields=True):
    mark: Short
    at: Instant
    added_later: bool | None = False


class SubjectIn(Struct, forbid_unknown_fields=True):
    badge: Short | None = None
    desk: Short | None = None
    description: Note | None = None
    agent_no: Short | None = None


class CallIn(Struct, forbid_unknown_fields=True):
    number: Short | None = None
    transfers: Count | None = None
    menu_depth: Count | None = None


class ConsentsIn(Struct, forbid_unknown_fields=True):
    position: bool | None = None
    audio: bool | None = None


class ClientIn(Struct, forbid_unknown_fields=True):
    build: Short | None = None
    device_id: Short | None = None
    clock_offset_ms: float | None = None


class VisitBody(Struct, forbid_unknown_fields=True):
    """A whole revision as the phone sends it."""

    revision: Annotated[int, Meta(ge=1, le=1000)]
    assignment_id: Id
    checklist_version_id: Id
    started_at: Instant
    finished_at: Instant
    answers: Annotated[list[AnswerIn], Meta(max_length=1000)]
    declaration: bool
    check_in: PositionIn | None = None
    check_out: PositionIn | None = None
    evidence: Annotated[list[EvidenceIn], Meta(max_length=400)] | None = None
    timeline: Annotated[list[MarkIn], Meta(max_length=1000)] | None = None
    subject: SubjectIn | None = None
    call: CallIn | None = None
    visit_code: Short | None = None
    consents: ConsentsIn | None = None
    client: ClientIn | None = None

    @property
    def manifest(self) -> list[EvidenceIn]:
        """The files, each once: the same picture may stand for two items."""
        if not self.evidence:
            return []
        return list({line.sha256: line for line in reversed(self.evidence)}.values())[::-1]


class Declined(Struct, forbid_unknown_fields=True):
    """Why an assessor does not take a job."""

    reason: Short
    note: Note = ""


DECODER = msgspec.json.Decoder(VisitBody)


class Receipt(Struct, frozen=True):
    """What the phone keeps. The first three never change for a revision; the last two are as of now."""

    visit_id: str
    body_sha256: str
    received_at: datetime
    status: str
    missing_evidence: list[str]


@dataclass(frozen=True, slots=True)
class Sent:
    """One revision on its way in: read, hashed, not yet judged."""

    visit_id: str
    body: VisitBody
    raw: bytes
    sha256: str


@dataclass(frozen=True, slots=True)
class Flag:
    """Something that a reviewer should know."""

    kind: str
    item_id: str = ""
    detail: Mapping[str, Any] | None = None


class _DraftHead(Struct):
    assignment_id: Id = ""


def job_of_draft(raw: bytes) -> str:
    """The job that a draft says it is for; "" where it says nothing usable: what stands in it is the phone's affair."""
    try:
        return msgspec.json.decode(raw, type=_DraftHead).assignment_id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""


def read_revision(raw: bytes) -> VisitBody:
    """A stored revision, typed. Its bytes were checked when they came in."""
    return DECODER.decode(raw)


def storage_faults(manifest: Sequence[EvidenceIn]) -> list[FieldError]:
    """What is too much in a manifest."""
    found = []
    if len(manifest) > MOST_FILES:
        text = "At most %(most)s files belong to one visit; this one has %(found)s."
        found.append(FieldError("evidence", "too-many-files", text, {"most": MOST_FILES, "found": len(manifest)}))
    if sum(line.size for line in manifest) > MOST_BYTES:
        text = "The files of one visit may have at most %(most)s MB together."
        found.append(FieldError("evidence", "too-many-bytes", text, {"most": MOST_BYTES // (1024 * 1024)}))
    return found


def answers_of(body: VisitBody) -> dict[str, Answer]:
    """The answers as sent, by item."""
    return {answer.item_id: answer.typed() for answer in body.answers}


def with_overlays(
    answers: Mapping[str, Answer], overlays: Iterable[tuple[str, Mapping[str, Any]]]
) -> dict[str, Answer]:
    """The answers with the reviewers' changes laid on top, oldest first: (item, new) with `new` holding any of
    option_ids, value, not_applicable, reason. Notes and evidence stay the assessor's."""
    laid = dict(answers)
    for item_id, new in overlays:
        old = laid.get(item_id) or Answer(item_id)
        laid[item_id] = Answer(
            item_id,
            tuple(new.get("option_ids") or ()),
            new.get("value"),
            bool(new.get("not_applicable", False)),
            str(new.get("reason") or old.reason),
            old.note,
            old.answered_at,
            old.evidence,
        )
    return laid

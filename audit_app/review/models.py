"""Tables of the review. Overlays and notes lie in `visits`: the assessor reads them there. Results are numbered."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from audit_app.kit.columns import blob, document, instant, maybe_instant, outward_key, path, ref


class Review(SQLModel, table=True):
    """One revision of a visit in the reviewers' queue."""

    __tablename__ = "review"
    __table_args__ = (
        sa.UniqueConstraint("visit_id", "revision"),
        sa.Index(
            "ix_review_waiting",
            "reviewer_id",
            "opened_at",
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        ),
        sa.Index(
            "ix_review_open",
            "unit_path",
            "opened_at",
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        ),
        sa.Index(
            "ix_review_decided",
            "reviewer_id",
            "closed_at",
            sqlite_where=sa.text("closed_at IS NOT NULL"),
            postgresql_where=sa.text("closed_at IS NOT NULL"),
        ),
        sa.Index(
            "ix_review_returned",
            "reviewer_id",
            "deadline",
            sqlite_where=sa.text("outcome = 'returned'"),
            postgresql_where=sa.text("outcome = 'returned'"),
        ),
    )

    id: str = outward_key()
    visit_id: str = ref("visit.id", index=False)
    revision: int
    unit_path: str = path()
    reviewer_id: str | None = ref("account.id", nullable=True)
    opened_at: datetime = instant(index=True)
    claimed_at: datetime | None = maybe_instant()
    closed_at: datetime | None = maybe_instant()
    outcome: str = Field(default="", max_length=12)  # returned | approved | void
    deadline: datetime | None = maybe_instant()  # for the answer to a return
    release_note: str = Field(default="", max_length=2000)
    change: int | None = (
        None  # hundredths by which the overlays moved the experience total; None: not decided, no score
    )


class VisitResult(SQLModel, table=True):
    """The score of a visit: (revision, effective answers, version) → three results, in hundredths of a point."""

    __tablename__ = "visit_result"
    __table_args__ = (sa.UniqueConstraint("visit_id", "number"),)

    id: str = outward_key()
    visit_id: str = ref("visit.id", index=False)
    number: int
    revision: int
    version_sha256: str = Field(max_length=64)
    answers: bytes = blob()  # canonical JSON of the effective answers
    answers_sha256: str = Field(max_length=64)
    results: dict[str, Any] = document()  # experience, site, person: every figure as text
    experience: int | None = None
    site: int | None = None
    person: int | None = None
    basis: str = Field(max_length=12)  # of the experience result: ok | insufficient | none
    outcome: str = Field(max_length=12)
    cause: str = Field(max_length=12)  # approval | appeal | correction | void
    created_by: str | None = Field(default=None, max_length=36)
    created_at: datetime = instant()


class SecondOpinion(SQLModel, table=True):
    """What one reviewer wants and another must agree to: an approval that changes much, or a void."""

    __tablename__ = "second_opinion"
    __table_args__ = (
        sa.Index(
            "uq_second_opinion_open",
            "visit_id",
            unique=True,
            sqlite_where=sa.text("status = 'open'"),
            postgresql_where=sa.text("status = 'open'"),
        ),
    )

    id: str = outward_key()
    visit_id: str = ref("visit.id")
    review_id: str = ref("review.id", index=False)
    kind: str = Field(max_length=8)  # change | void
    unit_path: str = path(index=False)
    asked_by: str = ref("account.id")
    asked_at: datetime = instant()
    reason: str = Field(default="", max_length=24)  # code of a void
    items: list[str] = document()
    note: str = Field(default="", max_length=2000)  # the release note of a change, the words of a void
    change: int | None = None
    second_id: str | None = ref("account.id", nullable=True)
    status: str = Field(default="open", max_length=12)  # open | confirmed | refused | withdrawn
    answered_at: datetime | None = maybe_instant()
    answer: str = Field(default="", max_length=2000)


class Recheck(SQLModel, table=True):
    """An approved visit at which a supervisor looks again: a low score, or much changed by its reviewer."""

    __tablename__ = "recheck"

    id: str = outward_key()
    visit_id: str = Field(foreign_key="visit.id", unique=True, max_length=36)
    low: bool
    changed: bool
    experience: int | None = None
    change: int | None = None
    opened_at: datetime = instant(index=True)
    status: str = Field(default="open", max_length=12)  # open | confirmed | revisit
    decided_by: str | None = ref("account.id", index=False, nullable=True)
    decided_at: datetime | None = maybe_instant()
    note: str = Field(default="", max_length=2000)
    assignment_id: str | None = ref("assignment.id", index=False, nullable=True)  # of the re-visit


class VisitSubject(SQLModel, table=True):
    """Whom a visit scores, resolved by a person after approval."""

    __tablename__ = "visit_subject"

    visit_id: str = ref("visit.id", primary_key=True)
    staff_id: str | None = ref("staff_member.id", nullable=True)
    team_id: str | None = ref("team.id", nullable=True)
    how: str = Field(max_length=16)  # badge | desk | agent_no | call_record | named | unresolved
    confidence: str = Field(max_length=8)  # exact | likely | none
    resolved_by: str | None = ref("account.id", index=False, nullable=True)
    at: datetime = instant()


class Release(SQLModel, table=True):
    """When a covert visit's result becomes visible below: drawn from a secret seed, never told before."""

    __tablename__ = "release"

    visit_id: str = ref("visit.id", primary_key=True)
    county_path: str = path()
    approved_at: datetime = instant()
    due_at: datetime = instant(index=True)  # 09:00 of the drawn day
    last_at: datetime = instant()  # 09:00 of the last possible day: then alone
    released_at: datetime | None = maybe_instant(index=True)


class Redaction(SQLModel, table=True):
    """A photo with boxes painted over for those below: which boxes, the burnt copy, whether the reviewer has looked at
    it and lets it out. The outward id is minted at release."""

    __tablename__ = "redaction"

    evidence_id: str = ref("evidence.id", primary_key=True)
    visit_id: str = ref("visit.id")
    shows: str = Field(max_length=12)  # premises | notice | person | ticket | receipt | screen
    boxes: list[list[int]] = document()  # left, top, width, height in ten-thousandths
    blob: str = Field(max_length=64)
    made_by: str = ref("account.id", index=False)
    made_at: datetime = instant()
    looked_at: datetime | None = maybe_instant()
    releasable: bool = False
    outward_id: str | None = Field(default=None, unique=True, max_length=32)

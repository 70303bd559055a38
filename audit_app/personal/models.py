"""What a scored person says to an own result."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from audit_app.kit.columns import instant, maybe_instant, outward_key, ref


class ResultAcknowledgement(SQLModel, table=True):
    """The person has read this result of the visit. Recorded, not required; it agrees to nothing."""

    __tablename__ = "result_acknowledgement"

    visit_id: str = ref("visit.id", primary_key=True)
    result_number: int = Field(primary_key=True)
    account_id: str = ref("account.id", primary_key=True)
    at: datetime = instant()


class Explanation(SQLModel, table=True):
    """A question about an own result, and its answer. Somebody named answers, and appears as a role."""

    __tablename__ = "explanation"
    __table_args__ = (sa.Index("ix_explanation_answerer_due", "answerer_id", "answered_at", "due_at"),)

    id: str = outward_key()
    visit_id: str = ref("visit.id")
    asker_id: str = ref("account.id")
    item_id: str = Field(default="", max_length=80)
    question: str = Field(max_length=2000)
    asked_at: datetime = instant()
    due_at: datetime = instant()
    answerer_id: str | None = ref("account.id", index=False, nullable=True)
    answer_role: str = Field(default="", max_length=24)
    answer: str = Field(default="", max_length=2000)
    answered_at: datetime | None = maybe_instant()

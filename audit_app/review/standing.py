"""How a visit in review stands beside its score, as the review page shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from audit_app.kit.db import Session
from audit_app.review import checks as judged
from audit_app.review import queries, rules
from audit_app.review.models import Review, SecondOpinion
from audit_app.visits.models import Visit, VisitFlag, VisitVoid
from audit_app.visits.rules import REVIEWER_FLAGS, SETTLED_HOW, VISIT, VOID_REASONS


@dataclass(frozen=True)
class FlagRow:
    """One flag with what came of it. `words`: what a reviewer wrote when raising it."""

    id: str
    line: judged.Check
    raised_by: str
    raised_at: datetime
    words: str
    settled: bool
    how: str
    reason: str


@dataclass(frozen=True)
class Standing:
    """`own`: the asker is the reviewer; `asked`: the asker is to give a second opinion. `waiting`: why nothing can be
    decided now (second, evidence, answer), or ""; `late`: the reviewer may go on without evidence or answer."""

    flags: list[FlagRow]
    opinion: SecondOpinion | None
    void: VisitVoid | None
    change: int
    own: bool
    asked: bool
    waiting: str
    late: bool
    voidable: bool

    settled_how = SETTLED_HOW
    flag_kinds = REVIEWER_FLAGS
    void_reasons = VOID_REASONS

    @property
    def big(self) -> bool:
        """Whether an approval now needs a second reviewer."""
        return rules.is_big(self.change)


def of(
    session: Session, review: Review, visit: Visit, own: bool, change: int, numbers: Mapping[str, str], now: datetime
) -> Standing:
    """The standing of a review that the asker may read."""
    opinion = queries.opinion_on(session, visit.id)
    pending = opinion is not None and opinion.status == "open"
    present = review.revision == visit.revision
    late = own and present and (visit.status == "receiving" or _unanswered(visit, now))
    waiting = "second" if pending else {"receiving": "evidence", "returned": "answer"}.get(visit.status, "")
    return Standing(
        flags=[_flag(one, numbers) for one in queries.flags_of(session, visit.id)],
        opinion=opinion,
        void=session.get(VisitVoid, visit.id) if visit.status == "void" else None,
        change=change,
        own=own,
        asked=pending and not own,
        waiting=waiting if present else "",
        late=late and not pending,
        voidable=own and present and not pending and "void" in VISIT[visit.status] if visit.status in VISIT else False,
    )


def _unanswered(visit: Visit, now: datetime) -> bool:
    return visit.status == "returned" and visit.answer_by is not None and visit.answer_by <= now


def _flag(flag: VisitFlag, numbers: Mapping[str, str]) -> FlagRow:
    return FlagRow(
        flag.id, judged.flag_line(flag, numbers), flag.raised_by, flag.raised_at, str(flag.detail.get("note", "")),
        flag.settled_at is not None, flag.settled_how, flag.settled_reason,
    )  # fmt: skip

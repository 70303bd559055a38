"""The screen on which a reviewer says whom an approved visit scores."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from audit_app.access.rules import Actor
from audit_app.kit.db import Session
from audit_app.kit.errors import FieldError
from audit_app.planning.models import Programme
from audit_app.review import queries, rules
from audit_app.standards.queries import sheet_for


@dataclass(frozen=True)
class SubjectScreen:
    """What the assessor wrote, who was there, what fits. `not_counting`: why the visit cannot count for a person."""

    visit_id: str
    touchpoint: str
    started_at: datetime
    spoken: queries.Spoken
    people: list[rules.Person]
    joined_late: frozenset[str]
    teams: dict[str, str]
    suggestion: rules.Suggestion
    not_counting: str
    decided: queries.Subject | None
    next_id: str
    hotline: bool
    errors: Sequence[FieldError]

    @property
    def on_shift(self) -> list[rules.Person]:
        return [p for p in self.people if p.on_shift or (self.hotline and p.staff_id == self.suggestion.staff_id)]

    @property
    def others(self) -> list[rules.Person]:
        kept = {p.staff_id for p in self.on_shift}
        return [p for p in self.people if p.staff_id not in kept]

    @property
    def transferred(self) -> bool:
        return self.spoken.transfers > 0

    @property
    def ticked(self) -> str:
        """The suggestion as the form ticks it."""
        if self.suggestion.staff_id:
            return f"staff:{self.suggestion.staff_id}"
        return f"team:{self.suggestion.team_id}" if self.suggestion.team_id else "nobody"


def build(session: Session, actor: Actor, visit_id: str, faults: Sequence[FieldError] = ()) -> SubjectScreen:
    """NotFound unless the actor approved the visit."""
    visit = queries.decided_visit(session, actor, visit_id)
    programme = session.get_one(Programme, visit.programme_id)
    people, said = queries.people_at(session, visit), queries.spoken(session, visit)
    why = {
        p.staff_id: rules.counts_for_person(
            visit.local_date, programme.notice_at, p.joined_on, programme.for_incentives
        )
        for p in people
    }
    personal = sheet_for(session, visit.checklist_version_id).personal_scores
    general = {code for code in why.values() if code != "just_joined"}
    return SubjectScreen(
        visit_id=visit_id,
        touchpoint=queries.touchpoint_name(session, visit),
        started_at=visit.started_at,
        spoken=said,
        people=people,
        joined_late=frozenset(key for key, code in why.items() if code == "just_joined"),
        teams=queries.teams_at(session, visit),
        suggestion=rules.suggest(people, said.badge, said.desk, said.agent_no, said.transfers),
        not_counting=next(iter(general - {""}), "") if personal else "not_personal",
        decided=queries.subject_of(session, visit_id),
        next_id=queries.neighbour(session, actor, "")[0],
        hotline=visit.series == "hotline",
        errors=faults,
    )

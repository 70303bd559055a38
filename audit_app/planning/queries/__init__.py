"""Reading plans, one module per noun."""

from audit_app.planning.queries.assignments import AssignmentRow, assignments, open_jobs_at
from audit_app.planning.queries.candidates import (
    CandidateRow,
    ChoiceScreen,
    candidates,
    choice_screen,
    fitting_versions,
)
from audit_app.planning.queries.notices import NoticeRow, notice_id, noticed_programme, notices_for
from audit_app.planning.queries.pool import ThinRow, thin_jobs
from audit_app.planning.queries.programmes import (
    ProgrammeRow,
    ProgrammeScreen,
    RoundRow,
    own_units,
    programme,
    programme_screen,
    programmes,
    round_of,
    rounds_of,
)
from audit_app.planning.queries.rounds import (
    DueRow,
    Listing,
    RoundScreen,
    due_list,
    open_jobs,
    round_screen,
    touchpoint_of,
)
from audit_app.planning.queries.scope import live, may_write, seen_programme, shown_assessor, visible_visit

__all__ = [
    "AssignmentRow",
    "assignments",
    "open_jobs_at",
    "CandidateRow",
    "ChoiceScreen",
    "candidates",
    "choice_screen",
    "fitting_versions",
    "NoticeRow",
    "notice_id",
    "noticed_programme",
    "notices_for",
    "ThinRow",
    "thin_jobs",
    "ProgrammeRow",
    "ProgrammeScreen",
    "RoundRow",
    "own_units",
    "programme",
    "programme_screen",
    "programmes",
    "round_of",
    "rounds_of",
    "DueRow",
    "Listing",
    "RoundScreen",
    "due_list",
    "open_jobs",
    "round_screen",
    "touchpoint_of",
    "live",
    "may_write",
    "seen_programme",
    "shown_assessor",
    "visible_visit",
]

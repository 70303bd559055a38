"""Reading reviews, one module per noun."""

from audit_app.review.queries.answers import Spoken, body_of, effective_answers, notes_of, overlays_of, spoken
from audit_app.review.queries.releases import waiting_releases
from audit_app.review.queries.reviews import (
    decided_visit,
    may_look,
    mine,
    open_review_of,
    outcome_of,
    review_of,
    reviewer_for,
    unplaced,
)
from audit_app.review.queries.screen import Before, StoredFile, files_of, flags_of, results_before, unit_name
from audit_app.review.queries.subjects import Subject, people_at, subject_of, teams_at, touchpoint_name
from audit_app.review.queries.worklist import (
    QueueRow,
    QueueScreen,
    count_old,
    count_open,
    count_subjects,
    neighbour,
    queue,
)

__all__ = [
    "Spoken",
    "body_of",
    "overlays_of",
    "effective_answers",
    "notes_of",
    "spoken",
    "waiting_releases",
    "mine",
    "reviewer_for",
    "unplaced",
    "review_of",
    "decided_visit",
    "may_look",
    "open_review_of",
    "outcome_of",
    "StoredFile",
    "Before",
    "unit_name",
    "files_of",
    "results_before",
    "flags_of",
    "people_at",
    "teams_at",
    "Subject",
    "subject_of",
    "touchpoint_name",
    "QueueRow",
    "QueueScreen",
    "queue",
    "count_open",
    "count_old",
    "count_subjects",
    "neighbour",
]

"""Which kinds of line there are and what they are called. Pure.

A line holds a kind and its facts; the sentence stands here, as a message id, and is put into the reader's language when
it is read. A line tells no more than its reader may see anyway: those for assessors name no place (a phone may lie open
on a counter), those for outlets and staff name the day and the day part of a visit and nothing of its plan.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

KEPT = timedelta(days=180)  # how long a line that was read stays


@dataclass(frozen=True, slots=True)
class Kind:
    """`text` names its facts as `%(name)s`; with `several` it is counted by the fact `count`. `act` says what the
    button does that leads on."""

    text: str
    several: str = ""
    icon: str = "bell"
    tone: str = "q"
    act: str = "Open"

    def texts(self) -> Iterator[str]:
        yield self.text
        yield self.act


KINDS: Mapping[str, Kind] = {
    "job.offered": Kind("A job is offered to you. Please answer by %(until)s.", icon="send"),
    "job.cancelled": Kind("One of your jobs was cancelled. You need not go.", icon="ban", tone="n"),
    "visit.returned": Kind(
        "%(count)s question about a visit that you sent. Please answer by %(until)s.",
        "%(count)s questions about a visit that you sent. Please answer by %(until)s.", icon="undo-2", tone="w",
        act="Answer it",
    ),
    "visit.voided": Kind("A visit that you made was voided. The page says why.", icon="ban", tone="r"),
    "visit.files_missing": Kind(
        "%(count)s file of a visit that you sent has not come in. Please open the outbox on your phone.",
        "%(count)s files of a visit that you sent have not come in. Please open the outbox on your phone.",
        icon="cloud-upload", tone="w",
    ),
    "visit.return_expired": Kind("A visit that you returned was not answered in time.", icon="clock", tone="w"),
    "opinion.waiting": Kind("A colleague asks you to confirm as the second reviewer.", icon="users", tone="w"),
    "opinion.refused": Kind("The second reviewer did not agree with you.", icon="users", tone="w"),
    "review.waiting": Kind("New visits wait for your review.", icon="inbox", act="To the reviews"),
    "result.released": Kind("A result was released: visit of %(on)s, %(day_part)s.", icon="chart-column", tone="g"),
    "result.changed": Kind("A result has changed: visit of %(on)s, %(day_part)s.", icon="git-compare", tone="w"),
    "run.ready": Kind(
        "%(count)s scorecard is ready to be downloaded.", "%(count)s scorecards are ready to be downloaded.",
        icon="package-open", tone="g",
    ),
    "run.failed": Kind("A batch of scorecards could not be made.", icon="circle-x", tone="r"),
    "explanation.asked": Kind(
        "Somebody asks for an explanation of a result. Please answer by %(until)s.",
        icon="message-circle-question-mark", tone="w", act="Answer it",
    ),
    "explanation.answered": Kind("Your question about a result was answered.", icon="message-square-text", tone="g"),
    "appeal.waiting": Kind("An appeal waits for you. Please decide by %(until)s.", icon="gavel", tone="w"),
    "appeal.decided": Kind("An appeal was decided.", icon="gavel", tone="g"),
}  # fmt: skip

FRESH = timedelta(days=14)


def worth_telling(at: datetime, now: datetime) -> bool:
    """Whether an act is still news: what a worker finds much later (after an outage, in an imported past) is not."""
    return now - at < FRESH

"""What happens next: which act of the trail wakes which work. Beside `app` the only importer of a package's `jobs.py`.

`visit.submitted` stands in the trail → the relay (in the worker) finds it here → the work named after it runs.
"""

from collections.abc import Callable
from types import ModuleType

from audit_app.access import jobs as access_jobs
from audit_app.analytics import jobs as analytics_jobs
from audit_app.appeals import jobs as appeals_jobs
from audit_app.auditing import jobs as auditing_jobs
from audit_app.jobs.registry import Queue, Registry
from audit_app.kit.db import Database
from audit_app.notices import jobs as notices_jobs
from audit_app.organisation import jobs as organisation_jobs
from audit_app.personal import jobs as personal_jobs
from audit_app.planning import jobs as planning_jobs
from audit_app.reporting import jobs as reporting_jobs
from audit_app.review import jobs as review_jobs
from audit_app.settings import Settings
from audit_app.testers import jobs as testers_jobs
from audit_app.trail.relay import Relay
from audit_app.trail.signing import Signer
from audit_app.visits import jobs as visits_jobs

#: The packages' `jobs` modules that declare work.
WORK: tuple[ModuleType, ...] = (
    access_jobs, analytics_jobs, appeals_jobs, auditing_jobs, notices_jobs, organisation_jobs, personal_jobs,
    planning_jobs, reporting_jobs, review_jobs, testers_jobs, visits_jobs,
)  # fmt: skip

#: act → names of reactions (batches of acts) and jobs (one run per act, about its subject).
REACTIONS: dict[str, tuple[str, ...]] = {
    "visit.submitted": ("review.open", "visits.views"),
    "visit.released": ("reporting.cards", "analytics.facts", "review.tell_shown"),
    "visit.subject_resolved": ("review.tell_shown",),
    "visit.returned": ("review.tell_returned",),
    "review.opened": ("review.tell_waiting",),
    "review.given": ("review.tell_waiting", "review.tell_expired"),
    "review.put_back": ("review.tell_waiting",),
    "visit.evidence_overdue": ("review.tell_waiting",),
    "assignment.offered": ("planning.tell",),
    "assignment.cancelled": ("planning.tell",),
    "touchpoint.merged": ("planning.follow_merger",),
    "visit.rescored": ("reporting.cards", "analytics.facts"),
    "visit.subject_unresolved": ("reporting.cards", "analytics.facts"),
    "visit.void_overturned": ("reporting.cards", "analytics.facts"),
    "visit.voided": ("reporting.cards", "analytics.facts", "appeals.moot", "review.tell_voided"),
    "appeal.filed": ("appeals.views",),
    "appeal.taken_further": ("appeals.views",),
    "visit.evidence_asked": ("review.tell_files",),
    "visit.return_expired": ("review.tell_expired",),
    **dict.fromkeys(
        ("change.asked", "change.refused", "void.asked", "void.refused", "opinion.given"), ("review.tell_opinions",)
    ),
    "report_run.started": ("reporting.render_run",),
    "report_run.retried": ("reporting.render_run",),
    "report_run.ready": ("reporting.tell",),
    "report_run.failed": ("reporting.tell",),
    "verification.started": ("auditing.verify",),
}

RELAY_SECONDS = 0.2


def registry() -> Registry:
    """All declared work, checked against the table."""
    found = Registry(WORK)
    found.check(REACTIONS)
    return found


def relay(settings: Settings, db: Database, queue: Queue) -> Relay:
    """The relay of the trail, bound to a queue."""
    return Relay(db, queue.start, REACTIONS, Signer(settings.data_dir))


def _relay_loop(settings: Settings, db: Database, queue: Queue) -> Callable[[], object]:
    return relay(settings, db, queue).once


def work(settings: Settings) -> None:
    """A worker process with the relay in it. Does not return."""
    from audit_app.jobs.worker import Loop, run  # here, so that the web process never loads the queue library

    run(settings, registry(), [Loop("relay", RELAY_SECONDS, _relay_loop)])

"""What the owner of a batch is told."""

from collections.abc import Sequence
from datetime import datetime

from audit_app.kit.db import Session
from audit_app.notices.operations import tell
from audit_app.reporting.queries import runs


def tell_owners(session: Session, ends: Sequence[tuple[str, str]], now: datetime) -> None:
    """A line for each (id of the act, run) that came to an end; a run that is retried may end several times."""
    owned = runs.owners(session, [run_id for _, run_id in ends])
    for act_id, run_id in ends:
        run = owned.get(run_id)
        if run is None or run.status not in ("ready", "failed"):
            continue
        params = {"count": run.done} if run.status == "ready" else {}
        tell(session, run.account_id, f"run.{run.status}", params, f"/report-runs/{run_id}", now, subject=act_id)

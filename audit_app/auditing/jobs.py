"""Reading the whole chain, part by part, so that the page can tell how far it is."""

from audit_app.auditing import operations
from audit_app.auditing.queries import runs
from audit_app.jobs.registry import JobContext, job
from audit_app.trail.signing import Signer
from audit_app.trail.verify import Reading

PART = 20_000  # lines in one read transaction


@job("auditing.verify")
def verify_trail(ctx: JobContext, run_id: str) -> None:
    """Verifies chain and signatures. Taken up again after a crash it begins anew: it changes its own row only."""
    if ctx.read(runs.status_of, run_id) not in ("waiting", "running"):
        return
    reading = Reading(Signer(ctx.settings.data_dir))
    total = ctx.db.read_now(reading.begin)
    while True:
        ctx.db.write_now(operations.go_on, run_id, reading.report.lines, total)
        if not ctx.db.read_now(reading.part, PART):
            break
    report = ctx.db.read_now(reading.finish, ctx.now())
    ctx.db.write_now(operations.finish, run_id, report, ctx.now())

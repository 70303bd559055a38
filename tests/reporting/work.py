"""A worker that renders in small batches: `python -m tests.reporting.work DATA_DIR DATABASE_URL`."""

import sys
from pathlib import Path

from audit_app import reactions
from audit_app.jobs import worker
from audit_app.jobs.worker import Loop
from audit_app.reporting import rules
from audit_app.settings import Settings


def main(folder: str, url: str) -> None:
    rules.BATCH = 1
    settings = Settings(data_dir=Path(folder), database_url=url)
    relay = Loop("relay", 0.1, lambda s, db, queue: reactions.relay(s, db, queue).once)
    worker.run(settings, reactions.registry(), [relay], beat_every=0.5, dead_after=4.0)


if __name__ == "__main__":
    main(*sys.argv[1:])

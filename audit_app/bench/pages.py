"""How long the server works on each page of the demonstration province, and how many statements it asks."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from audit_app.access.keys import Keys
from audit_app.app import build
from audit_app.bench.asking import reachable, timed
from audit_app.demo.load import load
from audit_app.kit import clock
from audit_app.kit.blobs import Blobs
from audit_app.kit.db import Database
from audit_app.migrations import upgrade
from audit_app.settings import Settings, normal_url


def run(data: Path | None = None, url: str = "") -> dict[str, Any]:
    """Measures the demonstration, loaded into a temporary folder, or the one of a data folder (and its database)."""
    with tempfile.TemporaryDirectory() as name:
        folder = data or Path(name)
        address = normal_url(url) if url else f"sqlite:///{folder / 'mingcha.db'}"
        settings = Settings(data_dir=folder, database_url=address, demo=True)
        database, keys = Database(settings.database_url), Keys(folder)
        upgrade(database)
        if data is None:
            load(database, settings, Blobs(folder / "blobs"), keys, lambda text: None, clock.now())
        app = build(settings, database, keys)
        try:
            addresses = asyncio.run(reachable(app, database, settings))
            return {"pages": asyncio.run(timed(app, database, settings, addresses))}
        finally:
            database.close()

"""Alembic, on both databases. `upgrade(url)` brings a database to the newest form."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from audit_app.kit.db import Database

HERE = Path(__file__).resolve().parent


def configuration(database: Database) -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["engine"] = database.engine
    return config


def upgrade(database: Database) -> None:
    """Runs all missing migrations, each in one transaction of its own."""
    command.upgrade(configuration(database), "head")


def current(database: Database) -> bool:
    """Whether the database has the newest form: `serve` and `work` refuse to start otherwise."""
    head = ScriptDirectory.from_config(configuration(database)).get_current_head()
    with database.engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return False
        return MigrationContext.configure(connection).get_current_revision() == head

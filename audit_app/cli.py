"""The command line: `audit-app VERB`."""

import sys
from collections.abc import Callable
from pathlib import Path

import click
import structlog

from audit_app import migrations
from audit_app.kit.db import Database
from audit_app.settings import Settings

structlog.configure(
    processors=[
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.add_log_level,
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ],
    logger_factory=structlog.PrintLoggerFactory(sys.stderr),
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Mingcha: service-experience inspections, reviews and scorecards."""


def _database(settings: Settings, check: bool = True) -> Database:
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    database = Database(settings.database_url, settings.pool_size)
    if check and not migrations.current(database):
        raise click.ClickException("The database does not have the present form. Run: audit-app migrate")
    return database


@main.command()
def migrate() -> None:
    """Bring the database to the present form."""
    database = _database(Settings.from_environment(), check=False)
    migrations.upgrade(database)
    click.echo("The database has the present form.")

"""The command line: `audit-app VERB`."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import structlog

from audit_app import doctor as machine
from audit_app import migrations
from audit_app.kit import clock
from audit_app.kit.db import Database, Session
from audit_app.kit.errors import NotFound, Refusal
from audit_app.kit.i18n import gettext
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
@click.option("--prepare", is_flag=True, help="First migrate and, in a demonstration, fill an empty database.")
def serve(prepare: bool) -> None:
    """Serve the web pages, with a worker beside them."""
    from audit_app import server

    settings = Settings.from_environment()
    refusal = server.refusal(settings)
    if refusal:
        raise click.ClickException(refusal)
    if prepare:
        _prepare(settings)
    else:
        _database(settings).close()
    server.run(settings)


def _prepare(settings: Settings) -> None:
    database = _database(settings, check=False)
    migrations.upgrade(database)
    if settings.demo:
        _load_demo(settings, database)
    database.close()


def _load_demo(settings: Settings, database: Database) -> None:
    from audit_app.access.keys import Keys
    from audit_app.demo import load
    from audit_app.kit.blobs import Blobs

    def progress(text: str) -> None:
        click.echo(f"  {text}", err=True)

    load.load(database, settings, Blobs(settings.data_dir / "blobs"), Keys(settings.data_dir), progress, clock.now())


@main.command()
def work() -> None:
    """Run one worker: the trail's relay, jobs and schedules."""
    from audit_app import reactions

    settings = Settings.from_environment()
    _database(settings).close()
    reactions.work(settings)


@main.command()
def migrate() -> None:
    """Bring the database to the present form."""
    database = _database(Settings.from_environment(), check=False)
    migrations.upgrade(database)
    click.echo("The database has the present form.")


@main.command()
@click.option("--full", is_flag=True, help="The whole province: 15,000 touchpoints, 20,000 staff, 18,000 visits.")
@click.option("--scale", type=click.FloatRange(0.001, 1), default=1.0, help="With --full: a part of it.")
@click.option(
    "--visits", type=click.IntRange(1), default=None, help="With --full: another number of visits at scale 1."
)
def demo(full: bool, scale: float, visits: int | None) -> None:
    """Fill an empty database with the demonstration data (only with AUDIT_DEMO=1).

    With --full the whole province comes over it; a run that was ended in between goes on where it was.
    """
    settings = Settings.from_environment()
    if not settings.demo or not settings.loopback:
        raise click.ClickException("Demonstration data only with AUDIT_DEMO=1 and a loopback address.")
    if not full:
        _load_demo(settings, _database(settings))
        return
    _load_full(settings, _database(settings), scale, visits)


def _load_full(settings: Settings, database: Database, scale: float, visits: int | None) -> None:
    from audit_app.access.keys import Keys
    from audit_app.demo.full.load import load
    from audit_app.demo.full.sizes import VISITS, Sizes
    from audit_app.kit.blobs import Blobs

    bar, sizes = Bar(), Sizes(scale, visits or VISITS)
    blobs = Blobs(settings.data_dir / "blobs")
    done = load(database, settings, blobs, Keys(settings.data_dir), bar.step, clock.now(), sizes)
    bar.close()
    database.close()
    click.echo("The full province is loaded." if done else "Nothing was loaded: it is there, or the data is not ours.")


class Bar:
    """A progress bar for each kind of work; plain lines where nobody watches."""

    def __init__(self) -> None:
        self.name = ""
        self.bar: Any = None
        self.at = 0

    def step(self, name: str, done: int, of: int) -> None:
        if name != self.name:
            self.close()
            self.name, self.at = name, 0
            self.bar = click.progressbar(length=of, label=f"{name:14}", file=sys.stderr)
            self.bar.__enter__()
        self.bar.update(done - self.at)
        self.at = done

    def close(self) -> None:
        if self.bar is not None:
            self.bar.__exit__(None, None, None)
            self.bar = None


@main.command("import")
@click.argument("kind", type=click.Choice(["units", "touchpoints", "staff", "rosters"]))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--apply", "apply_it", is_flag=True, help="Write it; without this the file is only checked.")
@click.option("--right-rows-only", is_flag=True, help="With --apply: leave wrong rows out instead of refusing.")
def import_file(kind: str, file: Path, apply_it: bool, right_rows_only: bool) -> None:
    """Check a CSV or XLSX file row by row, and with --apply take it in. Exit 1 if a row is wrong."""
    from audit_app.organisation import operations

    database = _database(Settings.from_environment())
    try:
        report = operations.import_file(database, kind, file, apply_it=apply_it, right_rows_only=right_rows_only)
    except Refusal as refusal:
        raise click.ClickException(_said(refusal)) from refusal
    click.echo(", ".join(f"{name} {count}" for name, count in report.counts.items()))
    for line in report.lines:
        for fault in line.faults:
            click.echo(f"row {line.number}, {fault.column or '-'}: {fault.code} {dict(fault.params) or ''}", err=True)
    sys.exit(1 if report.counts["wrong"] and not right_rows_only else 0)


def _said(refusal: Refusal) -> str:
    """A refusal with every field's fault, in English."""
    lines = [gettext(refusal.message, "en")] + [
        f"  {f.path}: {gettext(f.message, 'en') % f.params}" for f in refusal.fields
    ]
    return "\n".join(lines)


@main.command()
@click.argument("username")
@click.option("--name", default="command line", help="What the token is for.")
def token(username: str, name: str) -> None:
    """Make an API token of an account, good for 90 days; it is printed once."""
    from audit_app.access import operations
    from audit_app.access.queries import actor_named
    from audit_app.organisation.queries import grants_of

    database = _database(Settings.from_environment())

    def make(session: Session) -> str:
        actor = actor_named(session, username, grants_of)
        if actor is None:
            raise click.ClickException(f"There is no active account called {username}.")
        return operations.make_token(session, actor, name, clock.now()).secret

    click.echo(database.write_now(make))


@main.command()
@click.argument("username")
@click.option("--second-factor", is_flag=True, help="Forget the code generator and the recovery codes, too.")
def rescue(username: str, second_factor: bool) -> None:
    """Print a link by which an account chooses a new password, good once and for seven days."""
    from audit_app.accounts import invitations

    settings = Settings.from_environment()
    database = _database(settings)
    try:
        secret = database.write_now(invitations.rescue, username, clock.now(), second_factor=second_factor)
    except NotFound as refusal:
        raise click.ClickException(f"There is no active account called {username}.") from refusal
    click.echo(f"{settings.public_origin}/invitation/{secret}")


@main.command()
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def verify(file: Path | None) -> None:
    """Check the trail's chain and replay every stored visit. Reads only; exit 1 on any difference.

    With a FILE: whether it is one that was handed out, byte for byte, and counts or is superseded; exit 1 if it is
    unknown or was altered.
    """
    from audit_app.desk import verification

    settings = Settings.from_environment()
    database = _database(settings)
    report: verification.FileCheck | verification.Verification
    if file is None:
        report = verification.run(database, settings)
    else:
        report = database.read_now(verification.check_file, file.read_bytes(), settings.public_origin)
    click.echo(json.dumps(report.as_json(), indent=1))
    sys.exit(0 if report.ok else 1)


@main.command()
def rebuild() -> None:
    """Make the derived tables anew from what they follow from."""
    from audit_app.analytics import operations as analytics
    from audit_app.reporting import operations

    database = _database(Settings.from_environment())
    click.echo(f"{database.write_now(operations.rebuild)} released visits have their cards")
    click.echo(f"{analytics.rebuild(database)} released visits are in the figures")


@main.command()
@click.option("--json", "as_json", is_flag=True)
def checklists(as_json: bool) -> None:
    """List the published checklists."""
    from audit_app.access.rules import Actor, Grant
    from audit_app.standards import queries

    reader = Actor("", "command line", "", (Grant("admin", "", ""),), via="system")
    rows = _database(Settings.from_environment()).read_now(queries.versions, reader)
    if as_json:
        listed = [{"id": r.id, "checklist": r.checklist_id, "version": r.number, "title": r.title} for r in rows]
        click.echo(json.dumps(listed, ensure_ascii=False, indent=1))
        return
    for row in rows:
        click.echo(f"{row.checklist_id:24} v{row.number}  {row.item_count:3} items  {row.id}")


@main.command()
@click.option("--tests", is_flag=True, help="What the tests need, too.")
def doctor(tests: bool) -> None:
    """Say what is missing on this machine and the exact command that mends it."""
    from audit_app.reporting.assets import missing_system_parts

    found = machine.faults(tests)
    found += [("The fonts of the PDFs are missing", part) for part in missing_system_parts() if part.startswith("npm")]
    machine.say(found)
    if found:
        sys.exit(2)
    click.echo("Nothing is missing.")


@main.command()
@click.argument("name", type=click.Choice(["submit", "pages", "growth", "scorecards"]))
@click.option("--json", "as_json", is_flag=True)
@click.option("--seconds", type=float, default=None, help="submit, scorecards: how long.")
@click.option("--url", default=None, help="submit, growth: an empty database; pages: the database of --data.")
@click.option(
    "--data", type=click.Path(exists=True, file_okay=False, path_type=Path), default=None,
    help="pages: a folder with a demonstration, such as the full province, instead of a small one made for it.",
)  # fmt: skip
def bench(name: str, as_json: bool, **options: float | str | Path | None) -> None:
    """Measure speed against a raw limit of the same run."""
    import inspect
    from importlib import import_module

    run: Callable[..., dict[str, Any]] = import_module(f"audit_app.bench.{name}").run
    given = {key: value for key, value in options.items() if value is not None}
    if strange := given.keys() - inspect.signature(run).parameters:
        raise click.UsageError(f"bench {name} does not take --{min(strange)}.")
    figures = run(**given)
    click.echo(json.dumps(figures, indent=1) if as_json else table(figures))


def table(figures: dict[str, Any]) -> str:
    """Figures as aligned lines; a list of rows as a table of its own."""
    lines = []
    for key, value in figures.items():
        if isinstance(value, list):
            lines += ["", *_rows(value)]
        else:
            lines.append(f"{key:28} {value:,.2f}" if isinstance(value, float) else f"{key:28} {value}")
    return "\n".join(lines)


def _rows(rows: list[dict[str, Any]]) -> list[str]:
    cells = [list(rows[0]), *([str(cell) for cell in row.values()] for row in rows)] if rows else []
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]


if __name__ == "__main__":
    main()

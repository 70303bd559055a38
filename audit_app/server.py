"""The web server process: what it refuses to serve, and the worker beside it."""

import sys

import uvicorn

from audit_app.access.demo import DEMO_ACCOUNTS, PASSWORD
from audit_app.jobs.supervisor import start_child
from audit_app.kit.process import settle
from audit_app.reporting.assets import missing_system_parts
from audit_app.settings import Settings


def refusal(settings: Settings) -> str:
    """Why the server must not start with these settings, or ""."""
    if settings.demo and not settings.loopback:
        return "AUDIT_DEMO=1 works on a loopback address only: its accounts have a known password."
    if not settings.secure and not settings.loopback:
        return "Plain HTTP is served on a loopback address only. Set AUDIT_ORIGIN=https://… behind a TLS proxy."
    missing = missing_system_parts()
    if missing:
        return f"The PDFs need: {', '.join(missing)} (see audit-app doctor)."
    return ""


def run(settings: Settings) -> None:
    """Serves until told to stop; the worker ends with it."""
    worker = start_child([sys.executable, "-m", "audit_app.cli", "work"])
    _greet(settings)
    try:
        serve(settings)
    finally:
        worker.stop()


def serve(settings: Settings) -> None:
    """The web part alone, in this process, until told to stop."""
    from audit_app.app import build

    app = build(settings)
    settle()
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=10,
    )


def _greet(settings: Settings) -> None:
    lines = [f"Mingcha serves {settings.public_origin}"]
    if settings.demo:
        names = ", ".join(username for username, _ in DEMO_ACCOUNTS)
        lines += [f"Demonstration accounts: {names}", f"Password of all: {PASSWORD}"]
    sys.stderr.write("\n".join(lines) + "\n")
    sys.stderr.flush()

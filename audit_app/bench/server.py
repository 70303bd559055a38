"""The web server alone, as `serve` starts it, for measurements: settings from the environment."""

from audit_app.server import serve
from audit_app.settings import Settings

if __name__ == "__main__":
    serve(Settings.from_environment())

"""The web server alone, as `serve` starts it, for measurements: settings from the environment."""

import uvicorn

from audit_app.app import build
from audit_app.kit.process import settle
from audit_app.settings import Settings


def main() -> None:
    settings = Settings.from_environment()
    app = build(settings)
    settle()
    uvicorn.run(app, host=settings.host, port=settings.port, loop="uvloop", http="httptools",
                access_log=False, log_level="warning", server_header=False)  # fmt: skip


if __name__ == "__main__":
    main()

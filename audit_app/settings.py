"""Every setting of the program, read once from the environment (`AUDIT_…`)."""

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True)
class Settings:
    """All that the environment decides. Build it with :meth:`from_environment`; tests build it by hand."""

    data_dir: Path
    database_url: str
    host: str = "127.0.0.1"
    port: int = 8000
    demo: bool = False
    origin: str = ""
    notify_hosts: tuple[str, ...] = ()
    pool_size: int = 8
    render_workers: int = 1

    @property
    def jobs_url(self) -> str:
        """Where the queue library keeps its own tables: a file beside SQLite, a schema inside PostgreSQL."""
        if self.database_url.startswith("sqlite"):
            return f"sqlite:///{self.data_dir / 'jobs.db'}"
        return self.database_url

    @property
    def public_origin(self) -> str:
        return self.origin or f"http://{self.host}:{self.port}"

    @property
    def loopback(self) -> bool:
        return (urlsplit(self.public_origin).hostname or "") in LOOPBACK and self.host in LOOPBACK

    @property
    def secure(self) -> bool:
        """True where cookies must carry `Secure` and the `__Host-` prefix: everywhere but plain HTTP on loopback."""
        return self.public_origin.startswith("https://")

    @staticmethod
    def from_environment(environ: dict[str, str] | None = None) -> "Settings":
        env = dict(os.environ) if environ is None else environ
        data_dir = Path(env.get("AUDIT_DATA_DIR") or ROOT / "data").resolve()
        hosts = tuple(h.strip() for h in env.get("AUDIT_NOTIFY_HOSTS", "").split(",") if h.strip())
        return Settings(
            data_dir=data_dir,
            database_url=normal_url(env.get("AUDIT_DATABASE_URL") or f"sqlite:///{data_dir / 'mingcha.db'}"),
            host=env.get("AUDIT_HOST", "127.0.0.1"),
            port=int(env.get("AUDIT_PORT", "8000")),
            demo=env.get("AUDIT_DEMO", "") == "1",
            origin=env.get("AUDIT_ORIGIN", "").rstrip("/"),
            notify_hosts=hosts,
            render_workers=int(env.get("AUDIT_RENDER_WORKERS", "1")),
        )


def normal_url(url: str) -> str:
    """The SQLAlchemy form of a database address: `postgres://` and `postgresql://` become the psycopg driver's."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url[len(prefix) :]
    return url

"""What is kept under version control names no machine, no registry and no secret, and locks every part by its hash."""

import json
import re
from pathlib import Path

import pytest

from audit_app.settings import ROOT
from tests.architecture.source import tracked

TEXTS = (
    ".py", ".html", ".js", ".mjs", ".css", ".md", ".toml", ".txt", ".json", ".yaml", ".yml", ".po", ".csv", ".svg",
    "Makefile", ".npmrc", ".gitignore", "run", "Caddyfile", "Dockerfile", ".cfg", ".ini", ".mako",
)  # fmt: skip
MACHINE = re.compile(r"(?<![\w/.~-])/(?:home|Users|root|work|mnt)/[A-Za-z0-9_.-]+")
REGISTRY = re.compile(
    r"(?:--(?:extra-)?index-url|\bindex-url\s*=|registry\s*=\s*[\"']?http|https?://[^\s\"'<>)]*(?:pypi|registry|artifact|mirror|nexus)[^\s\"'<>)]*)"
)
SECRET = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bghp_[A-Za-z0-9]{30,}")


def places(pattern: re.Pattern[str]) -> list[str]:
    own = Path(__file__)
    return [
        f"{path.relative_to(ROOT)}: {found[0]}"
        for path in tracked(*TEXTS)
        if path != own
        for found in pattern.finditer(path.read_text(errors="replace"))
    ]


def test_the_patterns_see_planted_faults() -> None:
    assert MACHINE.search("open('/home/somebody/x')")
    assert not MACHINE.search("https://example.org/home/x and /workbench and see ../work/x")
    assert REGISTRY.search("--index-url https://x/simple")
    assert REGISTRY.search('"resolved": "https://registry.example/x.tgz"')
    assert SECRET.search("-----BEGIN EC PRIVATE KEY-----")


@pytest.mark.parametrize("pattern", [MACHINE, REGISTRY, SECRET], ids=["machine", "registry", "secret"])
def test_no_tracked_file_names_one(pattern: re.Pattern[str]) -> None:
    assert len(tracked(*TEXTS)) > 200
    assert places(pattern) == []


@pytest.mark.parametrize("lock", ["run.txt", "dev.txt"])
def test_each_part_is_locked_by_hash(lock: str) -> None:
    text = (ROOT / "locks" / lock).read_text()
    blocks = re.split(r"\n(?=\S)", text.strip())
    blocks = [b for b in blocks if not b.startswith("#")]
    assert len(blocks) > 40
    assert [b.splitlines()[0] for b in blocks if "==" not in b.splitlines()[0] or "--hash=sha256:" not in b] == []
    assert "://" not in text
    assert "--index" not in text


def test_the_running_lock_is_part_of_the_other() -> None:
    """What is tested is what runs."""
    pins = {
        lock: set(re.findall(r"^([\w.\[\],-]+==[^\s;\\]+)", (ROOT / "locks" / lock).read_text(), re.M))
        for lock in ("run.txt", "dev.txt")
    }
    assert pins["run.txt"] - pins["dev.txt"] == set()


def test_front_end_parts_are_locked_by_hash() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    parts = {key: value for key, value in packages.items() if key}
    assert parts
    assert [key for key, value in parts.items() if "integrity" not in value] == []
    assert [key for key, value in parts.items() if "resolved" in value] == []
